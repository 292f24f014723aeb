//! Captures of our own traffic, as tshark reads them with our key log.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::fmt::Write as _;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use presec::tls::key_log::KeyLog;
use presec::wire::pcapng::{Conversation, Interface, Packet, block};

/// A key log in NSS format.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<String>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |octets: &[u8]| -> String { octets.iter().map(|o| format!("{o:02x}")).collect() };
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(text, "{label} {} {}", hex(client_random), hex(secret));
    }
}

/// A conversation whose data is to be found again.
pub(crate) struct Captured {
    /// What it was, for whoever misses something.
    pub(crate) what: String,
    /// What went over the wire, and whether it was ours.
    pub(crate) octets: Vec<(bool, Vec<u8>)>,
    /// What was said in it.
    pub(crate) said: Vec<String>,
}

/// The application data of each conversation as tshark sees it, in hexadecimal.
fn seen(conversations: &[Captured], secrets: &Secrets) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture.pcapng");
    std::fs::write(&path, file(conversations, secrets)).expect("a file");
    let output = Command::new("tshark")
        .env("HOME", folder.path())
        // What is decrypted is data, whatever the port says it were.
        .args(["-d", "tls.port==443,data", "-T", "fields"])
        .args(["-e", "tcp.stream", "-e", "data.data", "-2", "-r"])
        .arg(&path)
        .output()
        .expect("tshark runs");
    let mut seen = vec![String::new(); conversations.len()];
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some((stream, data)) = line.split_once('\t') {
            let stream: usize = stream.parse().expect("a number");
            seen[stream].push_str(data);
        }
    }
    seen
}

/// What tshark does not find of what was said, by conversation, when it reads all of them with our key log.
pub(crate) fn missed(conversations: &[Captured], secrets: &Secrets) -> Vec<String> {
    let hex = |text: &str| -> String { text.bytes().map(|octet| format!("{octet:02x}")).collect() };
    let mut missed = Vec::new();
    for (conversation, seen) in conversations.iter().zip(seen(conversations, secrets)) {
        assert!(!conversation.said.is_empty(), "{}", conversation.what);
        for text in &conversation.said {
            if !seen.contains(&hex(text)) {
                missed.push(format!("{}: {text}", conversation.what));
            }
        }
    }
    missed
}

/// The application data of one conversation as tshark sees it, in hexadecimal.
pub(crate) fn decrypted(octets: &[(bool, Vec<u8>)], secrets: &Secrets) -> String {
    let conversation = Captured {
        what: String::new(),
        octets: octets.to_vec(),
        said: Vec::new(),
    };
    seen(&[conversation], secrets).concat()
}

/// A capture of the conversations, each from a port of its own.
fn file(conversations: &[Captured], secrets: &Secrets) -> Vec<u8> {
    let mut file = Vec::new();
    block::section_header(&mut file, "presec", "a test");
    let interface = Interface {
        name: "lab",
        description: "the lab engine and a server",
    };
    block::interface(&mut file, interface);
    let log = secrets.0.lock().unwrap_or_else(PoisonError::into_inner);
    block::tls_secrets(&mut file, log.as_bytes());
    let mut at = 0;
    for (number, captured) in (1..).zip(conversations) {
        let port = 40_000 + u16::try_from(number).expect("not that many");
        let (own, other) = ((&[127, 0, 0, 1][..], port), (&[127, 0, 0, 1][..], 443));
        let mut conversation = Conversation::new(own, other, number);
        let mut frames = conversation.open();
        for (ours, octets) in &captured.octets {
            frames.extend(conversation.data(*ours, octets));
        }
        for frame in &frames {
            at += 1;
            let packet = Packet {
                interface: 0,
                at_us: at,
                outbound: frame.from_opener,
                comment: None,
                frame: &frame.bytes,
            };
            block::packet(&mut file, packet);
        }
    }
    file
}
