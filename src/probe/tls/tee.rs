//! A stream that remembers the first octets of both directions, so that what went over the wire in clear can be read
//! after a TLS library has consumed it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::engine::trace::ConnectionTrace;
use crate::model::evidence::{Direction, Ending, Happening};

/// Most octets kept of each direction.
pub const MAX_COPY: usize = 64 * 1024;

/// The first octets of a connection, as they went over the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// What we sent, at most [`MAX_COPY`] octets.
    pub sent: Vec<u8>,
    /// What the peer sent, at most [`MAX_COPY`] octets.
    pub received: Vec<u8>,
}

/// A handle on what a [`Tee`] has copied so far; outlives the stream.
#[derive(Debug, Clone, Default)]
pub struct WireCopy(Arc<Mutex<Copied>>);

impl WireCopy {
    /// What went over the wire up to now.
    #[must_use]
    pub fn copied(&self) -> Copied {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn sent(&self, bytes: &[u8]) {
        let mut copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keep(&mut copied.sent, bytes);
    }

    fn received(&self, bytes: &[u8]) {
        let mut copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keep(&mut copied.received, bytes);
    }
}

fn keep(copy: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_COPY.saturating_sub(copy.len());
    copy.extend(bytes.iter().take(room));
}

/// A TCP stream whose first octets are copied.
#[derive(Debug)]
pub struct Tee {
    stream: TcpStream,
    copy: WireCopy,
    trace: Option<ConnectionTrace>,
    /// Whether a FIN of ours, an end from the peer was traced.
    ended: (bool, bool),
}

impl Tee {
    /// Copies what goes over `stream` from now on.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            copy: WireCopy::default(),
            trace: None,
            ended: (false, false),
        }
    }

    /// The same, and puts every octet into a trace.
    #[must_use]
    pub fn traced(stream: TcpStream, trace: ConnectionTrace) -> Self {
        let mut tee = Self::new(stream);
        tee.trace = Some(trace);
        tee
    }

    fn trace_end(&mut self, direction: Direction, ending: Ending) {
        let ended = match direction {
            Direction::Sent => &mut self.ended.0,
            Direction::Received => &mut self.ended.1,
        };
        if !std::mem::replace(ended, true)
            && let Some(trace) = &self.trace
        {
            trace.note(Happening::Ended(direction, ending));
        }
    }

    fn trace_read(&mut self, read: &[u8], had_room: bool) {
        if read.is_empty() && had_room {
            self.trace_end(Direction::Received, Ending::Fin);
        } else if let Some(trace) = &self.trace {
            trace.octets(Direction::Received, read);
        }
    }

    /// A handle on the copies.
    #[must_use]
    pub fn copy(&self) -> WireCopy {
        self.copy.clone()
    }
}

impl AsyncRead for Tee {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let had_room = buffer.remaining() > 0;
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        match &polled {
            Poll::Ready(Ok(())) => {
                let read = buffer.filled().get(before..).unwrap_or_default();
                self.copy.received(read);
                self.trace_read(read, had_room);
            }
            Poll::Ready(Err(_)) => self.trace_end(Direction::Received, Ending::Reset),
            Poll::Pending => {}
        }
        polled
    }
}

impl AsyncWrite for Tee {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = &polled {
            let sent = bytes.get(..*written).unwrap_or_default();
            self.copy.sent(sent);
            if let Some(trace) = &self.trace {
                trace.octets(Direction::Sent, sent);
            }
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.trace_end(Direction::Sent, Ending::Fin);
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Tee {
    fn drop(&mut self) {
        self.trace_end(Direction::Sent, Ending::Fin);
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn first_octets_of_both_directions_are_kept_and_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let address = listener.local_addr().expect("address");
        let peer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("connection");
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).await.expect("hello");
            stream
                .write_all(&vec![7; MAX_COPY + 10])
                .await
                .expect("answer");
        });
        let stream = TcpStream::connect(address).await.expect("connect");
        let mut tee = Tee::new(stream);
        let copy = tee.copy();
        tee.write_all(b"hello").await.expect("write");
        let mut answer = Vec::new();
        tee.read_to_end(&mut answer).await.expect("read");
        peer.await.expect("peer");
        let copied = copy.copied();
        assert_eq!(copied.sent, b"hello");
        assert_eq!(answer.len(), MAX_COPY + 10);
        assert_eq!(copied.received, vec![7; MAX_COPY]);
    }
}
