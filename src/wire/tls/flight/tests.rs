use proptest::prelude::*;

use super::super::codec::{put_u16, put_vector16};
use super::super::key_exchange::KeyExchangeKind;
use super::super::server_hello::DowngradeSentinel;
use super::super::sslv2::CIPHER_KINDS;
use super::*;

/// First flights of real servers; each file begins with its provenance.
macro_rules! fixture {
    ($name:literal) => {
        bytes(include_str!(concat!(
            "../../../../fixtures/wire/tls/",
            $name,
            ".hex"
        )))
    };
}

mod properties;

fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    hex::decode(digits).unwrap()
}

fn read(bytes: &[u8]) -> FirstFlight {
    let mut flight = FirstFlight::default();
    assert_eq!(flight.feed(bytes), Progress::Done);
    assert_eq!(flight.malformed, None);
    flight
}

#[track_caller]
fn selects(flight: &FirstFlight, version: u16, suite: u16) {
    let hello = flight.server_hello.as_ref().unwrap();
    assert_eq!(
        (hello.version, hello.suite, hello.compression),
        (version, suite, 0)
    );
}

#[test]
fn rsa_key_exchange_has_a_certificate_and_no_key_exchange_message() {
    let cases = [
        (fixture!("openssl-rsa-aes-cbc"), 0x0303, 0x002F),
        (fixture!("openssl-tls11-rsa"), 0x0302, 0x002F),
        (fixture!("openssl-null-sha"), 0x0303, 0x0002),
        (fixture!("openssl-null-sha256"), 0x0303, 0x003B),
        (fixture!("gnutls-null-sha"), 0x0303, 0x0002),
        (fixture!("gnutls-rc4"), 0x0303, 0x0005),
        (fixture!("gnutls-3des"), 0x0303, 0x000A),
    ];
    for (bytes, version, suite) in cases {
        let flight = read(&bytes);
        selects(&flight, version, suite);
        assert_eq!(
            (flight.certificates.len(), flight.server_hello_done),
            (1, true)
        );
        assert_eq!(flight.server_key_exchange, None);
        x509_parser::parse_x509_certificate(&flight.certificates[0]).unwrap();
    }
}

#[test]
fn diffie_hellman_parameters_are_measured() {
    // The sizes are what OpenSSL's automatic and GnuTLS's built-in parameters have.
    let cases = [
        (fixture!("openssl-dhe"), 0x0303, 0x009E, Some(0x0804)),
        (fixture!("openssl-tls10-dhe"), 0x0301, 0x0033, None),
        (fixture!("gnutls-tls12-dhe"), 0x0303, 0x009E, Some(0x0804)),
        (fixture!("gnutls-tls10-dhe"), 0x0301, 0x0033, None),
    ];
    for (bytes, version, suite, scheme) in cases {
        let flight = read(&bytes);
        selects(&flight, version, suite);
        let message = flight.server_key_exchange.unwrap();
        let KeyExchangeKind::Dhe {
            prime_bits,
            generator,
            prime,
            public,
        } = message.kind
        else {
            panic!("{:?}", message.kind);
        };
        assert!(
            prime_bits >= 2048 && prime_bits.is_multiple_of(1024),
            "{prime_bits}"
        );
        assert_eq!(generator, [2]);
        assert!(public.len() <= prime.len() && !public.is_empty());
        assert_eq!(message.signature_scheme, scheme);
        assert_eq!(message.signature.len(), 256);
    }
}

#[test]
fn elliptic_curve_parameters_are_read() {
    let cases = [
        (fixture!("openssl-ecdhe-ecdsa"), 0xC02B, Some(0x0403)),
        (fixture!("openssl-tls10-ecdhe"), 0xC013, None),
        (fixture!("nginx-tls12"), 0xC02F, Some(0x0804)),
    ];
    for (bytes, suite, scheme) in cases {
        let flight = read(&bytes);
        assert_eq!(flight.server_hello.as_ref().unwrap().suite, suite);
        let message = flight.server_key_exchange.unwrap();
        assert!(
            matches!(&message.kind, KeyExchangeKind::Ecdhe { group: 29, public } if public.len() == 32),
            "{:?}",
            message.kind
        );
        assert_eq!(message.signature_scheme, scheme);
    }
}

