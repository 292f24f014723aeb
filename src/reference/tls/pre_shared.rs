//! Handshakes with the key of a bootstrapping (TS 33.222 clause 5.4), by the lab TLS engine: rustls has none up to TLS 1.2.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::defect::TlsDefect;
use super::effect::{Effect, PreSharedLaxity};
use super::ending::close;
use super::first_bytes::First;
use super::front::{Accepted, HANDSHAKE_LIMIT, TlsFrontSettings, info};
use super::replay::Replay;
use super::suites::GOOD;
use crate::model::secret::Secret;
use crate::model::suite::{ProtocolVersion, VersionRange};
use crate::reference::http::{ConnectionInfo, Transport};
use crate::tls::connection::Connection;
use crate::tls::entropy::Entropy;
use crate::tls::failure::Failure;
use crate::tls::hash::HashFunction;
use crate::tls::quirk::Closing;
use crate::tls::server::{PreSharedKeys, Server, ServerConfig};
use crate::tls::stream::TlsStream;
use crate::tls::suite::{Cipher, Exchange, Proof, Suite};
use crate::wire::tls::extension::code;
use crate::wire::tls::extension13::{OfferedPsks, PSK_KE};
use crate::wire::tls::hello::ClientHello;

/// The suite of the target's pre-shared keys; forward secret, as its other suites are.
pub const PRE_SHARED_SUITE: &str = "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256";
/// The name space of identities, and the hint at it (TS 24.109 clause 5.3.3).
const NAME_SPACE: &str = "3GPP-bootstrapping";

/// What a proxy knows of a bootstrapping.
#[derive(Debug, Clone)]
pub struct Association {
    /// The transaction identifier.
    pub b_tid: String,
    /// Ks_NAF for [`PRE_SHARED_SUITE`].
    pub key: Secret,
    /// Ks_NAF for TLS 1.3.
    pub key_of_tls13: Secret,
    /// Ks_NAF for HTTP Digest.
    pub digest_key: Secret,
    /// Whether its lifetime is over.
    pub expired: bool,
}

/// Who knows bootstrappings, those that have ended included.
pub trait Associations: Send + Sync {
    /// That of a transaction identifier.
    fn find(&self, b_tid: &str) -> Option<Association>;
    /// That of the first subscriber.
    fn first(&self) -> Option<Association>;
}

/// The suite of [`PRE_SHARED_SUITE`].
const SUITE: Suite = Suite {
    code: 0xD001,
    exchange: Exchange::Ecdhe,
    export: false,
    proof: Proof::PreSharedKey,
    certificate_key: None,
    cipher: Cipher::Aes128Gcm,
    mac: None,
    hash: HashFunction::Sha256,
    versions: VersionRange {
        minimum: ProtocolVersion::Tls12,
        maximum: ProtocolVersion::Tls12,
    },
};

/// The suite of pre-shared keys in TLS 1.3: one with the hash of an external key.
const SUITE_13: Suite = Suite {
    code: 0x1301,
    exchange: Exchange::Tls13,
    proof: Proof::Tls13,
    versions: VersionRange {
        minimum: ProtocolVersion::Tls13,
        maximum: ProtocolVersion::Tls13,
    },
    ..SUITE
};

/// The number of a connection, and who knows the bootstrappings of those it may be from.
pub(crate) type Who = (u64, Arc<dyn Associations>);

/// A connection with a pre-shared key.
pub(crate) type KeyTrialStream<S> = TlsStream<Replay<S>, KeyTrial>;

/// The pre-shared keys of a front.
#[derive(Debug)]
pub(super) struct PreSharedFront {
    laxities: BTreeSet<PreSharedLaxity>,
}

impl PreSharedFront {
    /// With what of the defects is about pre-shared keys; `None` for a front without any.
    pub(super) fn of(settings: &TlsFrontSettings) -> Option<Self> {
        let laxity = |defect: &TlsDefect| match defect.effect() {
            Effect::PreShared(laxity) => Some(laxity),
            _ => None,
        };
        settings.pre_shared_keys.then(|| Self {
            laxities: settings.defects.iter().filter_map(laxity).collect(),
        })
    }

    /// Whether the handshake after this hello is to be made with a pre-shared key: when nothing is offered that the
    /// certificate serves. Which of both a server prefers is its own affair.
    pub(super) fn takes(&self, first: &First) -> bool {
        let First::Hello(hello) = first else {
            return false;
        };
        if self.has(PreSharedLaxity::NotServed) {
            return false;
        }
        if hello.highest_version() == ProtocolVersion::Tls13.wire() && names_bootstrapping(hello) {
            return true;
        }
        let certified = GOOD.iter().any(|suite| hello.offers_suite(*suite));
        hello.offers_suite(SUITE.code)
            && !certified
            && hello.highest_version() >= ProtocolVersion::Tls12.wire()
    }

