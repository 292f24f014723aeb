//! How strong a certificate is: its key, the signatures of its chain, and what it demands of those who read it.

use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::MAX_CHAIN;
use crate::model::seen_tls::KeyFacts;
use crate::wire::http::clean;

/// Most critical extensions named.
const MAX_EXTENSIONS: usize = 8;
/// Most characters of an object identifier.
const MAX_OID: usize = 80;
/// Sizes of the curves that have a name (SEC 2, RFC 5639).
const CURVES: [(&str, u32); 13] = [
    ("1.2.840.10045.3.1.1", 192),
    ("1.2.840.10045.3.1.7", 256),
    ("1.3.132.0.8", 160),
    ("1.3.132.0.9", 160),
    ("1.3.132.0.30", 160),
    ("1.3.132.0.31", 192),
    ("1.3.132.0.32", 224),
    ("1.3.132.0.33", 224),
    ("1.3.132.0.10", 256),
    ("1.3.132.0.34", 384),
    ("1.3.132.0.35", 521),
    ("1.3.36.3.3.2.8.1.1.7", 256),
    ("1.3.36.3.3.2.8.1.1.11", 384),
];
/// Hashes of signature algorithms (RFC 3279, RFC 4055, RFC 5758, RFC 8410).
const HASHES: [(&str, &str); 15] = [
    ("1.2.840.113549.1.1.2", "md2"),
    ("1.2.840.113549.1.1.4", "md5"),
    ("1.2.840.113549.1.1.5", "sha1"),
    ("1.2.840.113549.1.1.14", "sha224"),
    ("1.2.840.113549.1.1.11", "sha256"),
    ("1.2.840.113549.1.1.12", "sha384"),
    ("1.2.840.113549.1.1.13", "sha512"),
    ("1.2.840.10040.4.3", "sha1"),
    ("2.16.840.1.101.3.4.3.2", "sha256"),
    ("1.2.840.10045.4.1", "sha1"),
    ("1.2.840.10045.4.3.1", "sha224"),
    ("1.2.840.10045.4.3.2", "sha256"),
    ("1.2.840.10045.4.3.3", "sha384"),
    ("1.2.840.10045.4.3.4", "sha512"),
    ("1.3.101.112", "sha512"),
];
/// RSASSA-PSS, whose hash stands in its parameters.
const PSS: &str = "1.2.840.113549.1.1.10";
/// SHA-1 is what PSS parameters say by saying nothing (RFC 4055 3.1).
const PSS_HASHES: [(&str, &str); 4] = [
    ("1.3.14.3.2.26", "sha1"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.16.840.1.101.3.4.2.3", "sha512"),
];

/// The key of a certificate.
pub(super) fn key(certificate: &X509Certificate<'_>) -> KeyFacts {
    let info = certificate.public_key();
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => {
            let modulus = key.modulus.iter().skip_while(|octet| **octet == 0);
            let octets: Vec<&u8> = modulus.collect();
            let unused = octets.first().map_or(0, |first| first.leading_zeros());
            let bits = u32::try_from(octets.len()).unwrap_or(u32::MAX / 8) * 8 - unused;
            KeyFacts {
                name: format!("RSA of {bits} bits"),
                rsa_bits: Some(bits),
                ..KeyFacts::default()
            }
        }
        Ok(PublicKey::EC(_)) => {
            let parameters = info.algorithm.parameters.as_ref();
            let curve = parameters
                .and_then(|any| any.as_oid().ok())
                .map(|oid| oid.to_id_string());
            let bits = curve.as_deref().and_then(|curve| find(&CURVES, curve));
            let curve = curve.unwrap_or_else(|| "without a name".to_owned());
            KeyFacts {
                name: bits.map_or_else(
                    || format!("on the curve {}", clean(curve.as_bytes(), MAX_OID)),
                    |bits| format!("on a curve of {bits} bits"),
                ),
                curve_bits: bits,
                unknown_curve: bits.is_none(),
                rsa_bits: None,
            }
        }
        _ => KeyFacts {
            name: format!("of the kind {}", info.algorithm.algorithm.to_id_string()),
            ..KeyFacts::default()
        },
    }
}

