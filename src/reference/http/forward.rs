//! The way to the application server over plain HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;

/// Longest answer that is passed on.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// How long the application server may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A request as it goes on.
pub(super) struct Outgoing {
    pub(super) method: Method,
    /// Request target in origin form.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Why no answer came from the application server.
#[derive(Debug, Error)]
enum Failure {
    #[error("application server not reached")]
    Connect(#[from] std::io::Error),
    #[error("application server broke HTTP")]
    Http(#[from] hyper::Error),
    #[error("answer of the application server could not be read")]
    Body(#[from] Box<dyn std::error::Error + Send + Sync>),
    #[error("request cannot be passed on")]
    Request(#[from] hyper::http::Error),
}

/// Passes a request on; 502 when the application server cannot be reached or understood, 504 when it takes too long.
pub(super) async fn forward(address: SocketAddr, outgoing: Outgoing) -> Response<Bytes> {
    match tokio::time::timeout(TIME_LIMIT, exchange(address, outgoing)).await {
        Ok(Ok(response)) => response,
        Ok(Err(failure)) => {
            tracing::debug!(%failure, %address, "request not passed on");
            plain(StatusCode::BAD_GATEWAY)
        }
        Err(_) => plain(StatusCode::GATEWAY_TIMEOUT),
    }
}

async fn exchange(address: SocketAddr, outgoing: Outgoing) -> Result<Response<Bytes>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut request = Request::builder()
        .method(outgoing.method)
        .uri(outgoing.target)
        .body(Full::new(outgoing.body))?;
    *request.headers_mut() = outgoing.headers;
    let answer = async {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, MAX_BODY).collect().await?.to_bytes();
        Ok(Response::from_parts(parts, body))
    };
    tokio::pin!(connection, answer);
    tokio::select! {
        result = &mut answer => result,
        // The answer may still lie in the buffers of a connection that has ended.
        _ = &mut connection => answer.await,
    }
}

fn plain(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
