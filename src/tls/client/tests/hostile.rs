use super::super::{Client, ClientConfig};
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::{Cause, Failure};
use crate::tls::suite::tests::suite;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::canned::CannedFlight;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::record::{content_type, encode_records};

const NAMES: [&str; 3] = [
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_DH_anon_WITH_AES_128_CBC_SHA",
];
const RSA: u16 = 0x002F;
const DHE: u16 = 0x0033;
const ANONYMOUS: u16 = 0x0034;

fn client() -> Client {
    let config = ClientConfig::new(NAMES.map(suite).to_vec());
    Client::new(config, Entropy::from_seed([1; 32]))
}

fn flight(code: u16) -> CannedFlight {
    CannedFlight::new(ProtocolVersion::Tls12, code, [2; 32])
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let message = Message {
        kind,
        body: body.to_vec(),
    };
    encode_records(content_type::HANDSHAKE, 0x0303, &message.encode(), 16_384)
}

/// Feeds octets to a fresh client and gives the failure, having held that it stays and that the peer is told.
fn fails(octets: &[u8]) -> Failure {
    let mut client = client();
    client.take_output();
    let failure = client.receive(octets).expect_err("a failure");
    assert_eq!(client.receive(&[]), Err(failure.clone()));
    assert!(!client.is_open());
    let told = client.take_output();
    assert_eq!(failure.cause.alert().is_some(), !told.is_empty());
    failure
}

fn misbehaved(octets: &[u8], what: &str) {
    let failure = fails(octets);
    let named = matches!(&failure.cause, Cause::Misbehaved(why) if why.contains(what));
    assert!(named, "{what}: {failure}");
}

fn unexpected(octets: &[u8]) {
    let failure = fails(octets);
    assert!(matches!(failure.cause, Cause::Unexpected(_)), "{failure}");
}

#[test]
fn selections_that_were_not_offered_are_named() {
    misbehaved(&flight(0x0035).encode(), "0x0035 was not offered");
    let mut compressed = flight(RSA);
    compressed.compression = 1;
    misbehaved(&compressed.encode(), "compression method 1");
    let mut other = flight(RSA);
    other.extensions = vec![Extension::new(code::RENEGOTIATION_INFO, vec![1, 7])];
    misbehaved(&other.encode(), "renegotiation_info");
    let old = CannedFlight::new(ProtocolVersion::Ssl3, RSA, [2; 32]);
    let failure = fails(&old.encode());
    assert!(matches!(&failure.cause, Cause::Incompatible(why) if why.contains("0x0300")));
    assert_eq!(failure.at, "awaiting ServerHello");
}

#[test]
fn what_a_suite_must_have_is_missed() {
    misbehaved(&flight(RSA).encode(), "no certificate");
    // Filler is no prime: p-1 times nothing. The canned public value is within bounds, so the handshake goes on.
    let mut client = client();
    client.receive(&flight(ANONYMOUS).encode()).unwrap();
    assert_eq!(client.awaiting(), "awaiting the server's ChangeCipherSpec");
    let mut done = handshake(2, &hello(ANONYMOUS));
    done.extend(handshake(14, &[]));
    unexpected(&done);
}

/// The body of a ServerHello.
fn hello(code: u16) -> Vec<u8> {
    let flight = flight(code).encode();
    let length = usize::from(flight[8]) | usize::from(flight[7]) << 8;
    flight[9..9 + length].to_vec()
}

#[test]
fn messages_out_of_order_are_unexpected() {
    unexpected(&handshake(14, &[]));
    unexpected(&handshake(20, &[0; 12]));
    unexpected(&encode_records(
        content_type::CHANGE_CIPHER_SPEC,
        0x0303,
        &[1],
        1,
    ));
    unexpected(&encode_records(
        content_type::APPLICATION_DATA,
        0x0303,
        b"early",
        9,
    ));
    unexpected(&encode_records(
        content_type::HEARTBEAT,
        0x0303,
        &[1, 0, 0],
        3,
    ));
    let start = handshake(2, &hello(DHE));
    // Twice the hello; a key exchange before and after the certificate; an early ChangeCipherSpec; a ticket.
    let empty_chain = handshake(11, &[0, 0, 0]);
    unexpected(&[start.clone(), start.clone()].concat());
    unexpected(
        &[
            start.clone(),
            handshake(13, &[0, 0, 0, 0, 0]),
            empty_chain.clone(),
        ]
        .concat(),
    );
    unexpected(&[start.clone(), empty_chain.clone(), empty_chain].concat());
    let spec = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
    unexpected(&[start.clone(), spec].concat());
    unexpected(&[start, handshake(4, &[0, 0, 0, 1, 0, 1, 9])].concat());
    // RSA has no ServerKeyExchange, an anonymous suite no certificate.
    unexpected(&[handshake(2, &hello(RSA)), handshake(12, &[0; 8])].concat());
    unexpected(&[handshake(2, &hello(ANONYMOUS)), handshake(11, &[0, 0, 0])].concat());
    // A record of another type within a message.
    let mut within = encode_records(content_type::HANDSHAKE, 0x0303, &[2, 0, 0], 9);
    within.extend(encode_records(
        content_type::CHANGE_CIPHER_SPEC,
        0x0303,
        &[1],
        1,
    ));
    unexpected(&within);
}

#[test]
fn floods_end() {
    let warning = Alert::warning(112).encode(0x0303);
    misbehaved(&warning.repeat(40), "warnings");
    misbehaved(&handshake(0, &[]).repeat(40), "HelloRequests");
    let empty = encode_records(content_type::HANDSHAKE, 0x0303, &[], 1);
    let failure = fails(&empty.repeat(40));
    assert!(failure.to_string().contains("empty records"), "{failure}");
    let failure = fails(&[22, 3, 3, 0, 4, 11, 0xFF, 0, 0]);
    assert!(failure.to_string().contains("16711680 octets"), "{failure}");
}

#[test]
fn a_fatal_alert_is_the_peer_s_word_and_a_warning_is_a_fact() {
    let failure = fails(&Alert::HANDSHAKE_FAILURE.encode(0x0303));
    assert_eq!(failure.cause, Cause::Alert(Alert::HANDSHAKE_FAILURE));
    let mut client = client();
    client.receive(&Alert::warning(112).encode(0x0303)).unwrap();
    assert_eq!(client.facts().warnings, [Alert::warning(112)]);
    client.receive(&Alert::warning(0).encode(0x0303)).unwrap();
    assert!(client.is_closed_by_peer());
}

#[test]
fn random_octets_never_panic() {
    let mut entropy = Entropy::from_seed([6; 32]);
    let start = flight(DHE).encode();
    for round in 0..400_usize {
        let mut octets = if round % 2 == 0 {
            start.clone()
        } else {
            Vec::new()
        };
        octets.truncate(round % (start.len() + 1));
        let kind = 20 + u8::try_from(round % 5).unwrap();
        let content = entropy.octets(round % 300);
        octets.extend(encode_records(kind, 0x0303, &content, 16_384));
        octets.extend(entropy.octets(20));
        let mut client = client();
        let _ = client.receive(&octets);
        assert!(!client.is_open());
    }
}
