//! The control port: levers of the reference target over plain HTTP, for loopback only.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::application::Application;

/// Furthest that one request moves the clock: ten years.
const MAX_SECONDS: u64 = 10 * 365 * 86_400;

/// How long a head may take to arrive.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(30);

/// The levers of an application and its front.
///
/// `POST /force-reauth?subscriber=NAME`, `POST /expire-b-tid?subscriber=NAME` (a B-TID serves as NAME too),
/// `POST /advance-clock?seconds=N` and `POST /restart`. 204 when done, 404 for an unknown lever or subscriber, 400 for a
/// missing or wrong argument, 405 for another method.
pub struct Control {
    application: Arc<Application>,
}

impl Control {
    /// The levers of an application.
    #[must_use]
    pub fn new(application: Arc<Application>) -> Arc<Self> {
        Arc::new(Self { application })
    }

    /// Serves connections until the task is dropped; connections from elsewhere than loopback are closed.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn listen(self: Arc<Self>, listener: TcpListener) -> std::io::Result<()> {
        loop {
            let (stream, peer) = listener.accept().await?;
            if peer.ip().is_loopback() {
                tokio::spawn(Arc::clone(&self).serve(stream));
            }
        }
    }

    /// Answers the requests of one connection.
    pub async fn serve<S>(self: Arc<Self>, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let service = service_fn(|request: Request<Incoming>| {
            let status = self.pull(&request);
            async move {
                let mut response = Response::new(Full::<Bytes>::default());
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_LIMIT)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "control connection ended");
        }
    }

    fn pull<B>(&self, request: &Request<B>) -> StatusCode {
        if request.method() != Method::POST {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        let query = request.uri().query().unwrap_or_default();
        let levers = &self.application.settings().levers;
        match request.uri().path() {
            "/force-reauth" => {
                self.for_subscriber(query, |name| self.application.force_reauth(name))
            }
            "/expire-b-tid" => {
                self.for_subscriber(query, |name| self.application.expire_b_tid(name))
            }
            "/advance-clock" => {
                let seconds = argument(query, "seconds").and_then(|text| text.parse().ok());
                match seconds.filter(|seconds| *seconds <= MAX_SECONDS) {
                    Some(seconds) => {
                        (levers.advance_clock)(Duration::from_secs(seconds));
                        StatusCode::NO_CONTENT
                    }
                    None => StatusCode::BAD_REQUEST,
                }
            }
            "/restart" => {
                self.application.restart();
                (levers.restart)();
                StatusCode::NO_CONTENT
            }
            _ => StatusCode::NOT_FOUND,
        }
    }

    fn for_subscriber(&self, query: &str, pull: impl Fn(&str) -> bool) -> StatusCode {
        let name = argument(query, "subscriber").or_else(|| argument(query, "b_tid"));
        match name {
            None => StatusCode::BAD_REQUEST,
            Some(name) if pull(&name) => StatusCode::NO_CONTENT,
            Some(_) => StatusCode::NOT_FOUND,
        }
    }
}

/// Value of a query argument, percent-decoded.
fn argument(query: &str, name: &str) -> Option<String> {
    let value = query
        .split('&')
        .filter_map(|argument| argument.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))?;
    super::path::decode(value)
}
