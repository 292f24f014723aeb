//! Who talks in these tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::{
    Found, PreSharedKeys, Server, ServerConfig, ServerIdentity, SessionStore, StoredSession,
};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{Client, ClientConfig, ExternalPsk, Identity};
use crate::tls::entropy::Entropy;
use crate::tls::failure::Failure;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::PreSharedKey;
use crate::tls::key_log::KeyLog;
use crate::tls::session::{Mechanism, Tls13Offer, Tls13Session};
use crate::tls::signature::PrivateKey;
use crate::tls::suite::Suite;
use crate::tls::suite::tests::{registry, suite};

pub(super) const HOST: &str = "lab.example.test";

fn fixture(kind: &str, name: &str) -> Vec<u8> {
    let text = include_str!("../../../../fixtures/wire/tls/signatures/openssl.txt");
    let prefix = format!("{kind} {name} ");
    let line = text.lines().find_map(|line| line.strip_prefix(&prefix));
    hex::decode(line.unwrap()).unwrap()
}

pub(super) fn key(name: &str) -> PrivateKey {
    PrivateKey::from_der(&fixture("pkcs8", name)).unwrap()
}

pub(super) fn server_identity(name: &str) -> ServerIdentity {
    ServerIdentity {
        certificates: vec![fixture("certificate", name)],
        key: key(name),
    }
}

pub(super) fn client_identity(name: &str) -> Identity {
    Identity::Chain {
        certificates: vec![fixture("certificate", name)],
        key: Box::new(key(name)),
        verify: Default::default(),
    }
}

/// Sessions by mechanism and handle; all of them are over once `expired` says so.
#[derive(Default)]
pub(super) struct Memory {
    sessions: Mutex<BTreeMap<(bool, Vec<u8>), StoredSession>>,
    pub(super) expired: bool,
}

impl SessionStore for Memory {
    fn keep(&self, mechanism: Mechanism, handle: &[u8], session: StoredSession) {
        let key = (mechanism == Mechanism::Ticket, handle.to_vec());
        self.sessions.lock().unwrap().insert(key, session);
    }

    fn find(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Found> {
        let key = (mechanism == Mechanism::Ticket, handle.to_vec());
        let session = self.sessions.lock().unwrap().get(&key).cloned()?;
        let expired = self.expired;
        Some(Found { session, expired })
    }

    fn age(&self, _: Mechanism, _: &[u8]) -> Option<Duration> {
        Some(Duration::from_secs(if self.expired { 86_400 } else { 0 }))
    }

    fn forget(&self, mechanism: Mechanism, handle: &[u8]) {
        let key = (mechanism == Mechanism::Ticket, handle.to_vec());
        self.sessions.lock().unwrap().remove(&key);
    }
}

impl Memory {
    /// The same sessions, a day later.
    pub(super) fn a_day_later(&self) -> Arc<Self> {
        Arc::new(Self {
            sessions: Mutex::new(self.sessions.lock().unwrap().clone()),
            expired: true,
        })
    }
}

/// Knows one key under two names.
pub(super) struct OneKey;

/// An identity as a NAF knows it.
pub(super) const NAF_IDENTITY: &[u8] = b"3GPP-bootstrapping;b-tid@bsf.test";

impl PreSharedKeys for OneKey {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        [b"presec", NAF_IDENTITY]
            .contains(&identity)
            .then(|| Secret::new([5; 16]))
    }
}

/// Label, random and secret.
pub(super) type Logged = (String, Vec<u8>, Vec<u8>);

/// Everything that was logged.
#[derive(Default)]
pub(super) struct Secrets(pub(super) Mutex<BTreeSet<Logged>>);

impl KeyLog for Secrets {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let entry = (label.to_owned(), client_random.to_vec(), secret.to_vec());
        self.0.lock().unwrap().insert(entry);
    }
}

