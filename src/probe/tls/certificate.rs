//! What a server certificate says: names, dates, usage and strength (RFC 2818, RFC 5280), and whether a path leads to a root.

mod chain;
mod names;
mod published;
mod strength;

use std::fmt::Write as _;

use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use self::names::Named;
use crate::model::answer_tls::Connection;
use crate::model::seen_tls::{CertificateFacts, ConnectionFacts, NameSource};
use crate::model::step_tls::TlsConnect;

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
    /// Further hosts that the target serves.
    pub(super) further_hosts: &'a [String],
    /// The roots a path must lead to.
    pub(super) roots: &'a [CertificateDer<'static>],
    /// The date and time.
    pub(super) now: OffsetDateTime,
}

impl Measure<'_> {
    /// The facts of a chain, leaf first; `None` without a leaf.
    pub(super) fn facts(&self, chain: &[CertificateDer<'_>]) -> Option<CertificateFacts> {
        let (leaf, intermediates) = chain.split_first()?;
        // What follows the certificate in its octets is no part of any certificate.
        let Some((_, parsed)) = X509Certificate::from_der(leaf)
            .ok()
            .filter(|(rest, _)| rest.is_empty())
        else {
            return Some(CertificateFacts {
                fingerprint: fingerprint(leaf),
                root_configured: !self.roots.is_empty(),
                path_problem: Some("the certificate cannot be read".to_owned()),
                ..CertificateFacts::default()
            });
        };
        let validity = parsed.validity();
        let (from, until) = (
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        );
        let now = self.now.unix_timestamp();
        // Expiry is a fact of its own; the path is judged at the nearest moment at which the leaf is valid.
        let judged_at = now.clamp(from, until.max(from));
        let named = Named::of(&parsed);
        let unnamed = |host: &&String| named.source_of(host) == NameSource::None;
        let path = chain::path(leaf, intermediates, self.roots, judged_at);
        Some(CertificateFacts {
            fingerprint: fingerprint(leaf),
            readable: true,
            name_source: named.source_of(self.host),
            unnamed_hosts: self.further_hosts.iter().filter(unnamed).cloned().collect(),
            names: named.shown(),
            path_unchecked: path.unchecked,
            path_gap: path.gap,
            path_problem: path.problem,
            root_configured: !self.roots.is_empty(),
            valid_now: (from..=until).contains(&now),
            lifetime_days: days(from, until),
            server_usage: allows_server(&parsed),
            not_ca: !parsed.is_ca(),
            version: parsed.version().0.saturating_add(1),
            serial_octets: u32::try_from(parsed.raw_serial().len()).unwrap_or(u32::MAX),
            key: strength::key(&parsed),
            signature_hashes: strength::signature_hashes(chain),
            unknown_critical: strength::unknown_critical(&parsed),
            disorder: chain::disorder(chain),
            ocsp_responder: strength::names_ocsp_responder(&parsed),
            stapled: None,
            published_key: published::place_of(parsed.public_key().raw),
        })
    }
}

/// From how many days on the lifetime of a certificate is worth a remark.
const LONG_LIFE: u32 = 398;
/// Below how many bits a key is worth a remark.
const USUAL_RSA_BITS: u32 = 2048;
const USUAL_CURVE_BITS: u32 = 256;
/// Above how many octets a serial number is worth a remark (RFC 5280 4.1.2.2).
const USUAL_SERIAL_OCTETS: u32 = 20;

/// What is wrong with a certificate, each after a comma; nothing when all is well.
pub(super) fn remarks(facts: &CertificateFacts) -> String {
    if !facts.readable {
        return ", certificate that cannot be read".to_owned();
    }
    let path = facts
        .path_problem
        .as_ref()
        .filter(|_| facts.root_configured)
        .map(|problem| format!("without a path to the root ({problem})"));
    let lifetime = format!("valid for {} days", facts.lifetime_days);
    let hosts = format!("without the names {}", facts.unnamed_hosts.join(", "));
    let said = [
        (
            facts.name_source == NameSource::None,
            "without the name of the host",
        ),
        (
            facts.name_source == NameSource::CommonName,
            "with the name of the host only in its subject",
        ),
        (!facts.unnamed_hosts.is_empty(), hosts.as_str()),
        (path.is_some(), path.as_deref().unwrap_or_default()),
        (!facts.valid_now, "not valid now"),
        (facts.lifetime_days > LONG_LIFE, lifetime.as_str()),
        (!facts.server_usage, "not for a server"),
        (!facts.not_ca, "of an authority"),
    ];
    let mut remarks = String::new();
    for (_, text) in said.iter().filter(|(holds, _)| *holds) {
        remarks.push_str(", certificate ");
        remarks.push_str(text);
    }
    remarks.push_str(&remarks_on_strength(facts));
    remarks
}

/// That the further hosts are named, where a step asks; that they are not is always said.
pub(super) fn further_hosts(step: &TlsConnect, facts: &ConnectionFacts) -> &'static str {
    let mut claims = step.expect.iter().filter_map(|claim| claim.stated());
    let asks = claims.any(|(_, answer)| {
        matches!(answer, Connection::Certificate(view) if view.names_further_hosts.is_some())
    });
    match &facts.certificate {
        Some(certificate) if asks && certificate.unnamed_hosts.is_empty() => {
            ", certificate with the names of the further hosts too"
        }
        _ => "",
    }
}

fn remarks_on_strength(facts: &CertificateFacts) -> String {
    let weak_key = facts.key.rsa_bits.is_some_and(|bits| bits < USUAL_RSA_BITS)
        || facts
            .key
            .curve_bits
            .is_some_and(|bits| bits < USUAL_CURVE_BITS);
    let weak = |hash: &&String| ["md2", "md5", "sha1"].contains(&hash.as_str());
    let hashes: Vec<&str> = facts
        .signature_hashes
        .iter()
        .filter(weak)
        .map(String::as_str)
        .collect();
    let mut told = Vec::new();
    if weak_key || facts.key.unknown_curve {
        told.push(format!("with a key {}", facts.key.name));
    }
    if !hashes.is_empty() {
        told.push(format!("signed over {}", hashes.join(" and ")));
    }
    if facts.version != 3 {
        told.push(format!("of version {}", facts.version));
    }
    if facts.serial_octets > USUAL_SERIAL_OCTETS {
        told.push(format!(
            "with a serial number of {} octets",
            facts.serial_octets
        ));
    }
    if !facts.unknown_critical.is_empty() {
        told.push(format!(
            "with the unknown critical extension {}",
            facts.unknown_critical.join(", ")
        ));
    }
    if let Some(disorder) = &facts.disorder {
        told.push(format!("in a chain out of order ({disorder})"));
    }
    if let Some(place) = &facts.published_key {
        told.push(format!("with the key published in {place}"));
    }
    if facts.stapled == Some(true) {
        told.push("with an OCSP response".to_owned());
    } else if facts.ocsp_responder && facts.stapled == Some(false) {
        told.push("that names an OCSP responder, without a response of it".to_owned());
    }
    told.into_iter()
        .map(|text| format!(", certificate {text}"))
        .collect()
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

#[cfg(test)]
mod tests;
