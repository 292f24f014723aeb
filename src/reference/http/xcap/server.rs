//! The store behind a proxy, over plain HTTP.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::{Asker, StoreRequest};
use super::store::Store;
use crate::reference::http::identity::asserted;

/// Longest document.
const MAX_BODY: usize = 1024 * 1024;

/// How long a head may take to arrive.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(30);

impl Store {
    /// Answers the requests of one connection from the proxy, whose asserted identities it trusts.
    pub async fn serve<S>(self: Arc<Self>, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let service = service_fn(|request: Request<Incoming>| {
            let answer = self.read_and_answer(request);
            async { Ok::<_, Infallible>(answer.await) }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME_LIMIT)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "connection from the proxy ended");
        }
    }

    async fn read_and_answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return response;
        };
        let asker = match asserted(&parts.headers) {
            _ if self.outside_trust => Asker::Unnamed,
            Some(identity) => Asker::Identity(identity),
            None => Asker::Nobody,
        };
        let answer = self.answer(&StoreRequest {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            headers: &parts.headers,
            body: &body.to_bytes(),
            asker,
        });
        answer.map(Full::new)
    }
}
