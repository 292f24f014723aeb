//! What a server keeps of a connection to resume it, and who keeps it.

use std::fmt;
use std::time::Duration;

use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::session::Mechanism;

/// A session as a server keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Its version.
    pub version: ProtocolVersion,
    /// Its suite.
    pub suite: u16,
    /// Its master secret; of a ticket of TLS 1.3 the pre-shared key.
    pub secret: Secret,
    /// Whether the master secret is bound to its handshake (RFC 7627).
    pub extended_master_secret: bool,
    /// The host it was made for.
    pub server_name: Option<String>,
    /// The client's chain.
    pub client_certificates: Vec<Vec<u8>>,
    /// Of a ticket of TLS 1.3: what hides its age in milliseconds.
    pub age_add: u32,
    /// Of a ticket of TLS 1.3: most octets of early data that were promised.
    pub max_early_data: u32,
}

/// A session that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The session.
    pub session: StoredSession,
    /// Whether its lifetime is over.
    pub expired: bool,
}

/// Keeps sessions and knows their age: the engine has no clock.
pub trait SessionStore: Send + Sync {
    /// Keeps a session under its id, or under the ticket by which it is to be found again.
    fn keep(&self, mechanism: Mechanism, handle: &[u8], session: StoredSession);
    /// The session of an id or a ticket.
    fn find(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Found>;
    /// How long ago a session was kept; `None` for who does not know, and then no early data is taken with it.
    fn age(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Duration> {
        let _ = (mechanism, handle);
        None
    }
    /// A session that must not be resumed any more.
    fn forget(&self, mechanism: Mechanism, handle: &[u8]);
}

impl fmt::Debug for dyn SessionStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionStore")
    }
}