    fn has(&self, laxity: PreSharedLaxity) -> bool {
        self.laxities.contains(&laxity)
    }

    /// Makes the handshake; `None` when it ends before it is complete.
    pub(super) async fn accept<S>(
        &self,
        stream: Replay<S>,
        id: u64,
        (associations, seed): (Arc<dyn Associations>, [u8; 32]),
    ) -> Option<Accepted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let trial = KeyTrial::new(Arc::new(Rules {
            laxities: self.laxities.clone(),
            associations,
            seed: seed_of(seed, id),
        }));
        match timeout(HANDSHAKE_LIMIT, TlsStream::connect(stream, trial)).await {
            Ok(Ok(stream)) => {
                let (_, trial) = stream.get_ref();
                let info = ConnectionInfo {
                    server_name: trial.server_name(),
                    pre_shared_b_tid: trial.b_tid(),
                    ..info(id, Transport::Tls)
                };
                Some(Accepted::PreShared(Box::new(stream), info))
            }
            Ok(Err(unfinished)) => {
                tracing::debug!(error = %unfinished.error, connection = id, "handshake ended");
                close(unfinished.stream.into_inner()).await;
                None
            }
            Err(_) => None,
        }
    }
}

/// Whether a key of a bootstrapping is offered in TLS 1.3, perhaps beside tickets.
fn names_bootstrapping(hello: &ClientHello) -> bool {
    let offered = hello.extension(code::PRE_SHARED_KEY);
    let offered = offered.and_then(|body| OfferedPsks::parse(body).ok());
    offered.is_some_and(|offered| {
        let mut identities = offered.identities.iter();
        identities.any(|(identity, _)| identity.starts_with(NAME_SPACE.as_bytes()))
    })
}

/// Another seed for every connection.
fn seed_of(seed: [u8; 32], id: u64) -> [u8; 32] {
    let hash = Sha256::new_with_prefix(seed);
    hash.chain_update(id.to_be_bytes()).finalize().into()
}

/// By what a server goes.
struct Rules {
    laxities: BTreeSet<PreSharedLaxity>,
    associations: Arc<dyn Associations>,
    seed: [u8; 32],
}

impl Rules {
    fn has(&self, laxity: PreSharedLaxity) -> bool {
        self.laxities.contains(&laxity)
    }

    /// The bootstrapping of an identity, if it may be used.
    fn association(&self, identity: &[u8]) -> Option<Association> {
        let found = self.named(identity);
        let found = found.filter(|found| !found.expired || self.has(PreSharedLaxity::Expired));
        if found.is_none() && self.has(PreSharedLaxity::UnknownIdentity) {
            return self.associations.first();
        }
        found
    }

    fn named(&self, identity: &[u8]) -> Option<Association> {
        let up_to_nul = identity.split(|octet| *octet == 0).next();
        let read = match up_to_nul {
            Some(before) if self.has(PreSharedLaxity::StopsAtNul) => before,
            _ => identity,
        };
        let text = std::str::from_utf8(read).ok()?;
        let b_tid = match text.split_once(';') {
            Some((NAME_SPACE, b_tid)) => b_tid,
            None if self.has(PreSharedLaxity::AnyNameSpace) => text,
            _ => return None,
        };
        self.associations.find(b_tid)
    }

    /// The keys that are tried in turn; a conforming server has one for a known identity and none for another.
    fn keys(&self, identity: &[u8]) -> Vec<Secret> {
        let Some(association) = self.association(identity) else {
            // A key that nobody has hides that the identity is unknown (RFC 4279 clause 2).
            let hides = self.has(PreSharedLaxity::UnknownIsHidden);
            return hides.then(|| Secret::new(self.seed)).into_iter().collect();
        };
        let mut keys = vec![association.key.clone()];
        if self.has(PreSharedLaxity::LastBit) {
            let mut octets = association.key.expose().to_vec();
            if let Some(last) = octets.last_mut() {
                *last ^= 1;
            }
            keys.push(Secret::new(octets));
        }
        if self.has(PreSharedLaxity::DigestKey) {
            keys.push(association.digest_key);
        }
        keys
    }
}

/// The keys of one try.
struct Nth {
    rules: Arc<Rules>,
    turn: usize,
}

