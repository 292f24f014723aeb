//! What a client offers and holds for TLS 1.3.

use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::PreSharedKey;
use crate::tls::session::Tls13Offer;
pub use crate::wire::tls::extension13::{PSK_DHE_KE, PSK_KE};

/// A key agreed outside TLS, such as `Ks_NAF`, offered in TLS 1.3 (RFC 8446 4.2.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalPsk {
    /// Identity and key.
    pub key: PreSharedKey,
    /// The hash it is for; suites of another cannot be selected with it. SHA-256 where nothing says another.
    pub hash: HashFunction,
}

/// What a client offers and holds for TLS 1.3.
#[derive(Clone, Debug)]
pub struct Tls13Config {
    /// Tickets to resume by, best first; early data goes with the first.
    pub resume: Vec<Tls13Offer>,
    /// Keys agreed outside TLS, offered behind the tickets.
    pub external_psks: Vec<ExternalPsk>,
    /// Modes in which a pre-shared key may be used; without any the extension is left out.
    pub psk_modes: Vec<u8>,
    /// Groups for which a share is sent at once; `None` is the first of the groups offered. A server that wants another
    /// asks for it.
    pub key_shares: Option<Vec<u16>>,
    /// Sent behind the hello when a ticket is offered; empty for none. Whether the ticket allows it is not looked at.
    pub early_data: Vec<u8>,
    /// Whether the server may ask for a certificate after the handshake.
    pub post_handshake_auth: bool,
    /// Whether the handshake looks like a resumption of TLS 1.2 to what stands between (RFC 8446 D.4).
    pub middlebox_compatibility: bool,
    /// Octets of padding in each protected record.
    pub record_padding: usize,
}

impl Default for Tls13Config {
    fn default() -> Self {
        Self {
            resume: Vec::new(),
            external_psks: Vec::new(),
            psk_modes: vec![PSK_DHE_KE],
            key_shares: None,
            early_data: Vec::new(),
            post_handshake_auth: false,
            middlebox_compatibility: true,
            record_padding: 0,
        }
    }
}
