//! A server of the lab TLS engine in threads of a test, whose manners after the handshake the test decides.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use presec::load::Library;
use presec::model::suite::ProtocolVersion;
use presec::reference::certificates::{Certificates, FIRST_HOST, ServerCertificate};
use presec::tls::entropy::Entropy;
use presec::tls::server::{Server, ServerConfig, ServerIdentity};
use presec::tls::signature::PrivateKey;
use presec::tls::suite::Suite;
use time::OffsetDateTime;

/// How long a client may take.
const LIMIT: Duration = Duration::from_secs(20);

/// One connection after its handshake.
pub(crate) struct Line {
    stream: TcpStream,
    server: Server,
    read: Vec<u8>,
}

impl Line {
    /// The head of the next request; `None` at the end of the connection.
    pub(crate) fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.read.drain(..end + 4).collect();
                return Some(String::from_utf8_lossy(&head).into_owned());
            }
            self.hear().then_some(())?;
            let more = self.server.take_plaintext();
            self.read.extend(more);
        }
    }

    /// Answers with a status and a short body.
    pub(crate) fn answer(&mut self, status: &str) {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");
        self.server.write(answer.as_bytes());
        self.say();
    }

    /// Sends a HelloRequest.
    pub(crate) fn ask_for_handshake(&mut self) {
        self.server.request_renegotiation();
        self.say();
    }

    /// Ends the connection in an orderly way.
    pub(crate) fn close(mut self) {
        self.server.close();
        self.say();
        let _ = self.stream.shutdown(Shutdown::Write);
        let mut rest = [0; 1024];
        while self.stream.read(&mut rest).is_ok_and(|count| count > 0) {}
    }

    fn hear(&mut self) -> bool {
        let mut portion = [0; 4096];
        let count = self.stream.read(&mut portion).unwrap_or(0);
        let heard = count > 0 && self.server.receive(&portion[..count]).is_ok();
        self.say();
        heard
    }

    fn say(&mut self) {
        let octets = self.server.take_output();
        let _ = self.stream.write_all(&octets);
    }
}

/// A server that listens as long as its test runs.
pub(crate) struct LabServer {
    /// Where it listens.
    pub(crate) port: u16,
}

impl LabServer {
    /// Starts one; `serve` has each connection after its handshake, and how many there were before.
    pub(crate) fn start(
        config: ServerConfig,
        serve: impl Fn(Line, usize) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (config, serve) = (Arc::new(config), Arc::new(serve));
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                let (config, serve) = (Arc::clone(&config), Arc::clone(&serve));
                std::thread::spawn(move || {
                    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
                    let entropy = Entropy::from_seed([u8::try_from(number % 251).unwrap(); 32]);
                    let mut line = Line {
                        stream,
                        server: Server::new(config, entropy),
                        read: Vec::new(),
                    };
                    while !line.server.is_open() {
                        if !line.hear() {
                            return;
                        }
                    }
                    serve(line, number);
                });
            }
        });
        Self { port }
    }
}

/// The configuration of an ordinary TLS 1.2 server with further suites; its authority is written into `folder` as `ca.pem`.
pub(crate) fn ordinary(folder: &Path, further: &[&str]) -> ServerConfig {
    let certificates = Certificates::new(OffsetDateTime::now_utc()).expect("certificates");
    let ordinary = certificates
        .server(ServerCertificate::Conforming)
        .expect("one");
    std::fs::write(folder.join("ca.pem"), certificates.authority_pem()).expect("written");
    let identity = ServerIdentity {
        certificates: ordinary.chain().iter().map(|der| der.to_vec()).collect(),
        key: PrivateKey::from_der(ordinary.key().secret_der()).expect("a key"),
    };
    let library = Library::embedded().expect("the library");
    let suite = |name: &&str| library.suites.by_name(name).and_then(Suite::of);
    let mut names = vec!["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];
    names.extend(further);
    let suites: Vec<Suite> = names
        .iter()
        .map(|name| suite(name).expect("a suite"))
        .collect();
    let mut config = ServerConfig::new(suites, vec![identity]);
    let tls12 = ProtocolVersion::Tls12;
    (config.minimum, config.maximum, config.highest) = (tls12, tls12, tls12);
    config
}

/// The start of a target file for a server at this port.
pub(crate) fn target(port: u16) -> String {
    format!(
        "name: peer\nroles: [presence-server]\nrelease: rel17\ntopology: direct\nut: {{ url: \"https://{FIRST_HOST}:{port}/\", address: \"127.0.0.1:{port}\", ca: ca.pem, clear: none }}\ndocuments: {{ names: {{ pres-rules: index }} }}\n"
    )
}
