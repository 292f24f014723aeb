//! What is wrong with what the server sends: each quirk is done, and the client sees it.

use std::sync::Arc;

use super::parties::{Talk, client_config, server_config_13, talk};
use crate::model::suite::ProtocolVersion;
use crate::tls::client::ServerSignature;
use crate::tls::quirk::{
    ChangeCipherSpecChange, Closing, Field, Inserted, MessageAt, MessageChange, Offset, Point,
    Protection, Quirk, RecordAt, RecordChange, RecordPart, RecordState, Which,
};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::record::{content_type, handshake_type};

const SUITES: [(ProtocolVersion, &str); 2] = [
    (
        ProtocolVersion::Tls12,
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    (ProtocolVersion::Tls13, "TLS_AES_128_GCM_SHA256"),
];

fn message(kind: u8, change: MessageChange) -> Quirk {
    Quirk::Message {
        at: MessageAt::first(kind),
        change,
    }
}

fn record(which: u16, change: RecordChange) -> Quirk {
    Quirk::Record {
        at: RecordAt {
            content_type: content_type::APPLICATION_DATA,
            state: RecordState::Protected,
            which: Which::Nth(which),
        },
        change,
    }
}

/// A talk with a server that has one quirk, which was done so many times.
fn with(version: ProtocolVersion, name: &str, quirk: Quirk, times: usize) -> Talk {
    let mut config = server_config_13();
    let what = format!("{version} {quirk:?}");
    config.quirks = vec![quirk];
    let mut client = client_config(&[name]);
    (client.minimum, client.maximum) = (version, version);
    let mut talk = talk(client, &Arc::new(config));
    if talk.is_open() {
        talk.server.write(b"down");
        talk.go_on();
        talk.server.close();
        talk.go_on();
    }
    assert_eq!(talk.server.facts().quirks, [times], "{what}");
    talk
}

/// The client's reason to end the connection.
fn refused(version: ProtocolVersion, name: &str, quirk: Quirk) -> String {
    let what = format!("{quirk:?}");
    let mut talk = with(version, name, quirk, 1);
    assert!(talk.client.take_plaintext().is_empty(), "{what}");
    talk.client_said.expect_err(&what).to_string()
}

#[test]
fn the_client_ends_what_is_wrong() {
    let xor = |offset, mask| MessageChange::Xor { offset, mask };
    for (version, name) in SUITES {
        let rows = [
            (Quirk::bad_finished(), &["Finished is wrong"][..]),
            (
                message(
                    handshake_type::SERVER_HELLO,
                    MessageChange::Field {
                        field: Field::CipherSuites,
                        value: vec![0x00, 0x35],
                    },
                ),
                &["not offered"],
            ),
            (
                message(handshake_type::CERTIFICATE, MessageChange::Omit),
                &["no certificate", "message 15"],
            ),
            (
                message(handshake_type::CERTIFICATE, MessageChange::Truncate(1)),
                &["Certificate"],
            ),
            (
                record(
                    1,
                    RecordChange::Xor {
                        part: RecordPart::Mac,
                        offset: Offset::End(1),
                        mask: 1,
                    },
                ),
                &["MAC"],
            ),
            (record(1, RecordChange::SequenceNumber(3)), &["MAC"]),
            (
                message(handshake_type::SERVER_HELLO, xor(Offset::Start(0), 0x40)),
                &["version"],
            ),
        ];
        for (quirk, expected) in rows {
            let why = refused(version, name, quirk.clone());
            let told = expected.iter().any(|expected| why.contains(expected));
            assert!(told, "{quirk:?}: {why}");
        }
    }
}

#[test]
fn the_client_goes_on_with_what_is_odd_and_knows_it() {
    for (version, name) in SUITES {
        let odd = Extension::new(0xABCD, vec![7]);
        let change = MessageChange::AddExtension(odd);
        let quirk = message(handshake_type::SERVER_HELLO, change);
        let talk = with(version, name, quirk, 1);
        assert_eq!(talk.client.facts().unsolicited_extensions, [0xABCD]);
        assert_eq!(talk.client.facts().signature, ServerSignature::Right);
        for change in [RecordChange::Split(1), RecordChange::EmptyBefore] {
            let mut talk = with(version, name, record(1, change), 1);
            assert_eq!(talk.client.take_plaintext(), b"down");
            assert!(talk.client.is_closed_by_peer());
        }
        let mut talk = with(version, name, Quirk::NoCloseNotify, 1);
        assert_eq!(talk.client.take_plaintext(), b"down");
        assert!(!talk.client.is_closed_by_peer());
        let canceled = Quirk::Insert {
            at: Point::HandshakeDone,
            what: Inserted::Alert(Alert::warning(90)),
            protection: Protection::Due,
        };
        let talk = with(version, name, canceled, 1);
        assert_eq!(talk.client.facts().warnings, [Alert::warning(90)]);
        let pause = Quirk::Pause(Point::BeforeData(Which::FIRST));
        let mut talk = with(version, name, pause, 1);
        assert!(talk.server.is_paused() && talk.client.take_plaintext().is_empty());
        talk.server.go_on();
        talk.go_on();
        assert_eq!(talk.client.take_plaintext(), b"down");
        let end = Quirk::Close {
            at: Point::HandshakeDone,
            how: Closing::Reset,
        };
        let talk = with(version, name, end, 1);
        assert_eq!(talk.server.closing(), Some(Closing::Reset));
    }
}

#[test]
fn what_was_changed_counts_for_both() {
    // Nothing but the message is wrong: the Finished of both fit what was really sent.
    let (version, name) = SUITES[0];
    let change = MessageChange::RemoveExtension(code::RENEGOTIATION_INFO);
    let quirk = message(handshake_type::SERVER_HELLO, change);
    let talk = with(version, name, quirk, 1);
    assert!(talk.is_open() && !talk.client.facts().secure_renegotiation);
    let twice = MessageChange::Repeat(1);
    let quirk = message(handshake_type::NEW_SESSION_TICKET, twice);
    let talk = with(version, name, quirk, 1);
    let why = talk.client_said.unwrap_err().to_string();
    assert!(!why.contains("Finished is wrong"), "{why}");
}

#[test]
fn the_change_of_keys_is_as_told() {
    let (version, name) = SUITES[0];
    for (change, expected) in [
        (ChangeCipherSpecChange::Omitted, "message 20"),
        (ChangeCipherSpecChange::Octet(2), "type 20"),
        (ChangeCipherSpecChange::Overlong, "type 20"),
        (ChangeCipherSpecChange::Twice, "ChangeCipherSpec"),
        (ChangeCipherSpecChange::Late, "message 20"),
    ] {
        let talk = with(version, name, Quirk::ChangeCipherSpec(change), 1);
        let why = talk.client_said.unwrap_err().to_string();
        assert!(why.contains(expected), "{change:?}: {why}");
    }
}
