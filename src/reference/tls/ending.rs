//! How the front ends connections that it does not hand on.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::answer::Reply;
use crate::model::suite::ProtocolVersion;

/// How long a connection is held after a canned flight.
const HOLD_LIMIT: Duration = Duration::from_secs(5);
/// How long a refused client may take to close.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
/// Most octets read from a client that gets no answer any more.
const MAX_IGNORED: u64 = 1 << 20;
/// What defects give to those who should get nothing.
const DOCUMENT: &str = "<ruleset xmlns=\"urn:ietf:params:xml:ns:common-policy\"/>";
/// By this a client says that it sends no further request.
const LAST: &[u8] = b"Connection: close";

/// Answers every request with a document, whatever it is.
pub(super) async fn give_document<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let mut request = [0; 4096];
    while let Ok(Ok(count @ 1..)) = timeout(HOLD_LIMIT, stream.read(&mut request)).await {
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\n\
             Content-Length: {}\r\n\r\n{DOCUMENT}",
            DOCUMENT.len()
        );
        let given = stream.write_all(answer.as_bytes()).await;
        if given.is_err() || stream.flush().await.is_err() {
            break;
        }
        let head = request.get(..count).unwrap_or_default();
        if head.windows(LAST.len()).any(|part| part == LAST) {
            close(stream).await;
            break;
        }
    }
}

/// Sends the front's own reply and ends the connection.
pub(super) async fn give<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, reply: Reply) {
    match reply {
        Reply::Alert(alert) => {
            let bytes = alert.encode(ProtocolVersion::Tls12.wire());
            if stream.write_all(&bytes).await.is_ok() {
                close(stream).await;
            }
        }
        Reply::Canned(bytes) => {
            if stream.write_all(&bytes).await.is_ok() {
                let _ = timeout(HOLD_LIMIT, ignore(&mut stream)).await;
            }
        }
    }
}

/// Closes for writing and reads what still comes, so that the client sees an end and no reset.
pub(super) async fn close<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    if stream.shutdown().await.is_ok() {
        let _ = timeout(CLOSE_LIMIT, ignore(&mut stream)).await;
    }
}

async fn ignore<S: AsyncRead + Unpin>(stream: &mut S) {
    let mut bounded = stream.take(MAX_IGNORED);
    let _ = tokio::io::copy(&mut bounded, &mut tokio::io::sink()).await;
}
