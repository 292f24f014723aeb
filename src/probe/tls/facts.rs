//! What a first flight says, as facts and in one line.

use std::fmt::Write as _;

use rustls_pki_types::CertificateDer;

use super::certificate::Measure;
use super::code_points::{group_name, signature_hash};
use crate::model::seen_tls::{AlertFacts, FlightFacts};
use crate::model::suite::{ProtocolVersion, SuiteRegistry};
use crate::wire::http::clean;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::code;
use crate::wire::tls::extension::code::RENEGOTIATION_INFO;
use crate::wire::tls::flight::FirstFlight;
use crate::wire::tls::key_exchange::KeyExchangeKind;
use crate::wire::tls::offer::Offer;

/// Most octets of a PSK identity hint that are looked at.
const SHOWN_HINT: usize = 1024;

/// The facts of an alert.
pub(super) fn alert_facts(alert: Alert) -> AlertFacts {
    AlertFacts {
        level: alert.level,
        description: alert.description,
    }
}

/// The name of a version by its wire octets, else their hex form.
pub(super) fn version_name(wire: u16) -> String {
    ProtocolVersion::from_wire(wire).map_or_else(
        || format!("0x{wire:04X}"),
        |version| version.name().to_owned(),
    )
}

/// Reads facts from flights.
pub(super) struct FlightReader<'a> {
    /// Names and properties of suites.
    pub(super) registry: &'a SuiteRegistry,
    /// Against what the certificate is held.
    pub(super) measure: Measure<'a>,
    /// What was offered.
    pub(super) offer: &'a Offer,
}

impl FlightReader<'_> {
    /// The facts of a flight that holds a hello.
    pub(super) fn facts(&self, flight: &FirstFlight) -> FlightFacts {
        let mut facts = FlightFacts {
            certificate_request: flight.certificate_request,
            ..FlightFacts::default()
        };
        let mut chain: Vec<CertificateDer<'_>> = flight
            .certificates
            .iter()
            .map(|der| CertificateDer::from(der.as_slice()))
            .collect();
        if let Some(hello) = &flight.sslv2_server_hello {
            facts.version = Some(version_name(hello.version));
            facts.session_id_echoed = hello.session_id_hit && !self.offer.session_id.is_empty();
            chain = vec![CertificateDer::from(hello.certificate.as_slice())];
        }
        if let Some(hello) = &flight.server_hello {
            let record = self.registry.by_code(hello.suite);
            facts.suite = Some(hello.suite);
            facts.suite_name = Some(self.registry.label(hello.suite));
            facts.encryption_bits = record.map(|record| record.encryption_bits);
            facts.suite_was_offered = self.offer.suites.contains(&hello.suite);
            facts.version = Some(version_name(hello.version));
            facts.compression = Some(hello.compression);
            facts.group = hello.key_share_group().map(group_name);
            facts.secure_renegotiation = hello.extension(RENEGOTIATION_INFO).is_some();
            facts.downgrade_marker = hello.downgrade_sentinel().is_some();
            facts.extended_master_secret = hello.extension(code::EXTENDED_MASTER_SECRET).is_some();
            facts.session_id_echoed = !hello.is_tls13()
                && !self.offer.session_id.is_empty()
                && hello.session_id == self.offer.session_id
                // Some servers echo an unknown id in a full handshake; only an abbreviated one goes on with ChangeCipherSpec.
                && flight.certificates.is_empty()
                && flight.change_cipher_spec;
        }
        if let Some(exchange) = &flight.server_key_exchange {
            match &exchange.kind {
                KeyExchangeKind::Dhe { prime_bits, .. } => facts.dhe_bits = Some(*prime_bits),
                KeyExchangeKind::Ecdhe { group, .. } => facts.group = Some(group_name(*group)),
                _ => {}
            }
            facts.signature_hash = exchange.signature_scheme.and_then(signature_hash);
            let hint = exchange.psk_identity_hint.as_deref();
            facts.identity_hint = hint.map(|hint| clean(hint, SHOWN_HINT));
        }
        facts.certificate = self.measure.facts(&chain).map(Box::new);
        facts
    }

    /// The flight in one line.
    pub(super) fn line(&self, flight: &FirstFlight, facts: &FlightFacts) -> String {
        let name = if flight.sslv2_server_hello.is_some() {
            "SSL 2.0 SERVER-HELLO"
        } else if flight.hello_retry_request {
            "HelloRetryRequest"
        } else {
            "ServerHello"
        };
        let mut line = format!("{name}: {}", facts.version.as_deref().unwrap_or("?"));
        if let Some(suite) = &facts.suite_name {
            let _ = write!(line, " {suite}");
            if !facts.suite_was_offered {
                line.push_str(" (which was not offered)");
            }
        }
        if let Some(bits) = facts.dhe_bits {
            let _ = write!(line, ", DHE prime of {bits} bits");
        }
        if let Some(group) = &facts.group {
            let _ = write!(line, ", group {group}");
        }
        if let Some(hash) = &facts.signature_hash {
            let _ = write!(line, ", signed with {hash}");
        }
        if let Some(hint) = &facts.identity_hint {
            let _ = write!(line, ", PSK identity hint `{hint}`");
        }
        if let Some(method) = facts.compression.filter(|method| *method != 0) {
            let _ = write!(line, ", compression method {method}");
        }
        for (is, text) in [
            (facts.session_id_echoed, ", offered session id echoed"),
            (facts.certificate_request, ", client certificate requested"),
            (facts.downgrade_marker, ", downgrade sentinel"),
        ] {
            if is {
                line.push_str(text);
            }
        }
        if let Some(malformed) = &flight.malformed {
            let _ = write!(line, ", then malformed: {malformed}");
        }
        line
    }
}
