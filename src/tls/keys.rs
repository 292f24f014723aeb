//! From the premaster secret to the keys of both directions: RFC 5246 clauses 6.3 and 8.1, RFC 7627; RFC 6101.

use super::hash::HashFunction;
use super::prf::Prf;
use super::ssl3;
use super::suite::Suite;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;

/// Octets of a master secret.
pub const MASTER_SECRET: usize = 48;
/// Octets of the verify data in a Finished of TLS.
pub const VERIFY_DATA: usize = 12;

/// The randoms of both hellos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Randoms {
    /// Of the ClientHello.
    pub client: [u8; 32],
    /// Of the ServerHello.
    pub server: [u8; 32],
}

/// The master secret as RFC 5246 clause 8.1 has it.
#[must_use]
pub fn master_secret(prf: Prf, premaster: &Secret, randoms: &Randoms) -> Secret {
    let seed: [&[u8]; 2] = [&randoms.client, &randoms.server];
    Secret::new(prf.derive(premaster.expose(), "master secret", &seed, MASTER_SECRET))
}

/// The master secret bound to the handshake up to and with the ClientKeyExchange, RFC 7627 clause 4.
#[must_use]
pub fn extended_master_secret(prf: Prf, premaster: &Secret, messages: &[u8]) -> Secret {
    let session_hash = prf.transcript_hash(messages);
    let label = "extended master secret";
    Secret::new(prf.derive(premaster.expose(), label, &[&session_hash], MASTER_SECRET))
}

/// The verify data of a Finished after `messages`.
#[must_use]
pub fn verify_data(prf: Prf, master: &Secret, sender: Sender, messages: &[u8]) -> Vec<u8> {
    let (label, tag) = match sender {
        Sender::Client => ("client finished", b"CLNT"),
        Sender::Server => ("server finished", b"SRVR"),
    };
    if prf == Prf::Ssl3 {
        let hash = |hash| ssl3::handshake_hash(hash, master.expose(), messages, tag);
        return [HashFunction::Md5, HashFunction::Sha1].map(hash).concat();
    }
    let hash = prf.transcript_hash(messages);
    prf.derive(master.expose(), label, &[&hash], VERIFY_DATA)
}

/// Who protects a record or sends a Finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// The keys of one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectionKeys {
    /// Key of the MAC; empty for AEAD suites.
    pub mac: Secret,
    /// Key of the cipher; empty for NULL.
    pub cipher: Secret,
    /// Initial IV (CBC in TLS 1.0) or the implicit part of the nonce (AEAD).
    pub iv: Secret,
}

/// The keys of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBlock {
    /// What the client writes with.
    pub client: DirectionKeys,
    /// What the server writes with.
    pub server: DirectionKeys,
}

impl KeyBlock {
    /// The key block of RFC 5246 clause 6.3, cut as the suite demands.
    #[must_use]
    pub fn derive(
        suite: &Suite,
        version: ProtocolVersion,
        master: &Secret,
        randoms: &Randoms,
    ) -> Self {
        let prf = Prf::of(version, suite.hash);
        let mac = suite.mac_length();
        let key = suite.key_material();
        let iv = match suite.cipher.fixed_iv_length(version) {
            _ if suite.export => 0,
            length => length,
        };
        let seed: [&[u8]; 2] = [&randoms.server, &randoms.client];
        let block = prf.derive(
            master.expose(),
            "key expansion",
            &seed,
            2 * (mac + key + iv),
        );
        let mut rest = block.as_slice();
        let mut take = |count: usize| {
            let (head, tail) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            rest = tail;
            Secret::new(head)
        };
        let macs = (take(mac), take(mac));
        let keys = (take(key), take(key));
        let ivs = (take(iv), take(iv));
        let block = Self {
            client: DirectionKeys {
                mac: macs.0,
                cipher: keys.0,
                iv: ivs.0,
            },
            server: DirectionKeys {
                mac: macs.1,
                cipher: keys.1,
                iv: ivs.1,
            },
        };
        if suite.export {
            block.extended(suite, version, randoms)
        } else {
            block
        }
    }

    /// The keys of an export suite: short ones made as long as the cipher wants them, and IVs that are no secret; RFC 2246
    /// clause 6.3.1.
    fn extended(self, suite: &Suite, version: ProtocolVersion, randoms: &Randoms) -> Self {
        let prf = Prf::of(version, suite.hash);
        let length = suite.cipher.key_length();
        if prf == Prf::Ssl3 {
            return self.extended_ssl3((length, suite.cipher.fixed_iv_length(version)), randoms);
        }
        let seed: [&[u8]; 2] = [&randoms.client, &randoms.server];
        let key =
            |short: &Secret, label| Secret::new(prf.derive(short.expose(), label, &seed, length));
        let iv = suite.cipher.fixed_iv_length(version);
        let ivs = prf.derive(&[], "IV block", &seed, 2 * iv);
        let (client, server) = ivs.split_at_checked(iv).unwrap_or_default();
        Self {
            client: DirectionKeys {
                cipher: key(&self.client.cipher, "client write key"),
                iv: Secret::new(client),
                ..self.client
            },
            server: DirectionKeys {
                cipher: key(&self.server.cipher, "server write key"),
                iv: Secret::new(server),
                ..self.server
            },
        }
    }

    /// The same in SSL 3.0, RFC 6101 clause 6.2.2.1.
    fn extended_ssl3(self, (key, iv): (usize, usize), randoms: &Randoms) -> Self {
        let extended = |keys: DirectionKeys, seed: [&[u8]; 2]| {
            let hash = |secret: &[u8], length| {
                let mut octets = HashFunction::Md5.digest(&[secret, seed.concat().as_slice()]);
                octets.truncate(length);
                Secret::new(octets)
            };
            DirectionKeys {
                cipher: hash(keys.cipher.expose(), key),
                iv: hash(&[], iv),
                ..keys
            }
        };
        Self {
            client: extended(self.client, [&randoms.client, &randoms.server]),
            server: extended(self.server, [&randoms.server, &randoms.client]),
        }
    }

    /// The keys with which `sender` protects what it sends.
    #[must_use]
    pub fn of(&self, sender: Sender) -> &DirectionKeys {
        match sender {
            Sender::Client => &self.client,
            Sender::Server => &self.server,
        }
    }
}
