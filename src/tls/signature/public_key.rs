//! The key of a server's certificate, and whether it made a signature.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use thiserror::Error;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey as Parsed;

use super::scheme::{Algorithm, P256_SCHEMES, P384_SCHEMES, RSA_SCHEMES, Scheme};
use super::{pkcs1, pss};
use crate::tls::key_exchange::RsaPublicKey;

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
            Parsed::EC(point) => {
                let point = point.data();
                let p256 = p256::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let p384 = p384::ecdsa::VerifyingKey::from_sec1_bytes(point);
                match (p256, p384) {
                    (Ok(key), _) => Ok(Self::P256(Box::new(key))),
                    (_, Ok(key)) => Ok(Self::P384(Box::new(key))),
                    _ => Err(unknown("the certificate's key is on another curve")),
                }
            }
            _ => Err(unknown("the certificate's key is neither RSA nor ECDSA")),
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

    /// The schemes of TLS 1.3 in which this key may sign a handshake.
    #[must_use]
    pub const fn tls13_schemes(&self) -> &'static [u16] {
        match self {
            Self::Rsa(_) => RSA_SCHEMES,
            Self::P256(_) => P256_SCHEMES,
            Self::P384(_) => P384_SCHEMES,
        }
    }

    /// The scheme that versions before TLS 1.2 imply for this key.
    #[must_use]
    pub const fn implied_scheme(&self) -> Scheme {
        match self {
            Self::Rsa(_) => Scheme::Md5Sha1,
            _ => Scheme::Named(Algorithm::Ecdsa, crate::tls::hash::HashFunction::Sha1),
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
        let digest = scheme.digest(message);
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
