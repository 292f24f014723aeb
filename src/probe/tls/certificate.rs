//! What a server certificate says: names, dates and usage (RFC 2818, RFC 5280), and whether a path leads to a root.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use rustls::crypto::ring;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::model::seen_tls::{CertificateFacts, NameSource};
use crate::wire::http::clean;

/// Most names kept of a certificate, and most characters of each.
const MAX_NAMES: usize = 100;
const MAX_NAME: usize = 255;
/// Most certificates of a chain that are looked at.
const MAX_CHAIN: usize = 16;

/// Against what a certificate is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure<'a> {
    /// The host it was asked for.
    pub(super) host: &'a str,
    /// The roots a path must lead to.
    pub(super) roots: &'a [CertificateDer<'static>],
    /// The date and time.
    pub(super) now: OffsetDateTime,
}

impl Measure<'_> {
    /// The facts of a chain, leaf first; `None` without a leaf that can be read.
    pub(super) fn facts(&self, chain: &[CertificateDer<'_>]) -> Option<CertificateFacts> {
        let (leaf, intermediates) = chain.split_first()?;
        let (_, parsed) = X509Certificate::from_der(leaf).ok()?;
        let validity = parsed.validity();
        let (from, until) = (
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        );
        let now = self.now.unix_timestamp();
        let valid_now = (from..=until).contains(&now);
        // Expiry is a fact of its own; the path is judged at the nearest moment at which the leaf is valid.
        let judged_at = now.clamp(from, until.max(from));
        let named = Named::of(&parsed);
        let path_problem = if self.roots.is_empty() {
            Some("no root is configured".to_owned())
        } else {
            self.path_problem(leaf, intermediates, judged_at)
        };
        Some(CertificateFacts {
            fingerprint: fingerprint(leaf),
            name_source: named.source_of(self.host),
            names: named.shown(),
            path_problem,
            root_configured: !self.roots.is_empty(),
            valid_now,
            lifetime_days: days(from, until),
            server_usage: allows_server(&parsed),
            not_ca: !parsed.is_ca(),
        })
    }

    fn path_problem(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        at: i64,
    ) -> Option<String> {
        // A leaf that is configured as a root is its own proof.
        if self.roots.iter().any(|root| root.as_ref() == leaf.as_ref()) {
            return None;
        }
        let anchors: Vec<TrustAnchor<'_>> = self
            .roots
            .iter()
            .filter_map(|root| anchor_from_trusted_cert(root).ok())
            .collect();
        let others: Vec<CertificateDer<'_>> =
            intermediates.iter().take(MAX_CHAIN).cloned().collect();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).unwrap_or(0)));
        let algorithms = ring::default_provider()
            .signature_verification_algorithms
            .all;
        let verified = EndEntityCert::try_from(leaf).and_then(|end_entity| {
            end_entity
                .verify_for_usage(algorithms, &anchors, &others, at, AnyUsage, None, None)
                .map(|_| ())
        });
        verified
            .err()
            .map(|error| clean(error.to_string().as_bytes(), MAX_NAME))
    }
}

/// From how many days on the lifetime of a certificate is worth a remark.
const LONG_LIFE: u32 = 398;

/// What is wrong with a certificate, each after a comma; nothing when all is well.
pub(super) fn remarks(facts: &CertificateFacts) -> String {
    let mut remarks = String::new();
    let mut remark = |holds: bool, text: &str| {
        if holds {
            remarks.push_str(", certificate ");
            remarks.push_str(text);
        }
    };
    remark(
        facts.name_source == NameSource::None,
        "without the name of the host",
    );
    remark(
        facts.name_source == NameSource::CommonName,
        "with the name of the host only in its subject",
    );
    if let Some(problem) = facts
        .path_problem
        .as_ref()
        .filter(|_| facts.root_configured)
    {
        remark(true, &format!("without a path to the root ({problem})"));
    }
    remark(!facts.valid_now, "not valid now");
    remark(
        facts.lifetime_days > LONG_LIFE,
        &format!("valid for {} days", facts.lifetime_days),
    );
    remark(!facts.server_usage, "not for a server");
    remark(!facts.not_ca, "of an authority");
    remarks
}

