//! Early data that is acted on before the handshake has ended, which rustls leaves to its user: a defect does, however often the
//! same octets come (RFC 8446 8).

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::ServerConnection;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex,
};
use tokio::time::timeout;

/// Octets under way towards the application, and back.
const BUFFER: usize = 64 * 1024;
/// How long either side may be silent.
const IDLE: Duration = Duration::from_secs(60);

/// Moves octets between a client and an application that need not wait for the end of the handshake.
pub(crate) struct EarlyPump<S> {
    stream: S,
    session: ServerConnection,
    application: DuplexStream,
}

impl<S: AsyncRead + AsyncWrite + Unpin> EarlyPump<S> {
    /// The pump, and the application's end of it.
    pub(super) fn new(stream: S, config: &Arc<ServerConfig>) -> Option<(Self, DuplexStream)> {
        let mut config = ServerConfig::clone(config);
        config.send_half_rtt_data = true;
        let session = ServerConnection::new(Arc::new(config)).ok()?;
        let (application, end) = duplex(BUFFER);
        let pump = Self {
            stream,
            session,
            application,
        };
        Some((pump, end))
    }

    /// Until one of them ends.
    pub(crate) async fn run(mut self) {
        let (mut incoming, mut outgoing) = (vec![0; BUFFER], vec![0; BUFFER]);
        loop {
            if self.send().await.is_err() {
                return;
            }
            let moved = tokio::select! {
                read = timeout(IDLE, self.stream.read(&mut incoming)) => match read {
                    Ok(Ok(count @ 1..)) => self.take(incoming.get(..count).unwrap_or_default()).await,
                    _ => return,
                },
                read = timeout(IDLE, self.application.read(&mut outgoing)) => match read {
                    Ok(Ok(count @ 1..)) => self.session.writer().write_all(outgoing.get(..count).unwrap_or_default()),
                    _ => return,
                },
            };
            if moved.is_err() {
                // The alert is a courtesy.
                let _ = self.send().await;
                return;
            }
        }
    }

    async fn take(&mut self, mut octets: &[u8]) -> io::Result<()> {
        while !octets.is_empty() {
            self.session.read_tls(&mut octets)?;
            let state = self
                .session
                .process_new_packets()
                .map_err(io::Error::other)?;
            let mut plain = Vec::new();
            if let Some(mut early) = self.session.early_data() {
                early.read_to_end(&mut plain)?;
            }
            let mut late = vec![0; state.plaintext_bytes_to_read()];
            self.session.reader().read_exact(&mut late)?;
            plain.extend(late);
            self.application.write_all(&plain).await?;
        }
        Ok(())
    }

    async fn send(&mut self) -> io::Result<()> {
        let mut octets = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut octets)?;
        }
        self.stream.write_all(&octets).await?;
        self.stream.flush().await
    }
}
