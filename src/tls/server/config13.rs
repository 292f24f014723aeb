//! What a server has for TLS 1.3 alone.

use crate::wire::tls::extension13::PSK_DHE_KE;

/// What a server has for TLS 1.3 alone.
#[derive(Clone, Debug)]
pub struct Tls13Config {
    /// Modes in which a pre-shared key is taken, best first; a ticket is given to clients that know one of them.
    pub psk_modes: Vec<u8>,
    /// Whether every first hello is answered by a HelloRetryRequest with a cookie. Without it there is one only where the
    /// client sent no share of a group in common, and without cookie.
    pub cookie: bool,
    /// Tickets given after a full handshake, where sessions are kept; a resumed one gets no more.
    pub tickets: usize,
    /// Most octets of early data; with 0 tickets promise none and none is taken.
    pub max_early_data: u32,
    /// Octets of padding in each protected record.
    pub record_padding: usize,
}

impl Default for Tls13Config {
    fn default() -> Self {
        Self {
            psk_modes: vec![PSK_DHE_KE],
            cookie: false,
            tickets: 2,
            max_early_data: 0,
            record_padding: 0,
        }
    }
}
