//! The properties by which suites are told apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ProtocolVersion;

/// How the keys are agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyExchange {
    /// No key exchange: the null suite and signalling values.
    None,
    /// RSA key transport, also under `RSA_PSK`.
    Rsa,
    /// Static Diffie-Hellman.
    Dh,
    /// Ephemeral Diffie-Hellman.
    Dhe,
    /// Diffie-Hellman without authentication.
    DhAnon,
    /// Static elliptic-curve Diffie-Hellman.
    Ecdh,
    /// Ephemeral elliptic-curve Diffie-Hellman.
    Ecdhe,
    /// Elliptic-curve Diffie-Hellman without authentication.
    EcdhAnon,
    /// Pre-shared key alone.
    Psk,
    /// Kerberos, RFC 2712.
    Krb5,
    /// Secure Remote Password, RFC 5054.
    Srp,
    /// Dragonfly password exchange, RFC 8492.
    Eccpwd,
    /// Elliptic-curve J-PAKE.
    Ecjpake,
    /// GOST key transport, RFC 9189.
    Gost,
    /// Negotiated apart from the suite, RFC 8446.
    Tls13,
}

/// How the server proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Signalling values and the null suite: not applicable.
    None,
    /// Nobody is authenticated.
    Anonymous,
    /// RSA certificate.
    Rsa,
    /// DSS certificate.
    Dss,
    /// ECDSA certificate.
    Ecdsa,
    /// Pre-shared key.
    Psk,
    /// Kerberos ticket.
    Krb5,
    /// Password.
    Srp,
    /// Password and DSS certificate.
    SrpDss,
    /// Password and RSA certificate.
    SrpRsa,
    /// Password, RFC 8492.
    Eccpwd,
    /// Password, J-PAKE.
    Ecjpake,
    /// GOST certificate.
    Gost,
    /// Negotiated apart from the suite, RFC 8446.
    Tls13,
}

/// The cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the algorithms' names")]
pub enum Encryption {
    Null,
    Rc2,
    Rc4,
    Des,
    #[serde(rename = "3des")]
    TripleDes,
    Idea,
    Seed,
    Aes,
    Camellia,
    Aria,
    #[serde(rename = "chacha20-poly1305")]
    ChaCha20Poly1305,
    Sm4,
    Aegis,
    Kuznyechik,
    Magma,
    #[serde(rename = "gost28147")]
    Gost28147,
}

/// How the cipher is run over a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the modes' names")]
pub enum CipherMode {
    #[default]
    None,
    Stream,
    Cbc,
    Gcm,
    Ccm,
    Ctr,
    Cnt,
    Mgm,
    Aead,
}

/// What protects the integrity of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the variants are the algorithms' names")]
pub enum Mac {
    None,
    HmacMd5,
    HmacSha1,
    HmacSha256,
    HmacSha384,
    Omac,
    Imit,
    Aead,
}

/// The versions a suite is defined in, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionRange {
    /// Lowest version.
    pub minimum: ProtocolVersion,
    /// Highest version.
    pub maximum: ProtocolVersion,
}

impl VersionRange {
    /// Whether `version` lies in the range.
    #[must_use]
    pub fn contains(&self, version: ProtocolVersion) -> bool {
        (self.minimum..=self.maximum).contains(&version)
    }
}
