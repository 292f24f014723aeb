//! Servers for the tests: canned bytes, and rustls with certificates of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::{RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::{TlsCase, TlsProbe, TlsProbeSettings};
use crate::engine::limit::Limiter;
use crate::engine::ports::{CaseContext, Clock};
use crate::model::names::Names;
use crate::model::suite::{ProtocolVersion, SuiteRegistry, SuiteSetNames};
use crate::model::target::{Hooks, IdentityHeaders, Verify};
use crate::probe::target::{ClientCertificateKind, ClientIdentity, ResolvedTarget};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::canned::CannedFlight;
use crate::wire::tls::client::{FirstMessage, parse_client_records};
use crate::wire::tls::hello::ClientHello;

pub(super) const ECDHE: u16 = 0xC02F;
pub(super) const NULL: u16 = 0x0002;

pub(super) struct StillClock;

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-06-01 12:00 UTC)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn wait(&self, _: Duration) {}

    fn source(&self) -> String {
        "still".to_owned()
    }
}

/// What a canned server does after the hello.
#[derive(Clone)]
pub(super) enum Reply {
    Bytes(Vec<u8>),
    Fin,
    Reset,
    Hold,
    Endless,
}

/// An ordinary server: TLS 1.2 only, one suite.
pub(super) fn healthy(hello: &ClientHello) -> Reply {
    if hello.highest_version() != ProtocolVersion::Tls12.wire() {
        return Reply::Bytes(Alert::PROTOCOL_VERSION.encode(0x0301));
    }
    if !hello.offers_suite(ECDHE) {
        return Reply::Bytes(Alert::HANDSHAKE_FAILURE.encode(0x0303));
    }
    selecting(ECDHE)
}

pub(super) fn selecting(suite: u16) -> Reply {
    Reply::Bytes(CannedFlight::new(ProtocolVersion::Tls12, suite, [3; 32]).encode())
}

/// Serves every connection by `reply`, which is told how many hellos of this kind (`true` by `kind`) came before.
pub(super) async fn canned<F>(reply: F) -> SocketAddr
where
    F: Fn(&ClientHello, usize) -> Reply + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let address = listener.local_addr().expect("address");
    let reply = Arc::new(reply);
    let count = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&reply), Arc::clone(&count)));
        }
    });
    address
}

async fn serve<F>(mut stream: TcpStream, reply: Arc<F>, count: Arc<AtomicUsize>)
where
    F: Fn(&ClientHello, usize) -> Reply,
{
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let hello = loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        bytes.extend_from_slice(&buffer[..read]);
        match parse_client_records(&bytes) {
            Ok(parsed) => match parsed.message {
                FirstMessage::Tls(hello) => break hello,
                FirstMessage::Sslv2(_) => return,
            },
            Err(_) if read == 0 => return,
            Err(_) => {}
        }
    };
    // Only the offer under test is counted, so that controls beside it do not shift the numbers.
    let number = if hello.offers_suite(ECDHE) {
        0
    } else {
        count.fetch_add(1, Ordering::SeqCst)
    };
    match reply(&hello, number) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut buffer).await;
        }
        Reply::Fin => {}
        Reply::Reset => stream.set_zero_linger().expect("linger"),
        Reply::Hold => {
            let _ = stream.read(&mut buffer).await;
        }
        Reply::Endless => while stream.write_all(&[0x16, 3, 3, 0, 1, 0]).await.is_ok() {},
    }
}

pub(super) fn registry() -> Arc<SuiteRegistry> {
    let text = include_str!("../../../../scenarios/sets/suites.yaml");
    Arc::new(SuiteRegistry::new(serde_yaml::from_str(text).unwrap()).unwrap())
}

pub(super) fn baseline(registry: &SuiteRegistry) -> Vec<u16> {
    let text = include_str!("../../../../scenarios/sets/sets.yaml");
    let sets: SuiteSetNames = serde_yaml::from_str(text).unwrap();
    let sets = sets.resolve(registry).unwrap();
    sets.get("baseline")
        .unwrap()
        .iter()
        .map(|suite| suite.0)
        .collect()
}

