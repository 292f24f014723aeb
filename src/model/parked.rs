//! What a case keeps while it waits for time to pass: everything a later run needs to go on with it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::secret::Secret;
use super::suite::ProtocolVersion;

/// What a case had when it was parked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseState {
    /// When the session was made from which time counts, in seconds since 1970 UTC, rounded up.
    pub since: i64,
    /// The sessions it had saved.
    pub sessions: Vec<ParkedSession>,
}

/// A TLS session saved under a name, in a form that outlives the process. Whoever reads its secrets has the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkedSession {
    /// The name it was saved under.
    pub name: String,
    /// When it was made, in seconds since 1970 UTC, rounded up.
    pub created: i64,
    /// Its version.
    pub version: ProtocolVersion,
    /// Its suite.
    pub suite: u16,
    /// The name sent in server_name.
    pub server_name: String,
    /// The certificates the server showed, DER, its own first.
    pub chain: Vec<Octets>,
    /// Whether the server proved that it holds the key of the first.
    pub proven: bool,
    /// What resumes it.
    pub means: Means,
}

/// What resumes a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Means {
    /// A master secret, known to the server by an id or by a ticket.
    MasterSecret {
        /// The master secret.
        #[serde(with = "in_the_open")]
        secret: Secret,
        /// Whether it is bound to its handshake (RFC 7627).
        extended: bool,
        /// The id; empty when the server gave none.
        id: Octets,
        /// The ticket.
        ticket: Option<ParkedTicket>,
    },
    /// Tickets of TLS 1.3 that have not been offered yet; a server may take each only once.
    Tickets(Vec<ParkedTls13Ticket>),
}

/// A ticket of TLS 1.3 (RFC 8446 4.6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkedTls13Ticket {
    /// The ticket.
    #[serde(with = "in_the_open")]
    pub ticket: Secret,
    /// The pre-shared key.
    #[serde(with = "in_the_open")]
    pub key: Secret,
    /// The suite of the connection that gave it.
    pub suite: u16,
    /// The lifetime the server announced, in seconds.
    pub lifetime: u32,
    /// What hides its age.
    pub age_add: u32,
    /// Most octets of early data.
    pub max_early_data: u32,
    /// When it came, in milliseconds since 1970 UTC.
    pub received: i64,
}

/// A ticket of RFC 5077.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkedTicket {
    /// The ticket.
    #[serde(with = "in_the_open")]
    pub ticket: Secret,
    /// The lifetime the server announced, in seconds; 0 says nothing.
    pub lifetime: u32,
}

impl ParkedSession {
    /// By what it is resumed.
    #[must_use]
    pub fn mechanism(&self) -> &'static str {
        match &self.means {
            Means::MasterSecret {
                ticket: Some(_), ..
            } => "ticket",
            Means::MasterSecret { ticket: None, .. } => "session-id",
            Means::Tickets(_) => "tls13-psk",
        }
    }

    /// Whether offering it uses something up.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        matches!(self.means, Means::Tickets(_))
    }

    /// The lifetime the server announced, in seconds, if it did.
    #[must_use]
    pub fn advertised_lifetime(&self) -> Option<u32> {
        match &self.means {
            Means::MasterSecret { ticket, .. } => ticket.as_ref().map(|ticket| ticket.lifetime),
            Means::Tickets(tickets) => tickets.iter().map(|ticket| ticket.lifetime).max(),
        }
    }
}

/// Octets that are no secret, written in hex.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Octets(pub Vec<u8>);

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        unhex(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("no octets in hex"))
    }
}

/// Secrets as they are: for files that only their owner can read.
mod in_the_open {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{Octets, Secret, hex};

    pub(super) fn serialize<S: Serializer>(
        secret: &Secret,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(secret.expose()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret, D::Error> {
        Octets::deserialize(deserializer).map(|octets| Secret::new(octets.0))
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_back_as_it_was_and_its_secrets_do_not_print() {
        let session = ParkedSession {
            name: "s".to_owned(),
            created: 1_780_000_000,
            version: ProtocolVersion::Tls12,
            suite: 0xC02B,
            server_name: "ps.example.test".to_owned(),
            chain: vec![Octets(vec![0x30, 0x82])],
            proven: true,
            means: Means::MasterSecret {
                secret: Secret::new([0xAB; 48]),
                extended: true,
                id: Octets(vec![1, 2]),
                ticket: Some(ParkedTicket {
                    ticket: Secret::new([0xCD; 8]),
                    lifetime: 86_400,
                }),
            },
        };
        let text = serde_json::to_string(&session).unwrap();
        let back: ParkedSession = serde_json::from_str(&text).unwrap();
        assert_eq!(back, session);
        assert_eq!(back.mechanism(), "ticket");
        assert_eq!(back.advertised_lifetime(), Some(86_400));
        let shown = format!("{session:?}").to_lowercase();
        assert!(
            !shown.contains("abab") && !shown.contains("171") && !shown.contains("cdcd"),
            "{shown}"
        );
    }

    #[test]
    fn octets_are_whole_hex() {
        assert_eq!(unhex("0aFF"), Some(vec![10, 255]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("+1"), None);
        assert_eq!(unhex("zz"), None);
    }
}
