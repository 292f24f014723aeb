//! Cipher suites: code points, their properties, and the named sets scenarios offer.
//!
//! The data is in `scenarios/sets/`; here are the types it is read into.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod properties;

pub use properties::{Authentication, CipherMode, Encryption, KeyExchange, Mac, VersionRange};

/// A protocol version a client can offer, oldest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum ProtocolVersion {
    /// SSL 2.0, its own record format; prohibited by RFC 6176.
    #[serde(rename = "ssl2.0")]
    Ssl2,
    /// SSL 3.0, RFC 6101; prohibited by RFC 7568.
    #[serde(rename = "ssl3.0")]
    Ssl3,
    /// TLS 1.0, RFC 2246.
    #[serde(rename = "tls1.0")]
    Tls10,
    /// TLS 1.1, RFC 4346.
    #[serde(rename = "tls1.1")]
    Tls11,
    /// TLS 1.2, RFC 5246.
    #[serde(rename = "tls1.2")]
    Tls12,
    /// TLS 1.3, RFC 8446.
    #[serde(rename = "tls1.3")]
    Tls13,
}

impl ProtocolVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 6] = [
        Self::Ssl2,
        Self::Ssl3,
        Self::Tls10,
        Self::Tls11,
        Self::Tls12,
        Self::Tls13,
    ];

    /// The two octets that name the version on the wire, e.g. 0x0303 for TLS 1.2.
    #[must_use]
    pub const fn wire(self) -> u16 {
        match self {
            Self::Ssl2 => 0x0002,
            Self::Ssl3 => 0x0300,
            Self::Tls10 => 0x0301,
            Self::Tls11 => 0x0302,
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The version with these wire octets; `None` for drafts, GREASE and anything unknown.
    #[must_use]
    pub fn from_wire(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.wire() == code)
    }

    /// The name used in scenarios, targets and reports, e.g. `tls1.2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssl2 => "ssl2.0",
            Self::Ssl3 => "ssl3.0",
            Self::Tls10 => "tls1.0",
            Self::Tls11 => "tls1.1",
            Self::Tls12 => "tls1.2",
            Self::Tls13 => "tls1.3",
        }
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for ProtocolVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|version| version.name() == text)
            .ok_or_else(|| UnknownVersion(text.to_owned()))
    }
}

/// A text that names no protocol version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no protocol version (ssl2.0, ssl3.0, tls1.0, tls1.1, tls1.2, tls1.3)")]
pub struct UnknownVersion(pub String);

/// A cipher suite code point as it stands on the wire; need not be registered.
///
/// Text form: `0xC02F`; read back with or without `0x`, any case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct CipherSuite(pub u16);

impl fmt::Display for CipherSuite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:04X}", self.0)
    }
}

impl From<CipherSuite> for String {
    fn from(suite: CipherSuite) -> Self {
        suite.to_string()
    }
}

impl FromStr for CipherSuite {
    type Err = UnknownSuite;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownSuite(text.to_owned());
        let digits = text
            .strip_prefix("0x")
            .or_else(|| text.strip_prefix("0X"))
            .unwrap_or(text);
        if digits.len() != 4 || !digits.bytes().all(|octet| octet.is_ascii_hexdigit()) {
            return Err(unknown());
        }
        u16::from_str_radix(digits, 16)
            .map(Self)
            .map_err(|_| unknown())
    }
}

