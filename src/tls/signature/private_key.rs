//! A private key of one of the sides.

use std::fmt;

use ed25519_dalek::Signer as _;
use num_bigint::BigUint;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;

use super::der::{
    DSA, Der, ED25519, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, RSA_ENCRYPTION, SEQUENCE,
};
use super::dss::DssPrivateKey;
use super::public_key::widened;
use super::scheme::{
    Algorithm, ED25519_SCHEMES, P256_SCHEMES, P384_SCHEMES, P521_SCHEMES, RSA_SCHEMES, Scheme,
};
use super::{pkcs1, pss};
use crate::tls::entropy::Entropy;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::{EphemeralKey, MAX_MODULUS, padded};
use crate::tls::suite::CertificateKey;
use crate::wire::tls::extension::group;

/// A private key that can sign handshakes.
#[derive(Clone)]
pub struct PrivateKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa { modulus: BigUint, exponent: BigUint },
    P256(Box<p256::ecdsa::SigningKey>),
    P384(Box<p384::ecdsa::SigningKey>),
    P521(Box<p521::ecdsa::SigningKey>),
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Dss(Box<DssPrivateKey>),
}

impl PrivateKey {
    /// A key in PKCS #8, PKCS #1 or SEC 1 form; `None` when it is none of them or of a kind the engine has not.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let mut outer = Der(Der(der).take(SEQUENCE)?);
        let version = outer.take(INTEGER)?;
        if let Some(scalar) = Der(outer.0).take(OCTET_STRING) {
            return Self::elliptic(scalar);
        }
        let Some(algorithm) = Der(outer.0).take(SEQUENCE) else {
            return Self::rsa(der);
        };
        outer.take(SEQUENCE)?;
        let inner = outer.take(OCTET_STRING)?;
        let mut algorithm = Der(algorithm);
        match algorithm.take(OBJECT_IDENTIFIER)? {
            RSA_ENCRYPTION => Self::rsa(inner),
            DSA => DssPrivateKey::new(algorithm.0, inner).map(|key| Self(Kind::Dss(Box::new(key)))),
            ED25519 => Self::edwards(Der(inner).take(OCTET_STRING)?),
            _ if version == [0] || version == [1] => {
                let mut key = Der(Der(inner).take(SEQUENCE)?);
                key.take(INTEGER)?;
                Self::elliptic(key.take(OCTET_STRING)?)
            }
            _ => None,
        }
    }

    /// A key of these numbers.
    pub(super) const fn of_rsa(modulus: BigUint, exponent: BigUint) -> Self {
        Self(Kind::Rsa { modulus, exponent })
    }

    /// Bits of an RSA key's modulus.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<u64> {
        match &self.0 {
            Kind::Rsa { modulus, .. } => Some(modulus.bits()),
            _ => None,
        }
    }

    /// RSAPrivateKey of RFC 8017 appendix A.1.2.
    fn rsa(der: &[u8]) -> Option<Self> {
        let mut fields = Der(Der(der).take(SEQUENCE)?);
        fields.take(INTEGER)?;
        let modulus = BigUint::from_bytes_be(fields.take(INTEGER)?);
        fields.take(INTEGER)?;
        let exponent = BigUint::from_bytes_be(fields.take(INTEGER)?);
        let most = u64::try_from(MAX_MODULUS * 8).ok()?;
        (modulus.bit(0) && modulus.bits() <= most).then_some(Self(Kind::Rsa { modulus, exponent }))
    }

    /// The curve follows from the length of the scalar.
    fn elliptic(scalar: &[u8]) -> Option<Self> {
        let kind = match scalar.len() {
            32 => Kind::P256(Box::new(p256::ecdsa::SigningKey::from_slice(scalar).ok()?)),
            48 => Kind::P384(Box::new(p384::ecdsa::SigningKey::from_slice(scalar).ok()?)),
            66 => Kind::P521(Box::new(p521::ecdsa::SigningKey::from_slice(scalar).ok()?)),
            _ => return None,
        };
        Some(Self(kind))
    }

    /// RFC 8410 clause 7.
    fn edwards(seed: &[u8]) -> Option<Self> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed.try_into().ok()?);
        Some(Self(Kind::Ed25519(Box::new(key))))
    }

    /// The first of the schemes a server takes that this key can sign with; without a list what the version implies.
    #[must_use]
    pub fn choose(&self, accepted: Option<&[u16]>) -> Option<(Option<u16>, Scheme)> {
        let Some(accepted) = accepted else {
            return Some((None, self.implied_scheme()?));
        };
        accepted.iter().find_map(|code| {
            let scheme = Scheme::of(*code)?;
            let fits = match (&self.0, scheme.algorithm()) {
                // 0x0809 to 0x080B are for keys that say they are for PSS alone.
                (Kind::Rsa { .. }, Algorithm::RsaPkcs1 | Algorithm::RsaPss) => {
                    !(0x0809..=0x080B).contains(code)
                }
                (Kind::P256(_) | Kind::P384(_) | Kind::P521(_), Algorithm::Ecdsa)
                | (Kind::Ed25519(_), Algorithm::Ed25519)
                | (Kind::Dss(_), Algorithm::Dss) => true,
                _ => false,
            };
            fits.then_some((Some(*code), scheme))
        })
    }

    /// The scheme that versions before TLS 1.2 imply for this key; none for Ed25519 (RFC 8422 5.10).
    const fn implied_scheme(&self) -> Option<Scheme> {
        match &self.0 {
            Kind::Rsa { .. } => Some(Scheme::Md5Sha1),
            Kind::Dss(_) => Some(Scheme::Named(Algorithm::Dss, HashFunction::Sha1)),
            Kind::Ed25519(_) => None,
            _ => Some(Scheme::Named(Algorithm::Ecdsa, HashFunction::Sha1)),
        }
    }

    /// The kind of key a suite asks for in a certificate.
    #[must_use]
    pub const fn certificate_key(&self) -> CertificateKey {
        match &self.0 {
            Kind::Rsa { .. } => CertificateKey::Rsa,
            Kind::Dss(_) => CertificateKey::Dss,
            _ => CertificateKey::Ecdsa,
        }
    }

    /// The private operation of RSA, as long as the modulus; `None` for other keys and for what is no ciphertext.
    #[must_use]
    pub fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let Kind::Rsa { modulus, exponent } = &self.0 else {
            return None;
        };
        let number = BigUint::from_bytes_be(ciphertext);
        let length = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
        (number < *modulus).then(|| padded(&number.modpow(exponent, modulus), length))
    }

    /// The same key to agree on a secret with; `None` for keys that cannot.
    #[must_use]
    pub fn fixed(&self) -> Option<EphemeralKey> {
        match &self.0 {
            Kind::P256(key) => EphemeralKey::from_octets(group::SECP256R1, &key.to_bytes()),
            Kind::P384(key) => EphemeralKey::from_octets(group::SECP384R1, &key.to_bytes()),
            Kind::P521(key) => EphemeralKey::from_octets(group::SECP521R1, &key.to_bytes()),
            _ => None,
        }
    }

    /// The first of the schemes a server takes that this key can sign with in TLS 1.3.
    #[must_use]
    pub fn choose_tls13(&self, accepted: &[u16]) -> Option<(u16, Scheme)> {
        let own = match &self.0 {
            Kind::Rsa { .. } => RSA_SCHEMES,
            Kind::P256(_) => P256_SCHEMES,
            Kind::P384(_) => P384_SCHEMES,
            Kind::P521(_) => P521_SCHEMES,
            Kind::Ed25519(_) => ED25519_SCHEMES,
            Kind::Dss(_) => &[],
        };
        let code = accepted.iter().find(|code| own.contains(code))?;
        Some((*code, Scheme::of(*code)?))
    }

    /// Signs a message; `None` when the scheme does not go with the key.
    #[must_use]
    pub fn sign(
        &self,
        scheme: Scheme,
        message: &[&[u8]],
        entropy: &mut Entropy,
    ) -> Option<Vec<u8>> {
        self.sign_digest(scheme, scheme.digest(message), entropy)
    }

    /// Signs the digest of a message; `None` when the scheme does not go with the key.
    #[must_use]
    pub fn sign_digest(
        &self,
        scheme: Scheme,
        digest: Vec<u8>,
        entropy: &mut Entropy,
    ) -> Option<Vec<u8>> {
        match (&self.0, scheme.algorithm()) {
            (Kind::Rsa { modulus, exponent }, algorithm) => {
                let length = usize::try_from(modulus.bits().div_ceil(8)).ok()?;
                let block = match (algorithm, scheme) {
                    (Algorithm::RsaPkcs1, _) => pkcs1::block(scheme, &digest, length)?,
                    (Algorithm::RsaPss, Scheme::Named(_, hash)) => {
                        let salt = entropy.octets(hash.length());
                        pss::block(hash, &digest, &salt, modulus.bits())?
                    }
                    _ => return None,
                };
                let number = BigUint::from_bytes_be(&block).modpow(exponent, modulus);
                Some(padded(&number, length))
            }
            (Kind::P256(key), Algorithm::Ecdsa) => {
                let signature: p256::ecdsa::Signature =
                    key.sign_prehash(&widened(digest, 32)).ok()?;
                Some(signature.to_der().as_bytes().to_vec())
            }
            (Kind::P384(key), Algorithm::Ecdsa) => {
                let signature: p384::ecdsa::Signature =
                    key.sign_prehash(&widened(digest, 48)).ok()?;
                Some(signature.to_der().as_bytes().to_vec())
            }
            (Kind::P521(key), Algorithm::Ecdsa) => {
                let signature: p521::ecdsa::Signature =
                    key.sign_prehash(&widened(digest, 66)).ok()?;
                Some(signature.to_der().as_bytes().to_vec())
            }
            (Kind::Ed25519(key), Algorithm::Ed25519) => Some(key.sign(&digest).to_bytes().to_vec()),
            (Kind::Dss(key), Algorithm::Dss) => key.sign(&digest, entropy),
            _ => None,
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PrivateKey(***)")
    }
}

#[cfg(test)]
mod tests;
