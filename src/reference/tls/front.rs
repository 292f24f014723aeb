//! One connection from its first byte to a stream that carries HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustls::HandshakeKind;
use rustls::server::{ServerConnection, VerifierBuilderError};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::answer::{Reply, answer};
use super::canned::Material;
use super::client_certificate::ClientCertificatePolicy;
use super::defect::TlsDefect;
use super::early::EarlyPump;
use super::effect::{Effect, Front};
use super::ending::{close, give, give_document};
use super::first_bytes::{First, FirstBytes, read_first, whole_records};
use super::lab_plan::Plan;
use super::pre_shared::{KeyTrialStream, PreSharedFront, Who};
use super::replay::Replay;
use super::sessions::Lineage;
use super::stack::TlsStack;
use super::watched::{SessionHolder, is_alert};
use crate::model::suite::ProtocolVersion;
use crate::reference::certificates::{CertificateError, Certificates, FIRST_HOST, SECOND_HOST};
use crate::reference::clock::VirtualClock;
use crate::reference::http::{ConnectionInfo, Transport};
use crate::tls::server::Server;
use crate::tls::suite::Suite;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::code;
use crate::wire::tls::record::MAX_PLAINTEXT;

/// How long the first message may take to arrive.
const FIRST_MESSAGE_LIMIT: Duration = Duration::from_secs(10);
/// The same for a defect: longer than any scenario takes.
const PATIENT_LIMIT: Duration = Duration::from_secs(3600);
/// How long a handshake may take after its first message.
pub(super) const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Description of the alert `internal_error` (RFC 8446, 6).
const INTERNAL_ERROR: u8 = 80;
/// Which connection after a malformed hello or garbage is refused by the defect: the first may well be a control of that hello.
const SHAKEN_BY_MALFORMED: u32 = 2;

/// What a front is made of.
#[derive(Debug, Clone)]
pub struct TlsFrontSettings {
    /// Authorities that sign its certificate and the clients'.
    pub certificates: Arc<Certificates>,
    /// The clock sessions age by.
    pub clock: VirtualClock,
    /// The clock by which a first message may take too long.
    pub patience: VirtualClock,
    /// What it does about client certificates.
    pub client_certificate: ClientCertificatePolicy,
    /// Whether it takes the keys of bootstrappings as pre-shared keys of TLS.
    pub pre_shared_keys: bool,
    /// What it does wrong.
    pub defects: BTreeSet<TlsDefect>,
    /// Suites the lab server may have.
    pub suites: Vec<Suite>,
    /// Seed of the randoms in canned flights.
    pub seed: [u8; 32],
}

