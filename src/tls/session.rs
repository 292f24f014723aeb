//! What is kept of a connection to resume it.

use std::time::Duration;

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
    /// By the pre-shared key of a ticket of TLS 1.3, which the server selected (RFC 8446 2.2).
    Tls13Psk,
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

/// A session of TLS 1.3, as one NewSessionTicket gave it; a connection may give several.
///
/// When it was given is for its keeper to know: the engine has no clock, see [`Tls13Offer::age`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls13Session {
    /// The suite of the connection that gave it. Its hash is that of the key; 0-RTT is protected by its cipher.
    pub suite: Suite,
    /// The ticket, which is the identity of the key.
    pub ticket: Secret,
    /// The pre-shared key, of the resumption master secret and the ticket's nonce (RFC 8446 4.6.1).
    pub key: Secret,
    /// Seconds the server means to take it, as sent; more than 604,800 is against RFC 8446 4.6.1.
    pub lifetime: u32,
    /// What hides the age of the ticket: milliseconds added to it, modulo 2^32.
    pub age_add: u32,
    /// Most octets of early data the server takes with it; 0 for none.
    pub max_early_data: u32,
    /// The name it was made under.
    pub server_name: Option<String>,
}

/// A session of TLS 1.3 to be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls13Offer {
    /// The session.
    pub session: Tls13Session,
    /// Time since the ticket came; the server sees it, so who lies about it is found out.
    pub age: Duration,
}

impl Tls13Offer {
    /// The age in milliseconds as it is sent, RFC 8446 clause 4.2.11.1.
    #[must_use]
    pub fn obfuscated_age(&self) -> u32 {
        // Ages beyond 49 days wrap, as everything here does modulo 2^32.
        let milliseconds = self.age.as_millis() % (1 << 32);
        let milliseconds = u32::try_from(milliseconds).unwrap_or_default();
        milliseconds.wrapping_add(self.session.age_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::suite::tests::suite;

    #[test]
    fn ages_are_hidden_modulo_two_to_the_thirty_second() {
        let offer = |age, age_add| Tls13Offer {
            session: Tls13Session {
                suite: suite("TLS_AES_128_GCM_SHA256"),
                ticket: Secret::default(),
                key: Secret::default(),
                lifetime: 7200,
                age_add,
                max_early_data: 0,
                server_name: None,
            },
            age,
        };
        // RFC 8448 clause 4: six milliseconds.
        let rfc = offer(Duration::from_millis(6), 0xFAD6_AAC5);
        assert_eq!(rfc.obfuscated_age(), 0xFAD6_AACB);
        assert_eq!(
            offer(Duration::from_secs(1), u32::MAX).obfuscated_age(),
            999
        );
        let wrapped = Duration::from_millis((1 << 32) + 7);
        assert_eq!(offer(wrapped, 1).obfuscated_age(), 8);
    }
}
