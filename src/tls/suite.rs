//! What the engine has to know of a cipher suite, read from the one registry (`scenarios/sets/suites.yaml`).

use super::hash::HashFunction;
use crate::model::suite::{
    Authentication, CipherMode, Encryption, KeyExchange, Mac, ProtocolVersion, SuiteRecord,
    VersionRange,
};

/// Octets of a key for export.
const EXPORT_KEY: usize = 5;

/// How a premaster secret comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Encrypted with the key of the server's certificate.
    Rsa,
    /// Ephemeral Diffie-Hellman.
    Dhe,
    /// Ephemeral elliptic-curve Diffie-Hellman.
    Ecdhe,
    /// Elliptic-curve Diffie-Hellman with the key of the server's certificate.
    Ecdh,
    /// Nothing but the pre-shared key.
    None,
    /// Agreed apart from the suite: TLS 1.3.
    Tls13,
}

/// How the server is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By nothing.
    Anonymous,
    /// By a certificate: it signs ephemeral parameters, or decrypts the premaster secret.
    Certificate,
    /// By the pre-shared key.
    PreSharedKey,
    /// By the pre-shared key and by decrypting with the key of a certificate.
    PreSharedKeyAndCertificate,
    /// Agreed apart from the suite: TLS 1.3.
    Tls13,
}

/// The kind of key a suite wants in the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKey {
    /// RSA.
    Rsa,
    /// ECDSA, or Ed25519, which goes by the same suites (RFC 8422 5.1.3).
    Ecdsa,
    /// DSS.
    Dss,
}

/// A cipher with everything that depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the ciphers' names")]
pub enum Cipher {
    Null,
    Rc4,
    Rc2Cbc,
    DesCbc,
    TripleDesCbc,
    Aes128Cbc,
    Aes256Cbc,
    Camellia128Cbc,
    Camellia256Cbc,
    Aria128Cbc,
    Aria256Cbc,
    Aes128Gcm,
    Aes256Gcm,
    Camellia128Gcm,
    Camellia256Gcm,
    Aria128Gcm,
    Aria256Gcm,
    Aes128Ccm,
    Aes256Ccm,
    Aes128Ccm8,
    Aes256Ccm8,
    ChaCha20Poly1305,
}

impl Cipher {
    fn of(record: &SuiteRecord) -> Option<Self> {
        use CipherMode as Mode;
        let short_tag = record.name.ends_with("CCM_8") || record.name.ends_with("CCM_8_SHA256");
        Some(
            match (record.encryption, record.mode, record.encryption_bits) {
                (Encryption::Null, ..) => Self::Null,
                (Encryption::Rc4, _, 128) => Self::Rc4,
                (Encryption::Rc4, _, 40) if record.export => Self::Rc4,
                (Encryption::Rc2, Mode::Cbc, 40) if record.export => Self::Rc2Cbc,
                (Encryption::Des, Mode::Cbc, 40) if record.export => Self::DesCbc,
                (Encryption::Des, Mode::Cbc, 56) if !record.export => Self::DesCbc,
                (Encryption::TripleDes, Mode::Cbc, _) => Self::TripleDesCbc,
                (Encryption::Aes, Mode::Cbc, 128) => Self::Aes128Cbc,
                (Encryption::Aes, Mode::Cbc, 256) => Self::Aes256Cbc,
                (Encryption::Camellia, Mode::Cbc, 128) => Self::Camellia128Cbc,
                (Encryption::Camellia, Mode::Cbc, 256) => Self::Camellia256Cbc,
                (Encryption::Camellia, Mode::Gcm, 128) => Self::Camellia128Gcm,
                (Encryption::Camellia, Mode::Gcm, 256) => Self::Camellia256Gcm,
                (Encryption::Aria, Mode::Cbc, 128) => Self::Aria128Cbc,
                (Encryption::Aria, Mode::Cbc, 256) => Self::Aria256Cbc,
                (Encryption::Aria, Mode::Gcm, 128) => Self::Aria128Gcm,
                (Encryption::Aria, Mode::Gcm, 256) => Self::Aria256Gcm,
                (Encryption::Aes, Mode::Gcm, 128) => Self::Aes128Gcm,
                (Encryption::Aes, Mode::Gcm, 256) => Self::Aes256Gcm,
                (Encryption::Aes, Mode::Ccm, 128) if short_tag => Self::Aes128Ccm8,
                (Encryption::Aes, Mode::Ccm, 256) if short_tag => Self::Aes256Ccm8,
                (Encryption::Aes, Mode::Ccm, 128) => Self::Aes128Ccm,
                (Encryption::Aes, Mode::Ccm, 256) => Self::Aes256Ccm,
                (Encryption::ChaCha20Poly1305, ..) => Self::ChaCha20Poly1305,
                _ => return None,
            },
        )
    }

