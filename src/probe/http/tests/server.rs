//! A server over TLS that authenticates by Digest, and misbehaves where a test asks for it.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::engine::ports::Trouble;
use crate::probe::http::{Connection, Dial, Recipe};
use crate::wire::http::Authorization;
use crate::wire::http::digest::verify;

pub(in crate::probe) const HOST: &str = "ps.example.test";
pub(in crate::probe) const REALM: &str =
    "3GPP-bootstrapping-uicc@ps.example.test;3GPP-bootstrapping@ps.example.test";
pub(in crate::probe) const CHOSEN: &str = "3GPP-bootstrapping@ps.example.test";

/// A request as the server read it.
#[derive(Debug, Clone, Default)]
pub(in crate::probe) struct Got {
    pub(in crate::probe) method: String,
    pub(in crate::probe) path: String,
    pub(in crate::probe) fields: Vec<(String, String)>,
    pub(in crate::probe) body: Vec<u8>,
}

impl Got {
    pub(in crate::probe) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request instead of answering it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::probe) enum Mishap {
    Answer,
    Close,
    Reset,
    Silent,
    Garbage,
    AnswerAndClose,
}

/// Octets sent instead of an answer: once the head, then a piece as often as somebody takes it.
#[derive(Debug, Clone, Default)]
pub(in crate::probe) struct Hostile {
    pub(in crate::probe) head: Vec<u8>,
    pub(in crate::probe) piece: Vec<u8>,
    pub(in crate::probe) times: usize,
    /// Closes the connection afterwards.
    pub(in crate::probe) closes: bool,
    /// The only method that is answered so; any unless said.
    pub(in crate::probe) method: Option<&'static str>,
}

#[derive(Debug, Default)]
pub(in crate::probe) struct State {
    pub(in crate::probe) hostile: VecDeque<Hostile>,
    /// Octets of hostile answers that went out.
    pub(in crate::probe) poured: usize,
    pub(in crate::probe) got: Vec<Got>,
    pub(in crate::probe) documents: BTreeMap<String, Vec<u8>>,
    pub(in crate::probe) mishaps: VecDeque<Mishap>,
    /// Serves without asking who it is.
    pub(in crate::probe) open: bool,
    /// Puts the document into every refusal.
    pub(in crate::probe) leaks: bool,
    /// Ignores nonce counts, as a server that can be replayed to.
    pub(in crate::probe) forgets_counts: bool,
    nonce: u32,
    count: u32,
}

impl State {
    /// Makes the current nonce stale.
    pub(in crate::probe) fn renew(&mut self) {
        self.nonce += 1;
        self.count = 0;
    }

    fn challenge(&self, stale: bool) -> String {
        let stale = if stale { ", stale=true" } else { "" };
        format!(
            "WWW-Authenticate: Digest realm=\"{REALM}\", nonce=\"nonce-{}\", qop=\"auth,auth-int\"{stale}\r\n",
            self.nonce
        )
    }

    /// The user whose credentials are right, or the challenge.
    fn user(&mut self, got: &Got) -> Result<(&'static str, Authorization), String> {
        let refuse = |state: &Self| state.challenge(false);
        let value = got.field("authorization").ok_or_else(|| refuse(self))?;
        let sent = Authorization::parse(value).map_err(|_| refuse(self))?;
        let (user, password) = match sent.username.as_deref() {
            Some("alice@bsf") => ("alice", "secret-a"),
            Some("bob@bsf") => ("bob", "secret-b"),
            _ => return Err(refuse(self)),
        };
        let right = verify(&sent, password.as_bytes(), &got.method, &got.body)
            && sent.realm.as_deref() == Some(CHOSEN)
            && sent.uri.as_deref() == Some(got.path.as_str())
            && sent.qop.is_some();
        if !right {
            return Err(refuse(self));
        }
        let nonce = sent.nonce.clone().unwrap_or_default();
        if nonce != format!("nonce-{}", self.nonce) {
            let issued = nonce.strip_prefix("nonce-").is_some();
            return Err(self.challenge(issued));
        }
        let count = sent.nc.as_deref().unwrap_or_default();
        let count = u32::from_str_radix(count, 16).unwrap_or(0);
        // One nonce serves several users here, so counts are held only against repetition by one.
        if count <= self.count && !self.forgets_counts && user == "alice" {
            return Err(refuse(self));
        }
        if user == "alice" {
            self.count = count;
        }
        Ok((user, sent))
    }

    fn answer(&mut self, got: &Got) -> Vec<u8> {
        let known = self.documents.get(&got.path).cloned();
        if !self.open {
            match self.user(got) {
                Err(challenge) => {
                    let body = known.filter(|_| self.leaks).unwrap_or_default();
                    return response("401 Unauthorized", &challenge, &body);
                }
                Ok((user, _)) if !got.path.contains(&format!("/{user}/")) => {
                    return response("403 Forbidden", "", b"no");
                }
                Ok(_) => {}
            }
        }
        match (got.method.as_str(), known) {
            ("GET", Some(body)) => response("200 OK", "ETag: \"v1\"\r\n", &body),
            ("GET" | "DELETE", None) => response("404 Not Found", "", b""),
            ("PUT", known) => {
                self.documents.insert(got.path.clone(), got.body.clone());
                let status = if known.is_some() {
                    "200 OK"
                } else {
                    "201 Created"
                };
                response(status, "", b"")
            }
            ("DELETE", Some(_)) => {
                self.documents.remove(&got.path);
                response("200 OK", "", b"")
            }
            _ => response("405 Method Not Allowed", "", b""),
        }
    }
}

