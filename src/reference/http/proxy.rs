//! What makes a reverse proxy: which host is meant, and the departures of one (RFC 9112, 3.2; TS 33.141, 5.1.4).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LOCATION, COOKIE, EXPECT, HOST, HeaderValue, LOCATION,
    PROXY_AUTHENTICATE, RANGE, SERVER, SET_COOKIE, UPGRADE, WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode, Version};
use tokio::net::TcpStream;

use super::application::{Application, Received, plain};
use super::connection::Connection;
use super::defect::ProxyDefect;
use super::departure::Departure;
use super::path::{DocumentSelector, decode};

/// Answers that a defect keeps.
const CACHED: usize = 64;

/// How long a call to a foreign host may take.
const CALL_TIME_LIMIT: Duration = Duration::from_secs(2);

/// A field that a defect takes for a session token.
const SESSION_TOKEN: &str = "x-presec-session";

/// What a server that is not careful shows of its inside.
const STACK_TRACE: &str = "java.lang.IllegalArgumentException: selector\n\tat org.example.xcap.Selector.parse(Selector.java:42)\n\tat org.example.xcap.Server.get(Server.java:7)\n";

/// Answers that a defect keeps, by host and target.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<BTreeMap<String, Response<Bytes>>>);

impl Application {
    /// The configured host that a request is for, or the status that refuses it.
    pub(super) fn addressed(&self, parts: &Parts) -> Result<&str, StatusCode> {
        let mut fields = parts.headers.get_all(HOST).iter();
        let first = fields.next();
        let counted = parts.version >= Version::HTTP_11;
        match (first, fields.next()) {
            (None, _) if self.settings.has_proxy(ProxyDefect::MissingHostServed) => {
                let hosts = self.settings.hosts.first();
                hosts.map_or(Err(StatusCode::BAD_REQUEST), |host| Ok(host.name.as_str()))
            }
            (None, _) if counted => Err(StatusCode::BAD_REQUEST),
            (Some(first), Some(_)) if self.settings.has_proxy(ProxyDefect::DuplicateHostTaken) => {
                let name = first.to_str().unwrap_or_default();
                self.host_named(name).ok_or(StatusCode::BAD_REQUEST)
            }
            (Some(_), Some(_)) => Err(StatusCode::BAD_REQUEST),
            _ => self.host_of(parts).ok_or(StatusCode::MISDIRECTED_REQUEST),
        }
    }

    /// What a defect does for a request to a host that is nobody's business: it calls there.
    pub(super) async fn as_open_proxy(&self, received: &Received) -> Option<Response<Bytes>> {
        let parts = &received.parts;
        let authority = parts.uri.authority()?;
        let tunnel = parts.method == Method::CONNECT;
        let calls = if tunnel {
            self.settings.has_proxy(ProxyDefect::ConnectTunneled)
        } else {
            self.settings.has_proxy(ProxyDefect::OtherHostsForwarded)
        };
        if !calls || self.host_named(authority.as_str()).is_some() {
            return None;
        }
        let connecting = TcpStream::connect(authority.as_str());
        let connected = tokio::time::timeout(CALL_TIME_LIMIT, connecting).await;
        Some(plain(match connected {
            Ok(Ok(_)) if tunnel => StatusCode::OK,
            _ => StatusCode::BAD_GATEWAY,
        }))
    }

    /// Header fields and target as they go on to the application server: cookies and session tokens are its own affair
    /// (TS 33.141, 5.1.4), unless a defect says otherwise.
    pub(super) fn for_inside(&self, headers: &mut HeaderMap, target: &str) -> String {
        if self.settings.has_proxy(ProxyDefect::CookieDropped) {
            headers.remove(COOKIE);
        }
        if !self.settings.has_proxy(ProxyDefect::SessionTokenDropped) {
            return target.to_owned();
        }
        headers.remove(SESSION_TOKEN);
        match target.split_once('?') {
            Some((path, query)) if query.contains("session") => path.to_owned(),
            _ => target.to_owned(),
        }
    }

    /// Header fields as they go back to the UE: locations of the application server become the proxy's own.
    pub(super) fn for_outside(
        &self,
        headers: &mut HeaderMap,
        (origin, parts): (SocketAddr, &Parts),
    ) {
        if self.settings.has_proxy(ProxyDefect::SetCookieDropped) {
            headers.remove(SET_COOKIE);
        }
        if self.settings.has_proxy(ProxyDefect::LocationPassed) {
            return;
        }
        let outside = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
        let inside = format!("http://{origin}/");
        for name in [LOCATION, CONTENT_LOCATION] {
            let rewritten = headers.get(&name).and_then(|value| {
                let rest = value.to_str().ok()?.strip_prefix(&inside)?;
                HeaderValue::from_str(&format!("https://{}/{rest}", outside?)).ok()
            });
            if let Some(rewritten) = rewritten {
                headers.insert(name, rewritten);
            }
        }
    }

