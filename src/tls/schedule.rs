//! The key schedule of TLS 1.3, for both sides: RFC 8446 clauses 4.4.4, 4.6.1, 7.1 to 7.3 and 7.5.
//!
//! Three stages follow one another, and each has the secrets that can be known then:
//!
//! ```text
//! EarlySecret(psk) ── handshake(shared) ──▶ HandshakeSecret ── master() ──▶ MasterSecret
//!   binder keys, 0-RTT, early exporter        traffic of both sides          traffic of both sides, exporter, resumption
//! ```
//!
//! A transcript hash is that of the handshake messages up to where the clause says, each with its header.

use super::hash::HashFunction;
use super::keys::Sender;
use super::suite::Suite;
use crate::model::secret::Secret;

/// Octets of a record's nonce, where the suite is an AEAD suite.
const AEAD_IV: usize = 12;

/// Where a pre-shared key comes from; it is part of its binder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskOrigin {
    /// A ticket.
    Resumption,
    /// Agreed outside TLS, as `Ks_NAF` is.
    External,
}

/// What pre-shared key or zeros give, before anything is exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlySecret(Stage);

/// What the key exchange gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeSecret(Stage);

/// What the rest of the connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterSecret(Stage);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stage {
    hash: HashFunction,
    secret: Secret,
}

impl Stage {
    /// `Derive-Secret`, with the hash of the messages.
    fn derive(&self, label: &str, transcript_hash: &[u8]) -> Secret {
        let length = self.hash.length();
        expand_label(self.hash, &self.secret, label, transcript_hash, length)
    }

    fn traffic(&self, label: &str, transcript_hash: &[u8]) -> TrafficSecret {
        TrafficSecret {
            hash: self.hash,
            secret: self.derive(label, transcript_hash),
        }
    }

    fn next(&self, input: Option<&Secret>) -> Self {
        let salt = self.derive("derived", &self.hash.digest(&[]));
        extract(self.hash, salt.expose(), input)
    }
}

/// `HKDF-Extract`; without input zeros stand for it.
fn extract(hash: HashFunction, salt: &[u8], input: Option<&Secret>) -> Stage {
    let zeros = vec![0; hash.length()];
    let input = input.map_or(zeros.as_slice(), Secret::expose);
    let secret = Secret::new(hash.hmac(salt, &[input]));
    Stage { hash, secret }
}

/// `HKDF-Expand-Label` of RFC 8446 clause 7.1.
fn expand_label(
    hash: HashFunction,
    secret: &Secret,
    label: &str,
    context: &[u8],
    length: usize,
) -> Secret {
    let octet = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
    let mut info = u16::try_from(length)
        .unwrap_or(u16::MAX)
        .to_be_bytes()
        .to_vec();
    info.push(octet(label.len() + 6));
    info.extend(b"tls13 ");
    info.extend(label.as_bytes());
    info.push(octet(context.len()));
    info.extend(context);
    // HKDF-Expand of RFC 5869 clause 2.3.
    let (mut out, mut block) = (Vec::new(), Vec::new());
    let mut counter = 0_u8;
    while out.len() < length {
        counter = counter.wrapping_add(1);
        block = hash.hmac(secret.expose(), &[&block, &info, &[counter]]);
        out.extend(&block);
    }
    out.truncate(length);
    Secret::new(out)
}

impl EarlySecret {
    /// Of a pre-shared key, or without one.
    #[must_use]
    pub fn new(hash: HashFunction, key: Option<&Secret>) -> Self {
        Self(extract(hash, &[], key))
    }

    /// What a binder is made with, see [`TrafficSecret::verify_data`].
    #[must_use]
    pub fn binder(&self, origin: PskOrigin) -> TrafficSecret {
        let label = match origin {
            PskOrigin::Resumption => "res binder",
            PskOrigin::External => "ext binder",
        };
        self.0.traffic(label, &self.0.hash.digest(&[]))
    }

    /// Protects early data; after the ClientHello.
    #[must_use]
    pub fn client_traffic(&self, transcript_hash: &[u8]) -> TrafficSecret {
        self.0.traffic("c e traffic", transcript_hash)
    }

    /// The early exporter master secret; after the ClientHello.
    #[must_use]
    pub fn exporter(&self, transcript_hash: &[u8]) -> Secret {
        self.0.derive("e exp master", transcript_hash)
    }

