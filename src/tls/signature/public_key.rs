//! The key of a server's certificate, and whether it made a signature.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey as Parsed;

use super::der::{BIT_STRING, DSA, Der, ED25519, INTEGER, OBJECT_IDENTIFIER, SEQUENCE};
use super::dss::DssPublicKey;
use super::scheme::{
    Algorithm, ED25519_SCHEMES, P256_SCHEMES, P384_SCHEMES, P521_SCHEMES, RSA_SCHEMES, Scheme,
};
use super::{pkcs1, pss};
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::RsaPublicKey;
use crate::wire::tls::extension::group;

/// Why a signature does not count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignatureProblem {
    /// The key did not make it.
    #[error("the signature is wrong")]
    Wrong,
    /// The scheme does not go with the key.
    #[error("the signature scheme does not go with the certificate's key")]
    Mismatch,
    /// The engine does not know the scheme or the kind of key.
    #[error("{0}")]
    Unknown(String),
}

/// The public key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa(RsaPublicKey),
    /// A point on secp256r1.
    P256(Box<p256::ecdsa::VerifyingKey>),
    /// A point on secp384r1.
    P384(Box<p384::ecdsa::VerifyingKey>),
    /// A point on secp521r1.
    P521(Box<p521::ecdsa::VerifyingKey>),
    /// A point on edwards25519.
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    /// DSS.
    Dss(Box<DssPublicKey>),
}

impl PublicKey {
    /// The key of a DER certificate.
    ///
    /// # Errors
    /// [`SignatureProblem::Unknown`] when the certificate cannot be read or its key is of another kind.
    pub fn of_certificate(der: &[u8]) -> Result<Self, SignatureProblem> {
        let unknown = |what: &str| SignatureProblem::Unknown(what.to_owned());
        let (_, certificate) = X509Certificate::from_der(der)
            .map_err(|_| unknown("the server's certificate cannot be read"))?;
        let parsed = certificate.public_key().parsed();
        match parsed.map_err(|_| unknown("the certificate's key cannot be read"))? {
            Parsed::RSA(key) => RsaPublicKey::new(key.modulus, key.exponent)
                .map(Self::Rsa)
                .map_err(|problem| SignatureProblem::Unknown(problem.to_string())),
            Parsed::EC(point) => Self::of_point(point.data())
                .ok_or_else(|| unknown("the certificate's key is on another curve")),
            _ => Self::of_key_info(certificate.public_key().raw)
                .ok_or_else(|| unknown("the certificate's key is of a kind the engine has not")),
        }
    }

    /// The curve follows from the length of the point.
    fn of_point(point: &[u8]) -> Option<Self> {
        let p256 = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
        let p384 = p384::ecdsa::VerifyingKey::from_sec1_bytes(point);
        let p521 = p521::ecdsa::VerifyingKey::from_sec1_bytes(point);
        match (p256, p384, p521) {
            (Ok(key), ..) => Some(Self::P256(Box::new(key))),
            (_, Ok(key), _) => Some(Self::P384(Box::new(key))),
            (.., Ok(key)) => Some(Self::P521(Box::new(key))),
            _ => None,
        }
    }

