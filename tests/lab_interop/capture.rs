//! A capture of our own traffic, as tshark reads it with our key log.

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

/// The application data of a conversation as tshark sees it, in hexadecimal.
pub(crate) fn decrypted(octets: &[(bool, Vec<u8>)], secrets: &Secrets) -> String {
    let mut file = Vec::new();
    block::section_header(&mut file, "presec", "a test");
    let interface = Interface {
        name: "lab",
        description: "the lab engine and a server",
    };
    block::interface(&mut file, interface);
    let log = secrets.0.lock().unwrap_or_else(PoisonError::into_inner);
    block::tls_secrets(&mut file, log.as_bytes());
    let mut conversation = Conversation::new((&[127, 0, 0, 1], 40_000), (&[127, 0, 0, 1], 443), 1);
    let mut frames = conversation.open();
    for (ours, octets) in octets {
        frames.extend(conversation.data(*ours, octets));
    }
    for (at, frame) in frames.iter().enumerate() {
        let packet = Packet {
            interface: 0,
            at_us: at as u64,
            outbound: frame.from_opener,
            comment: None,
            frame: &frame.bytes,
        };
        block::packet(&mut file, packet);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture.pcapng");
    std::fs::write(&path, file).expect("a file");
    let output = Command::new("tshark")
        .env("HOME", folder.path())
        // What is decrypted is data, whatever the port says it were.
        .args([
            "-d",
            "tls.port==443,data",
            "-T",
            "fields",
            "-e",
            "data.data",
        ])
        .args(["-2", "-r"])
        .arg(&path)
        .output()
        .expect("tshark runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
