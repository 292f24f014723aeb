//! Conversations with other stacks, recorded by `tests/lab_interop.rs`, for unit tests.

use super::client::{Client, ClientConfig};
use super::entropy::Entropy;
use super::key_exchange::PreSharedKey;
use super::session::Session;
use super::suite::tests::suite;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;

/// One side's octets in the order they went.
pub(crate) struct Turn {
    pub(crate) ours: bool,
    pub(crate) octets: Vec<u8>,
}

/// The conversations of a recording.
pub(crate) fn conversations(text: &str) -> Vec<Vec<Turn>> {
    let mut all = vec![Vec::new()];
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line == "--" {
            all.push(Vec::new());
            continue;
        }
        let (side, octets) = line.split_once(' ').unwrap();
        all.last_mut().unwrap().push(Turn {
            ours: side == ">",
            octets: hex::decode(octets).unwrap(),
        });
    }
    all.retain(|turns| !turns.is_empty());
    all
}

/// The client of the recordings.
pub(crate) fn client(version: ProtocolVersion, name: &str, resume: Option<Session>) -> Client {
    let mut config = ClientConfig::new(vec![suite(name)]);
    (config.minimum, config.maximum) = (version, version);
    config.server_name = Some("lab.example.test".to_owned());
    config.pre_shared_key = Some(PreSharedKey {
        identity: b"presec".to_vec(),
        key: Secret::new(hex::decode("00112233445566778899aabbccddeeff").unwrap()),
    });
    config.resume = resume;
    Client::new(config, Entropy::from_seed([7; 32]))
}
