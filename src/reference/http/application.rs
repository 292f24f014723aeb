//! The proxy: authenticates, verifies and asserts identities, and passes requests on.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming as IncomingBody;
use hyper::header::{
    AUTHORIZATION, CONNECTION, HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT, WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::authentication::{Authenticator, Decision, Incoming};
use super::challenge::{self, Challenged};
use super::clear;
use super::connection::{Connection, ConnectionInfo, Transport};
use super::credentials::Presented;
use super::defect::{HttpDefect, ProxyDefect};
use super::departure::Departure;
use super::path::DocumentSelector;
use super::proxy::Cache;
use super::settings::ApplicationSettings;
use super::split::Splitting;
use super::traffic::Traffic;

/// Longest request body.
const MAX_BODY: usize = 1024 * 1024;

/// Longest request head.
const MAX_HEAD: usize = 64 * 1024;

/// How long a head may take to arrive.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long a body may take to arrive.
const BODY_TIME_LIMIT: Duration = Duration::from_secs(30);

/// Wrong answers on a connection that a defect bears.
const PATIENCE: u32 = 5;

/// After how many wrong answers a connection is of no more use to those who guess.
const MOST_WRONG_ANSWERS: u32 = 30;

/// From how many challenges on a defect repeats the nonce.
const CHALLENGES_OF_THEIR_OWN: u32 = 20;

/// An Authentication Proxy, or a server that is its own (TS 33.141, 5.1.4 and 6.1.3).
pub struct Application {
    pub(super) authenticator: Authenticator,
    pub(super) settings: Arc<ApplicationSettings>,
    pub(super) cache: Cache,
    pub(super) traffic: Traffic,
    /// The highest number of a connection so far.
    pub(super) newest_connection: AtomicU64,
}

/// A request whose parts are at hand.
pub(super) struct Received {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Request target in origin form.
    pub(super) target: String,
    /// Position of the subscriber whose tree the target lies in.
    pub(super) owner: Option<usize>,
}

impl Application {
    /// An application without any state yet.
    #[must_use]
    pub fn new(settings: ApplicationSettings) -> Arc<Self> {
        let settings = Arc::new(settings);
        Arc::new(Self {
            authenticator: Authenticator::new(Arc::clone(&settings)),
            settings,
            cache: Cache::default(),
            traffic: Traffic::default(),
            newest_connection: AtomicU64::new(0),
        })
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &ApplicationSettings {
        &self.settings
    }

    /// Whether the bootstrapping of this transaction identifier has ended, or there is none.
    #[must_use]
    pub fn is_expired(&self, b_tid: &str) -> bool {
        let subscriber = self.authenticator.subscriber_of(b_tid);
        subscriber.is_none_or(|subscriber| self.authenticator.is_expired(subscriber))
    }

    /// Answers the requests of one connection until it ends; broken HTTP ends it.
    pub async fn serve<S>(self: Arc<Self>, stream: S, connection: ConnectionInfo)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        self.newest_connection
            .fetch_max(connection.id, Ordering::SeqCst);
        let connection = Mutex::new(Connection::new(connection));
        let service = service_fn(|request| {
            let answer = self.answer(request, &connection);
            async { Ok::<_, Infallible>(answer.await) }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_LIMIT)
            .max_buf_size(MAX_HEAD)
            .half_close(true)
            .serve_connection(
                TokioIo::new(Splitting::new(
                    stream,
                    self.settings.has(HttpDefect::LineBreakInIdentityRead),
                )),
                service,
            )
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "connection ended");
        }
    }

    async fn answer(
        &self,
        request: Request<IncomingBody>,
        connection: &Mutex<Connection>,
    ) -> Response<Full<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY).collect();
        let body = match tokio::time::timeout(BODY_TIME_LIMIT, body).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => return plain(StatusCode::PAYLOAD_TOO_LARGE).map(Full::new),
            Err(_) => return plain(StatusCode::REQUEST_TIMEOUT).map(Full::new),
        };
        let target = parts
            .uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), ToString::to_string);
        if self.settings.has(HttpDefect::TrailerIdentityTaken)
            && let Some(trailers) = body.trailers()
        {
            parts.headers.extend(trailers.clone());
        }
        let received = Received {
            owner: self.owner_of(parts.uri.path()),
            target,
            body: body.to_bytes(),
            parts,
        };
        let transport = {
            let mut connection = lock(connection);
            connection.requests = connection.requests.saturating_add(1);
            connection.info.transport
        };
        let response = if transport == Transport::Tls {
            let response = self.answer_in_tls(&received, connection).await;
            self.as_answered(&received, response)
        } else {
            match clear::answer(&self.settings, transport, &received) {
                Some(response) => response,
                None => {
                    let owner = received.owner.unwrap_or(0);
                    self.pass_on(&received, (owner, Departure::None)).await
                }
            }
        };
        response.map(Full::new)
    }

    async fn answer_in_tls(
        &self,
        received: &Received,
        connection: &Mutex<Connection>,
    ) -> Response<Bytes> {
        if let Some(response) = self.as_open_proxy(received).await {
            return response;
        }
        if matches!(received.parts.method, Method::CONNECT | Method::TRACE) {
            return plain(StatusCode::NOT_IMPLEMENTED);
        }
        let addressed = self.addressed(&received.parts);
        let guarding = addressed.and_then(|host| self.guarding(host, &lock(connection)));
        let host = match guarding {
            Ok(host) => host,
            Err(status) => return plain(status),
        };
        if let Some(response) = self.unguarded(received).await {
            return response;
        }
        let decision = self.decide(received, host, &lock(connection));
        match decision {
            Decision::Granted { subscriber, .. }
                if self.is_superseded((subscriber, host), &mut lock(connection)) =>
            {
                self.challenge(received, host, (false, connection))
            }
            Decision::Granted { subscriber, .. } if !self.may_reach(subscriber, host) => {
                plain(StatusCode::FORBIDDEN)
            }
            Decision::Granted { subscriber, proof } => {
                lock(connection).reauthentication_challenged = None;
                lock(connection).wrong_answers = 0;
                let departure = self.departure(received, subscriber, &mut lock(connection));
                let (departure, _under_way) =
                    self.mixed_up(received, (subscriber, departure)).await;
                let response = self.pass_on(received, (subscriber, departure)).await;
                self.with_proof(response, proof.as_deref())
            }
            Decision::Challenge { stale } => self.challenge(received, host, (stale, connection)),
            Decision::BadRequest => plain(StatusCode::BAD_REQUEST),
            Decision::Broken => plain(StatusCode::INTERNAL_SERVER_ERROR),
            Decision::Forbidden => plain(StatusCode::FORBIDDEN),
        }
    }

    /// Whether the user security settings of a subscriber allow this server (TS 24.109, 7.3).
    fn may_reach(&self, subscriber: usize, host: &str) -> bool {
        let settings = self.settings.subscribers.get(subscriber);
        let allowed = settings.and_then(|settings| settings.allowed_hosts.as_ref());
        allowed.is_none_or(|allowed| allowed.iter().any(|name| name == host))
            || self.settings.has(HttpDefect::ServiceNotChecked)
    }

    fn decide(&self, received: &Received, host: &str, connection: &Connection) -> Decision {
        let headers = &received.parts.headers;
        let taken = self.settings.has(HttpDefect::ProxyAuthorizationTaken)
            && !headers.contains_key(AUTHORIZATION);
        let field = if taken {
            PROXY_AUTHORIZATION
        } else {
            AUTHORIZATION
        };
        let mut values: Vec<&[u8]> = headers
            .get_all(field)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        if self.settings.has(HttpDefect::SecondAuthorizationIgnored) {
            values.truncate(1);
        }
        let presented = Presented::read(&values);
        if self.settings.has(HttpDefect::MalformedAuthorizationBreaks)
            && values.len() == 1
            && matches!(presented, Presented::Malformed)
        {
            return Decision::Broken;
        }
        let incoming = Incoming {
            method: received.parts.method.as_str(),
            target: &received.target,
            headers: &received.parts.headers,
            body: &received.body,
            challenged: challenged(received, host),
            connection,
            owner: received.owner,
        };
        self.authenticator.decide(&incoming, &presented)
    }

    fn challenge(
        &self,
        received: &Received,
        host: &str,
        (stale, connection): (bool, &Mutex<Connection>),
    ) -> Response<Bytes> {
        if received
            .owner
            .is_some_and(|owner| self.authenticator.is_demanded(owner))
        {
            lock(connection).reauthentication_challenged = Some(received.target.clone());
            if self
                .settings
                .has(HttpDefect::ReauthenticationDropsTlsSessions)
            {
                (self.settings.levers.forget_tls_sessions)();
            }
        }
        let id = {
            let mut connection = lock(connection);
            connection.challenged = true;
            connection.answers_challenge = true;
            connection.challenges = connection.challenges.saturating_add(1);
            if received.parts.headers.contains_key(AUTHORIZATION) && !stale {
                connection.wrong_answers = connection.wrong_answers.saturating_add(1);
            }
            let breaks = self.settings.has_proxy(ProxyDefect::WrongAnswersBreak);
            if breaks && connection.wrong_answers > PATIENCE {
                return plain(StatusCode::INTERNAL_SERVER_ERROR);
            }
            if connection.wrong_answers > MOST_WRONG_ANSWERS {
                return closing(plain(StatusCode::TOO_MANY_REQUESTS));
            }
            connection.info.id
        };
        let realm = challenge::realm(&self.settings, challenged(received, host));
        let now = self.authenticator.now();
        let repeated = {
            let connection = lock(connection);
            let repeats = self.settings.has(HttpDefect::NonceRepeats)
                && connection.challenges > CHALLENGES_OF_THEIR_OWN;
            connection.last_nonce.clone().filter(|_| repeats)
        };
        let nonce = repeated.unwrap_or_else(|| {
            let mut memory = self.authenticator.memory();
            memory.nonces.issue(realm, host, now, id)
        });
        lock(connection).last_nonce = Some(nonce.clone());
        let mut response = plain(StatusCode::UNAUTHORIZED);
        for field in challenge::fields(&self.settings, &nonce, stale) {
            if let Ok(value) = HeaderValue::from_str(&field) {
                response.headers_mut().append(WWW_AUTHENTICATE, value);
            }
        }
        response
    }

    /// The configured host that a request names.
    pub(super) fn host_of(&self, parts: &Parts) -> Option<&str> {
        let mut fields = parts.headers.get_all(HOST).iter();
        let authority = match (parts.uri.host(), fields.next(), fields.next()) {
            (Some(host), _, None) => host,
            (None, Some(field), None) => field.to_str().ok()?,
            _ => return None,
        };
        self.host_named(authority)
    }

    /// The configured host of that name, with or without a port.
    pub(super) fn host_named(&self, authority: &str) -> Option<&str> {
        let name = authority
            .rsplit_once(':')
            .map_or(authority, |(name, _)| name);
        self.settings
            .hosts
            .iter()
            .find(|host| host.name.eq_ignore_ascii_case(name))
            .map(|host| host.name.as_str())
    }

    pub(super) fn owner_of(&self, path: &str) -> Option<usize> {
        let xui = DocumentSelector::parse(&self.settings.root, path)?.xui?;
        self.settings
            .subscribers
            .iter()
            .position(|subscriber| subscriber.xui == xui)
    }
}

fn challenged<'a>(received: &'a Received, host: &'a str) -> Challenged<'a> {
    let headers = &received.parts.headers;
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Challenged {
        host,
        user_agent: user_agent.unwrap_or_default(),
        had_credentials: headers.contains_key(AUTHORIZATION),
    }
}

/// The answer, after which the connection ends.
fn closing(mut response: Response<Bytes>) -> Response<Bytes> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// An answer without a body.
pub(super) fn plain(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn lock(connection: &Mutex<Connection>) -> std::sync::MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
