//! How a handshake is signed: RFC 8446 clause 4.2.3, RFC 5246 clause 7.4.1.4.1, and what earlier versions imply.

use crate::tls::hash::HashFunction;

/// The algorithm of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS.
    RsaPss,
    /// ECDSA.
    Ecdsa,
    /// DSA, which TLS calls DSS.
    Dss,
    /// Ed25519.
    Ed25519,
}

/// Algorithm and hash of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// One that TLS 1.2 names.
    Named(Algorithm, HashFunction),
    /// RSA before TLS 1.2: MD5 and SHA-1 side by side, without the name of a hash.
    Md5Sha1,
    /// Ed25519, which signs the message itself.
    Ed25519,
}

/// The schemes of RSA keys in handshakes of TLS 1.3, RFC 8446 clause 4.2.3: PSS alone.
pub(super) const RSA_SCHEMES: &[u16] = &[0x0804, 0x0805, 0x0806];
/// The scheme of keys on secp256r1 in TLS 1.3.
pub(super) const P256_SCHEMES: &[u16] = &[0x0403];
/// The scheme of keys on secp384r1 in TLS 1.3.
pub(super) const P384_SCHEMES: &[u16] = &[0x0503];
/// The scheme of keys on secp521r1 in TLS 1.3.
pub(super) const P521_SCHEMES: &[u16] = &[0x0603];
/// The scheme of keys on edwards25519, in TLS 1.2 too (RFC 8422 5.1.3).
pub(super) const ED25519_SCHEMES: &[u16] = &[0x0807];

impl Scheme {
    /// The scheme of a code point; `None` for what the engine cannot do.
    #[must_use]
    pub fn of(code: u16) -> Option<Self> {
        use HashFunction as H;
        let [hash, algorithm] = code.to_be_bytes();
        if hash == 8 {
            let hash = match algorithm {
                0x04 | 0x09 => H::Sha256,
                0x05 | 0x0A => H::Sha384,
                0x06 | 0x0B => H::Sha512,
                0x07 => return Some(Self::Ed25519),
                _ => return None,
            };
            return Some(Self::Named(Algorithm::RsaPss, hash));
        }
        let hash = match hash {
            1 => H::Md5,
            2 => H::Sha1,
            3 => H::Sha224,
            4 => H::Sha256,
            5 => H::Sha384,
            6 => H::Sha512,
            _ => return None,
        };
        match algorithm {
            1 => Some(Self::Named(Algorithm::RsaPkcs1, hash)),
            2 => Some(Self::Named(Algorithm::Dss, hash)),
            3 => Some(Self::Named(Algorithm::Ecdsa, hash)),
            _ => None,
        }
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Named(algorithm, _) => algorithm,
            Self::Md5Sha1 => Algorithm::RsaPkcs1,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }

    /// The hash of a message as it is signed; of Ed25519 the message.
    #[must_use]
    pub fn digest(self, message: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Ed25519 => message.concat(),
            _ => self.digest_by(|hash| hash.digest(message)),
        }
    }

    /// The same where each hash is computed in another way; of Ed25519, which has none, nothing.
    #[must_use]
    pub fn digest_by(self, digest: impl Fn(HashFunction) -> Vec<u8>) -> Vec<u8> {
        match self {
            Self::Named(_, hash) => digest(hash),
            Self::Md5Sha1 => [HashFunction::Md5, HashFunction::Sha1].map(digest).concat(),
            Self::Ed25519 => Vec::new(),
        }
    }
}
