//! What is kept of a connection to resume it.

use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::suite::Suite;

/// By what a session was resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// By its id, the state being the server's.
    SessionId,
    /// By a ticket, the state being the client's (RFC 5077).
    Ticket,
}

/// A session of TLS 1.2 and below. It has no lifetime here: whoever offers it decides how old it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its version.
    pub version: ProtocolVersion,
    /// Its suite.
    pub suite: Suite,
    /// Its master secret.
    pub master_secret: Secret,
    /// Whether the master secret is bound to its handshake (RFC 7627).
    pub extended_master_secret: bool,
    /// The id the server gave; empty when it gave none.
    pub id: Vec<u8>,
    /// The ticket the server gave.
    pub ticket: Option<Ticket>,
    /// The name it was made under.
    pub server_name: Option<String>,
}

/// A ticket of RFC 5077.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Seconds the server means to take it; 0 says nothing.
    pub lifetime_hint: u32,
    /// The ticket; whoever has it and the master secret has the session.
    pub ticket: Secret,
}

impl Session {
    /// Whether there is anything to offer.
    #[must_use]
    pub fn is_resumable(&self) -> bool {
        !self.id.is_empty() || self.ticket.is_some()
    }

    /// The session without its ticket, to be resumed by id alone.
    #[must_use]
    pub fn by_id(&self) -> Self {
        Self {
            ticket: None,
            ..self.clone()
        }
    }
}
