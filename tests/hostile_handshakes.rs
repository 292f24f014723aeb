//! Servers whose messages are overlong, truncated, reordered, endless or contradict each other: what presec says about them
//! names the point of failure and shows the octets, bounded, in every report.
#![cfg(test)]

#[path = "support/lab_server.rs"]
mod lab_server;
mod support;

use lab_server::{LabServer, ordinary, target};
use presec::tls::quirk::{Field, Inserted, MessageAt, MessageChange, Point, Protection, Quirk};
use presec::wire::tls::handshake::Message;
use presec::wire::tls::record::handshake_type::{
    CERTIFICATE, SERVER_HELLO, SERVER_HELLO_DONE, SERVER_KEY_EXCHANGE,
};
use support::run_in;

const SCENARIO: &str = "id: LAB-01
title: Complete a handshake
verifies: [HARD-heartbeat-overread]
kind: hardening
risk: read
roles: [presence-server]
steps:
  - tls-connect: { client: lab, version: tls1.2, expect: [{ should: completes }] }
";

fn change(kind: u8, change: MessageChange) -> Quirk {
    Quirk::Message {
        at: MessageAt::first(kind),
        change,
    }
}

/// What every report says of the case: the terminal, JUnit, and the results.
struct Said {
    terminal: String,
    junit: String,
    observed: String,
}

fn said(quirk: Quirk) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = ordinary(folder.path(), &[]);
    config.quirks = vec![quirk];
    let server = LabServer::start(config, |mut line, _| {
        while line.request().is_some() {
            line.answer("200 OK");
        }
    });
    let file = format!("{}limits: {{ timeout: 1s }}\n", target(server.port));
    std::fs::write(folder.path().join("target.yaml"), file).expect("written");
    std::fs::create_dir(folder.path().join("lab")).expect("a folder");
    std::fs::write(folder.path().join("lab/lab-01-complete.yaml"), SCENARIO).expect("written");
    let args = ["--target", "target.yaml", "--scenarios", "lab", "LAB-01"];
    let call = run_in(folder.path(), &args);
    assert_eq!(call.verdict("LAB-01"), "inconclusive", "{}", call.stdout);
    // Lines are broken wherever the terminal ends.
    let terminal = call.stdout.split_whitespace().collect();
    Said {
        terminal,
        junit: std::fs::read_to_string(folder.path().join("junit.xml")).expect("JUnit"),
        observed: call.case("LAB-01")["observed"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    }
}

fn insert(what: Inserted) -> Quirk {
    Quirk::Insert {
        at: Point::Before(MessageAt::first(SERVER_HELLO_DONE)),
        what,
        protection: Protection::Due,
    }
}

/// The point of failure of what is wrong in the clear flight.
const FLIGHT: &str = "within the server's first flight";

/// What is sent wrong, where presec must say that it went wrong, and octets that it must show.
type Wrong = (&'static str, Quirk, &'static str, &'static str);

/// A message is changed, and its first octet is that of its type.
fn changed() -> Vec<Wrong> {
    let overlong = MessageChange::Pad {
        count: 60_000,
        octet: 7,
    };
    let foreign_suite = MessageChange::Field {
        field: Field::CipherSuites,
        value: vec![0, 0x2f],
    };
    let late = MessageChange::After(SERVER_KEY_EXCHANGE);
    let short = MessageChange::Truncate(9);
    let wrong = |name, kind, how, began| (name, change(kind, how), FLIGHT, began);
    vec![
        wrong("overlong", CERTIFICATE, overlong, "; it began 0b"),
        wrong("truncated", SERVER_KEY_EXCHANGE, short, "; it began 0c"),
        wrong("reordered", CERTIFICATE, late, "; it began 0b"),
        wrong(
            "repeated",
            SERVER_HELLO,
            MessageChange::Repeat(1),
            "; it began 02",
        ),
        wrong(
            "contradictory",
            SERVER_HELLO,
            foreign_suite,
            "; it began 0c",
        ),
    ]
}

fn others() -> Vec<Wrong> {
    let unknown = insert(Inserted::Message(Message {
        kind: 99,
        body: vec![1; 5000],
    }));
    let raw = insert(Inserted::Raw(b"HTTP/1.1 400 no".to_vec()));
    let endless = change(SERVER_KEY_EXCHANGE, MessageChange::Length(100_000));
    let finished = "awaiting the server's Finished";
    let late = "did not end within the time";
    vec![
        ("unknown", unknown, FLIGHT, "; it began 6300138801010101"),
        ("no record", raw, FLIGHT, "485454502f312e3120343030206e6f"),
        (
            "wrong Finished",
            Quirk::bad_finished(),
            finished,
            "; it began 1400000c",
        ),
        ("endless", endless, late, "; last came 160303"),
    ]
}

#[test]
fn every_report_names_the_point_of_failure_and_shows_the_octets() {
    let squeezed = |text: &str| -> String { text.split_whitespace().collect() };
    let look = |(name, quirk, place, octets): (&str, Quirk, &str, &str)| {
        let said = said(quirk);
        let observed = &said.observed;
        assert!(
            observed.contains(place) && observed.contains(octets),
            "{name}: {observed}"
        );
        assert!(observed.len() < 400, "{name}: bounded: {observed}");
        for words in [place, octets] {
            let words = squeezed(words);
            assert!(said.terminal.contains(&words), "{name}: {}", said.terminal);
        }
        assert!(said.junit.contains(octets), "{name}: {}", said.junit);
    };
    std::thread::scope(|scope| {
        for one in changed().into_iter().chain(others()) {
            scope.spawn(move || look(one));
        }
    });
}