pub(super) fn target(address: SocketAddr) -> ResolvedTarget {
    ResolvedTarget {
        name: "test".to_owned(),
        url: "https://localhost/".to_owned(),
        host: "localhost".to_owned(),
        port: 443,
        address,
        root: "/".to_owned(),
        roots: Vec::new(),
        verify: Verify::Full,
        hosts: Vec::new(),
        clear: None,
        documents: BTreeMap::new(),
        default_auid: None,
        presents_certificate: false,
        certificate_authenticates: None,
        writable: false,
        subscribers: BTreeMap::new(),
        client_certificates: BTreeMap::new(),
        identity_headers: IdentityHeaders::default(),
        hooks: Hooks::default(),
        timeout: Duration::from_secs(5),
    }
}

pub(super) fn probe(target: ResolvedTarget) -> TlsProbe {
    probe_at(target, Arc::new(StillClock))
}

/// A probe that takes its time by `pace`.
pub(super) fn probe_at(target: ResolvedTarget, pace: Arc<dyn Clock>) -> TlsProbe {
    let clock: Arc<dyn Clock> = Arc::new(StillClock);
    let registry = registry();
    TlsProbe::new(TlsProbeSettings {
        target: Arc::new(target),
        baseline: baseline(&registry),
        registry,
        limiter: Arc::new(Limiter::new(Arc::clone(&clock), 10_000, None)),
        pace,
        clock,
        seed: 7,
        trace: crate::engine::trace::Trace::none(),
        reach: crate::probe::reach::Reach::default(),
    })
}

pub(super) fn case(probe: &TlsProbe) -> TlsCase {
    probe.case(&CaseContext {
        id: "T-01".to_owned(),
        run_id: "run".to_owned(),
        seed: 11,
        may_be_parked: false,
        trace: crate::engine::trace::Trace::none(),
    })
}

pub(super) fn names() -> Names {
    let mut names = Names::default();
    names.set_list("null_enc", vec!["TLS_RSA_WITH_NULL_SHA".to_owned()]);
    names
}

/// A certification authority, a server certificate for localhost and client certificates.
pub(super) struct Pki {
    pub(super) root: CertificateDer<'static>,
    pub(super) server: (CertificateDer<'static>, Vec<u8>),
    issuer: Issuer<'static, KeyPair>,
}

pub(super) fn pki(names: &[&str]) -> Pki {
    let (root, issuer) = authority("Test root");
    let server = leaf(&issuer, names);
    Pki {
        root,
        server,
        issuer,
    }
}

pub(super) fn authority(name: &str) -> (CertificateDer<'static>, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    dates(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    (certificate.der().clone(), Issuer::new(params, key))
}

pub(super) fn dates(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
}

fn leaf(issuer: &Issuer<'static, KeyPair>, names: &[&str]) -> (CertificateDer<'static>, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    dates(&mut params);
    let certificate = params.signed_by(&key, issuer).unwrap();
    (certificate.der().clone(), key.serialize_der())
}

fn private_key(der: &[u8]) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der.to_vec()))
}

impl Pki {
    pub(super) fn client(&self) -> (ClientCertificateKind, ClientIdentity) {
        let (certificate, key) = leaf(&self.issuer, &["client"]);
        let identity = ClientIdentity {
            chain: vec![certificate],
            key: private_key(&key),
        };
        (ClientCertificateKind::Valid, identity)
    }

    /// A server that demands a client certificate of this authority when `demanding`.
    pub(super) fn config(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        demanding: bool,
    ) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap();
        let builder = if demanding {
            let mut roots = RootCertStore::empty();
            roots.add(self.root.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let (certificate, key) = &self.server;
        builder
            .with_single_cert(vec![certificate.clone()], private_key(key))
            .unwrap()
    }
}

/// A rustls server that answers every request with 404.
pub(super) async fn https(config: ServerConfig) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
    let address = listener.local_addr().expect("address");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                    let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
