//! First flights of a server that only pretends: for the reference target's TLS defects.
//!
//! Primes, public values and signatures are filler of the right size and form. A client that reads
//! and judges the flight cannot tell; no handshake can be completed.

use crate::model::suite::ProtocolVersion;

use super::certificate::encode_certificates;
use super::codec::{put_u16, put_u24, put_vector16};
use super::extension::{Extension, SECP256R1_PUBLIC, X25519_PUBLIC, code, group};
use super::key_exchange::{KeyExchangeKind, ServerKeyExchange, ServerKeyExchangeForm};
use super::record::{MAX_PLAINTEXT, content_type, encode_records, handshake_type};
use super::server_hello::{HELLO_RETRY_REQUEST_RANDOM, ServerHello};

/// A server's first flight to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedFlight {
    /// Version selected, SSL 3.0 to TLS 1.3; SSL 2.0 has its own
    /// [`Sslv2ServerHello`](super::sslv2::Sslv2ServerHello).
    pub version: ProtocolVersion,
    /// Suite selected, whether or not it was offered.
    pub suite: u16,
    /// 32 octets of randomness.
    pub random: [u8; 32],
    /// Session id: the client's to pretend a resumption, and always in TLS 1.3.
    pub session_id: Vec<u8>,
    /// Compression method selected.
    pub compression: u8,
    /// Extensions of the ServerHello; TLS 1.3 adds supported_versions and key_share itself.
    pub extensions: Vec<Extension>,
    /// DER certificates; empty = no Certificate message.
    pub certificates: Vec<Vec<u8>>,
    /// Bits of the prime of a DHE suite.
    pub prime_bits: u16,
    /// Group of an ECDHE suite and of TLS 1.3.
    pub group: u16,
    /// Scheme of the signature in TLS 1.2.
    pub signature_scheme: u16,
    /// PSK identity hint of a PSK suite.
    pub psk_identity_hint: Vec<u8>,
    /// Whether a client certificate is asked for (up to TLS 1.2).
    pub certificate_request: bool,
    /// Whether to ask for another group instead of answering (TLS 1.3).
    pub hello_retry_request: bool,
    /// Whether to go over to encryption after the ServerHello as if resuming (up to TLS 1.2).
    pub resume: bool,
}

impl CannedFlight {
    /// A usual flight in this version and suite: 2048-bit prime, secp256r1, RSA with SHA-256.
    #[must_use]
    pub const fn new(version: ProtocolVersion, suite: u16, random: [u8; 32]) -> Self {
        Self {
            version,
            suite,
            random,
            session_id: Vec::new(),
            compression: 0,
            extensions: Vec::new(),
            certificates: Vec::new(),
            prime_bits: 2048,
            group: group::SECP256R1,
            signature_scheme: 0x0401,
            psk_identity_hint: Vec::new(),
            certificate_request: false,
            hello_retry_request: false,
            resume: false,
        }
    }

    /// The flight in records.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let tls13 = self.version == ProtocolVersion::Tls13;
        let wire = if tls13 {
            ProtocolVersion::Tls12.wire()
        } else {
            self.version.wire()
        };
        let mut messages = Vec::new();
        put_message(
            &mut messages,
            handshake_type::SERVER_HELLO,
            &self.server_hello(wire),
        );
        if !tls13 && !self.resume {
            self.put_rest(&mut messages);
        }
        let mut bytes = encode_records(content_type::HANDSHAKE, wire, &messages, MAX_PLAINTEXT);
        if tls13 || self.resume {
            bytes.extend(encode_records(
                content_type::CHANGE_CIPHER_SPEC,
                wire,
                &[1],
                1,
            ));
        }
        if self.resume && !tls13 {
            // An encrypted Finished has no recognisable form.
            bytes.extend(encode_records(
                content_type::HANDSHAKE,
                wire,
                &[0xA7; 40],
                40,
            ));
        }
        bytes
    }

    fn server_hello(&self, legacy_version: u16) -> Vec<u8> {
        let mut extensions = Vec::new();
        if self.version == ProtocolVersion::Tls13 {
            extensions.push(Extension::new(code::SUPPORTED_VERSIONS, vec![3, 4]));
            let mut share = Vec::new();
            put_u16(&mut share, self.group);
            if !self.hello_retry_request {
                put_vector16(&mut share, &public_value(self.group));
            }
            extensions.push(Extension::new(code::KEY_SHARE, share));
        }
        extensions.extend(self.extensions.iter().cloned());
        let hello = ServerHello {
            version: self.version.wire(),
            legacy_version,
            random: if self.hello_retry_request {
                HELLO_RETRY_REQUEST_RANDOM
            } else {
                self.random
            },
            session_id: self.session_id.iter().take(32).copied().collect(),
            suite: self.suite,
            compression: self.compression,
            extensions,
        };
        hello.encode_body()
    }

    fn put_rest(&self, messages: &mut Vec<u8>) {
        if !self.certificates.is_empty() {
            let body = encode_certificates(&self.certificates);
            put_message(messages, handshake_type::CERTIFICATE, &body);
        }
        if let Some(message) = self.key_exchange() {
            let body = message.encode_body();
            put_message(messages, handshake_type::SERVER_KEY_EXCHANGE, &body);
        }
        if self.certificate_request {
            // rsa_sign, ecdsa_sign; the scheme list exists since TLS 1.2; any authority.
            let mut body = vec![2, 1, 64];
            if self.version == ProtocolVersion::Tls12 {
                body.extend([0, 4, 4, 1, 4, 3]);
            }
            body.extend([0, 0]);
            put_message(messages, handshake_type::CERTIFICATE_REQUEST, &body);
        }
        put_message(messages, handshake_type::SERVER_HELLO_DONE, &[]);
    }

    fn key_exchange(&self) -> Option<ServerKeyExchange> {
        use ServerKeyExchangeForm as Form;
        let (kind, signed, psk) = match Form::of(self.suite) {
            Form::Dhe { signed, psk } => (self.dhe(), signed, psk),
            Form::Ecdhe { signed, psk } => {
                let public = public_value(self.group);
                (
                    KeyExchangeKind::Ecdhe {
                        group: self.group,
                        public,
                    },
                    signed,
                    psk,
                )
            }
            Form::Psk if !self.psk_identity_hint.is_empty() => (KeyExchangeKind::Psk, false, true),
            Form::Psk | Form::None | Form::RsaExport | Form::Other => return None,
        };
        let scheme = signed && self.version == ProtocolVersion::Tls12;
        Some(ServerKeyExchange {
            kind,
            psk_identity_hint: psk.then(|| self.psk_identity_hint.clone()),
            signature_scheme: scheme.then_some(self.signature_scheme),
            signature: if signed { vec![0x5A; 256] } else { Vec::new() },
        })
    }

    fn dhe(&self) -> KeyExchangeKind {
        let prime = number_of_bits(self.prime_bits);
        let mut public = prime.clone();
        if let Some(first) = public.first_mut() {
            *first >>= 1;
        }
        let prime_bits = u32::from(self.prime_bits);
        KeyExchangeKind::Dhe {
            prime_bits,
            prime,
            generator: vec![2],
            public,
        }
    }
}

