//! A connection whose sessions are forgotten when it ends by a fatal alert (RFC 5246 7.2.2).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::sessions::{Lineage, SessionMemory};

/// Marks the sessions of a connection as in use.
pub(crate) struct SessionHolder {
    pub(super) lineage: Lineage,
    pub(super) memory: Arc<SessionMemory>,
}

impl SessionHolder {
    /// The stream of the connection, watched for the alert that ends it.
    pub(crate) const fn watch<S>(self, stream: S) -> Watched<S> {
        Watched {
            stream,
            holder: self,
        }
    }
}

/// See the module.
pub(crate) struct Watched<S> {
    stream: S,
    holder: SessionHolder,
}

/// Whether the peer ended a connection by an alert.
pub(super) fn is_alert(error: &io::Error) -> bool {
    let inner = error.get_ref();
    let inner = inner.and_then(|inner| inner.downcast_ref::<Error>());
    matches!(inner, Some(Error::AlertReceived(_)))
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(&read, Poll::Ready(Err(error)) if is_alert(error)) {
            self.holder.memory.forget(&self.holder.lineage);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
