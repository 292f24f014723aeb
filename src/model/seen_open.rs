//! Facts of steps over open connections of the lab TLS engine.

use super::seen_tls::AlertFacts;

/// What came of something that was sent over an open connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenFacts {
    /// Whether the request was answered.
    pub answered: bool,
    /// The alert that ended the connection.
    pub alert: Option<AlertFacts>,
    /// Whether another handshake completed.
    pub renegotiated: bool,
    /// Content types of records that are neither handshake nor alert nor application data.
    pub records: Vec<u8>,
}

/// What came of connections that were compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparedFacts {
    /// Whether all ended alike.
    pub uniform: bool,
    /// Whether none was answered.
    pub all_refused: bool,
}
