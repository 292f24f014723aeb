//! What a handshake showed the server.

use super::facts13::Tls13Facts;
use crate::model::suite::ProtocolVersion;
use crate::tls::session::Mechanism;
use crate::tls::signature::SignatureProblem;
use crate::wire::tls::alert::Alert;

/// Whether the client showed that it holds the key of its certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Possession {
    /// It sent no certificate, or the session was resumed.
    #[default]
    None,
    /// It did.
    Right,
    /// It sent no CertificateVerify.
    Omitted,
    /// It did not, or not so that it can be known.
    Doubtful(SignatureProblem),
}

/// What a handshake showed up to now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether both Finished were exchanged.
    pub completed: bool,
    /// The version selected.
    pub version: Option<ProtocolVersion>,
    /// The suite selected.
    pub suite: Option<u16>,
    /// The group of the key exchange on a curve.
    pub group: Option<u16>,
    /// By what the session was resumed; `None` after a full handshake.
    pub resumed: Option<Mechanism>,
    /// The host the client named.
    pub server_name: Option<String>,
    /// Whether the client was asked for a certificate in this handshake.
    pub certificate_requested: bool,
    /// DER certificates of the client, its own first; of a resumed session those of its full handshake.
    pub certificates: Vec<Vec<u8>>,
    /// Whether it showed that it has the key of the first.
    pub possession: Possession,
    /// The identity of the pre-shared key.
    pub psk_identity: Option<Vec<u8>>,
    /// Whether the extended master secret is in use.
    pub extended_master_secret: bool,
    /// Whether records are encrypted before they are authenticated.
    pub encrypt_then_mac: bool,
    /// Whether the client knows renegotiation_info (RFC 5746).
    pub secure_renegotiation: bool,
    /// Handshakes completed after the first.
    pub renegotiations: usize,
    /// Heartbeats that were answered.
    pub heartbeats: usize,
    /// What TLS 1.3 shows beyond that.
    pub tls13: Tls13Facts,
    /// Warnings the peer sent, without close_notify.
    pub warnings: Vec<Alert>,
    /// How often each quirk of the configuration was done, in their order; 0 is one that showed nothing.
    pub quirks: Vec<usize>,
}
