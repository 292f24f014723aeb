//! `openssl s_server` with a person at its console: it says what it hears, and sends what is typed.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;

use crate::peer::Peer;
use crate::stacks::{IDENTITY, KEY};

/// The longest anything may take.
const LIMIT: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Heard {
    text: Mutex<String>,
    more: Condvar,
}

impl Heard {
    fn wait(&self, wanted: &str) {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        let (text, _) = self
            .more
            .wait_timeout_while(text, LIMIT, |text| !text.contains(wanted))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(text.contains(wanted), "no {wanted:?} in {text}");
    }

    fn add(&self, more: &[u8]) {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&String::from_utf8_lossy(more));
        self.more.notify_all();
    }
}

/// The server. It ends with this value.
pub(crate) struct Console {
    /// Holds the certificates.
    pub(crate) peer: Peer,
    child: Child,
    typed: ChildStdin,
    heard: Arc<Heard>,
    pub(crate) address: SocketAddr,
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Console {
    pub(crate) fn start(more: &[&str]) -> Self {
        // The other server made the certificates, and is not spoken to.
        let peer = Peer::openssl(&[]);
        let key: String = KEY.iter().map(|octet| format!("{octet:02x}")).collect();
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-tls1_3"])
            .args(["-cert", "server.pem", "-key", "server.key"])
            .args(["-CAfile", "ca.pem"])
            .args(["-psk", &key, "-psk_identity", IDENTITY])
            .args(more)
            .current_dir(peer.file("."))
            .env("OPENSSL_CONF", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let heard = Arc::new(Heard::default());
        let mut output = child.stdout.take().expect("its output");
        let listener = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                listener.add(&buffer[..count]);
            }
        });
        heard.wait("ACCEPT ");
        heard.wait("\n");
        let text = heard.text.lock().unwrap_or_else(PoisonError::into_inner);
        let address = text
            .lines()
            .find_map(|line| line.strip_prefix("ACCEPT ")?.trim().parse().ok())
            .expect("it says where it listens");
        drop(text);
        Self {
            typed: child.stdin.take().expect("its input"),
            peer,
            child,
            heard,
            address,
        }
    }

    /// Types a line: a command when its first letter is one.
    pub(crate) fn types(&mut self, line: &str) {
        self.typed
            .write_all(format!("{line}\n").as_bytes())
            .expect("it listens");
        self.typed.flush().expect("it listens");
    }

    /// Waits until the server said this.
    pub(crate) fn says(&self, text: &str) {
        self.heard.wait(text);
    }
}

/// A connection to a server, octet by octet.
pub(crate) struct Talk {
    stream: TcpStream,
    pub(crate) client: Client,
    /// What went over the wire, and whether it was ours.
    pub(crate) octets: Vec<(bool, Vec<u8>)>,
    heard: String,
}

impl Talk {
    pub(crate) fn begin(address: SocketAddr, config: ClientConfig) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        stream.set_nodelay(true).expect("an option");
        Self {
            stream,
            client: Client::new(config, Entropy::from_system().expect("randomness")),
            octets: Vec::new(),
            heard: String::new(),
        }
    }

    /// A connection whose handshake is complete.
    pub(crate) fn open(address: SocketAddr, config: ClientConfig) -> Result<Self, String> {
        let mut talk = Self::begin(address, config);
        talk.until(|client, _| client.is_open())?;
        Ok(talk)
    }

    /// Sends and receives until something is so.
    pub(crate) fn until(&mut self, so: impl Fn(&Client, &str) -> bool) -> Result<(), String> {
        let mut buffer = vec![0; 65_536];
        loop {
            let output = self.client.take_output();
            if !output.is_empty() {
                let sent = self.stream.write_all(&output);
                sent.map_err(|error| error.to_string())?;
                self.octets.push((true, output));
            }
            if so(&self.client, &self.heard) {
                return Ok(());
            }
            let count = self.stream.read(&mut buffer);
            let count = count.map_err(|error| format!("{error}, {}", self.client.awaiting()))?;
            if count == 0 {
                return Err(format!("closed, {}", self.client.awaiting()));
            }
            self.octets.push((false, buffer[..count].to_vec()));
            let received = self.client.receive(&buffer[..count]);
            let plain = self.client.take_plaintext();
            self.heard.push_str(&String::from_utf8_lossy(&plain));
            received.map_err(|failure| failure.to_string())?;
        }
    }

    pub(crate) fn write(&mut self, text: &str) -> Result<(), String> {
        self.client.write(text.as_bytes());
        self.until(|_, _| true)
    }

    pub(crate) fn hears(&mut self, text: &str) -> Result<(), String> {
        self.until(|_, heard| heard.contains(text))
    }

    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.client.close();
        self.until(|_, _| true)
    }
}