/// A front cannot be made.
#[derive(Debug, Error)]
pub enum TlsFrontError {
    /// No certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// rustls does not take the configuration.
    #[error("rustls does not take the configuration: {0}")]
    Rustls(#[from] rustls::Error),
    /// rustls does not take the authority of client certificates.
    #[error("rustls does not take the authority of client certificates: {0}")]
    Verifier(#[from] VerifierBuilderError),
}

/// A connection of the lab server.
pub(crate) type LabStream<S> = crate::tls::stream::TlsStream<S, Server>;

/// A connection that is ready for HTTP.
pub(crate) enum Accepted<S> {
    /// After a handshake; the last part is to be kept as long as the stream.
    Tls(Box<TlsStream<Replay<S>>>, ConnectionInfo, SessionHolder),
    /// After a handshake of the lab server.
    Lab(Box<LabStream<S>>, ConnectionInfo),
    /// After a handshake with a pre-shared key.
    PreShared(Box<KeyTrialStream<S>>, ConnectionInfo),
    /// With early data, which the application has before the handshake ends; run the pump beside it.
    Early(Box<EarlyPump<Replay<S>>>, DuplexStream, ConnectionInfo),
    /// In clear.
    Clear(Replay<S>, ConnectionInfo),
}

/// The TLS front of a reference target.
#[derive(Debug)]
pub struct TlsFront {
    pub(super) stack: TlsStack,
    pre_shared: Option<PreSharedFront>,
    pub(super) defects: BTreeSet<TlsDefect>,
    seed: [u8; 32],
    patience: VirtualClock,
    /// Connections up to and with the one that a defect refuses.
    shaken: AtomicU32,
}

impl TlsFront {
    /// A front without any session yet.
    ///
    /// # Errors
    /// When certificates or the configuration of rustls cannot be made.
    pub fn new(settings: &TlsFrontSettings) -> Result<Self, TlsFrontError> {
        Ok(Self {
            stack: TlsStack::new(settings)?,
            pre_shared: PreSharedFront::of(settings),
            defects: settings.defects.clone(),
            seed: settings.seed,
            patience: settings.patience.clone(),
            shaken: AtomicU32::new(0),
        })
    }

    /// Forgets every TLS session.
    pub fn forget_sessions(&self) {
        self.stack.forget_sessions();
    }

    /// Takes a connection up to HTTP; `None` when it ended before.
    pub(crate) async fn accept<S>(&self, mut stream: S, who: Who) -> Option<Accepted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (id, associations) = who;
        let limit = if self.has(Front::Patient) {
            PATIENT_LIMIT
        } else {
            FIRST_MESSAGE_LIMIT
        };
        let FirstBytes { bytes, first } = read_first(&mut stream, &self.patience, limit).await;
        if self.is_shaken() {
            give(stream, Reply::Alert(Alert::fatal(INTERNAL_ERROR))).await;
            return None;
        }
        self.shake(&first);
        if self.has(Front::IntolerantOfFragments) && is_fragmented(&bytes) {
            give(stream, Reply::Alert(Alert::HANDSHAKE_FAILURE)).await;
            return None;
        }
        if let Some(server) = self.lab_server(&first, &bytes, Plan::of_departure) {
            return self.lab_handshake(stream, server, id).await;
        }
        let material = Material::new(self.stack.certificate().to_vec(), self.seed, id);
        if let Some(reply) = answer(&first, &self.defects, &material) {
            give(stream, reply).await;
            return None;
        }
        let pre_shared = self.pre_shared.as_ref();
        if let Some(front) = pre_shared.filter(|front| front.takes(&first)) {
            let stream = Replay::new(bytes, stream);
            return front.accept(stream, id, (associations, self.seed)).await;
        }
        if let Some(server) = self.lab_server(&first, &bytes, Plan::of_laxity) {
            return self.lab_handshake(stream, server, id).await;
        }
        match first {
            First::Nothing | First::Garbage | First::Slow => None,
            First::Clear => {
                let info = info(id, Transport::ClearOnTlsPort);
                Some(Accepted::Clear(Replay::new(bytes, stream), info))
            }
            _ if self.has(Front::EndsHandshake) => {
                self.end_handshake(stream, (first, bytes)).await;
                None
            }
            _ => self.handshake(stream, (first, bytes), id).await,
        }
    }

    async fn handshake<S>(
        &self,
        stream: S,
        (first, bytes): (First, Vec<u8>),
        id: u64,
    ) -> Option<Accepted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let connection = self
            .stack
            .for_connection(highest_version(&first), (id, &first));
        if connection.takes_early_data && has_early_data(&first) {
            let stream = Replay::new(bytes, stream);
            let (pump, end) = EarlyPump::new(stream, &connection.config)?;
            let info = ConnectionInfo {
                resumed: true,
                early_data: true,
                ..info(id, Transport::Tls)
            };
            return Some(Accepted::Early(Box::new(pump), end, info));
        }
        let acceptor = TlsAcceptor::from(connection.config);
        let handshake = acceptor.accept(Replay::new(bytes, stream)).into_fallible();
        match timeout(HANDSHAKE_LIMIT, handshake).await {
            Ok(Ok(mut stream)) => {
                let info = self.describe(&stream, (id, &connection.lineage));
                if self.gives_to_anybody(&info) || self.gives_to_holder(&stream) {
                    give_document(&mut stream).await;
                    return None;
                }
                let holder = SessionHolder {
                    lineage: connection.lineage,
                    memory: self.stack.memory(),
                };
                Some(Accepted::Tls(Box::new(stream), info, holder))
            }
            Ok(Err((error, stream))) => {
                tracing::debug!(%error, connection = id, "handshake ended");
                if is_alert(&error) {
                    self.stack.memory().forget(&connection.lineage);
                }
                close(stream.into_inner()).await;
                None
            }
            Err(_) => None,
        }
    }

