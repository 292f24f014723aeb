//! A connection of either side over a stream: `AsyncRead` and `AsyncWrite`, so that HTTP runs over it.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use super::client::Client;
use super::connection::Connection;
use super::failure::Failure;
use super::quirk::Closing;

/// Octets read at once.
const READ: usize = 16 * 1024;
/// Octets of ciphertext that may wait before writing waits too.
const MAX_WAITING: usize = 64 * 1024;

/// A TLS connection `C` over `S`. Its errors hold a [`Failure`] when the peer or the engine ended the connection.
pub struct TlsStream<S, C = Client> {
    stream: S,
    connection: C,
    /// Application data that was not taken yet.
    plain: Vec<u8>,
    taken: usize,
    /// Ciphertext that was not sent yet.
    waiting: Vec<u8>,
    sent: usize,
    ended: bool,
    /// Whether a quirk closed our direction.
    shut: bool,
    failure: Option<Failure>,
}

/// How a handshake ended that did not succeed.
pub struct Unfinished<S, C = Client> {
    /// What went wrong.
    pub error: io::Error,
    /// What was known until then.
    pub connection: Box<C>,
    /// The stream below.
    pub stream: S,
}

impl<S, C> fmt::Debug for Unfinished<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Unfinished")
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, C: Connection> TlsStream<S, C> {
    /// Makes the handshake; it takes as long as the peer lets it, so the caller bounds the time.
    ///
    /// # Errors
    /// [`Unfinished`] with an error of the stream, or one that holds a [`Failure`].
    ///
    /// A quirk that pauses does so for ever here; see [`Self::connect_pausing`].
    pub async fn connect(stream: S, connection: C) -> Result<Self, Unfinished<S, C>> {
        Self::connect_pausing(stream, connection, std::future::pending).await
    }

    /// The same, where every pause of a quirk is as long as `pause` takes; what the peer says meanwhile is read.
    ///
    /// # Errors
    /// As [`Self::connect`]; also when a quirk closed the connection ([`Connection::closing`]): with FIN when the peer's
    /// end was read, with RST at once, for the stream to be dropped with SO_LINGER 0.
    pub async fn connect_pausing<F: Future<Output = ()>>(
        mut stream: S,
        mut connection: C,
        pause: impl FnMut() -> F,
    ) -> Result<Self, Unfinished<S, C>> {
        match converse(&mut stream, &mut connection, pause).await {
            Ok(()) => Ok(Self {
                plain: connection.take_plaintext(),
                taken: 0,
                waiting: Vec::new(),
                sent: 0,
                ended: connection.is_closed_by_peer(),
                shut: false,
                failure: None,
                stream,
                connection,
            }),
            Err(error) => Err(Unfinished {
                error,
                connection: Box::new(connection),
                stream,
            }),
        }
    }
}

impl<S> TlsStream<S, Client> {
    /// The client's connection: what it showed, its session.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.connection
    }

    /// The same, to go on after a pause or to say something out of order; a flush sends it.
    pub const fn client_mut(&mut self) -> &mut Client {
        &mut self.connection
    }
}

impl<S, C> TlsStream<S, C> {
    /// The connection, for what it showed; the stream below ends.
    #[must_use]
    pub fn into_connection(self) -> C {
        self.connection
    }

    /// The stream below and the connection over it.
    #[must_use]
    pub const fn get_ref(&self) -> (&S, &C) {
        (&self.stream, &self.connection)
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin, C: Connection, F: Future<Output = ()>>(
    stream: &mut S,
    connection: &mut C,
    mut pause: impl FnMut() -> F,
) -> io::Result<()> {
    let mut buffer = vec![0; READ];
    loop {
        // A peer may refuse and close before it has read everything; what it said stands in what can still be read.
        let written = send(stream, connection).await;
        if connection.is_paused() {
            rest(stream, connection, &mut buffer, pause()).await?;
            continue;
        }
        match connection.closing() {
            None if connection.is_open() => return written,
            None => {}
            Some(Closing::Reset) => return Err(closed_by_us()),
            Some(Closing::Notify | Closing::Fin) => {
                written?;
                stream.shutdown().await?;
                return Err(hear_out(stream, connection, &mut buffer).await);
            }
        }
        let count = stream.read(&mut buffer).await?;
        if let Err(error) = take(connection, &buffer, count, written) {
            // The alert is a courtesy; whether it arrives changes nothing.
            let _ = send(stream, connection).await;
            return Err(error);
        }
    }
}

/// Waits for the end of a pause while the peer may speak.
async fn rest<S: AsyncRead + Unpin, C: Connection>(
    stream: &mut S,
    connection: &mut C,
    buffer: &mut [u8],
    pause: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut pause = pin!(pause);
    loop {
        let count = tokio::select! {
            () = &mut pause => break,
            read = stream.read(buffer) => read?,
        };
        take(connection, buffer, count, Ok(()))?;
    }
    connection.go_on();
    Ok(())
}

/// Sends what is queued.
async fn send<S, C>(stream: &mut S, connection: &mut C) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
    C: Connection,
{
    let output = connection.take_output();
    stream.write_all(&output).await?;
    stream.flush().await
}

/// Takes what was read; its end, or a failure, is an error.
fn take<C: Connection>(
    connection: &mut C,
    buffer: &[u8],
    count: usize,
    written: io::Result<()>,
) -> io::Result<()> {
    if count == 0 {
        written?;
        return Err(ended(connection.awaiting()));
    }
    let read = buffer.get(..count).unwrap_or_default();
    connection.receive(read).map_err(failed)?;
    if connection.is_closed_by_peer() && !connection.is_open() {
        return Err(ended(connection.awaiting()));
    }
    Ok(())
}

/// Reads until the peer's end, after ours: what it said last, or that we closed.
async fn hear_out<S: AsyncRead + Unpin, C: Connection>(
    stream: &mut S,
    connection: &mut C,
    buffer: &mut [u8],
) -> io::Error {
    loop {
        let count = match stream.read(buffer).await {
            Ok(0) => return closed_by_us(),
            Ok(count) => count,
            Err(error) => return error,
        };
        let read = buffer.get(..count).unwrap_or_default();
        if let Err(failure) = connection.receive(read) {
            return failed(failure);
        }
    }
}

fn closed_by_us() -> io::Error {
    let what = "the connection was closed by us, as told";
    io::Error::new(io::ErrorKind::ConnectionAborted, what)
}

fn failed(failure: Failure) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, failure)
}