#[test]
fn anonymous_servers_show_no_certificate_and_no_signature() {
    for bytes in [
        fixture!("openssl-dh-anon"),
        fixture!("openssl-ecdh-anon"),
        fixture!("gnutls-dh-anon"),
    ] {
        let flight = read(&bytes);
        assert!(flight.certificates.is_empty() && flight.server_hello_done);
        let message = flight.server_key_exchange.unwrap();
        assert!(message.signature.is_empty() && message.signature_scheme.is_none());
        assert_ne!(message.kind, KeyExchangeKind::Other);
    }
}

#[test]
fn psk_hints_are_read() {
    let plain = read(&fixture!("openssl-psk-hint"))
        .server_key_exchange
        .unwrap();
    assert_eq!(plain.kind, KeyExchangeKind::Psk);
    assert_eq!(
        plain.psk_identity_hint.as_deref(),
        Some(&b"3GPP-bootstrapping"[..])
    );
    let dhe = read(&fixture!("openssl-dhe-psk-hint"))
        .server_key_exchange
        .unwrap();
    assert!(matches!(dhe.kind, KeyExchangeKind::Dhe { .. }));
    assert_eq!(dhe.psk_identity_hint, plain.psk_identity_hint);
}

#[test]
fn refusals_are_alerts() {
    let cases = [
        (fixture!("openssl-alert-40"), "fatal handshake_failure (40)"),
        (fixture!("openssl-alert-70"), "fatal protocol_version (70)"),
        (fixture!("openssl-alert-80"), "fatal internal_error (80)"),
        (
            fixture!("openssl-alert-86"),
            "fatal inappropriate_fallback (86)",
        ),
    ];
    for (bytes, text) in cases {
        let flight = read(&bytes);
        assert_eq!(flight.fatal_alert().unwrap().to_string(), text);
        assert_eq!(flight.server_hello, None);
    }
}

#[test]
fn a_warning_does_not_end_the_flight() {
    let flight = read(&fixture!("openssl-warning-112"));
    assert_eq!(flight.alerts, [Alert::warning(112)]);
    assert_eq!(flight.fatal_alert(), None);
    selects(&flight, 0x0303, 0xC02F);
    assert!(flight.server_hello_done);
}

#[test]
fn tls13_ends_with_the_server_hello() {
    for bytes in [
        fixture!("openssl-tls13"),
        fixture!("openssl-tls13-fragmented-offer"),
        fixture!("gnutls-tls13"),
        fixture!("nginx-tls13"),
    ] {
        let flight = read(&bytes);
        selects(&flight, 0x0304, 0x1301);
        let hello = flight.server_hello.unwrap();
        assert_eq!(
            (hello.legacy_version, hello.key_share_group()),
            (0x0303, Some(29))
        );
        assert_eq!(flight.records.len(), 1);
        assert!(!flight.hello_retry_request);
    }
    let retry = read(&fixture!("openssl-hello-retry-request"));
    selects(&retry, 0x0304, 0x1301);
    assert!(retry.hello_retry_request);
    assert_eq!(retry.server_hello.unwrap().key_share_group(), Some(24));
}

#[test]
fn a_tls13_server_marks_its_downgrade() {
    let marked = read(&fixture!("openssl-tls12-sentinel"))
        .server_hello
        .unwrap();
    assert_eq!(
        marked.downgrade_sentinel(),
        Some(DowngradeSentinel::ToTls12)
    );
    let only12 = read(&fixture!("openssl-null-sha")).server_hello.unwrap();
    assert_eq!(only12.downgrade_sentinel(), None);
}

#[test]
fn certificate_requests_are_seen() {
    assert!(read(&fixture!("openssl-certificate-request")).certificate_request);
    assert!(read(&fixture!("gnutls-certificate-request")).certificate_request);
    assert!(!read(&fixture!("nginx-tls12")).certificate_request);
}

#[test]
fn messages_over_several_records_are_put_together() {
    let flight = read(&fixture!("openssl-fragmented"));
    assert!(flight.records.len() > flight.messages.len());
    assert!(flight.server_hello_done && flight.certificates[0].len() > 512);
}