    /// The next stage; `shared` is the secret of the key exchange, without one with `psk_ke`.
    #[must_use]
    pub fn handshake(&self, shared: Option<&Secret>) -> HandshakeSecret {
        HandshakeSecret(self.0.next(shared))
    }
}

/// The binder of a pre-shared key: it ties the key to a hello, of which `messages` are the octets up to the binders, and
/// what came before it (RFC 8446 4.2.11.2).
#[must_use]
pub fn binder(hash: HashFunction, key: &Secret, origin: PskOrigin, messages: &[&[u8]]) -> Vec<u8> {
    let secret = EarlySecret::new(hash, Some(key)).binder(origin);
    secret.verify_data(&hash.digest(messages))
}

impl HandshakeSecret {
    /// Protects what `sender` sends from its hello to its Finished; after the ServerHello.
    #[must_use]
    pub fn traffic(&self, sender: Sender, transcript_hash: &[u8]) -> TrafficSecret {
        let label = match sender {
            Sender::Client => "c hs traffic",
            Sender::Server => "s hs traffic",
        };
        self.0.traffic(label, transcript_hash)
    }

    /// The next stage.
    #[must_use]
    pub fn master(&self) -> MasterSecret {
        MasterSecret(self.0.next(None))
    }
}

impl MasterSecret {
    /// Protects application data of `sender`; after the server's Finished.
    #[must_use]
    pub fn traffic(&self, sender: Sender, transcript_hash: &[u8]) -> TrafficSecret {
        let label = match sender {
            Sender::Client => "c ap traffic",
            Sender::Server => "s ap traffic",
        };
        self.0.traffic(label, transcript_hash)
    }

    /// The exporter master secret; after the server's Finished.
    #[must_use]
    pub fn exporter(&self, transcript_hash: &[u8]) -> Secret {
        self.0.derive("exp master", transcript_hash)
    }

    /// What tickets come from; after the client's Finished.
    #[must_use]
    pub fn resumption(&self, transcript_hash: &[u8]) -> ResumptionSecret {
        ResumptionSecret(Stage {
            hash: self.0.hash,
            secret: self.0.derive("res master", transcript_hash),
        })
    }
}

/// The resumption master secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumptionSecret(Stage);

impl ResumptionSecret {
    /// The pre-shared key of a ticket, RFC 8446 clause 4.6.1.
    #[must_use]
    pub fn key(&self, nonce: &[u8]) -> Secret {
        self.0.derive("resumption", nonce)
    }
}

/// What protects the records of one side at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficSecret {
    hash: HashFunction,
    secret: Secret,
}

/// The keys of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrafficKeys {
    /// Of the cipher, or of the MAC of RFC 9150.
    pub key: Secret,
    /// Exclusive-or'ed with the record's number.
    pub iv: Secret,
}

impl TrafficSecret {
    /// A secret out of somebody's key log.
    #[cfg(test)]
    pub(crate) fn from_key_log(hash: HashFunction, octets: &[u8]) -> Self {
        Self {
            hash,
            secret: Secret::new(octets),
        }
    }

    /// The secret itself, for the key log.
    #[must_use]
    pub const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Its keys: RFC 8446 clause 7.3; for integrity-only suites both are as long as the hash (RFC 9150 clause 8).
    #[must_use]
    pub fn keys(&self, suite: &Suite) -> TrafficKeys {
        let (key, iv) = match suite.mac {
            Some(hash) => (hash.length(), hash.length()),
            None => (suite.cipher.key_length(), AEAD_IV),
        };
        let expand = |label, length| expand_label(self.hash, &self.secret, label, &[], length);
        TrafficKeys {
            key: expand("key", key),
            iv: expand("iv", iv),
        }
    }

    /// The verify data of a Finished by its sender, and of a binder: RFC 8446 clauses 4.4.4 and 4.2.11.2.
    #[must_use]
    pub fn verify_data(&self, transcript_hash: &[u8]) -> Vec<u8> {
        let length = self.hash.length();
        let key = expand_label(self.hash, &self.secret, "finished", &[], length);
        self.hash.hmac(key.expose(), &[transcript_hash])
    }

    /// The secret after a KeyUpdate, RFC 8446 clause 7.2.
    #[must_use]
    pub fn next(&self) -> Self {
        let length = self.hash.length();
        Self {
            hash: self.hash,
            secret: expand_label(self.hash, &self.secret, "traffic upd", &[], length),
        }
    }
}

#[cfg(test)]
mod tests;
