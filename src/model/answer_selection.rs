//! What a server may be claimed to select, and what its certificate may be claimed to hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::{Bind, resolve_all};
use super::names::{NameError, Names};
use super::seen::Fit;
use super::seen_tls::{CertificateFacts, NameSource};

/// What a server may select; every field given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// One of these suites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suite: Vec<Bind<String>>,
    /// None of these suites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_suite: Vec<Bind<String>>,
    /// This version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Bind<String>>,
    /// At least this many nominal encryption bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_bits: Option<u32>,
    /// A DHE prime of at least this many bits, if DHE was selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dhe_bits: Option<u32>,
    /// A signature hash other than these (`md5`, `sha1`), if the flight carries a signature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_signature_hash: Vec<String>,
    /// Another group than these, names as in the IANA registry, if the flight names one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_group: Vec<Bind<String>>,
}

/// What a server certificate is claimed to hold; every field given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateView {
    /// A path leads to the configured root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted: Option<bool>,
    /// The certificate names the host it was asked for (RFC 2818 3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_host: Option<bool>,
    /// The name stands in subjectAltName, not only in the common name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names_host_in_san: Option<bool>,
    /// Now lies in the validity period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_now: Option<bool>,
    /// The validity period is at most this many days long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_days_at_most: Option<u32>,
    /// Key usage and extended key usage, where present, allow a TLS server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_usage: Option<bool>,
    /// The leaf is not a certification authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_ca: Option<bool>,
}

impl CertificateView {
    /// Whether the certificate holds everything described.
    #[must_use]
    pub fn fit(&self, certificate: Option<&CertificateFacts>) -> Fit {
        let Some(facts) = certificate else {
            return Fit::Undecided("no certificate was seen".to_owned());
        };
        if self.trusted.is_some() && !facts.root_configured {
            return Fit::Undecided("the target file names no CA to judge the chain by".to_owned());
        }
        let holds = [
            (self.trusted, facts.path_problem.is_none()),
            (self.names_host, facts.name_source != NameSource::None),
            (
                self.names_host_in_san,
                facts.name_source == NameSource::SubjectAlternativeName,
            ),
            (self.valid_now, facts.valid_now),
            (self.server_usage, facts.server_usage),
            (self.not_ca, facts.not_ca),
            (
                self.lifetime_days_at_most.map(|_| true),
                self.lifetime_days_at_most
                    .is_none_or(|days| facts.lifetime_days <= days),
            ),
        ];
        Fit::when(
            holds
                .into_iter()
                .all(|(wanted, is)| wanted.is_none_or(|wanted| wanted == is)),
        )
    }

    pub(super) fn describe(&self) -> String {
        let flags = [
            (self.trusted, "a path to the configured root"),
            (self.names_host, "the name of the host"),
            (
                self.names_host_in_san,
                "the name of the host in subjectAltName",
            ),
            (self.valid_now, "a validity period that includes now"),
            (self.server_usage, "a usage that allows a TLS server"),
            (self.not_ca, "no CA flag on the leaf"),
        ];
        let mut parts: Vec<String> = flags
            .into_iter()
            .filter_map(|(flag, text)| match flag {
                Some(true) => Some(text.to_owned()),
                Some(false) => Some(format!("not {text}")),
                None => None,
            })
            .collect();
        if let Some(days) = self.lifetime_days_at_most {
            parts.push(format!("a lifetime of at most {days} days"));
        }
        format!("a certificate with {}", parts.join(", "))
    }
}

/// What was selected, as far as it was seen.
pub(super) struct Picked<'a> {
    pub(super) suite_name: Option<&'a str>,
    pub(super) version: Option<&'a str>,
    pub(super) encryption_bits: Option<u16>,
    pub(super) dhe_bits: Option<u32>,
    pub(super) signature_hash: Option<&'a str>,
    pub(super) group: Option<&'a str>,
}

impl Selection {
    pub(super) fn fit(&self, picked: &Picked<'_>, names: &Names) -> Result<Fit, NameError> {
        let Some(suite) = picked.suite_name else {
            return Ok(Fit::Unmet);
        };
        let wanted = resolve_all(&self.suite, names)?;
        let unwanted = resolve_all(&self.not_suite, names)?;
        let mut fit = Fit::when(wanted.is_empty() || wanted.iter().any(|name| name == suite))
            .and(Fit::when(!unwanted.iter().any(|name| name == suite)));
        if let Some(version) = &self.version {
            fit = fit.and(Fit::when(
                picked.version == Some(version.resolve(names)?.as_str()),
            ));
        }
        if let Some(bits) = self.encryption_bits {
            fit = fit.and(Fit::when(
                picked
                    .encryption_bits
                    .is_some_and(|is| u32::from(is) >= bits),
            ));
        }
        if let Some(bits) = self.dhe_bits {
            fit = fit.and(Fit::when(picked.dhe_bits.is_none_or(|is| is >= bits)));
        }
        let hash_is_bad = picked
            .signature_hash
            .is_some_and(|hash| self.not_signature_hash.iter().any(|bad| bad == hash));
        let bad_groups = resolve_all(&self.not_group, names)?;
        let group_is_bad = picked
            .group
            .is_some_and(|group| bad_groups.iter().any(|bad| bad == group));
        Ok(fit.and(Fit::when(!hash_is_bad && !group_is_bad)))
    }

    pub(super) fn describe(&self) -> String {
        let mut parts = Vec::new();
        let list = |binds: &[Bind<String>]| {
            binds
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" or ")
        };
        if !self.suite.is_empty() {
            parts.push(list(&self.suite));
        }
        if !self.not_suite.is_empty() {
            parts.push(format!("anything but {}", list(&self.not_suite)));
        }
        if let Some(version) = &self.version {
            parts.push(version.to_string());
        }
        if let Some(bits) = self.encryption_bits {
            parts.push(format!("at least {bits} encryption bits"));
        }
        if let Some(bits) = self.dhe_bits {
            parts.push(format!("a DHE prime of at least {bits} bits"));
        }
        if !self.not_signature_hash.is_empty() {
            parts.push(format!(
                "no signature with {}",
                self.not_signature_hash.join(" or ")
            ));
        }
        if !self.not_group.is_empty() {
            parts.push(format!("a group other than {}", list(&self.not_group)));
        }
        format!("a selection with {}", parts.join(", "))
    }
}