impl PreSharedKeys for Nth {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        self.rules.keys(identity).into_iter().nth(self.turn)
    }

    fn key_of_tls13(&self, identity: &[u8]) -> Option<Secret> {
        let association = self.rules.association(identity)?;
        Some(association.key_of_tls13)
    }
}

/// A server that has another key to try when the client's Finished does not fit the first: with the same seed it says the
/// same up to there, so that what came can be given to a new one.
pub(crate) struct KeyTrial {
    rules: Arc<Rules>,
    server: Server,
    turn: usize,
    received: Vec<u8>,
    /// Octets that were sent, and those of them that the present server says once more.
    sent: usize,
    repeated: usize,
}

impl KeyTrial {
    fn new(rules: Arc<Rules>) -> Self {
        Self {
            server: server(&rules, 0),
            rules,
            turn: 0,
            received: Vec::new(),
            sent: 0,
            repeated: 0,
        }
    }

    /// The bootstrapping by which the client is known, once the handshake is complete.
    pub(super) fn b_tid(&self) -> Option<String> {
        if self.rules.has(PreSharedLaxity::DigestOnTop) {
            return None;
        }
        let identity = self.server.facts().psk_identity.as_deref()?;
        let association = self.rules.association(identity);
        association.map(|association| association.b_tid)
    }

    /// The host that the client named.
    pub(super) fn server_name(&self) -> Option<String> {
        self.server.facts().server_name.clone()
    }

    /// Whether another key is there to be tried.
    fn has_another(&self) -> bool {
        let identity = self.server.facts().psk_identity.as_deref();
        identity.is_some_and(|identity| self.rules.keys(identity).len() > self.turn + 1)
    }
}

fn server(rules: &Arc<Rules>, turn: usize) -> Server {
    let mut config = ServerConfig::new(vec![SUITE, SUITE_13], Vec::new());
    config.minimum = ProtocolVersion::Tls12;
    (config.maximum, config.highest) = (ProtocolVersion::Tls13, ProtocolVersion::Tls13);
    if rules.has(PreSharedLaxity::KeyAlone) {
        config.tls13.psk_modes.push(PSK_KE);
    }
    let hinted = !rules.has(PreSharedLaxity::NoHint);
    config.identity_hint = hinted.then(|| NAME_SPACE.as_bytes().to_vec());
    config.pre_shared_keys = Some(Arc::new(Nth {
        rules: Arc::clone(rules),
        turn,
    }));
    config.tickets = false;
    config.session_ids = false;
    Server::new(Arc::new(config), Entropy::from_seed(rules.seed))
}

impl Connection for KeyTrial {
    fn receive(&mut self, octets: &[u8]) -> Result<(), Failure> {
        if self.server.is_open() {
            return self.server.receive(octets);
        }
        self.received.extend_from_slice(octets);
        let mut said = self.server.receive(octets);
        while said.is_err() && !self.server.is_open() && self.has_another() {
            self.turn += 1;
            self.server = server(&self.rules, self.turn);
            self.repeated = self.sent;
            said = self.server.receive(&self.received);
        }
        said
    }

    fn write(&mut self, octets: &[u8]) {
        self.server.write(octets);
    }

    fn close(&mut self) {
        self.server.close();
    }

    fn take_output(&mut self) -> Vec<u8> {
        let mut output = self.server.take_output();
        let again = self.repeated.min(output.len());
        output.drain(..again);
        self.repeated -= again;
        self.sent += output.len();
        output
    }

    fn take_plaintext(&mut self) -> Vec<u8> {
        self.server.take_plaintext()
    }

    fn is_open(&self) -> bool {
        self.server.is_open()
    }

    fn is_closed_by_peer(&self) -> bool {
        self.server.is_closed_by_peer()
    }

    fn awaiting(&self) -> &'static str {
        self.server.awaiting()
    }

    fn is_paused(&self) -> bool {
        self.server.is_paused()
    }

    fn go_on(&mut self) {
        self.server.go_on();
    }

    fn closing(&self) -> Option<Closing> {
        self.server.closing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::suite::SuiteRecord;

    #[test]
    fn the_suites_are_those_of_the_registry() {
        let text = include_str!("../../../scenarios/sets/suites.yaml");
        let records: Vec<SuiteRecord> = serde_yaml::from_str(text).unwrap();
        for (name, suite) in [
            (PRE_SHARED_SUITE, SUITE),
            ("TLS_AES_128_GCM_SHA256", SUITE_13),
        ] {
            let mut named = records.iter().filter(|record| record.name == name);
            assert_eq!(Suite::of(named.next().unwrap()), Some(suite));
        }
    }
}
