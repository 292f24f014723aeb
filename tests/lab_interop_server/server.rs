//! The engine's server on loopback: it gives back the first line it gets, in HTTP when it is asked in HTTP, and closes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use presec::tls::entropy::Entropy;
use presec::tls::server::{Facts, Found, Server, ServerConfig, SessionStore, StoredSession};
use presec::tls::session::Mechanism;
use presec::tls::stream::TlsStream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// The longest a conversation may take.
const LIMIT: Duration = Duration::from_secs(20);

/// How long a conversation may outlive its client.
const AFTER: Duration = Duration::from_secs(2);

/// What a connection came to.
type Outcome = Result<Facts, String>;

/// A running server. It ends with this value.
pub(crate) struct LabServer {
    pub(crate) address: SocketAddr,
    outcomes: Receiver<Outcome>,
    _runtime: Runtime,
}

/// Sessions in memory that never grow old.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<(bool, Vec<u8>), StoredSession>>);

fn key(mechanism: Mechanism, handle: &[u8]) -> (bool, Vec<u8>) {
    (mechanism == Mechanism::SessionId, handle.to_vec())
}

impl SessionStore for Memory {
    fn keep(&self, mechanism: Mechanism, handle: &[u8], session: StoredSession) {
        let mut sessions = self.0.lock().expect("the sessions");
        sessions.insert(key(mechanism, handle), session);
    }

    fn find(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Found> {
        let sessions = self.0.lock().expect("the sessions");
        let session = sessions.get(&key(mechanism, handle))?.clone();
        Some(Found {
            session,
            expired: false,
        })
    }

    fn forget(&self, mechanism: Mechanism, handle: &[u8]) {
        let mut sessions = self.0.lock().expect("the sessions");
        sessions.remove(&key(mechanism, handle));
    }
}

impl LabServer {
    pub(crate) fn start(config: ServerConfig) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0");
        Self::start_on(&listener.expect("a port"), config)
    }

    /// The same on a port that others know already.
    pub(crate) fn start_on(listener: &std::net::TcpListener, mut config: ServerConfig) -> Self {
        config.sessions = Some(Arc::new(Memory::default()));
        let runtime = Runtime::new().expect("a runtime");
        let listener = listener.try_clone().expect("the port");
        listener.set_nonblocking(true).expect("an option");
        let entered = runtime.enter();
        let listener = TcpListener::from_std(listener).expect("the port");
        drop(entered);
        let address = listener.local_addr().expect("an address");
        let (sender, outcomes) = channel();
        runtime.spawn(serve(listener, Arc::new(config), sender));
        Self {
            address,
            outcomes,
            _runtime: runtime,
        }
    }

    /// What the next connection came to, once its client is gone.
    pub(crate) fn outcome(&self) -> Outcome {
        let outcome = self.outcomes.recv_timeout(AFTER);
        outcome.unwrap_or_else(|_| Err("nobody came".to_owned()))
    }

    /// The facts of the next connection, which must have carried its line.
    pub(crate) fn facts(&self) -> Facts {
        self.outcome().unwrap_or_else(|why| panic!("{why}"))
    }
}

async fn serve(listener: TcpListener, config: Arc<ServerConfig>, sender: Sender<Outcome>) {
    while let Ok((stream, _)) = listener.accept().await {
        let answering = timeout(LIMIT, answer(stream, Arc::clone(&config)));
        let late = |_| Err("no end within the time".to_owned());
        if sender.send(answering.await.unwrap_or_else(late)).is_err() {
            break;
        }
    }
}

async fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> Outcome {
    // Records of one flight must not wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    let entropy = Entropy::from_system().expect("randomness");
    let accepted = TlsStream::connect(stream, Server::new(config, entropy)).await;
    let mut stream = accepted.map_err(|unfinished| unfinished.error.to_string())?;
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        match stream.read_u8().await {
            Ok(octet) => line.push(octet),
            // Whoever only came for a session says nothing.
            Err(_) if line.is_empty() => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    let answer: &[u8] = if line.starts_with(b"GET ") {
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\npresec\n"
    } else {
        &line
    };
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
    // What the client still says must not turn the end into a reset.
    let _ = stream.read(&mut [0; 1024]).await;
    let (_, server) = stream.get_ref();
    Ok(server.facts().clone())
}
