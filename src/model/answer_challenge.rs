//! What a challenge may be claimed to be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::Bind;
use super::names::{NameError, Names};
use super::seen_http::{ChallengeFacts, HttpFacts};

/// A challenge in a 401; every field given must hold for one and the same challenge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeView {
    /// The scheme in lower case; `digest` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The realm starts with this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm_prefix: Option<Bind<String>>,
    /// One of the realms names this host (behind `@`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm_host: Option<Bind<String>>,
    /// The algorithm is one of these, whatever its case; MD5 where the challenge names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithm: Vec<Bind<String>>,
    /// One of these qop values is offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qop: Vec<String>,
    /// stale is `true`; or absent or `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<bool>,
    /// The nonce was not seen before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_nonce: Option<bool>,
    /// There is an opaque; or there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<bool>,
}

impl ChallengeView {
    fn fits(&self, facts: &ChallengeFacts, names: &Names) -> Result<bool, NameError> {
        let realm = facts.realm.as_deref().unwrap_or_default();
        let mut fits = facts.scheme == self.scheme.as_deref().unwrap_or("digest");
        if let Some(prefix) = &self.realm_prefix {
            fits &= realm.starts_with(&prefix.resolve(names)?);
        }
        if let Some(host) = &self.realm_host {
            let host = host.resolve(names)?;
            fits &= realm
                .split(';')
                .filter_map(|part| part.split_once('@'))
                .any(|(_, name)| name.trim().eq_ignore_ascii_case(&host));
        }
        let algorithm = facts.algorithm.as_deref().unwrap_or("MD5");
        let mut named = self.algorithm.is_empty();
        for wanted in &self.algorithm {
            named |= wanted.resolve(names)?.eq_ignore_ascii_case(algorithm);
        }
        fits &= named;
        fits &= self.qop.is_empty() || facts.qop.iter().any(|qop| self.qop.contains(qop));
        fits &= self
            .stale
            .is_none_or(|stale| facts.stale.unwrap_or(false) == stale);
        fits &= self
            .fresh_nonce
            .is_none_or(|fresh| facts.fresh_nonce == fresh);
        fits &= self.opaque.is_none_or(|opaque| facts.opaque == opaque);
        Ok(fits)
    }

    /// Whether one of the challenges is as described.
    pub(super) fn is_among(&self, facts: &HttpFacts, names: &Names) -> Result<bool, NameError> {
        let mut fits = false;
        for challenge in &facts.challenges {
            fits |= self.fits(challenge, names)?;
        }
        Ok(fits)
    }

    pub(super) fn describe(&self) -> String {
        let mut text = format!(
            "a 401 with a {} challenge",
            self.scheme.as_deref().unwrap_or("digest")
        );
        if let Some(prefix) = &self.realm_prefix {
            text.push_str(&format!(", realm {prefix}…"));
        }
        if let Some(host) = &self.realm_host {
            text.push_str(&format!(", realm of {host}"));
        }
        if !self.algorithm.is_empty() {
            let list: Vec<String> = self.algorithm.iter().map(ToString::to_string).collect();
            text.push_str(&format!(", algorithm {}", list.join(" or ")));
        }
        if !self.qop.is_empty() {
            text.push_str(&format!(", qop {}", self.qop.join(" or ")));
        }
        match self.stale {
            Some(true) => text.push_str(", stale=true"),
            Some(false) => text.push_str(", not stale"),
            None => {}
        }
        if self.fresh_nonce == Some(true) {
            text.push_str(", a fresh nonce");
        }
        match self.opaque {
            Some(true) => text.push_str(", an opaque"),
            Some(false) => text.push_str(", no opaque"),
            None => {}
        }
        text
    }
}
