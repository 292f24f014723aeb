//! The engine's server on loopback, one connection after the other: it gives back every line it gets, and closes when
//! it has seen what it is to see.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use presec::tls::entropy::Entropy;
use presec::tls::server::{Facts, Found, Server, ServerConfig, SessionStore, StoredSession};
use presec::tls::session::Mechanism;

/// The longest a client may be silent.
const LIMIT: Duration = Duration::from_secs(10);

/// What a connection came to.
pub(crate) struct Outcome {
    pub(crate) facts: Facts,
    /// What ended it before the client did.
    pub(crate) failure: Option<String>,
    /// Application data of the client.
    pub(crate) heard: Vec<u8>,
    /// Octets of both sides in their order; the client's are marked.
    pub(crate) octets: Vec<(bool, Vec<u8>)>,
}

/// What the server does besides, and when it may answer.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// Once the handshake is complete.
    pub(crate) then: fn(&mut Server),
    /// What has to have happened before it closes.
    pub(crate) until: fn(&Facts) -> bool,
}

impl Part {
    /// Nothing besides.
    pub(crate) const NONE: Self = Self {
        then: |_| (),
        until: |_| true,
    };
}

/// A running server, until the test ends.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    outcomes: Receiver<Outcome>,
}

/// Sessions in memory, with their age.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<Vec<u8>, (StoredSession, Instant)>>);

impl SessionStore for Memory {
    fn keep(&self, _: Mechanism, handle: &[u8], session: StoredSession) {
        let mut sessions = self.0.lock().expect("the sessions");
        sessions.insert(handle.to_vec(), (session, Instant::now()));
    }

    fn find(&self, _: Mechanism, handle: &[u8]) -> Option<Found> {
        let sessions = self.0.lock().expect("the sessions");
        let (session, _) = sessions.get(handle)?.clone();
        Some(Found {
            session,
            expired: false,
        })
    }

    fn age(&self, _: Mechanism, handle: &[u8]) -> Option<Duration> {
        let sessions = self.0.lock().expect("the sessions");
        sessions.get(handle).map(|(_, born)| born.elapsed())
    }

    fn forget(&self, _: Mechanism, handle: &[u8]) {
        self.0.lock().expect("the sessions").remove(handle);
    }
}

impl Host {
    pub(crate) fn start(config: ServerConfig) -> Self {
        Self::with(config, Part::NONE)
    }

    pub(crate) fn with(mut config: ServerConfig, part: Part) -> Self {
        config.sessions = Some(Arc::new(Memory::default()));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, outcomes) = channel();
        std::thread::spawn(move || serve(&listener, &Arc::new(config), part, &sender));
        Self { address, outcomes }
    }

    /// What the next connection came to.
    pub(crate) fn outcome(&self) -> Outcome {
        self.outcomes.recv_timeout(LIMIT).expect("a connection")
    }

    /// The facts of the next connection, which must have come to its end.
    pub(crate) fn facts(&self) -> Facts {
        let outcome = self.outcome();
        assert!(
            outcome.facts.completed,
            "{:?} {:?}",
            outcome.failure, outcome.facts
        );
        assert_eq!(outcome.failure, None);
        outcome.facts
    }
}

fn serve(listener: &TcpListener, config: &Arc<ServerConfig>, part: Part, sender: &Sender<Outcome>) {
    for stream in listener.incoming() {
        let outcome = converse(stream.expect("a connection"), Arc::clone(config), part);
        if sender.send(outcome).is_err() {
            break;
        }
    }
}

fn converse(mut stream: TcpStream, config: Arc<ServerConfig>, part: Part) -> Outcome {
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    let mut server = Server::new(config, Entropy::from_system().expect("randomness"));
    let (mut heard, mut octets, mut failure) = (Vec::new(), Vec::new(), None);
    let (mut begun, mut answered, mut done) = (false, 0, false);
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = stream.read(&mut buffer).unwrap_or_default();
        if count == 0 {
            break;
        }
        octets.push((true, buffer[..count].to_vec()));
        if let Err(problem) = server.receive(&buffer[..count]) {
            failure = Some(problem.to_string());
        }
        heard.extend(server.take_plaintext());
        if server.is_open() && !std::mem::replace(&mut begun, true) {
            (part.then)(&mut server);
        }
        if begun && !done && heard.len() > answered && heard.ends_with(b"\n") {
            let mut lines = heard.split_inclusive(|octet| *octet == b'\n');
            server.write(lines.next_back().unwrap_or_default());
            answered = heard.len();
            done = (part.until)(server.facts());
            if done {
                server.close();
            }
        }
        let output = server.take_output();
        if !output.is_empty() {
            let _ = stream.write_all(&output);
            octets.push((false, output));
        }
        if done || failure.is_some() {
            // What the client still says must not turn the end into a reset.
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
    }
    Outcome {
        facts: server.facts().clone(),
        failure,
        heard,
        octets,
    }
}