    /// The host whose challenges and credentials count on this connection, or the status that refuses the request.
    pub(super) fn guarding<'a>(
        &'a self,
        host: &'a str,
        connection: &Connection,
    ) -> Result<&'a str, StatusCode> {
        let server_name = connection.info.server_name.as_deref();
        let Some(other) = server_name
            .and_then(|name| self.host_named(name))
            .filter(|name| *name != host)
        else {
            return Ok(host);
        };
        if self.settings.has_proxy(ProxyDefect::SecondHostMisdirected) {
            return Err(StatusCode::MISDIRECTED_REQUEST);
        }
        let keeps = self
            .settings
            .has_proxy(ProxyDefect::HostMismatchKeepsAuthentication);
        Ok(if keeps { other } else { host })
    }

    /// The answer that a defect gives to a request without credentials before it is judged.
    pub(super) async fn unguarded(&self, received: &Received) -> Option<Response<Bytes>> {
        let headers = &received.parts.headers;
        if headers.contains_key(AUTHORIZATION) {
            return None;
        }
        let has = |defect| self.settings.has_proxy(defect);
        if has(ProxyDefect::CachedAnswerServed)
            && headers
                .get(CACHE_CONTROL)
                .is_some_and(|value| value.as_bytes().starts_with(b"only-if-cached"))
            && let Some(cached) = self.cache.find(&received.target)
        {
            return Some(cached);
        }
        let passed = [EXPECT, RANGE, UPGRADE]
            .iter()
            .any(|name| headers.contains_key(name));
        if has(ProxyDefect::PassedBeforeAuthentication) && passed {
            let owner = received.owner.unwrap_or(0);
            return Some(self.pass_on(received, (owner, Departure::None)).await);
        }
        if has(ProxyDefect::PathVariantServed)
            && let Some(plain) = self.plainly_spelled(received)
        {
            let owner = plain.owner.unwrap_or(0);
            return Some(self.pass_on(&plain, (owner, Departure::None)).await);
        }
        None
    }

    /// The same request for the document that another spelling of its path may mean.
    fn plainly_spelled(&self, received: &Received) -> Option<Received> {
        let path = received.parts.uri.path();
        let below = path.strip_prefix(&self.settings.root)?;
        let mut segments: Vec<String> = Vec::new();
        for segment in below.split('/') {
            let segment = segment.split(';').next().unwrap_or_default();
            match decode(segment)?.as_str() {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                segment => segments.push(segment.to_owned()),
            }
        }
        let auid = segments.first_mut()?;
        *auid = auid.to_ascii_lowercase();
        let plain = format!("{}{}", self.settings.root, segments.join("/"));
        DocumentSelector::parse(&self.settings.root, &plain)?.xui?;
        if plain == path {
            return None;
        }
        let mut parts = received.parts.clone();
        parts.uri = plain.parse().ok()?;
        Some(Received {
            owner: self.owner_of(&plain),
            target: plain,
            body: received.body.clone(),
            parts,
        })
    }

    /// What defects make of an answer on its way to the UE.
    pub(super) fn as_answered(
        &self,
        received: &Received,
        mut response: Response<Bytes>,
    ) -> Response<Bytes> {
        let has = |defect| self.settings.has_proxy(defect);
        let parts = &received.parts;
        if has(ProxyDefect::CachedAnswerServed)
            && parts.method == Method::GET
            && response.status().is_success()
        {
            self.cache.keep(&received.target, &response);
        }
        if has(ProxyDefect::ServerNamed) {
            let name = HeaderValue::from_static("reference/0.1 (as1.internal.example.test)");
            response.headers_mut().insert(SERVER, name);
        }
        if has(ProxyDefect::StackTraceShown)
            && response.status() == StatusCode::NOT_FOUND
            && parts.method != Method::HEAD
            && DocumentSelector::parse(&self.settings.root, parts.uri.path()).is_none()
        {
            *response.body_mut() = Bytes::from_static(STACK_TRACE.as_bytes());
        }
        let challenged = response.status() == StatusCode::UNAUTHORIZED
            && parts.method == Method::HEAD
            && !parts.headers.contains_key(AUTHORIZATION);
        if challenged && has(ProxyDefect::ProxyConfigurationDemanded) {
            *response.status_mut() = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
            if let Some(challenge) = response.headers_mut().remove(WWW_AUTHENTICATE) {
                response.headers_mut().insert(PROXY_AUTHENTICATE, challenge);
            }
        }
        if challenged && has(ProxyDefect::ChallengeMissingOnHead) {
            response.headers_mut().remove(WWW_AUTHENTICATE);
        }
        response
    }
}

impl Cache {
    fn keep(&self, target: &str, response: &Response<Bytes>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < CACHED {
            all.insert(target.to_owned(), response.clone());
        }
    }

    fn find(&self, target: &str) -> Option<Response<Bytes>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(target).cloned()
    }
}
