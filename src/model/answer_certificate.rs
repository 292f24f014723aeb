//! What a server certificate may be claimed to hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::Fit;
use super::seen_tls::{CertificateFacts, NameSource};

/// What a server certificate is claimed to hold; every field given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateView {
    /// A path leads to the configured root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<bool>,
    /// The certificate names the host it was asked for (RFC 2818 3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names_host: Option<bool>,
    /// The name stands in subjectAltName, not only in the common name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names_host_in_san: Option<bool>,
    /// The certificate names every further host of the target file too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names_further_hosts: Option<bool>,
    /// Now lies in the validity period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_now: Option<bool>,
    /// The validity period is at most this many days long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_days_at_most: Option<u32>,
    /// Key usage and extended key usage, where present, allow a TLS server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_usage: Option<bool>,
    /// The leaf is not a certification authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_ca: Option<bool>,
    /// The leaf is readable DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub well_formed: Option<bool>,
    /// The leaf is of version 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_3: Option<bool>,
    /// The serial number of the leaf has at most this many octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial_octets_at_most: Option<u32>,
    /// An RSA key has at least this many bits; other keys satisfy it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rsa_bits_at_least: Option<u32>,
    /// A key on an elliptic curve has at least this many bits; other keys satisfy it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve_bits_at_least: Option<u32>,
    /// No certificate that was sent, but self-issued ones, is signed over one of these hashes (`md2`, `md5`, `sha1`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_signature_hash: Vec<String>,
    /// No critical extension of the leaf is one that RFC 5280 does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_extensions_known: Option<bool>,
    /// What was sent leads to the configured root without a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_complete: Option<bool>,
    /// Every certificate that was sent certifies the one before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_in_order: Option<bool>,
    /// The leaf names an OCSP responder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names_ocsp_responder: Option<bool>,
    /// An OCSP response came with the certificate; only a full handshake shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stapled: Option<bool>,
    /// The key is none whose private part is published with some software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_not_published: Option<bool>,
}