fn response(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The server, and the dialer that trusts its certificate.
pub(in crate::probe) struct Server {
    pub(in crate::probe) state: Arc<Mutex<State>>,
    pub(in crate::probe) address: SocketAddr,
    pub(in crate::probe) certificate: CertificateDer<'static>,
    connector: TlsConnector,
    pub(in crate::probe) dialed: usize,
    pub(in crate::probe) problem: Option<String>,
}

impl Server {
    pub(in crate::probe) async fn start(demands_certificate: bool) -> Self {
        let certified =
            rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).expect("certificate");
        let certificate = CertificateDer::from(certified.cert.der().to_vec());
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("key");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate.clone()).expect("root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let server = if demands_certificate {
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
                Arc::new(roots.clone()),
                Arc::clone(&provider),
            );
            server.with_client_cert_verifier(verifier.build().expect("verifier"))
        } else {
            server.with_no_client_auth()
        };
        let server = server
            .with_single_cert(vec![certificate.clone()], key)
            .expect("server");
        let client = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(Mutex::new(State::default()));
        tokio::spawn(accept(
            listener,
            TlsAcceptor::from(Arc::new(server)),
            Arc::clone(&state),
        ));
        Self {
            state,
            address,
            certificate,
            connector: TlsConnector::from(Arc::new(client)),
            dialed: 0,
            problem: None,
        }
    }

    pub(in crate::probe) fn got(&self) -> Vec<Got> {
        self.state.lock().expect("state").got.clone()
    }
}

#[async_trait]
impl Dial for Server {
    async fn dial(&mut self, _: &Recipe) -> Result<Connection, Trouble> {
        self.dialed += 1;
        let stream = TcpStream::connect(self.address).await.expect("connect");
        let name = ServerName::try_from(HOST).expect("name");
        let stream = self
            .connector
            .connect(name, stream)
            .await
            .expect("handshake");
        Ok(Connection {
            stream: Box::new(stream),
            not_verified_because: self.problem.clone(),
            used: false,
            demands: None,
        })
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, &state).await;
            }
        });
    }
}

async fn serve(
    mut stream: tokio_rustls::server::TlsStream<TcpStream>,
    state: &Mutex<State>,
) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let got = read(&mut stream, &mut buffer).await?;
        let hostile = {
            let mut state = state.lock().expect("state");
            let next = state.hostile.front();
            let meant = |next: &Hostile| next.method.is_none_or(|method| method == got.method);
            if next.is_some_and(meant) {
                state.hostile.pop_front()
            } else {
                None
            }
        };
        if let Some(hostile) = hostile {
            state.lock().expect("state").got.push(got);
            pour(&mut stream, state, &hostile).await?;
            continue;
        }
        let (mishap, answer) = {
            let mut state = state.lock().expect("state");
            state.got.push(got.clone());
            match state.mishaps.pop_front() {
                Some(Mishap::AnswerAndClose) => (Some(Mishap::Close), Some(state.answer(&got))),
                Some(Mishap::Answer) | None => (None, Some(state.answer(&got))),
                Some(mishap) => (Some(mishap), None),
            }
        };
        if let Some(answer) = answer {
            stream.write_all(&answer).await.ok()?;
            stream.flush().await.ok()?;
        }
        match mishap {
            None | Some(Mishap::Answer | Mishap::AnswerAndClose) => {}
            Some(Mishap::Close) => return stream.shutdown().await.ok(),
            Some(Mishap::Reset) => {
                stream.get_ref().0.set_zero_linger().expect("linger");
                return None;
            }
            Some(Mishap::Garbage) => return stream.write_all(b"SSH-2.0-x\r\n").await.ok(),
            Some(Mishap::Silent) => std::future::pending::<()>().await,
        }
    }
}

/// `None` when the connection is over.
async fn pour(
    stream: &mut tokio_rustls::server::TlsStream<TcpStream>,
    state: &Mutex<State>,
    hostile: &Hostile,
) -> Option<()> {
    stream.write_all(&hostile.head).await.ok()?;
    for _ in 0..hostile.times {
        stream.write_all(&hostile.piece).await.ok()?;
        state.lock().expect("state").poured += hostile.piece.len();
    }
    stream.flush().await.ok()?;
    if hostile.closes {
        stream.shutdown().await.ok()?;
        return None;
    }
    Some(())
}

async fn read(
    stream: &mut tokio_rustls::server::TlsStream<TcpStream>,
    buffer: &mut Vec<u8>,
) -> Option<Got> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).ok()?;
            let mut lines = head.split("\r\n");
            let mut line = lines.next()?.split(' ');
            let mut got = Got {
                method: line.next()?.to_owned(),
                path: line.next()?.to_owned(),
                fields: lines
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                body: Vec::new(),
            };
            let length = got.field("content-length").unwrap_or("0");
            let length: usize = length.parse().ok()?;
            if buffer.len() >= end + 4 + length {
                got.body = buffer[end + 4..end + 4 + length].to_vec();
                buffer.drain(..end + 4 + length);
                return Some(got);
            }
        }
        let mut portion = [0; 4096];
        match stream.read(&mut portion).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => buffer.extend_from_slice(&portion[..length]),
        }
    }
}