    /// Octets of the key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::Null => 0,
            Self::DesCbc => 8,
            Self::Rc4
            | Self::Rc2Cbc
            | Self::Aes128Cbc
            | Self::Camellia128Cbc
            | Self::Aria128Cbc
            | Self::Aria128Gcm
            | Self::Aes128Gcm
            | Self::Camellia128Gcm
            | Self::Aes128Ccm
            | Self::Aes128Ccm8 => 16,
            Self::TripleDesCbc => 24,
            Self::Aes256Cbc
            | Self::Camellia256Cbc
            | Self::Aria256Cbc
            | Self::Aria256Gcm
            | Self::Aes256Gcm
            | Self::Camellia256Gcm
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::ChaCha20Poly1305 => 32,
        }
    }

    /// Octets of a block in CBC mode; `None` in any other.
    #[must_use]
    pub const fn block_length(self) -> Option<usize> {
        match self {
            Self::Rc2Cbc | Self::DesCbc | Self::TripleDesCbc => Some(8),
            Self::Aes128Cbc
            | Self::Aes256Cbc
            | Self::Camellia128Cbc
            | Self::Camellia256Cbc
            | Self::Aria128Cbc
            | Self::Aria256Cbc => Some(16),
            _ => None,
        }
    }

    /// Whether encryption and integrity are one.
    #[must_use]
    pub const fn is_aead(self) -> bool {
        !matches!(self, Self::Null | Self::Rc4) && self.block_length().is_none()
    }

    /// Octets of IV the key block gives: the first CBC IV in TLS 1.0, the implicit part of a nonce.
    #[must_use]
    pub fn fixed_iv_length(self, version: ProtocolVersion) -> usize {
        match self {
            Self::ChaCha20Poly1305 => 12,
            _ if self.is_aead() => 4,
            _ if version <= ProtocolVersion::Tls10 => self.block_length().unwrap_or(0),
            _ => 0,
        }
    }
}

/// A suite the engine can complete a handshake with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// Code point.
    pub code: u16,
    /// How the premaster secret comes about.
    pub exchange: Exchange,
    /// How the server is known.
    pub proof: Proof,
    /// The key the server's certificate has; `None` for suites without certificate and where the suite leaves it open.
    pub certificate_key: Option<CertificateKey>,
    /// The cipher.
    pub cipher: Cipher,
    /// Whether the key was weakened on purpose: keys come from 40 bits, and the key exchange from 512.
    pub export: bool,
    /// Hash of the record MAC; `None` for AEAD suites. With TLS 1.3 there are those of RFC 9150.
    pub mac: Option<HashFunction>,
    /// Hash of the key schedule in TLS 1.2 and 1.3.
    pub hash: HashFunction,
    /// The versions it is defined in.
    pub versions: VersionRange,
}

impl Suite {
    /// The suite of a registry record; `None` when the engine cannot complete it.
    #[must_use]
    pub fn of(record: &SuiteRecord) -> Option<Self> {
        let exchange = match record.key_exchange {
            KeyExchange::Rsa => Exchange::Rsa,
            KeyExchange::Dhe | KeyExchange::DhAnon => Exchange::Dhe,
            KeyExchange::Ecdhe | KeyExchange::EcdhAnon => Exchange::Ecdhe,
            KeyExchange::Ecdh => Exchange::Ecdh,
            KeyExchange::Psk => Exchange::None,
            KeyExchange::Tls13 => Exchange::Tls13,
            _ => return None,
        };
        let proof = match record.authentication {
            Authentication::Anonymous => Proof::Anonymous,
            Authentication::Rsa | Authentication::Ecdsa | Authentication::Dss => Proof::Certificate,
            Authentication::Psk if exchange == Exchange::Rsa => Proof::PreSharedKeyAndCertificate,
            Authentication::Psk => Proof::PreSharedKey,
            Authentication::Tls13 => Proof::Tls13,
            _ => return None,
        };
        let certificate_key = match (record.authentication, proof) {
            // What a fixed key was signed with is not the server's to choose.
            _ if exchange == Exchange::Ecdh => Some(CertificateKey::Ecdsa),
            (Authentication::Rsa, _) | (_, Proof::PreSharedKeyAndCertificate) => {
                Some(CertificateKey::Rsa)
            }
            (Authentication::Ecdsa, _) => Some(CertificateKey::Ecdsa),
            (Authentication::Dss, _) => Some(CertificateKey::Dss),
            _ => None,
        };
        let mac = match record.mac {
            Mac::HmacMd5 => Some(HashFunction::Md5),
            Mac::HmacSha1 => Some(HashFunction::Sha1),
            Mac::HmacSha256 => Some(HashFunction::Sha256),
            Mac::HmacSha384 => Some(HashFunction::Sha384),
            Mac::Aead => None,
            _ => return None,
        };
        let cipher = Cipher::of(record)?;
        // RFC 5246 clause 5: SHA-256 unless the suite says otherwise, and it says so at the end of its name.
        let hash = if record.name.ends_with("_SHA384") {
            HashFunction::Sha384
        } else {
            HashFunction::Sha256
        };
        (cipher.is_aead() == mac.is_none()).then_some(Self {
            code: record.code.0,
            exchange,
            proof,
            certificate_key,
            cipher,
            export: record.export,
            mac,
            hash,
            versions: record.versions,
        })
    }