    /// What the parser of certificates does not read: DSS with its parameters, Ed25519.
    fn of_key_info(der: &[u8]) -> Option<Self> {
        let mut info = Der(Der(der).take(SEQUENCE)?);
        let mut algorithm = Der(info.take(SEQUENCE)?);
        let identifier = algorithm.take(OBJECT_IDENTIFIER)?;
        let (unused, key) = info.take(BIT_STRING)?.split_first()?;
        if *unused != 0 {
            return None;
        }
        match identifier {
            DSA => DssPublicKey::new(algorithm.0, Der(key).take(INTEGER)?)
                .map(|key| Self::Dss(Box::new(key))),
            ED25519 => ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?)
                .ok()
                .map(|key| Self::Ed25519(Box::new(key))),
            _ => None,
        }
    }

    /// The key as RSA key transport needs it.
    #[must_use]
    pub fn rsa(&self) -> Option<&RsaPublicKey> {
        match self {
            Self::Rsa(key) => Some(key),
            _ => None,
        }
    }

    /// The group and the point of a key with which one can agree.
    #[must_use]
    pub fn point(&self) -> Option<(u16, Vec<u8>)> {
        match self {
            Self::P256(key) => Some((group::SECP256R1, key.to_sec1_bytes().to_vec())),
            Self::P384(key) => Some((group::SECP384R1, key.to_sec1_bytes().to_vec())),
            Self::P521(key) => Some((group::SECP521R1, key.to_sec1_bytes().to_vec())),
            _ => None,
        }
    }

    /// The schemes of TLS 1.3 in which this key may sign a handshake.
    #[must_use]
    pub const fn tls13_schemes(&self) -> &'static [u16] {
        match self {
            Self::Rsa(_) => RSA_SCHEMES,
            Self::P256(_) => P256_SCHEMES,
            Self::P384(_) => P384_SCHEMES,
            Self::P521(_) => P521_SCHEMES,
            Self::Ed25519(_) => ED25519_SCHEMES,
            Self::Dss(_) => &[],
        }
    }

    /// The scheme that versions before TLS 1.2 imply for this key; Ed25519 has none there and goes by its own.
    #[must_use]
    pub const fn implied_scheme(&self) -> Scheme {
        match self {
            Self::Rsa(_) => Scheme::Md5Sha1,
            Self::Dss(_) => Scheme::Named(Algorithm::Dss, HashFunction::Sha1),
            Self::Ed25519(_) => Scheme::Ed25519,
            _ => Scheme::Named(Algorithm::Ecdsa, HashFunction::Sha1),
        }
    }

    /// Whether this key signed the message.
    ///
    /// # Errors
    /// [`SignatureProblem`] when it did not, or not so that it can be known.
    pub fn verify(
        &self,
        scheme: Scheme,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), SignatureProblem> {
        self.verify_digest(scheme, scheme.digest(message), signature)
    }

    /// Whether this key signed the message of a digest.
    ///
    /// # Errors
    /// [`SignatureProblem`] when it did not, or not so that it can be known.
    pub fn verify_digest(
        &self,
        scheme: Scheme,
        digest: Vec<u8>,
        signature: &[u8],
    ) -> Result<(), SignatureProblem> {
        let right = match (self, scheme.algorithm()) {
            (Self::Rsa(key), Algorithm::RsaPkcs1) => {
                let expected = pkcs1::block(scheme, &digest, key.length());
                signature.len() == key.length()
                    && expected.is_some()
                    && key.apply(signature) == expected
            }
            (Self::Rsa(key), Algorithm::RsaPss) => {
                let Scheme::Named(_, hash) = scheme else {
                    return Err(SignatureProblem::Mismatch);
                };
                let block = key.apply(signature).unwrap_or_default();
                // A modulus of 8n+1 bits has one octet more than its blocks.
                let skip = usize::from(key.bits() % 8 == 1);
                let block = block.get(skip..).unwrap_or_default();
                pss::is_block_of(hash, &digest, block, key.bits())
            }
            (Self::P256(key), Algorithm::Ecdsa) => p256::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| {
                    key.verify_prehash(&widened(digest, 32), &signature).is_ok()
                }),
            (Self::P384(key), Algorithm::Ecdsa) => p384::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| {
                    key.verify_prehash(&widened(digest, 48), &signature).is_ok()
                }),
            (Self::P521(key), Algorithm::Ecdsa) => p521::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| {
                    key.verify_prehash(&widened(digest, 66), &signature).is_ok()
                }),
            (Self::Ed25519(key), Algorithm::Ed25519) => {
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(&digest, &signature).is_ok())
            }
            (Self::Dss(key), Algorithm::Dss) => key.verify(&digest, signature),
            _ => return Err(SignatureProblem::Mismatch),
        };
        if right {
            Ok(())
        } else {
            Err(SignatureProblem::Wrong)
        }
    }
}

/// A digest at least as long as the field: zeros before it do not change the number it stands for.
pub(super) fn widened(digest: Vec<u8>, field: usize) -> Vec<u8> {
    let mut out = vec![0; field.saturating_sub(digest.len())];
    out.extend(digest);
    out
}
