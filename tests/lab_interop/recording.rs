//! Conversations with other stacks, kept in `fixtures/wire/tls/lab` so that unit tests can hold the client's octets
//! without those stacks (`src/tls/client/tests.rs`).

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;

use crate::support::project;

/// The seed of every recording.
const SEED: [u8; 32] = [7; 32];

/// Whom the conversations are with.
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) address: SocketAddr,
    /// The test that records.
    pub(crate) test: &'a str,
}

/// Makes a handshake and then, where there are to be two, one that resumes it, and writes them when asked to.
pub(crate) fn record(source: &Source<'_>, file: &str, mut config: ClientConfig, count: usize) {
    let mut text = format!(
        "# {} ({}), recorded by tests/{}.rs with a seed of 32 octets 07; `>` is the client, `--` parts conversations.\n",
        source.name, source.version, source.test
    );
    config.server_name = Some("lab.example.test".to_owned());
    for number in 0..count {
        let client = converse(source.address, config.clone(), &mut text);
        assert_eq!(client.facts().resumed.is_some(), number == 1, "{file}");
        config.resume = client.session().cloned();
        text.push_str("--\n");
    }
    if std::env::var("PRESEC_WRITE_INTEROP").is_ok_and(|value| value == "1") {
        let folder = project().join("fixtures/wire/tls/lab");
        std::fs::create_dir_all(&folder).expect("the folder");
        std::fs::write(folder.join(file), text).expect("the file is written");
    }
}

fn converse(address: SocketAddr, config: ClientConfig, text: &mut String) -> Client {
    let mut client = Client::new(config, Entropy::from_seed(SEED));
    let mut stream = TcpStream::connect(address).expect("a connection");
    let limit = Some(Duration::from_secs(10));
    stream.set_read_timeout(limit).expect("a limit");
    let mut buffer = vec![0; 65_536];
    loop {
        let output = client.take_output();
        stream.write_all(&output).expect("it is sent");
        put(text, '>', &output);
        if client.is_open() {
            break;
        }
        let count = stream.read(&mut buffer).expect("an answer");
        assert!(count > 0, "closed, {}", client.awaiting());
        put(text, '<', &buffer[..count]);
        client.receive(&buffer[..count]).expect("a handshake");
    }
    client.write(b"what is written comes back\n");
    let output = client.take_output();
    stream.write_all(&output).expect("it is sent");
    put(text, '>', &output);
    while client.take_plaintext().is_empty() {
        let count = stream.read(&mut buffer).expect("an answer");
        assert!(count > 0, "closed without an answer");
        put(text, '<', &buffer[..count]);
        client.receive(&buffer[..count]).expect("data");
    }
    // OpenSSL forgets the session of a connection that ends without close_notify.
    client.close();
    let output = client.take_output();
    stream.write_all(&output).expect("it is sent");
    client
}

fn put(text: &mut String, side: char, octets: &[u8]) {
    if octets.is_empty() {
        return;
    }
    let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let _ = writeln!(text, "{side} {hex}");
}
