//! What a server may be claimed to select.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::{Bind, resolve_all};
use super::names::{NameError, Names};
use super::seen::Fit;

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
