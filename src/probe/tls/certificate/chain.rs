//! Whether what a server sent leads to a root, and stands in order.

use std::time::Duration;

use rustls::crypto::ring;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::{MAX_CHAIN, MAX_NAME};
use crate::wire::http::clean;

/// What became of the search for a path.
pub(super) struct Path {
    /// Why there is none.
    pub(super) problem: Option<String>,
    /// Our libraries lack what it takes to check, so that nothing is known.
    pub(super) unchecked: bool,
    /// No issuer was found for a certificate on the way.
    pub(super) gap: bool,
}

impl Path {
    const fn found() -> Self {
        Self {
            problem: None,
            unchecked: false,
            gap: false,
        }
    }
}

/// Looks for a path from the leaf over what was sent to one of the roots, as of `at` in seconds since 1970.
pub(super) fn path(
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &[CertificateDer<'static>],
    at: i64,
) -> Path {
    if roots.is_empty() {
        return Path {
            problem: Some("no root is configured".to_owned()),
            unchecked: false,
            gap: false,
        };
    }
    // A leaf that is configured as a root is its own proof.
    if roots.iter().any(|root| root.as_ref() == leaf.as_ref()) {
        return Path::found();
    }
    let anchors: Vec<TrustAnchor<'_>> = roots
        .iter()
        .filter_map(|root| anchor_from_trusted_cert(root).ok())
        .collect();
    let others: Vec<CertificateDer<'_>> = intermediates.iter().take(MAX_CHAIN).cloned().collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).unwrap_or(0)));
    let algorithms = ring::default_provider()
        .signature_verification_algorithms
        .all;
    let verified = EndEntityCert::try_from(leaf).and_then(|end_entity| {
        end_entity
            .verify_for_usage(algorithms, &anchors, &others, at, AnyUsage, None, None)
            .map(|_| ())
    });
    verified.map_or_else(
        |error| Path {
            unchecked: is_beyond_us(&error),
            gap: matches!(error, Error::UnknownIssuer),
            problem: Some(clean(error.to_string().as_bytes(), MAX_NAME)),
        },
        |()| Path::found(),
    )
}

/// Whether the chain was not refused for what it says, but for an algorithm that ring does not have: SHA-1, MD5, short keys.
const fn is_beyond_us(error: &Error) -> bool {
    matches!(
        error,
        Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    )
}

/// Usage is a fact of its own and does not make a path.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

/// What is wrong with the order of a chain, leaf first: RFC 5246 7.4.2 wants each certificate to certify the one before.
///
/// Names are compared, not signatures: what does not verify has no path either, and that is told apart.
pub(super) fn disorder(chain: &[CertificateDer<'_>]) -> Option<String> {
    let mut parsed = Vec::new();
    for (position, der) in chain.iter().take(MAX_CHAIN).enumerate() {
        match X509Certificate::from_der(der) {
            Ok((_, certificate)) => parsed.push(certificate),
            Err(_) => return Some(format!("certificate {} cannot be read", position + 1)),
        }
    }
    let pairs = parsed.iter().zip(parsed.iter().skip(1)).enumerate();
    for (position, (one, next)) in pairs {
        if one.issuer().as_raw() != next.subject().as_raw() {
            return Some(format!(
                "certificate {} does not certify the one before it",
                position + 2
            ));
        }
    }
    None
}