/// What is wanted, what is, and its name.
type Flag = (Option<bool>, bool, &'static str);

impl CertificateView {
    /// Whether the certificate holds everything described.
    #[must_use]
    pub fn fit(&self, certificate: Option<&CertificateFacts>) -> Fit {
        let Some(facts) = certificate else {
            return Fit::Undecided("no certificate was seen".to_owned());
        };
        if !facts.readable {
            return if self.well_formed == Some(true) {
                Fit::Unmet
            } else {
                Fit::Undecided("the server's certificate cannot be read".to_owned())
            };
        }
        if let Some(why) = self.open_question(facts) {
            return Fit::Undecided(why);
        }
        let all = self
            .flags(facts)
            .all(|(wanted, is, _)| wanted.is_none_or(|wanted| wanted == is));
        Fit::when(all && self.within_bounds(facts))
    }

    /// What is asked for and cannot be seen.
    fn open_question(&self, facts: &CertificateFacts) -> Option<String> {
        let of_path = self.trusted.is_some() || self.chain_complete.is_some();
        if of_path && !facts.root_configured {
            return Some("the target file names no CA to judge the chain by".to_owned());
        }
        if of_path && facts.path_unchecked {
            let problem = facts.path_problem.as_deref().unwrap_or_default();
            return Some(format!("the chain cannot be checked here: {problem}"));
        }
        let refused = facts.path_problem.as_ref().filter(|_| !facts.path_gap);
        if let Some(problem) = refused.filter(|_| self.chain_complete.is_some()) {
            return Some(format!(
                "the chain is refused for another reason: {problem}"
            ));
        }
        if self.stapled.is_some() && facts.stapled.is_none() {
            return Some("only a full handshake shows whether an OCSP response is sent".to_owned());
        }
        let curve = self.curve_bits_at_least.is_some();
        (curve && facts.key.unknown_curve)
            .then(|| format!("the size of its key is not known: {}", facts.key.name))
    }

    fn within_bounds(&self, facts: &CertificateFacts) -> bool {
        let at_least = |least: Option<u32>, is: Option<u32>| {
            least.zip(is).is_none_or(|(least, is)| is >= least)
        };
        let at_most = |most: Option<u32>, is: u32| most.is_none_or(|most| is <= most);
        at_least(self.rsa_bits_at_least, facts.key.rsa_bits)
            && at_least(self.curve_bits_at_least, facts.key.curve_bits)
            && at_most(self.lifetime_days_at_most, facts.lifetime_days)
            && at_most(self.serial_octets_at_most, facts.serial_octets)
            && !facts
                .signature_hashes
                .iter()
                .any(|hash| self.not_signature_hash.contains(hash))
    }

    fn flags(&self, facts: &CertificateFacts) -> impl Iterator<Item = Flag> {
        let of_names = self.flags_of_names(facts).into_iter();
        let of_leaf = self.flags_of_leaf(facts).into_iter();
        of_names.chain(of_leaf).chain(self.flags_of_chain(facts))
    }

    fn flags_of_names(&self, facts: &CertificateFacts) -> [Flag; 3] {
        let in_san = facts.name_source == NameSource::SubjectAlternativeName;
        let named = facts.name_source != NameSource::None;
        let further = facts.unnamed_hosts.is_empty();
        [
            (self.names_host, named, "the name of the host"),
            (
                self.names_host_in_san,
                in_san,
                "the name of the host in subjectAltName",
            ),
            (
                self.names_further_hosts,
                further,
                "the names of the further hosts",
            ),
        ]
    }

    fn flags_of_leaf(&self, facts: &CertificateFacts) -> [Flag; 8] {
        let is_known = facts.unknown_critical.is_empty();
        let is_private = facts.published_key.is_none();
        let in_time = "a validity period that includes now";
        let for_servers = "a usage that allows a TLS server";
        let known = "no critical extension that RFC 5280 does not know";
        let responder = "the address of an OCSP responder";
        let private = "a key that is not published";
        [
            (self.valid_now, facts.valid_now, in_time),
            (self.server_usage, facts.server_usage, for_servers),
            (self.not_ca, facts.not_ca, "no CA flag on the leaf"),
            (self.well_formed, facts.readable, "a form that can be read"),
            (self.version_3, facts.version == 3, "version 3"),
            (self.critical_extensions_known, is_known, known),
            (self.names_ocsp_responder, facts.ocsp_responder, responder),
            (self.key_not_published, is_private, private),
        ]
    }

    fn flags_of_chain(&self, facts: &CertificateFacts) -> [Flag; 4] {
        let leads = facts.path_problem.is_none();
        let is_stapled = facts.stapled == Some(true);
        let is_ordered = facts.disorder.is_none();
        let complete = "all certificates up to the configured root";
        let ordered = "each certificate of the chain certified by the next";
        [
            (self.trusted, leads, "a path to the configured root"),
            (self.chain_complete, leads, complete),
            (self.chain_in_order, is_ordered, ordered),
            (self.stapled, is_stapled, "an OCSP response"),
        ]
    }

    pub(super) fn describe(&self) -> String {
        let mut parts: Vec<String> = self
            .flags(&CertificateFacts::default())
            .filter_map(|(flag, _, text)| match flag {
                Some(true) => Some(text.to_owned()),
                Some(false) => Some(format!("not {text}")),
                None => None,
            })
            .collect();
        if let Some(days) = self.lifetime_days_at_most {
            parts.push(format!("a lifetime of at most {days} days"));
        }
        if let Some(octets) = self.serial_octets_at_most {
            parts.push(format!("a serial number of at most {octets} octets"));
        }
        if let Some(bits) = self.rsa_bits_at_least {
            parts.push(format!("at least {bits} bits if its key is RSA"));
        }
        if let Some(bits) = self.curve_bits_at_least {
            parts.push(format!("at least {bits} bits if its key is on a curve"));
        }
        if !self.not_signature_hash.is_empty() {
            let hashes = self.not_signature_hash.join(" or ");
            parts.push(format!("no signature over {hashes} in its chain"));
        }
        format!("a certificate with {}", parts.join(", "))
    }
}
