//! Hooks by which connections leave a trace: endpoints, what goes under TLS, and the keys.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::engine::trace::{ConnectionTrace, Trace};
use crate::model::evidence::{Direction, Endpoint, EvidenceRole, Happening};
use crate::wire::http::clean;

/// Most characters of a library's error in a trace.
const SHOWN: usize = 160;

/// An address as evidence keeps it.
#[must_use]
pub fn endpoint(address: SocketAddr) -> Endpoint {
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

/// The trace of a connection that was just opened to `peer`.
#[must_use]
pub fn opened(
    trace: &Trace,
    role: EvidenceRole,
    stream: &TcpStream,
    peer: SocketAddr,
) -> ConnectionTrace {
    // A peer that is gone already leaves no address of our side; the connection is still to be told of.
    let local = stream
        .local_addr()
        .unwrap_or_else(|_| SocketAddr::new(peer.ip(), 0));
    trace.open(role, endpoint(local), endpoint(peer))
}

/// Writes the secrets of a TLS session into the trace of its connection.
#[derive(Debug)]
pub struct KeyTap(pub ConnectionTrace);

impl rustls::KeyLog for KeyTap {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        self.0.key(label, client_random, secret);
    }
}

/// A stream whose octets are put into a trace as what went under TLS.
pub struct PlainTap<S> {
    stream: S,
    trace: ConnectionTrace,
}

impl<S> PlainTap<S> {
    /// Traces what goes over `stream` from now on.
    #[must_use]
    pub fn new(stream: S, trace: ConnectionTrace) -> Self {
        Self { stream, trace }
    }

    /// The stream below; what goes over it so is not traced.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S> fmt::Debug for PlainTap<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PlainTap")
            .field("trace", &self.trace)
            .finish_non_exhaustive()
    }
}

/// Notes what a TLS library says is wrong; losses of the connection are seen below it.
pub fn note_trouble(trace: &ConnectionTrace, error: &io::Error) {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(inner) = inner {
        trace.note(Happening::Trouble(clean(
            inner.to_string().as_bytes(),
            SHOWN,
        )));
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PlainTap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match &polled {
            Poll::Ready(Ok(())) => {
                let read = buffer.filled().get(before..).unwrap_or_default();
                self.trace.plain(Direction::Received, read);
            }
            Poll::Ready(Err(error)) => note_trouble(&self.trace, error),
            Poll::Pending => {}
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PlainTap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        match &polled {
            Poll::Ready(Ok(written)) => {
                let sent = bytes.get(..*written).unwrap_or_default();
                self.trace.plain(Direction::Sent, sent);
            }
            Poll::Ready(Err(error)) => note_trouble(&self.trace, error),
            Poll::Pending => {}
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::engine::trace::tests::{Notes, Still};

    #[tokio::test]
    async fn both_directions_are_traced() {
        let notes = Arc::new(Notes::default());
        let trace = Trace::new(Arc::clone(&notes) as _, Arc::new(Still));
        let address = "[::1]:80".parse().expect("address");
        let connection = trace.open(EvidenceRole::Ue, endpoint(address), endpoint(address));
        let (near, mut far) = tokio::io::duplex(64);
        let mut near = PlainTap::new(near, connection);
        near.write_all(b"ask").await.expect("write");
        far.write_all(b"answer").await.expect("write");
        let mut got = [0; 6];
        near.read_exact(&mut got).await.expect("read");
        let what: Vec<Happening> = notes.events().into_iter().map(|event| event.what).collect();
        assert_eq!(
            what[1..],
            [
                Happening::Plain(Direction::Sent, b"ask".to_vec()),
                Happening::Plain(Direction::Received, b"answer".to_vec())
            ]
        );
        assert_eq!(endpoint(address).octets.len(), 16);
    }
}
