//! What the front knows about a connection, and what was seen on it.

use super::nonce::Nonce;

/// How requests arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Inside TLS.
    Tls,
    /// In clear at the port of TLS.
    ClearOnTlsPort,
    /// In clear at the port for it.
    ClearPort,
}

/// A connection as its front describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// Number of the connection, unique in one reference target.
    pub id: u64,
    /// How requests arrive.
    pub transport: Transport,
    /// The server_name that the client sent.
    pub server_name: Option<String>,
    /// Whether the TLS session was resumed.
    pub resumed: bool,
    /// Number of the connection whose full handshake made the TLS session; its own where it was not resumed.
    pub full_handshake: u64,
    /// Whether the TLS session was made under another server_name.
    pub made_elsewhere: bool,
    /// Subject of a verified client certificate. It authenticates its holder only where certificates do.
    pub client_certificate_subject: Option<String>,
    /// Transaction identifier of the pre-shared key by which the client authenticated in TLS.
    pub pre_shared_b_tid: Option<String>,
    /// Whether its first requests come as early data, before the handshake has ended; only a defect acts on them.
    pub early_data: bool,
    /// Whether a client certificate was requested and none came.
    pub certificate_requested_and_empty: bool,
}

impl ConnectionInfo {
    /// A connection by a full handshake without a client certificate.
    #[must_use]
    pub fn tls(id: u64) -> Self {
        Self {
            id,
            transport: Transport::Tls,
            server_name: None,
            resumed: false,
            full_handshake: id,
            made_elsewhere: false,
            client_certificate_subject: None,
            pre_shared_b_tid: None,
            early_data: false,
            certificate_requested_and_empty: false,
        }
    }
}

/// A connection and its history.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) info: ConnectionInfo,
    /// Requests so far, the present one included.
    pub(super) requests: u64,
    /// Target of the last request that was challenged for a pending re-authentication.
    pub(super) reauthentication_challenged: Option<String>,
    /// Whether a challenge was sent on it.
    pub(super) challenged: bool,
    /// How many were sent.
    pub(super) challenges: u32,
    /// Wrong answers to them since the last right one.
    pub(super) wrong_answers: u32,
    /// The nonce of the last one.
    pub(super) last_nonce: Option<Nonce>,
    /// The subscriber of the first request that was granted.
    pub(super) first_subscriber: Option<usize>,
    /// Whether the last answer was a challenge.
    pub(super) answers_challenge: bool,
    /// The last identity that was intended and verified.
    pub(super) verified: Option<String>,
}

impl Connection {
    pub(super) fn new(info: ConnectionInfo) -> Self {
        Self {
            info,
            requests: 0,
            reauthentication_challenged: None,
            challenged: false,
            challenges: 0,
            wrong_answers: 0,
            last_nonce: None,
            first_subscriber: None,
            answers_challenge: false,
            verified: None,
        }
    }
}
