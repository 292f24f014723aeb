//! The pre-shared key of a handshake as a subscriber has it of the bootstrapping (TS 33.222 clause 5.4), and departures from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::{Bind, Literal};

/// What a client says who it is, in the psk_identity of its ClientKeyExchange (RFC 4279).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityForm {
    /// `3GPP-bootstrapping;` and the B-TID.
    #[default]
    BTid,
    /// The same with a B-TID of the same BSF that nobody has.
    Unknown,
    /// The B-TID alone.
    WithoutPrefix,
    /// The right identity, a NUL and further octets.
    Nul,
    /// The right identity, then as many letters as the field holds: 65,535 octets.
    Oversized,
}

impl IdentityForm {
    /// Every form with its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::BTid, "b-tid"),
        (Self::Unknown, "unknown"),
        (Self::WithoutPrefix, "without-prefix"),
        (Self::Nul, "nul"),
        (Self::Oversized, "oversized"),
    ];
}

impl Literal for IdentityForm {
    const WANTED: &'static str = "b-tid, unknown, without-prefix, nul or oversized";

    fn read(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(_, name)| *name == text);
        found
            .map(|(form, _)| form)
            .ok_or_else(|| format!("expected {}, found `{text}`", Self::WANTED))
    }

    fn write(&self) -> String {
        let found = Self::ALL.into_iter().find(|(form, _)| form == self);
        found.map_or_else(String::new, |(_, name)| name.to_owned())
    }
}

/// The key a client has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyForm {
    /// The one that the target file gives for the suite.
    #[default]
    Right,
    /// The same with its last bit flipped.
    Wrong,
    /// The `ks_naf` of HTTP Digest, derived for another Ua security protocol identifier.
    OfDigest,
}

/// How a pre-shared key is used in TLS 1.3 (RFC 8446 clause 4.2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyMode {
    /// Alone: whoever gets the key later reads what was recorded.
    PskKe,
    /// With ephemeral shares.
    PskDheKe,
}

/// As whom a client makes a handshake with a pre-shared key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreShared {
    /// The subscriber whose B-TID and key it is.
    pub of: String,
    /// What is said for an identity; `b-tid` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Bind<IdentityForm>>,
    /// The key; the right one unless said.
    #[serde(default)]
    pub key: KeyForm,
    /// Makes it a handshake of TLS 1.3, with the key for that version, in this mode alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<KeyMode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_they_are_written() {
        for (form, name) in IdentityForm::ALL {
            assert_eq!(IdentityForm::read(name), Ok(form));
            assert_eq!(form.write(), name);
            assert_eq!(serde_json::to_value(form).unwrap(), name);
            assert!(IdentityForm::WANTED.contains(name));
        }
        assert!(IdentityForm::read("impi").is_err());
    }
}
