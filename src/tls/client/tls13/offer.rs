//! What a ClientHello says more when TLS 1.3 is offered: RFC 8446 clauses 4.1.2 and 4.2.

use super::binder::bind;
use super::state::{Awaiting, Tls13};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::legacy::Handshake;
use crate::tls::client::{Client, ClientConfig, EarlyData, SelectedPsk};
use crate::tls::entropy::Entropy;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::EphemeralKey;
use crate::tls::key_log;
use crate::tls::record::Sealer13;
use crate::tls::schedule::{EarlySecret, PskOrigin};
use crate::tls::suite::Suite;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::extension13::KeyShare;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::content_type;

/// What only versions up to TLS 1.2 have.
const LEGACY: [u16; 5] = [
    code::EXTENDED_MASTER_SECRET,
    code::RENEGOTIATION_INFO,
    code::SESSION_TICKET,
    code::EC_POINT_FORMATS,
    code::ENCRYPT_THEN_MAC,
];

/// A share that was sent, with its private key.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) group: u16,
    pub(super) key: EphemeralKey,
}

/// A pre-shared key as it is offered.
#[derive(Debug)]
pub(super) struct OfferedPsk {
    pub(super) which: SelectedPsk,
    pub(super) origin: PskOrigin,
    pub(super) identity: Vec<u8>,
    pub(super) age: u32,
    pub(super) key: Secret,
    pub(super) hash: HashFunction,
    /// Of a ticket: the suite that protects early data.
    pub(super) suite: Option<Suite>,
}

impl Tls13 {
    /// Offers TLS 1.3 in a hello of the versions before it.
    pub(in crate::tls::client) fn offer(
        config: &ClientConfig,
        handshake: &mut Handshake,
        entropy: &mut Entropy,
    ) -> Self {
        let first = || config.groups.iter().take(1).copied().collect();
        let groups = config.tls13.key_shares.clone().unwrap_or_else(first);
        let shares = shares(&groups, entropy);
        let psks = psks(config);
        let hello = &mut handshake.hello;
        if hello.session_id.is_empty() && config.tls13.middlebox_compatibility {
            hello.session_id = entropy.octets(32);
        }
        extend(hello, config, &shares);
        bind(hello, &psks, &[]);
        Self {
            awaiting: Awaiting::ServerHello,
            shares,
            psks,
            suite: None,
            secret: None,
            client_handshake: None,
            client_traffic: None,
            server_traffic: None,
            resumption: None,
            request_context: Vec::new(),
            change_cipher_spec_sent: false,
            handshake_messages: Vec::new(),
            idle: 0,
            tickets: Vec::new(),
        }
    }
}

/// Fresh keys in those groups that the engine has.
pub(super) fn shares(groups: &[u16], entropy: &mut Entropy) -> Vec<Share> {
    groups
        .iter()
        .filter_map(|group| {
            let key = EphemeralKey::new(*group, entropy).ok()?;
            Some(Share { group: *group, key })
        })
        .collect()
}

/// The key_share of these shares.
pub(super) fn key_share(shares: &[Share]) -> Extension {
    let shares: Vec<KeyShare> = shares
        .iter()
        .map(|share| KeyShare {
            group: share.group,
            public: share.key.public(),
        })
        .collect();
    KeyShare::offer(&shares)
}

fn psks(config: &ClientConfig) -> Vec<OfferedPsk> {
    let tickets = config.tls13.resume.iter().enumerate();
    let tickets = tickets.map(|(at, offer)| OfferedPsk {
        which: SelectedPsk::Ticket(at),
        origin: PskOrigin::Resumption,
        identity: offer.session.ticket.expose().to_vec(),
        age: offer.obfuscated_age(),
        key: offer.session.key.clone(),
        hash: offer.session.suite.hash,
        suite: Some(offer.session.suite.clone()),
    });
    let external = config.tls13.external_psks.iter().enumerate();
    let external = external.map(|(at, psk)| OfferedPsk {
        which: SelectedPsk::External(at),
        origin: PskOrigin::External,
        identity: psk.key.identity.clone(),
        age: 0,
        key: psk.key.key.clone(),
        hash: psk.hash,
        suite: None,
    });
    tickets.chain(external).collect()
}

fn extend(hello: &mut ClientHello, config: &ClientConfig, shares: &[Share]) {
    if config.minimum >= ProtocolVersion::Tls13 {
        hello
            .extensions
            .retain(|extension| !LEGACY.contains(&extension.code));
    }
    let offered = config.minimum.max(ProtocolVersion::Ssl3)..=config.maximum;
    let versions: Vec<u16> = ProtocolVersion::ALL
        .into_iter()
        .rev()
        .filter(|version| offered.contains(version))
        .map(ProtocolVersion::wire)
        .collect();
    let extensions = &mut hello.extensions;
    extensions.push(Extension::supported_versions(&versions, false));
    let modes = &config.tls13.psk_modes;
    if !modes.is_empty() {
        extensions.push(Extension::psk_key_exchange_modes(modes));
    }
    // Whoever has no groups has no shares either (RFC 8446 9.2).
    if !config.groups.is_empty() {
        extensions.push(key_share(shares));
    }
    if config.tls13.post_handshake_auth {
        extensions.push(Extension::new(code::POST_HANDSHAKE_AUTH, Vec::new()));
    }
    if offers_early_data(config) {
        extensions.push(Extension::new(code::EARLY_DATA, Vec::new()));
    }
}

fn offers_early_data(config: &ClientConfig) -> bool {
    !config.tls13.early_data.is_empty() && !config.tls13.resume.is_empty()
}

impl Client {
    /// Sends early data behind the hello, when there is any.
    pub(in crate::tls::client) fn send_early_data(&mut self) {
        let Some(tls13) = &mut self.tls13 else {
            return;
        };
        let first = tls13
            .psks
            .first()
            .filter(|_| offers_early_data(&self.config));
        let Some((psk, suite)) = first.and_then(|psk| Some((psk, psk.suite.as_ref()?))) else {
            return;
        };
        let early = EarlySecret::new(psk.hash, Some(&psk.key));
        let hash = psk.hash.digest(&[&self.handshake.transcript]);
        let traffic = early.client_traffic(&hash);
        let Some(sealer) = Sealer13::new(suite, &traffic.keys(suite)) else {
            return;
        };
        self.log_secret(key_log::CLIENT_EARLY, traffic.secret());
        self.log_secret(key_log::EARLY_EXPORTER, &early.exporter(&hash));
        self.send_compatibility_change_cipher_spec();
        self.records
            .protect_sent_13(Some(sealer), &mut self.entropy);
        let data = self.config.tls13.early_data.clone();
        self.send(content_type::APPLICATION_DATA, &data);
        self.facts.tls13.early_data = EarlyData::Sent;
    }

    /// What went out before the server's hello was not taken; what follows is in clear until there are keys.
    pub(in crate::tls::client) fn reject_early_data(&mut self) {
        if self.facts.tls13.early_data == EarlyData::Sent {
            self.facts.tls13.early_data = EarlyData::Rejected;
            self.records.protect_sent_13(None, &mut self.entropy);
        }
    }

    /// Sends the ChangeCipherSpec that means nothing, once.
    pub(super) fn send_compatibility_change_cipher_spec(&mut self) {
        let wanted = self.config.tls13.middlebox_compatibility;
        let Some(tls13) = self.tls13.as_mut().filter(|_| wanted) else {
            return;
        };
        if !std::mem::replace(&mut tls13.change_cipher_spec_sent, true) {
            self.records.set_version(0x0303);
            self.records.send_change_cipher_spec(&mut self.entropy);
        }
    }
}