/// Usage is a fact of its own and does not make a path.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// SHA-256 of a certificate in lower-case hex.
pub(super) fn fingerprint(leaf: &[u8]) -> String {
    Sha256::digest(leaf)
        .iter()
        .fold(String::new(), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
}

fn days(from: i64, until: i64) -> u32 {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = u64::try_from(until.saturating_sub(from)).unwrap_or(0);
    u32::try_from(seconds.div_ceil(DAY)).unwrap_or(u32::MAX)
}

fn allows_server(certificate: &X509Certificate<'_>) -> bool {
    let key_usage = match certificate.key_usage() {
        Ok(None) => true,
        Ok(Some(usage)) => {
            let usage = usage.value;
            usage.digital_signature() || usage.key_encipherment() || usage.key_agreement()
        }
        Err(_) => false,
    };
    let extended = match certificate.extended_key_usage() {
        Ok(None) => true,
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Err(_) => false,
    };
    key_usage && extended
}

/// The names a certificate bears.
#[derive(Debug, Default)]
struct Named {
    dns: Vec<String>,
    addresses: Vec<IpAddr>,
    common: Option<String>,
}

impl Named {
    fn of(certificate: &X509Certificate<'_>) -> Self {
        let mut named = Self::default();
        if let Ok(Some(extension)) = certificate.subject_alternative_name() {
            for name in extension.value.general_names.iter().take(MAX_NAMES) {
                match name {
                    GeneralName::DNSName(name) => {
                        named.dns.push(clean(name.as_bytes(), MAX_NAME));
                    }
                    GeneralName::IPAddress(octets) => named.addresses.extend(address(octets)),
                    _ => {}
                }
            }
        }
        // RFC 2818 3.1: the most specific common name, which stands last.
        named.common = certificate
            .subject()
            .iter_common_name()
            .last()
            .and_then(|name| name.as_str().ok())
            .map(|name| clean(name.as_bytes(), MAX_NAME));
        named
    }

    fn source_of(&self, host: &str) -> NameSource {
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return if self.addresses.contains(&address) {
                NameSource::SubjectAlternativeName
            } else {
                NameSource::None
            };
        }
        if self.dns.iter().any(|pattern| names(pattern, host)) {
            return NameSource::SubjectAlternativeName;
        }
        let common = self.common.as_deref();
        if self.dns.is_empty() && common.is_some_and(|pattern| names(pattern, host)) {
            return NameSource::CommonName;
        }
        NameSource::None
    }

    fn shown(self) -> Vec<String> {
        let mut names = self.dns;
        names.extend(self.addresses.iter().map(ToString::to_string));
        if names.is_empty() {
            names.extend(self.common);
        }
        names
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Some(four.into());
    }
    <[u8; 16]>::try_from(octets).ok().map(Into::into)
}

/// Whether a name in a certificate names `host`: RFC 2818 3.1, a wildcard only in the left-most label.
fn names(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    let host = host.trim_end_matches('.');
    if !pattern.contains('*') {
        return !host.is_empty() && pattern.trim_end_matches('.') == host;
    }
    let (Some((first, rest)), Some((label, domain))) =
        (pattern.split_once('.'), host.split_once('.'))
    else {
        return false;
    };
    let Some((before, after)) = first.split_once('*') else {
        return false;
    };
    // RFC 6125 6.4.3: no part of a punycode label is matched by a wildcard.
    let cuts_punycode = label.starts_with("xn--") && !(before.is_empty() && after.is_empty());
    rest == domain
        && !rest.contains('*')
        && !after.contains('*')
        && !cuts_punycode
        && label.len() > before.len() + after.len()
        && label.starts_with(before)
        && label.ends_with(after)
}

#[cfg(test)]
mod tests;
