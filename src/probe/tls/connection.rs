//! A TLS connection that is up.

use std::fmt;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::stream::SessionStream;
use crate::model::seen_tls::ConnectionFacts;
use crate::probe::tap::PlainTap;

/// A TLS connection that is up, ready for HTTP.
pub struct OpenConnection {
    /// The stream; application data goes over it as it is.
    pub stream: PlainTap<SessionStream>,
    /// What the handshake showed.
    pub facts: ConnectionFacts,
    /// Whether the server proved to be who it should be: a path to a configured root, the name, the dates, the usage and
    /// the signature of the handshake. Credentials go over an unverified connection only with `verify: observe`.
    pub verified: bool,
    /// Why [`Self::verified`] is false, for the reason of an inconclusive verdict.
    pub not_verified_because: Option<String>,
    /// The name sent in server_name.
    pub server_name: String,
    /// Whether another HTTP request may go over it: false when an answer before could not be read to its end.
    pub reusable: bool,
}

/// How long the peer may take to close after it was told that nothing follows.
const CLOSE_LIMIT: Duration = Duration::from_millis(300);

impl OpenConnection {
    /// Closes it in order and waits, not for long, until the peer has closed too: what comes next must not run beside it.
    pub async fn end(mut self) {
        let closing = async {
            let mut rest = [0; 1024];
            self.stream.shutdown().await?;
            while self.stream.read(&mut rest).await? > 0 {}
            std::io::Result::Ok(())
        };
        let closed = tokio::time::timeout(CLOSE_LIMIT, closing).await;
        tracing::trace!(in_time = closed.is_ok(), "connection closed");
    }
}

impl fmt::Debug for OpenConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OpenConnection")
            .field("facts", &self.facts)
            .field("verified", &self.verified)
            .field("server_name", &self.server_name)
            .finish_non_exhaustive()
    }
}