#[test]
fn a_resumed_session_echoes_its_id_and_goes_over_to_encryption() {
    let flight = read(&fixture!("nginx-resumed-by-id"));
    selects(&flight, 0x0303, 0x002F);
    let hello = flight.server_hello.unwrap();
    assert_eq!(hex::encode_upper(&hello.session_id), SESSION);
    assert!(flight.change_cipher_spec && !flight.server_hello_done);
}

/// The session id that was offered for `nginx-resumed-by-id`.
const SESSION: &str = "E31BD2B1D729C852EC964F74A45D75D8C920AC35F208643559C374C2319CAE09";

#[test]
fn an_answer_in_http_is_no_tls() {
    let flight = read(&fixture!("nginx-plain-http"));
    assert!(
        flight
            .not_tls
            .unwrap()
            .starts_with(b"HTTP/1.1 400 Bad Request")
    );
}

#[test]
fn sslv2_answers_are_read() {
    let hello = Sslv2ServerHello {
        session_id_hit: false,
        certificate_type: 1,
        version: 2,
        certificate: vec![0x30; 900],
        cipher_specs: CIPHER_KINDS.to_vec(),
        connection_id: vec![6; 16],
    };
    assert_eq!(read(&hello.encode()).sslv2_server_hello, Some(hello));
    // NO-CIPHER-ERROR of the SSL 2.0 draft.
    assert_eq!(read(&[0x80, 3, 0, 0, 1]).sslv2_error, Some(1));
}

fn malformed(bytes: &[u8]) -> String {
    let mut flight = FirstFlight::default();
    assert_eq!(flight.feed(bytes), Progress::Done);
    flight.malformed.unwrap()
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    put_u16(&mut out, 0x0303);
    put_vector16(&mut out, body);
    out
}

#[test]
fn what_is_wrong_is_said() {
    assert!(malformed(&[22, 3, 3, 0xFF, 0xFF]).contains("65535 octets"));
    assert!(malformed(&record(20, &[1])).contains("before ServerHello"));
    assert!(malformed(&record(23, &[0; 9])).contains("in the clear"));
    assert!(malformed(&record(22, &[11, 0, 0, 0])).contains("message 11 before"));
    assert!(malformed(&record(22, &[2, 0, 0, 1, 3])).contains("ServerHello: version"));
    assert!(malformed(&record(22, &[2, 0xFF, 0xFF, 0xFF])).contains("16777215"));
    assert!(malformed(&record(21, &[3, 40])).contains("level 3"));
    let then = [record(21, &[1, 112]), b"HTTP".to_vec()].concat();
    assert!(malformed(&then).contains("record 2"));
}

#[test]
fn endless_answers_are_bounded() {
    assert!(malformed(&record(21, &[1, 112]).repeat(100)).contains("64 alerts"));
    assert!(malformed(&record(22, &[0, 0, 0, 0]).repeat(100)).contains("64 messages"));
    assert!(malformed(&record(22, &[]).repeat(2000)).contains("1024 records"));
    let mut hello = fixture!("openssl-rsa-aes-cbc");
    hello.truncate(5 + 0x55);
    let big = [
        record(22, &[11, 3, 0xFF, 0xF0]),
        record(22, &[0; 16_000]).repeat(20),
    ]
    .concat();
    assert!(malformed(&[hello, big].concat()).contains("262144 octets"));
}

#[test]
fn a_broken_off_flight_is_unfinished() {
    let bytes = fixture!("nginx-tls12");
    let mut flight = FirstFlight::default();
    assert_eq!(flight.feed(&bytes[..300]), Progress::NeedMore);
    assert!(flight.server_hello.is_some() && flight.unfinished() > 0);
}

fn real_flight() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(vec![
        fixture!("nginx-tls12"),
        fixture!("openssl-fragmented"),
        fixture!("openssl-warning-112"),
        fixture!("openssl-tls13"),
        fixture!("nginx-resumed-by-id"),
        fixture!("nginx-plain-http"),
        fixture!("gnutls-tls10-dhe"),
        fixture!("openssl-alert-40"),
        vec![0x80, 3, 0, 0, 1],
    ])
}
