//! What a handshake showed.

use super::facts13::Tls13Facts;
use super::renegotiation::Renegotiation;
use crate::model::suite::ProtocolVersion;
use crate::tls::session::Mechanism;
use crate::tls::signature::SignatureProblem;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::handshake::CertificateRequest;
use crate::wire::tls::key_exchange::{KeyExchangeKind, ServerKeyExchange};
use crate::wire::tls::server_hello::DowngradeSentinel;

/// Whether the server showed that it holds the key of its certificate by a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServerSignature {
    /// The suite has none, or the session was resumed or comes from a pre-shared key.
    #[default]
    None,
    /// It did.
    Right,
    /// It did not, or not so that it can be known.
    Doubtful(SignatureProblem),
}

/// A heartbeat message that came. Its payload is not kept: what is more than was sent is the server's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// 1 request, 2 response.
    pub kind: u8,
    /// Octets of payload it says it has.
    pub declared: usize,
    /// Octets that came behind that length, padding included.
    pub received: usize,
}

/// What a handshake showed up to now; nothing in here makes it fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether both Finished were exchanged.
    pub completed: bool,
    /// The version selected.
    pub version: Option<ProtocolVersion>,
    /// The suite selected.
    pub suite: Option<u16>,
    /// By what the session was resumed; `None` after a full handshake.
    pub resumed: Option<Mechanism>,
    /// DER certificates, the server's own first; of a resumed session none.
    pub certificates: Vec<Vec<u8>>,
    /// Whether an OCSP response came with them.
    pub stapled: bool,
    /// The ephemeral parameters.
    pub key_exchange: Option<ServerKeyExchange>,
    /// Whether they were signed with the certificate's key.
    pub signature: ServerSignature,
    /// What was asked of the client's certificate.
    pub certificate_request: Option<CertificateRequest>,
    /// Whether the extended master secret is in use.
    pub extended_master_secret: bool,
    /// Whether records are encrypted before they are authenticated.
    pub encrypt_then_mac: bool,
    /// Whether the server's renegotiation_info was right (RFC 5746): empty in a first handshake, that of the handshake
    /// before in a renegotiation.
    pub secure_renegotiation: bool,
    /// What it was, if there was one.
    pub renegotiation_info: Option<Vec<u8>>,
    /// The renegotiations that ended.
    pub renegotiations: Vec<Renegotiation>,
    /// The mode in the server's heartbeat extension (RFC 6520): 1 it takes requests, 2 it does not.
    pub heartbeat: Option<u8>,
    /// Heartbeat messages that came.
    pub heartbeats: Vec<Heartbeat>,
    /// The compression method selected; the engine goes on with none but 0.
    pub compression: Option<u8>,
    /// The downgrade mark in the server's random.
    pub downgrade_sentinel: Option<DowngradeSentinel>,
    /// Extensions of the ServerHello that were not offered.
    pub unsolicited_extensions: Vec<u16>,
    /// Warnings the peer sent, without close_notify.
    pub warnings: Vec<Alert>,
    /// How often each quirk of the configuration was really done, in their order.
    pub quirks: Vec<usize>,
    /// How often the server asked to renegotiate, during the handshake or after it.
    pub hello_requests: usize,
    /// What TLS 1.3 showed.
    pub tls13: Tls13Facts,
}

impl Facts {
    /// Whether the holder of the certificate's key took part in the full handshake: by a signature, or by having
    /// decrypted or agreed on the premaster secret with it, without which no Finished is right.
    #[must_use]
    pub fn possession_proven(&self, by_decryption: bool) -> bool {
        let kind = self.key_exchange.as_ref().map(|parsed| &parsed.kind);
        // What was encrypted to a temporary key says nothing of the certificate's.
        let temporary = matches!(kind, Some(KeyExchangeKind::RsaExport { .. }));
        self.signature == ServerSignature::Right || (by_decryption && self.completed && !temporary)
    }
}