fn find<T: Copy>(table: &[(&str, T)], wanted: &str) -> Option<T> {
    let row = table.iter().find(|(oid, _)| *oid == wanted);
    row.map(|(_, value)| *value)
}

/// The hashes under the signatures of a chain; a self-issued certificate is trusted or not, whatever signs it.
pub(super) fn signature_hashes(chain: &[CertificateDer<'_>]) -> Vec<String> {
    let mut hashes = Vec::new();
    for der in chain.iter().take(MAX_CHAIN) {
        let Ok((_, certificate)) = X509Certificate::from_der(der) else {
            continue;
        };
        if certificate.issuer().as_raw() == certificate.subject().as_raw() {
            continue;
        }
        let hash = signature_hash(&certificate);
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    hashes
}

fn signature_hash(certificate: &X509Certificate<'_>) -> String {
    let algorithm = &certificate.signature_algorithm;
    let oid = algorithm.algorithm.to_id_string();
    if oid == PSS {
        let parameters = algorithm.parameters.as_ref().map(|any| any.data);
        return pss_hash(parameters.unwrap_or_default()).to_owned();
    }
    find(&HASHES, &oid).map_or(oid, ToOwned::to_owned)
}

/// The hash in the parameters of RSASSA-PSS: the first object identifier within their field 0.
fn pss_hash(parameters: &[u8]) -> &'static str {
    const FIRST_FIELD: u8 = 0xa0;
    if parameters.first() != Some(&FIRST_FIELD) {
        return "sha1";
    }
    let named = |dotted: &str| {
        let oid: Vec<u64> = dotted
            .split('.')
            .filter_map(|arc| arc.parse().ok())
            .collect();
        let oid = x509_parser::der_parser::oid::Oid::from(&oid).ok();
        oid.is_some_and(|oid| {
            let octets = oid.as_bytes();
            parameters
                .windows(octets.len())
                .take(SEARCHED)
                .any(|part| part == octets)
        })
    };
    let found = PSS_HASHES.iter().find(|(oid, _)| named(oid));
    found.map_or("unknown", |(_, hash)| hash)
}
/// The first field ends within so many octets.
const SEARCHED: usize = 8;

/// Critical extensions of a certificate that RFC 5280 4.2.1 does not define.
pub(super) fn unknown_critical(certificate: &X509Certificate<'_>) -> Vec<String> {
    let unknown = certificate.extensions().iter().filter(|extension| {
        let known = matches!(
            extension.parsed_extension(),
            ParsedExtension::AuthorityKeyIdentifier(_)
                | ParsedExtension::SubjectKeyIdentifier(_)
                | ParsedExtension::KeyUsage(_)
                | ParsedExtension::CertificatePolicies(_)
                | ParsedExtension::PolicyMappings(_)
                | ParsedExtension::SubjectAlternativeName(_)
                | ParsedExtension::IssuerAlternativeName(_)
                | ParsedExtension::BasicConstraints(_)
                | ParsedExtension::NameConstraints(_)
                | ParsedExtension::PolicyConstraints(_)
                | ParsedExtension::ExtendedKeyUsage(_)
                | ParsedExtension::CRLDistributionPoints(_)
                | ParsedExtension::InhibitAnyPolicy(_)
        );
        extension.critical && !known
    });
    unknown
        .take(MAX_EXTENSIONS)
        .map(|extension| clean(extension.oid.to_id_string().as_bytes(), MAX_OID))
        .collect()
}

/// Whether a certificate says where its OCSP responder is (RFC 5280 4.2.2.1).
pub(super) fn names_ocsp_responder(certificate: &X509Certificate<'_>) -> bool {
    const OCSP: &str = "1.3.6.1.5.5.7.48.1";
    certificate.extensions().iter().any(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return false;
        };
        access.accessdescs.iter().any(|description| {
            description.access_method.to_id_string() == OCSP
                && matches!(description.access_location, GeneralName::URI(_))
        })
    })
}