/// An odd number of exactly this many bits, big-endian; not a prime.
fn number_of_bits(bits: u16) -> Vec<u8> {
    let mut number = vec![0xC5; usize::from(bits.div_ceil(8))];
    if let Some(first) = number.first_mut() {
        let unused = (8 - bits % 8) % 8;
        *first = 0xFF >> unused;
    }
    number
}

/// A public value with the form the group demands; on x25519 and secp256r1 a valid one.
fn public_value(group: u16) -> Vec<u8> {
    let coordinate = match group {
        group::X25519 => return X25519_PUBLIC.to_vec(),
        group::SECP256R1 => return SECP256R1_PUBLIC.to_vec(),
        group::X448 => return vec![0x33; 56],
        group::SECP192R1 => 24,
        group::SECP224R1 => 28,
        group::SECP384R1 => 48,
        group::SECP521R1 => 66,
        _ => 32,
    };
    let mut point = vec![0x33; 2 * coordinate + 1];
    if let Some(form) = point.first_mut() {
        *form = 4;
    }
    point
}

/// Appends a handshake message with its header.
fn put_message(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.push(kind);
    put_u24(out, body.len());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::super::flight::{FirstFlight, Progress};
    use super::*;

    fn read(canned: &CannedFlight) -> FirstFlight {
        let mut flight = FirstFlight::default();
        assert_eq!(flight.feed(&canned.encode()), Progress::Done);
        assert_eq!(flight.malformed, None);
        flight
    }

    #[test]
    fn a_weak_dhe_flight_is_read_back() {
        for version in [
            ProtocolVersion::Ssl3,
            ProtocolVersion::Tls11,
            ProtocolVersion::Tls12,
        ] {
            let mut canned = CannedFlight::new(version, 0x0033, [7; 32]);
            canned.prime_bits = 509;
            canned.certificates = vec![vec![0x30; 20_000]];
            canned.certificate_request = true;
            canned.compression = 1;
            canned.session_id = vec![3; 32];
            let flight = read(&canned);
            let hello = flight.server_hello.unwrap();
            assert_eq!(
                (hello.version, hello.suite, hello.compression),
                (version.wire(), 0x33, 1)
            );
            assert_eq!(hello.session_id, canned.session_id);
            assert_eq!(flight.certificates, canned.certificates);
            assert!(flight.certificate_request && flight.server_hello_done);
            let message = flight.server_key_exchange.unwrap();
            assert!(matches!(
                message.kind,
                KeyExchangeKind::Dhe {
                    prime_bits: 509,
                    ..
                }
            ));
            let scheme = (version == ProtocolVersion::Tls12).then_some(0x0401);
            assert_eq!(message.signature_scheme, scheme);
        }
    }

    #[test]
    fn every_form_of_suite_can_be_played() {
        for suite in [
            0x0002, 0x0005, 0x0018, 0x0034, 0x008C, 0x0090, 0xC015, 0xC02F, 0xC035,
        ] {
            let mut canned = CannedFlight::new(ProtocolVersion::Tls12, suite, [7; 32]);
            canned.group = group::SECP192R1;
            canned.psk_identity_hint = b"hint".to_vec();
            let flight = read(&canned);
            assert_eq!(flight.server_hello.unwrap().suite, suite);
            assert_eq!(
                flight.server_key_exchange,
                canned.key_exchange(),
                "{suite:04X}"
            );
        }
    }

    #[test]
    fn tls13_flights_end_with_the_hello() {
        let mut canned = CannedFlight::new(ProtocolVersion::Tls13, 0xC0B4, [7; 32]);
        assert_eq!(read(&canned).server_hello.unwrap().version, 0x0304);
        canned.hello_retry_request = true;
        canned.group = group::SECP384R1;
        let flight = read(&canned);
        assert!(flight.hello_retry_request);
        assert_eq!(
            flight.server_hello.unwrap().key_share_group(),
            Some(group::SECP384R1)
        );
    }

    #[test]
    fn a_resumption_goes_over_to_encryption() {
        let mut canned = CannedFlight::new(ProtocolVersion::Tls12, 0x002F, [7; 32]);
        canned.session_id = vec![8; 32];
        canned.resume = true;
        let flight = read(&canned);
        assert!(flight.change_cipher_spec && !flight.server_hello_done);
    }
}