    fn describe<S>(&self, stream: &TlsStream<S>, (id, lineage): (u64, &Lineage)) -> ConnectionInfo {
        let (_, session) = stream.get_ref();
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        let resumed = session.handshake_kind() == Some(HandshakeKind::Resumed);
        let birth = lineage.inherited().filter(|_| resumed);
        let name = session.server_name();
        let asked = self.stack.asks_for_certificate() && !resumed;
        ConnectionInfo {
            server_name: name.map(str::to_owned),
            resumed,
            full_handshake: birth.as_ref().map_or(id, |birth| birth.connection),
            made_elsewhere: birth.is_some_and(|birth| birth.server_name.as_deref() != name),
            client_certificate_subject: certificate.and_then(|der| subject(der)),
            certificate_requested_and_empty: asked && certificate.is_none(),
            ..info(id, Transport::Tls)
        }
    }

    /// Gives the first flight of a good handshake and ends it when the client goes on.
    async fn end_handshake<S>(&self, mut stream: S, (first, bytes): (First, Vec<u8>))
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let highest = highest_version(&first);
        let flight_is_clear = highest < ProtocolVersion::Tls13.wire();
        let connection = self.stack.for_connection(highest, (0, &first));
        let Ok(mut session) = ServerConnection::new(connection.config) else {
            return;
        };
        let mut flight = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() && session.read_tls(&mut rest).is_ok_and(|count| count > 0) {
            let failed = session.process_new_packets().is_err();
            while session.wants_write() && session.write_tls(&mut flight).is_ok() {}
            if failed {
                break;
            }
        }
        if stream.write_all(&flight).await.is_err() {
            return;
        }
        let mut second = [0; 1024];
        let answered = timeout(HANDSHAKE_LIMIT, stream.read(&mut second)).await;
        if !matches!(answered, Ok(Ok(1..))) {
            return;
        }
        // In TLS 1.3 the client expects encrypted records here, and an alert in clear would only confuse it.
        if flight_is_clear {
            give(stream, Reply::Alert(Alert::HANDSHAKE_FAILURE)).await;
        } else {
            // What the client sends beside its Finished must not turn the end into a reset.
            close(stream).await;
        }
    }

    /// Whether a defect serves this connection without looking at requests.
    pub(super) fn gives_to_anybody(&self, info: &ConnectionInfo) -> bool {
        let named = info.server_name.as_deref();
        let unknown = named.is_some_and(|name| ![FIRST_HOST, SECOND_HOST].contains(&name));
        (unknown && self.has(Front::ServesUnknownNames))
            || (info.certificate_requested_and_empty && self.has(Front::ServesUncertified))
    }

    /// Whether a defect takes the client certificate of this connection, which should be refused.
    fn gives_to_holder<S>(&self, stream: &TlsStream<S>) -> bool {
        let (_, session) = stream.get_ref();
        let Some(certificate) = session.peer_certificates().and_then(<[_]>::first) else {
            return false;
        };
        let now = self.stack.now();
        self.defects.iter().any(|defect| match defect.effect() {
            Effect::ClientCertificate(laxity) => laxity.shows_in(certificate, now),
            _ => false,
        })
    }

    fn has(&self, front: Front) -> bool {
        let effect = Effect::Front(front);
        self.defects.iter().any(|defect| defect.effect() == effect)
    }

    /// Whether a defect refuses this connection; counts it.
    fn is_shaken(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        let counted = self
            .shaken
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        counted == Ok(1)
    }

    fn shake(&self, first: &First) {
        let shaking = match first {
            First::Malformed => self.has(Front::ShakenByMalformed),
            First::Garbage => self.has(Front::ShakenByGarbage),
            _ => false,
        };
        if shaking {
            self.shaken.store(SHAKEN_BY_MALFORMED, Ordering::SeqCst);
        }
    }
}

pub(super) fn subject(der: &[u8]) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    Some(parsed.subject().to_string())
}

/// Whether a hello announces early data (RFC 8446 4.2.10).
fn has_early_data(first: &First) -> bool {
    matches!(first, First::Hello(hello) if hello.extensions.iter().any(|extension| extension.code == code::EARLY_DATA))
}

/// Whether a first message comes in several records although one would hold it.
fn is_fragmented(bytes: &[u8]) -> bool {
    bytes.len() < MAX_PLAINTEXT && whole_records(bytes) > 1
}

pub(super) fn info(id: u64, transport: Transport) -> ConnectionInfo {
    ConnectionInfo {
        transport,
        ..ConnectionInfo::tls(id)
    }
}

fn highest_version(first: &First) -> u16 {
    match first {
        First::Hello(hello) => hello.highest_version(),
        _ => ProtocolVersion::Tls13.wire(),
    }
}
