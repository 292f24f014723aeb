//! A connection for HTTP, and who gives one.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use crate::engine::ports::Trouble;
use crate::model::step_http::EarlyFlight;
use crate::model::step_tls::TlsConnect;
use crate::wire::http::Response;

/// How long an orderly close may take.
const CLOSE: Duration = Duration::from_secs(1);

/// Octets in both directions, in clear or under TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {
    /// What it really is, for steps that go below HTTP.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static> Stream for S {
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// A connection over which requests go.
pub struct Connection {
    /// The octets.
    pub stream: Box<dyn Stream>,
    /// Why credentials may not go over it: what is wrong with the certificate, or that it is in clear. `None` when the
    /// server proved to be who it should be.
    pub not_verified_because: Option<String>,
    /// Whether it has carried a request before, so that its loss may be an idle close.
    pub used: bool,
    /// How many further handshakes the target has asked for on it; `None` where that cannot be seen.
    pub demands: Option<Demands>,
}

/// Reads from a connection how many further TLS handshakes the target has asked for.
pub(super) type Demands = fn(&mut dyn Any) -> usize;

impl Connection {
    /// How many further handshakes the target has asked for on it, as far as that can be seen.
    pub(super) fn handshakes_demanded(&mut self) -> usize {
        // Through the box: what is in it is meant.
        let stream = (*self.stream).as_any_mut();
        self.demands.map_or(0, |demands| demands(stream))
    }

    /// Closes it in an orderly way, as far as the peer lets it.
    pub async fn close(mut self) {
        // The peer may be gone already; there is nothing to be learned from that.
        let _ = tokio::time::timeout(CLOSE, self.stream.shutdown()).await;
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("not_verified_because", &self.not_verified_because)
            .field("used", &self.used)
            .finish_non_exhaustive()
    }
}

/// How the connection of a session comes about, also once more after it was lost or closed.
#[derive(Debug, Clone, PartialEq)]
pub enum Recipe {
    /// An ordinary TLS connection with this name in server_name.
    Tls {
        /// The name.
        server_name: String,
    },
    /// A TLS connection as a `tls-connect` step asks for.
    TlsConnect(Box<TlsConnect>),
    /// In clear to the TLS port.
    ClearOnTlsPort,
    /// In clear to the declared `http` endpoint.
    ClearEndpoint,
}

/// A request that goes as early data.
#[derive(Debug)]
pub struct EarlyRequest<'a> {
    /// In which first flight.
    pub flight: &'a EarlyFlight,
    /// The request as it goes on the wire.
    pub octets: Vec<u8>,
    /// Whether there are credentials in it.
    pub has_credentials: bool,
    /// The name under which the flight is kept, to be sent again.
    pub save: Option<&'a str>,
    /// Its method, for the answer.
    pub method: &'a str,
}

/// What came back for early data.
#[derive(Debug, Default)]
pub struct EarlyReply {
    /// Whether it was taken.
    pub accepted: bool,
    /// The answer that came before the end of the handshake.
    pub response: Option<Box<Response>>,
    /// What happened to the handshake, in words.
    pub how: String,
}

/// Gives connections.
#[async_trait]
pub trait Dial: Send {
    /// A new connection.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when none came about.
    async fn dial(&mut self, recipe: &Recipe) -> Result<Connection, Trouble>;

    /// Sends a request as early data, and nothing after it.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when no first flight could be made or was heard, or credentials may not go out.
    async fn early(&mut self, _: EarlyRequest<'_>) -> Result<EarlyReply, Trouble> {
        Err(Trouble::NotProven("no early data can be sent".to_owned()))
    }
}