fn ended(awaiting: &str) -> io::Error {
    let what = format!("the peer closed, {awaiting}");
    io::Error::new(io::ErrorKind::UnexpectedEof, what)
}

impl<S: AsyncWrite + Unpin, C: Connection> TlsStream<S, C> {
    /// Sends ciphertext until at most `room` octets wait.
    fn drain(&mut self, context: &mut Context<'_>, room: usize) -> Poll<io::Result<()>> {
        self.waiting.extend(self.connection.take_output());
        while self.waiting.len() - self.sent > room {
            let rest = self.waiting.get(self.sent..).unwrap_or_default();
            let count = ready!(Pin::new(&mut self.stream).poll_write(context, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        if self.sent == self.waiting.len() {
            self.waiting.clear();
            self.sent = 0;
            let closing = self.connection.closing();
            let closes = matches!(closing, Some(Closing::Notify | Closing::Fin));
            if closes && !self.connection.is_paused() && !self.shut {
                ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
                self.shut = true;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream<S, Client> {
    /// Makes another handshake and waits for its end; whether it could begin. How it ended stands in `Facts::renegotiations`.
    ///
    /// # Errors
    /// As reading gives them: the connection did not survive it.
    pub async fn renegotiate(&mut self) -> io::Result<bool> {
        if !self.connection.renegotiate() {
            return Ok(false);
        }
        let mut buffer = vec![0; READ];
        while self.connection.is_renegotiating() {
            self.flush().await?;
            let count = self.stream.read(&mut buffer).await?;
            if count == 0 || self.connection.is_closed_by_peer() {
                return Err(ended(self.connection.awaiting()));
            }
            let read = buffer.get(..count).unwrap_or_default();
            let received = self.connection.receive(read);
            self.plain.extend(self.connection.take_plaintext());
            if let Err(failure) = received {
                self.failure = Some(failure.clone());
                let _ = self.flush().await;
                return Err(failed(failure));
            }
        }
        self.flush().await?;
        Ok(true)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, C: Connection> AsyncRead for TlsStream<S, C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let rest = this.plain.get(this.taken..).unwrap_or_default();
            if !rest.is_empty() {
                let count = rest.len().min(buffer.remaining());
                buffer.put_slice(rest.get(..count).unwrap_or_default());
                this.taken += count;
                return Poll::Ready(Ok(()));
            }
            if let Some(failure) = &this.failure {
                return Poll::Ready(Err(failed(failure.clone())));
            }
            if this.ended || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let mut octets = vec![0; READ];
            let mut read = ReadBuf::new(&mut octets);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the peer closed without close_notify",
                )));
            }
            let received = this.connection.receive(read.filled());
            // What came before the mistake was said all the same.
            this.plain = this.connection.take_plaintext();
            this.taken = 0;
            this.ended = this.connection.is_closed_by_peer();
            // Answers of the engine go out when they can; nobody waits for them.
            let _ = this.drain(context, 0);
            if let Err(failure) = received {
                this.failure = Some(failure);
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, C: Connection> AsyncWrite for TlsStream<S, C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.drain(context, MAX_WAITING))?;
        let count = octets.len().min(READ);
        let now = octets.get(..count).unwrap_or_default();
        self.connection.write(now);
        // What was taken counts as written; it waits here when the stream has no room.
        match self.drain(context, 0) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(count)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.drain(context, 0))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.close();
        ready!(self.drain(context, 0))?;
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S, C: Connection> fmt::Debug for TlsStream<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsStream")
            .field("open", &self.connection.is_open())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
