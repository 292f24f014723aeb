//! One connection with quirks, and what the peer makes of it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use presec::tls::client::{Client, ClientConfig, Facts};
use presec::tls::entropy::Entropy;
use presec::tls::failure::Cause;

use crate::peer::{Answer, Peer};

/// The longest a peer may take to react; who says nothing until then is silent.
const LIMIT: Duration = Duration::from_millis(1500);
/// What is written, in two records.
const TEXT: &str = "what is written comes back";

/// What the peer made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// It completed the handshake and gave back what was written.
    Answered,
    /// It completed the handshake and gave back something else.
    Other(String),
    /// A fatal alert with this description.
    Alert(u8),
    /// It closed without a word.
    Closed,
    /// It said nothing within the time.
    Silent,
    /// It did something that the engine does not go on with.
    Failed(String),
}

/// Connects, writes a line in two records, and waits for the answer.
pub(crate) fn react(peer: &Peer, config: ClientConfig) -> (Reaction, Facts) {
    let mut stream = TcpStream::connect(peer.address).expect("it listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
    // What is written behind a flight is not to wait for an acknowledgement.
    stream.set_nodelay(true).expect("an option");
    let entropy = Entropy::from_system().expect("randomness");
    let mut client = Client::new(config, entropy);
    let reaction = converse(peer, &mut stream, &mut client);
    (reaction, client.facts().clone())
}

fn converse(peer: &Peer, stream: &mut TcpStream, client: &mut Client) -> Reaction {
    let mut buffer = [0; 4096];
    let mut written = false;
    let mut got = Vec::new();
    let expected: Vec<u8> = match peer.answer {
        Answer::Reversed => TEXT.bytes().rev().collect(),
        _ => TEXT.bytes().collect(),
    };
    loop {
        if client.is_open() && !written {
            client.write(TEXT.as_bytes());
            client.write(b"\n");
            written = true;
        }
        // Who refuses may close before it has read everything; what it said can still be read.
        let _ = stream.write_all(&client.take_output());
        let read = match stream.read(&mut buffer) {
            Ok(0) => return Reaction::Closed,
            Ok(count) => client.receive(&buffer[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Reaction::Silent;
            }
            Err(_) => return Reaction::Closed,
        };
        got.extend(client.take_plaintext());
        if let Err(failure) = read {
            return match failure.cause {
                Cause::Alert(alert) => Reaction::Alert(alert.description),
                _ => Reaction::Failed(failure.to_string()),
            };
        }
        if client.is_closed_by_peer() {
            return Reaction::Closed;
        }
        if got.starts_with(&expected) {
            return Reaction::Answered;
        }
        if got.len() >= expected.len() {
            return Reaction::Other(String::from_utf8_lossy(&got).into_owned());
        }
    }
}