impl TryFrom<String> for CipherSuite {
    type Error = UnknownSuite;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// A text that is neither a registered suite name nor four hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is neither a registered cipher suite name nor a code point of four hex digits")]
pub struct UnknownSuite(pub String);

/// What the registry knows of one suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuiteRecord {
    /// Code point.
    pub code: CipherSuite,
    /// IANA name, e.g. `TLS_RSA_WITH_AES_128_CBC_SHA`.
    pub name: String,
    /// How the keys are agreed.
    pub key_exchange: KeyExchange,
    /// How the server proves who it is.
    pub authentication: Authentication,
    /// The cipher.
    pub encryption: Encryption,
    /// Its mode.
    #[serde(default)]
    pub mode: CipherMode,
    /// Nominal key length in bits, 0 without encryption (3DES: 168, RFC 2246 Appendix C).
    pub encryption_bits: u16,
    /// Bits an attacker faces (3DES: 112, otherwise as `encryption_bits`).
    pub effective_bits: u16,
    /// Integrity protection.
    pub mac: Mac,
    /// Whether encryption and integrity are one algorithm.
    #[serde(default)]
    pub aead: bool,
    /// Whether a later loss of the long-term key leaves recorded traffic safe.
    #[serde(default)]
    pub forward_secrecy: bool,
    /// Whether the key was weakened on purpose for export.
    #[serde(default)]
    pub export: bool,
    /// The versions it is defined in.
    pub versions: VersionRange,
    /// Where it is defined, as the IANA registry says it.
    pub reference: String,
}

/// Every known suite, by code point and by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuiteRegistry {
    by_code: BTreeMap<u16, SuiteRecord>,
    by_name: BTreeMap<String, u16>,
}

impl SuiteRegistry {
    /// Builds the registry from its records.
    ///
    /// # Errors
    /// [`DuplicateSuite`] when a code point or a name occurs twice.
    pub fn new(records: Vec<SuiteRecord>) -> Result<Self, DuplicateSuite> {
        let mut registry = Self::default();
        for record in records {
            let code = record.code.0;
            let duplicate = DuplicateSuite {
                code: record.code,
                name: record.name.clone(),
            };
            if registry.by_name.insert(record.name.clone(), code).is_some()
                || registry.by_code.insert(code, record).is_some()
            {
                return Err(duplicate);
            }
        }
        Ok(registry)
    }

    /// The record with this code point.
    #[must_use]
    pub fn by_code(&self, code: u16) -> Option<&SuiteRecord> {
        self.by_code.get(&code)
    }

    /// The record with this IANA name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&SuiteRecord> {
        self.by_code(*self.by_name.get(name)?)
    }

    /// The code point meant by an IANA name or by hex such as `0x00FF` or `0A0A`.
    #[must_use]
    pub fn resolve(&self, text: &str) -> Option<u16> {
        let named = self.by_name.get(text).copied();
        named.or_else(|| text.parse::<CipherSuite>().ok().map(|suite| suite.0))
    }

    /// What to print for a code point: its name, else its hex form.
    #[must_use]
    pub fn label(&self, code: u16) -> String {
        self.by_code(code)
            .map_or_else(|| CipherSuite(code).to_string(), |known| known.name.clone())
    }

    /// All records by code point.
    pub fn iter(&self) -> impl Iterator<Item = &SuiteRecord> {
        self.by_code.values()
    }
}

/// A registry file that lists a suite twice.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cipher suite {code} {name} is listed twice")]
pub struct DuplicateSuite {
    /// Its code point.
    pub code: CipherSuite,
    /// Its name.
    pub name: String,
}

/// The sets file as written: name → members by IANA name or hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SuiteSetNames(pub BTreeMap<String, Vec<String>>);

impl SuiteSetNames {
    /// The sets as code points, members in their written order.
    ///
    /// # Errors
    /// [`UnknownMember`] for the first member the registry cannot resolve.
    pub fn resolve(&self, registry: &SuiteRegistry) -> Result<SuiteSets, UnknownMember> {
        let mut sets = BTreeMap::new();
        for (set, members) in &self.0 {
            let mut codes = Vec::with_capacity(members.len());
            for member in members {
                let code = registry.resolve(member).ok_or_else(|| UnknownMember {
                    set: set.clone(),
                    suite: UnknownSuite(member.clone()),
                })?;
                codes.push(CipherSuite(code));
            }
            sets.insert(set.clone(), codes);
        }
        Ok(SuiteSets(sets))
    }
}

/// A set with a member nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("suite set `{set}`: {suite}")]
pub struct UnknownMember {
    /// Name of the set.
    pub set: String,
    /// The member.
    pub suite: UnknownSuite,
}

/// Named sets of code points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SuiteSets(pub BTreeMap<String, Vec<CipherSuite>>);

impl SuiteSets {
    /// The members of a set in their written order.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[CipherSuite]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;
