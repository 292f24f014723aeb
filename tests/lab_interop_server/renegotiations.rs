//! Renegotiation with the engine's server: by clients of others, by the server itself, and for a certificate.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use presec::model::suite::ProtocolVersion;
use presec::tls::entropy::Entropy;
use presec::tls::server::{ClientCertificates, Possession, Server, ServerConfig};

use crate::caller::Caller;
use crate::matrix::suite;

/// The longest anything may take.
const LIMIT: Duration = Duration::from_secs(10);

const EACH: [(ProtocolVersion, &str); 4] = [
    (ProtocolVersion::Tls10, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (
        ProtocolVersion::Tls11,
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    ),
    (
        ProtocolVersion::Tls12,
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    ),
    (
        ProtocolVersion::Tls12,
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
];

/// One connection of a client, octet by octet.
struct Conversation {
    stream: TcpStream,
    server: Server,
    heard: String,
}

impl Conversation {
    fn accept(listener: &TcpListener, config: ServerConfig) -> Self {
        let (stream, _) = listener.accept().expect("a client");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        let entropy = Entropy::from_system().expect("randomness");
        Self {
            stream,
            server: Server::new(Arc::new(config), entropy),
            heard: String::new(),
        }
    }

    /// Sends and receives until something is so and all is sent.
    fn until(&mut self, so: impl Fn(&Server, &str) -> bool) -> Result<(), String> {
        let mut buffer = vec![0; 65_536];
        loop {
            let sent = self.stream.write_all(&self.server.take_output());
            sent.map_err(|error| error.to_string())?;
            if so(&self.server, &self.heard) {
                return Ok(());
            }
            let count = self.stream.read(&mut buffer);
            let count = count.map_err(|error| format!("{error}, {}", self.server.awaiting()))?;
            if count == 0 {
                return Err(format!("closed, {}", self.server.awaiting()));
            }
            let received = self.server.receive(&buffer[..count]);
            let plain = self.server.take_plaintext();
            self.heard.push_str(&String::from_utf8_lossy(&plain));
            if let Err(failure) = received {
                // The alert.
                let _ = self.stream.write_all(&self.server.take_output());
                return Err(failure.to_string());
            }
        }
    }
}

/// Each client in each version: the client, whether it is OpenSSL's, and a server for it.
fn each(check: impl Fn(&Caller, ProtocolVersion, ServerConfig)) {
    for caller in [Caller::openssl(), Caller::gnutls()] {
        for (version, name) in EACH {
            let mut config = caller.config(version, &suite(name));
            config.client_certificates = ClientCertificates::None;
            check(&caller, version, config);
        }
    }
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn clients_renegotiate_where_they_may() {
    each(|caller, version, mut config| {
        config.renegotiation = true;
        let listener = listener();
        let address = listener.local_addr().expect("an address");
        let mut console = caller.open(address, version, (true, true));
        let mut talk = Conversation::accept(&listener, config);
        let done = talk.until(|server, _| server.facts().renegotiations == 1);
        done.unwrap_or_else(|why| panic!("{} {version}: {why}", caller.name));
        assert!(talk.server.facts().secure_renegotiation);
        console.types("said after it");
        let heard = talk.until(|_, heard| heard.contains("said after it"));
        heard.unwrap_or_else(|why| panic!("{} {version}: {why}", caller.name));
    });
}

/// Neither client goes on after no_renegotiation: they end with an alert of their own.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn clients_do_not_renegotiate_where_they_may_not() {
    each(|caller, version, config| {
        let listener = listener();
        let address = listener.local_addr().expect("an address");
        let _console = caller.open(address, version, (true, true));
        let mut talk = Conversation::accept(&listener, config);
        let why = talk.until(|server, _| server.facts().renegotiations == 1);
        let why = why.expect_err("no renegotiation");
        assert!(why.starts_with("alert fatal"), "{}: {why}", caller.name);
        assert!(talk.server.facts().completed);
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_server_asks_for_a_certificate_by_renegotiation() {
    each(|caller, version, mut config| {
        config.renegotiated_certificates = ClientCertificates::Required;
        for certified in [true, false] {
            let listener = listener();
            let address = listener.local_addr().expect("an address");
            let mut console = caller.open(address, version, (certified, false));
            let mut talk = Conversation::accept(&listener, config.clone());
            console.types("said before it");
            let heard = talk.until(|_, heard| heard.contains("said before it"));
            heard.unwrap_or_else(|why| panic!("{} {version}: {why}", caller.name));
            assert!(!talk.server.facts().certificate_requested);
            talk.server.request_renegotiation();
            let done = talk.until(|server, _| server.facts().renegotiations == 1);
            if certified {
                done.unwrap_or_else(|why| panic!("{} {version}: {why}", caller.name));
                let facts = talk.server.facts();
                assert!(facts.certificate_requested && facts.secure_renegotiation);
                assert_eq!(facts.possession, Possession::Right);
                console.types("said after it");
                let heard = talk.until(|_, heard| heard.contains("said after it"));
                heard.unwrap_or_else(|why| panic!("{} {version}: {why}", caller.name));
            } else {
                let why = done.expect_err("a certificate is required");
                assert!(why.contains("has no certificate"), "{why}");
            }
        }
    });
}
