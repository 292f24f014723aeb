//! The origin: listens, takes every request down, and answers by itself or brings an answer from the real server.

use std::convert::Infallible;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{HeaderName, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::arranged::Arranged;
use super::canary::Canary;
use super::forward::Upstream;
use super::ledger::{Arrival, Ledger};
use super::settings::{OriginError, OriginSettings};
use super::stub::{Stub, status};
use crate::engine::ports::{ArrangedAnswer, Clock, Testbed};
use crate::model::evidence::{Endpoint, OriginRequest};
use crate::model::seen_http::OriginFacts;

/// Connections at a time; further ones wait.
const CONNECTIONS: usize = 256;

/// Octets of one request head.
const HEAD: usize = 64 * 1024;

/// Octets of one request body.
const BODY: usize = 1024 * 1024;

/// How long a handshake, or a request head, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long connections may take to end after a stop.
const FAREWELL: Duration = Duration::from_secs(2);

/// Rest after the system refused a connection, for want of descriptors.
const REST: Duration = Duration::from_millis(50);

struct Shared {
    settings: OriginSettings,
    ledger: Ledger,
    stub: Stub,
    arranged: Arranged,
    upstream: Option<Upstream>,
    tls: Option<TlsAcceptor>,
    clock: Option<Arc<dyn Clock>>,
}

/// The server behind the proxy: observer and canary in one. Dropping it stops it.
pub struct OriginServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    canary: Option<Canary>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for OriginServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OriginServer")
            .field("address", &self.address)
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

impl OriginServer {
    /// Starts listening.
    ///
    /// # Errors
    /// [`OriginError`] when the address is taken or wrong, or certificate or upstream cannot be used.
    pub async fn start(settings: OriginSettings) -> Result<Self, OriginError> {
        Self::start_at(settings, None).await
    }

    /// Starts listening; `clock` tells when requests arrive.
    ///
    /// # Errors
    /// [`OriginError`] as for [`Self::start`].
    pub async fn start_at(
        settings: OriginSettings,
        clock: Option<Arc<dyn Clock>>,
    ) -> Result<Self, OriginError> {
        let upstream = match &settings.forward_to {
            Some(url) => Some(Upstream::parse(url)?),
            None => None,
        };
        let tls = match &settings.tls {
            Some(tls) => Some(tls.acceptor()?),
            None => None,
        };
        let failed = |source: std::io::Error| OriginError::Listen {
            address: settings.listen.clone(),
            source,
        };
        let listener = TcpListener::bind(&settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let canary = Canary::start(address).await;
        let shared = Arc::new(Shared {
            ledger: Ledger::new(settings.identity_headers.clone()),
            stub: Stub::default(),
            arranged: Arranged::default(),
            upstream,
            tls,
            clock,
            settings,
        });
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(listen(listener, Arc::clone(&shared), stopped));
        Ok(Self {
            shared,
            address,
            canary,
            stop,
            task: Mutex::new(Some(task)),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many requests came without a marker.
    #[must_use]
    pub fn unmarked(&self) -> u32 {
        self.shared.ledger.received(None).requests
    }

    /// Stops listening and lets requests under way end.
    pub async fn stop(&self) {
        self.stop.send_replace(true);
        let task = {
            let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
            task.take()
        };
        if let Some(canary) = &self.canary {
            canary.stop();
        }
        if let Some(task) = task {
            // The task ends by itself; that it was cancelled with the runtime is as good.
            let _ = task.await;
        }
    }
}

#[async_trait]
impl Testbed for OriginServer {
    fn received(&self, marker: &str) -> OriginFacts {
        self.shared.ledger.received(Some(marker))
    }

    fn arrange(&self, marker: &str, answer: &ArrangedAnswer) -> bool {
        self.shared.arranged.put(marker, answer)
    }

    fn origin_url(&self) -> Option<String> {
        let scheme = match self.shared.tls {
            Some(_) => "https",
            None => "http",
        };
        (!self.address.ip().is_unspecified()).then(|| format!("{scheme}://{}/", self.address))
    }

    fn canary(&self) -> Option<String> {
        let canary = self.canary.as_ref()?;
        Some(canary.address().to_string())
    }

    fn canary_calls(&self) -> u32 {
        self.canary.as_ref().map_or(0, Canary::calls)
    }

    async fn arrived(&self, marker: &str, within: Duration) -> bool {
        self.shared.ledger.arrived(marker, within).await
    }

    fn requests(&self, marker: &str) -> Vec<OriginRequest> {
        self.shared.ledger.requests(marker)
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(serve((stream, peer), Arc::clone(&shared), stopped.clone()));
                }
                Err(_) => tokio::time::sleep(REST).await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // What has not ended by then is dropped with the set.
    let _ = tokio::time::timeout(FAREWELL, ended).await;
}

async fn serve(
    (stream, peer): (TcpStream, SocketAddr),
    shared: Arc<Shared>,
    stopped: watch::Receiver<bool>,
) {
    let local = stream.local_addr().unwrap_or(peer);
    let ends = (endpoint(peer), endpoint(local));
    match &shared.tls {
        None => serve_http((stream, ends), Arc::clone(&shared), stopped).await,
        Some(acceptor) => {
            let handshake = tokio::time::timeout(PATIENCE, acceptor.accept(stream));
            if let Ok(Ok(stream)) = handshake.await {
                serve_http((stream, ends), Arc::clone(&shared), stopped).await;
            }
        }
    }
}

async fn serve_http<S: AsyncRead + AsyncWrite + Unpin>(
    (stream, ends): (S, (Endpoint, Endpoint)),
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| {
        let (shared, ends) = (Arc::clone(&shared), ends.clone());
        async move { Ok::<_, Infallible>(shared.answer(request, ends).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A broken connection is the peer's affair.
        _ = connection.as_mut() => return,
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

impl Shared {
    async fn answer(
        &self,
        request: Request<Incoming>,
        (from, to): (Endpoint, Endpoint),
    ) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let arrived = self
            .clock
            .as_ref()
            .map(|clock| clock.monotonic().as_micros());
        let arrival = Arrival {
            at_us: arrived.map(|micros| u64::try_from(micros).unwrap_or(u64::MAX)),
            from,
            to,
            line: format!("{} {}", head.method, head.uri),
        };
        let marker = self.ledger.record(arrival, &head.headers);
        if body.size_hint().lower() > u64::try_from(BODY).unwrap_or(u64::MAX) {
            return status(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let collected = Limited::new(body, BODY).collect();
        let body = match tokio::time::timeout(PATIENCE, collected).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return status(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => return status(StatusCode::REQUEST_TIMEOUT),
        };
        let path = head.uri.path();
        let mut answer = match (self.settings.redirects.get(path), &self.upstream) {
            (Some(location), _) => redirect(location),
            (None, Some(upstream)) => upstream.forward(&head, &body).await,
            (None, None) => self.stub.answer(&head.method, path, &body),
        };
        let arranged =
            marker.map_or_else(ArrangedAnswer::default, |marker| self.arranged.of(&marker));
        let arranged_status = arranged.status.map(StatusCode::from_u16);
        if let Some(Ok(code)) = arranged_status {
            answer = status(code);
        }
        let usual = &self.settings.response_headers;
        for (name, value) in usual.iter().chain(&arranged.fields) {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value),
            ) {
                answer.headers_mut().append(name, value);
            }
        }
        answer
    }
}

fn endpoint(address: SocketAddr) -> Endpoint {
    let octets = match address {
        SocketAddr::V4(address) => address.ip().octets().to_vec(),
        SocketAddr::V6(address) => address.ip().octets().to_vec(),
    };
    Endpoint {
        octets,
        port: address.port(),
        text: address.to_string(),
    }
}

fn redirect(location: &str) -> Response<Full<Bytes>> {
    let mut answer = status(StatusCode::FOUND);
    if let Ok(value) = HeaderValue::from_str(location) {
        answer.headers_mut().insert(LOCATION, value);
    }
    answer
}