    /// Octets of the record MAC; 0 for AEAD suites.
    #[must_use]
    pub fn mac_length(&self) -> usize {
        self.mac.map_or(0, HashFunction::length)
    }

    /// Octets of the key that the key block gives; those of an export suite are made longer (RFC 2246 6.3.1).
    #[must_use]
    pub const fn key_material(&self) -> usize {
        if self.export {
            EXPORT_KEY
        } else {
            self.cipher.key_length()
        }
    }

    /// Whether the server signs its ephemeral parameters with the key of its certificate; of an export suite also its
    /// temporary RSA key, which it needs when that of the certificate is longer than 512 bits.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let ephemeral = match self.exchange {
            Exchange::Dhe | Exchange::Ecdhe => true,
            Exchange::Rsa => self.export,
            _ => false,
        };
        self.proof == Proof::Certificate && ephemeral
    }

    /// Whether the server may send a ServerKeyExchange.
    #[must_use]
    pub fn has_server_key_exchange(&self) -> bool {
        match self.exchange {
            Exchange::Rsa => self.has_pre_shared_key() || self.export,
            Exchange::Ecdh => false,
            _ => true,
        }
    }

    /// Whether the server sends a certificate.
    #[must_use]
    pub const fn has_certificate(&self) -> bool {
        matches!(
            self.proof,
            Proof::Certificate | Proof::PreSharedKeyAndCertificate
        )
    }

    /// Whether a pre-shared key is part of the premaster secret.
    #[must_use]
    pub const fn has_pre_shared_key(&self) -> bool {
        matches!(
            self.proof,
            Proof::PreSharedKey | Proof::PreSharedKeyAndCertificate
        )
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The registry as shipped.
    pub(crate) fn registry() -> Vec<SuiteRecord> {
        serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).unwrap()
    }

    /// A suite by its IANA name.
    pub(crate) fn suite(name: &str) -> Suite {
        let records = registry();
        let record = records.iter().find(|record| record.name == name).unwrap();
        Suite::of(record).unwrap()
    }

    #[test]
    fn properties_follow_from_the_registry() {
        let cbc = suite("TLS_RSA_PSK_WITH_AES_256_CBC_SHA384");
        assert_eq!(
            (cbc.exchange, cbc.proof),
            (Exchange::Rsa, Proof::PreSharedKeyAndCertificate)
        );
        assert_eq!((cbc.mac_length(), cbc.hash), (48, HashFunction::Sha384));
        let aead = suite("TLS_DHE_RSA_WITH_AES_256_CCM_8");
        assert_eq!(
            (aead.cipher, aead.mac, aead.hash),
            (Cipher::Aes256Ccm8, None, HashFunction::Sha256)
        );
        assert_eq!(aead.cipher.fixed_iv_length(ProtocolVersion::Tls12), 4);
    }

    #[test]
    fn suites_of_tls_1_3_agree_on_keys_and_proof_apart() {
        let aead = suite("TLS_AES_256_GCM_SHA384");
        assert_eq!((aead.exchange, aead.proof), (Exchange::Tls13, Proof::Tls13));
        assert_eq!((aead.hash, aead.mac), (HashFunction::Sha384, None));
        let integrity = suite("TLS_SHA256_SHA256");
        assert_eq!(integrity.mac, Some(HashFunction::Sha256));
        assert_eq!(integrity.cipher, Cipher::Null);
        let missing: Vec<u16> = registry()
            .iter()
            .filter(|record| record.key_exchange == KeyExchange::Tls13)
            .filter(|record| Suite::of(record).is_none())
            .map(|record| record.code.0)
            .filter(|code| code >> 8 == 0x13 || code >> 8 == 0xC0)
            .collect();
        assert_eq!(missing, [0x1306, 0x1307], "AEGIS alone");
    }

    #[test]
    fn every_suite_of_the_ordinary_kinds_is_there() {
        let missing: Vec<String> = registry()
            .iter()
            .filter(|record| Suite::of(record).is_none())
            .filter(|record| {
                matches!(
                    record.encryption,
                    Encryption::Null
                        | Encryption::Rc4
                        | Encryption::TripleDes
                        | Encryption::Aes
                        | Encryption::Camellia
                        | Encryption::Aria
                ) && !record.export
                    && matches!(
                        record.key_exchange,
                        KeyExchange::Rsa
                            | KeyExchange::Dhe
                            | KeyExchange::Ecdhe
                            | KeyExchange::DhAnon
                            | KeyExchange::EcdhAnon
                            | KeyExchange::Ecdh
                            | KeyExchange::Psk
                    )
            })
            .map(|record| record.name.clone())
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
