//! First flights that a defect plays instead of rustls.

use sha2::{Digest as _, Sha256};

use super::effect::Selection;
use super::suites::{ECDHE, EPHEMERAL, OLD, RENEGOTIATION_SCSV};
use crate::model::suite::ProtocolVersion;
use crate::wire::tls::canned::CannedFlight;
use crate::wire::tls::extension::Extension;
use crate::wire::tls::extension::code::RENEGOTIATION_INFO;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::sslv2::{Sslv2ClientHello, Sslv2ServerHello};

/// What every canned flight of one connection is made with.
#[derive(Debug, Clone)]
pub(super) struct Material {
    /// The server's certificate as DER.
    pub(super) certificate: Vec<u8>,
    /// Server random before any mark.
    pub(super) random: [u8; 32],
}

impl Material {
    /// Material that is the same for the same seed and connection.
    pub(super) fn new(certificate: Vec<u8>, seed: [u8; 32], connection: u64) -> Self {
        let hash = Sha256::new()
            .chain_update(seed)
            .chain_update(connection.to_be_bytes())
            .finalize();
        Self {
            certificate,
            random: hash.into(),
        }
    }

    /// A flight in this version, its random marked as a server with TLS 1.3 does (RFC 8446, 4.1.3).
    fn flight(&self, hello: &ClientHello, version: ProtocolVersion, suite: u16) -> CannedFlight {
        let mark: &[u8] = match version {
            ProtocolVersion::Tls13 => &[],
            ProtocolVersion::Tls12 => b"DOWNGRD\x01",
            _ => b"DOWNGRD\x00",
        };
        let mut random = self.random;
        let tail = random.iter_mut().rev().zip(mark.iter().rev());
        tail.for_each(|(octet, mark)| *octet = *mark);
        let mut flight = CannedFlight::new(version, suite, random);
        flight.certificates = vec![self.certificate.clone()];
        // The key of the certificate is on a curve, and so is its signature.
        flight.signature_scheme = 0x0403;
        let renegotiation =
            hello.has_extension(RENEGOTIATION_INFO) || hello.offers_suite(RENEGOTIATION_SCSV);
        if renegotiation && version < ProtocolVersion::Tls13 {
            // Clients of today refuse a server without it, RFC 5746.
            flight.extensions.push(Extension::renegotiation_info());
        }
        flight
    }

    /// The answer in SSL 2.0 to an offer of it.
    pub(super) fn sslv2(&self, hello: &Sslv2ClientHello) -> Vec<u8> {
        let server_hello = Sslv2ServerHello {
            session_id_hit: false,
            certificate_type: 1,
            version: ProtocolVersion::Ssl2.wire(),
            certificate: self.certificate.clone(),
            cipher_specs: hello.cipher_specs.clone(),
            connection_id: self.random.iter().take(16).copied().collect(),
        };
        server_hello.encode()
    }

    /// The answer in an old version, if the client has a suite of its time.
    pub(super) fn old_version(
        &self,
        hello: &ClientHello,
        version: ProtocolVersion,
    ) -> Option<Vec<u8>> {
        let suite = first_offered(hello, &OLD)?;
        Some(self.flight(hello, version, suite).encode())
    }

    /// The answer that selects what the defect wants.
    pub(super) fn selecting(&self, hello: &ClientHello, selection: &Selection) -> Option<Vec<u8>> {
        let suite = first_offered(hello, selection.picks)?;
        let version = if selection.tls13 {
            ProtocolVersion::Tls13
        } else {
            ProtocolVersion::Tls12
        };
        let mut flight = self.flight(hello, version, suite);
        flight.prime_bits = selection.prime_bits;
        if selection.tls13 {
            flight.session_id.clone_from(&hello.session_id);
        }
        if super::suites::ANONYMOUS.contains(&suite) {
            flight.certificates = Vec::new();
        }
        Some(flight.encode())
    }

    /// The answer on the client's first curve.
    pub(super) fn on_curve(&self, hello: &ClientHello, group: u16) -> Option<Vec<u8>> {
        let mut flight = self.flight(hello, ProtocolVersion::Tls12, first_offered(hello, &ECDHE)?);
        flight.group = group;
        Some(flight.encode())
    }

    /// The answer signed with this scheme.
    pub(super) fn signed_with(&self, hello: &ClientHello, scheme: u16) -> Option<Vec<u8>> {
        let mut flight = self.flight(
            hello,
            ProtocolVersion::Tls12,
            first_offered(hello, &EPHEMERAL)?,
        );
        flight.signature_scheme = scheme;
        Some(flight.encode())
    }
}

fn first_offered(hello: &ClientHello, picks: &[u16]) -> Option<u16> {
    let offered = |pick: &&u16| hello.offers_suite(**pick);
    picks.iter().find(offered).copied()
}