/// Every suite of the engine up to TLS 1.2.
pub(super) fn suites() -> Vec<Suite> {
    let suites = registry();
    let suites = suites.iter().filter_map(Suite::of);
    suites
        .filter(|suite| suite.versions.minimum <= ProtocolVersion::Tls12)
        .collect()
}

/// A server of everything, with sessions.
pub(super) fn server_config() -> ServerConfig {
    let identities = ["rsa", "p256", "dss"].map(server_identity).to_vec();
    let mut config = ServerConfig::new(suites(), identities);
    config.pre_shared_keys = Some(Arc::new(OneKey));
    config.identity_hint = Some(b"hint".to_vec());
    config.sessions = Some(Arc::new(Memory::default()));
    config
}

pub(super) fn client_config(names: &[&str]) -> ClientConfig {
    let mut config = ClientConfig::new(names.iter().map(|name| suite(name)).collect());
    config.server_name = Some(HOST.to_owned());
    config.pre_shared_key = Some(PreSharedKey {
        identity: b"presec".to_vec(),
        key: Secret::new([5; 16]),
    });
    config
}

/// Every suite of TLS 1.3.
pub(super) const SUITES_13: [&str; 7] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
    "TLS_SHA256_SHA256",
    "TLS_SHA384_SHA384",
];

/// The same server of everything, with TLS 1.3.
pub(super) fn server_config_13() -> ServerConfig {
    let mut config = server_config();
    config.suites.extend(SUITES_13.map(suite));
    config.maximum = ProtocolVersion::Tls13;
    config.highest = ProtocolVersion::Tls13;
    config
}

/// A client of TLS 1.3 alone.
pub(super) fn client_config_13(names: &[&str]) -> ClientConfig {
    let mut config = client_config(names);
    let version = ProtocolVersion::Tls13;
    (config.minimum, config.maximum) = (version, version);
    config
}

/// The key of [`OneKey`] as it is offered in TLS 1.3.
pub(super) fn external(identity: &[u8], key: &[u8]) -> ExternalPsk {
    ExternalPsk {
        key: PreSharedKey {
            identity: identity.to_vec(),
            key: Secret::new(key),
        },
        hash: HashFunction::Sha256,
    }
}

/// A ticket of a client, as old as it says.
pub(super) fn offer(session: &Tls13Session, age: u64) -> Tls13Offer {
    Tls13Offer {
        session: session.clone(),
        age: Duration::from_secs(age),
    }
}

/// A client and a server that have talked.
pub(super) struct Talk {
    pub(super) client: Client,
    pub(super) server: Server,
    pub(super) client_said: Result<(), Failure>,
    pub(super) server_said: Result<(), Failure>,
}

/// Lets both talk until neither has more to say.
pub(super) fn talk(client: ClientConfig, server: &Arc<ServerConfig>) -> Talk {
    let mut talk = begin(client, server);
    talk.go_on();
    talk
}

/// Both before the first octet.
pub(super) fn begin(client: ClientConfig, server: &Arc<ServerConfig>) -> Talk {
    Talk {
        client: Client::new(client, Entropy::from_seed([1; 32])),
        server: Server::new(Arc::clone(server), Entropy::from_system().unwrap()),
        client_said: Ok(()),
        server_said: Ok(()),
    }
}

impl Talk {
    pub(super) fn go_on(&mut self) {
        loop {
            let (up, down) = (self.client.take_output(), self.server.take_output());
            if up.is_empty() && down.is_empty() {
                return;
            }
            if self.server_said.is_ok() {
                self.server_said = self.server.receive(&up);
            }
            if self.client_said.is_ok() {
                self.client_said = self.client.receive(&down);
            }
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.client.is_open() && self.server.is_open()
    }

    /// Holds that data go both ways.
    pub(super) fn carries_data(&mut self) {
        self.client.write(b"up");
        self.server.write(b"down");
        self.go_on();
        assert_eq!(self.server.take_plaintext(), b"up");
        assert_eq!(self.client.take_plaintext(), b"down");
    }
}
