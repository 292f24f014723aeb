use super::*;
use crate::tls::schedule::{EarlySecret, TrafficSecret};
use crate::tls::suite::tests::suite;
use crate::wire::tls::record::content_type::{ALERT, APPLICATION_DATA, HANDSHAKE};

const NAMES: [&str; 7] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
    "TLS_SHA256_SHA256",
    "TLS_SHA384_SHA384",
];

fn pair(name: &str) -> (Sealer13, Opener13) {
    let suite = suite(name);
    let keys = EarlySecret::new(suite.hash, None)
        .client_traffic(&[])
        .keys(&suite);
    let sealer = Sealer13::new(&suite, &keys).unwrap();
    (sealer, Opener13::new(&suite, &keys).unwrap())
}

#[test]
fn what_is_sealed_opens_whatever_its_length_and_padding() {
    for name in NAMES {
        let (mut sealer, mut opener) = pair(name);
        for length in [0, 1, 15, 16, 17, 255, MAX_PLAINTEXT] {
            for padding in [0, 1, 200] {
                let kind = [ALERT, HANDSHAKE, APPLICATION_DATA][padding % 3];
                let padding = padding.min(MAX_PLAINTEXT - length);
                let content = vec![0; length];
                let record = sealer.seal(kind, &content, padding).unwrap();
                assert!(opener.would_open(&record));
                assert_eq!(opener.open(&record), Ok((kind, content)), "{name}");
            }
        }
    }
}

#[test]
fn no_octet_can_be_changed_moved_or_left_out() {
    for name in NAMES {
        let (mut sealer, mut opener) = pair(name);
        let first = sealer.seal(HANDSHAKE, b"content", 3).unwrap();
        let second = sealer.seal(HANDSHAKE, b"content", 3).unwrap();
        assert!(!opener.would_open(&second), "{name}: out of order");
        for at in 0..first.len() {
            let mut damaged = first.clone();
            damaged[at] ^= 1;
            assert!(!opener.would_open(&damaged), "{name}: octet {at}");
            assert!(!opener.would_open(&first[..at]), "{name}: cut at {at}");
        }
        assert!(opener.open(&first).is_ok() && opener.open(&second).is_ok());
    }
}

#[test]
fn integrity_only_records_are_in_clear() {
    let (mut sealer, _) = pair("TLS_SHA256_SHA256");
    let record = sealer.seal(APPLICATION_DATA, b"everybody reads this", 0);
    assert!(record.unwrap().starts_with(b"everybody reads this\x17"));
}

#[test]
fn bounds_are_held() {
    let (mut sealer, mut opener) = pair(NAMES[0]);
    let nothing = sealer.seal(0, &[], 40).unwrap();
    assert_eq!(opener.open(&nothing), Err(RecordProblem::Padding));
    let (mut sealer, mut opener) = pair(NAMES[0]);
    let long = sealer
        .seal(APPLICATION_DATA, &[1; MAX_PLAINTEXT], 1)
        .unwrap();
    assert_eq!(opener.open(&long), Err(RecordProblem::Overflow));
    let outer = vec![0; MAX_RECORD_13 + 1];
    assert_eq!(opener.open(&outer), Err(RecordProblem::Overflow));
    assert_eq!(opener.open(&[0; 15]), Err(RecordProblem::Length));
    let (sealer, opener) = pair(NAMES[0]);
    assert_eq!(
        format!("{sealer:?}{opener:?}"),
        "Sealer13(sequence 0)Opener13(sequence 0)"
    );
}

/// What OpenSSL made of the suites of RFC 9150, with its own key log.
#[test]
fn records_of_integrity_only_suites_are_those_of_openssl() {
    let text = include_str!("../../../../fixtures/wire/tls/lab/openssl-rfc9150.txt");
    let mut lines = text.lines().skip(1);
    let mut read = 0;
    while let Some(head) = lines.next() {
        let words: Vec<&str> = head.split(' ').collect();
        let suite = suite(words[0]);
        for (number, side) in ["server", "client"].into_iter().enumerate() {
            let (said_by, record) = lines.next().unwrap().split_once(' ').unwrap();
            assert_eq!(said_by, side);
            let secret = hex::decode(words[number + 1]).unwrap();
            let keys = TrafficSecret::from_key_log(suite.hash, &secret).keys(&suite);
            let mut opener = Opener13::new(&suite, &keys).unwrap();
            let record = hex::decode(record).unwrap();
            // Its tickets went before the server's data.
            let tries = if side == "server" { 3 } else { 1 };
            let opened = (0..tries).find_map(|_| opener.open(&record[5..]).ok());
            let expected = format!("from the {side}\n").into_bytes();
            assert_eq!(opened, Some((APPLICATION_DATA, expected)), "{head}");
            read += 1;
        }
    }
    assert_eq!(read, 4);
}
