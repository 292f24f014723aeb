//! The two hellos.

use super::config::ClientConfig;
use super::connection::Client;
use super::legacy::{Awaiting, Selected};
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::Cause;
use crate::tls::keys::Randoms;
use crate::tls::session::Session;
use crate::tls::suite::Exchange;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::offer::Offer;
use crate::wire::tls::record::handshake_type;
use crate::wire::tls::server_hello::ServerHello;

/// Octets before the body of a handshake message.
const HANDSHAKE_HEADER: usize = 4;

/// The ClientHello of a configuration.
pub(super) fn client_hello(
    config: &ClientConfig,
    offered: Option<&Session>,
    entropy: &mut Entropy,
) -> ClientHello {
    let suites = config.suites.iter().map(|suite| suite.code).collect();
    let mut offer = Offer::new(config.maximum.min(ProtocolVersion::Tls12), suites);
    offer.server_name.clone_from(&config.server_name);
    offer.groups = Some(config.groups.clone());
    offer.signature_schemes = Some(config.signature_schemes.clone());
    offer.extended_master_secret = config.extended_master_secret;
    offer.status_request = config.status_request;
    let ticket = offered.and_then(|session| session.ticket.as_ref());
    offer.session_id = match (offered, ticket) {
        // The server repeats an id made up for the purpose when it takes the ticket (RFC 5077 3.4).
        (Some(_), Some(_)) => entropy.octets(32),
        (Some(session), None) => session.id.clone(),
        (None, _) => Vec::new(),
    };
    offer.session_ticket = config
        .tickets
        .then(|| ticket.map_or_else(Vec::new, |held| held.ticket.expose().to_vec()));
    let mut hello = offer.client_hello(entropy.array());
    let has_block_cipher = |suite: &crate::tls::suite::Suite| suite.cipher.block_length().is_some();
    let extensible = config.maximum >= ProtocolVersion::Tls10;
    if extensible && config.encrypt_then_mac && config.suites.iter().any(has_block_cipher) {
        let extension = Extension::new(code::ENCRYPT_THEN_MAC, Vec::new());
        hello.extensions.push(extension);
    }
    hello
}

impl Client {
    /// Sends the hello; what was really sent of it is what counts from then on.
    pub(super) fn send_client_hello(&mut self) {
        let message = Message {
            kind: handshake_type::CLIENT_HELLO,
            body: self.handshake.hello.encode_body(),
        };
        self.emit(message);
        let sent = self.handshake.transcript.get(HANDSHAKE_HEADER..);
        if let Ok(sent) = ClientHello::parse(sent.unwrap_or_default()) {
            let record_version = self.handshake.hello.record_version;
            self.handshake.hello = ClientHello {
                record_version,
                ..sent
            };
        }
    }

    pub(super) fn server_hello(&mut self, message: &Message) -> Result<(), Cause> {
        let hello = ServerHello::parse(&message.body)?;
        if self.tls13.is_some() && hello.version == ProtocolVersion::Tls13.wire() {
            return self.server_hello_13(message, &hello);
        }
        if self.facts.tls13.hello_retry.is_some() {
            let what = "another version than in the HelloRetryRequest";
            return Err(Cause::Misbehaved(what.to_owned()));
        }
        self.reject_early_data();
        self.tls13 = None;
        self.handshake.transcript.extend(message.encode());
        let version = self.selected_version(&hello)?;
        let code = hello.suite;
        let mut offered = self.config.suites.iter();
        let suite = offered.find(|suite| suite.code == code && suite.exchange != Exchange::Tls13);
        let suite = suite
            .cloned()
            .ok_or_else(|| Cause::Misbehaved(format!("suite 0x{code:04X} was not offered")))?;
        let compression = hello.compression;
        self.facts.compression = Some(compression);
        if !self.handshake.hello.compressions.contains(&compression) {
            let what = format!("compression method {compression} was not offered");
            return Err(Cause::Misbehaved(what));
        }
        if compression != 0 {
            let what = format!("the server selected compression method {compression}");
            return Err(Cause::Incompatible(what));
        }
        self.facts.version = Some(version);
        self.facts.suite = Some(code);
        self.facts.downgrade_sentinel = hello.downgrade_sentinel();
        self.extensions(&hello, suite.cipher.block_length().is_some())?;
        let ours = &self.handshake.hello;
        let echoed = !hello.session_id.is_empty() && hello.session_id == ours.session_id;
        self.handshake.selected = Some(Selected {
            randoms: Randoms {
                client: ours.random,
                server: hello.random,
            },
            version,
            suite,
            echoed: echoed && self.handshake.offered.is_some(),
            session_id: hello.session_id,
        });
        self.records.set_version(version.wire());
        self.handshake.awaiting = Awaiting::Flight;
        Ok(())
    }

    fn selected_version(&self, hello: &ServerHello) -> Result<ProtocolVersion, Cause> {
        let wanted = self.config.minimum..=self.config.maximum;
        hello
            .protocol_version()
            .filter(|version| wanted.contains(version))
            .ok_or_else(|| {
                Cause::Incompatible(format!(
                    "the server selected version 0x{:04X}, which was not offered",
                    hello.version
                ))
            })
    }

    fn extensions(&mut self, hello: &ServerHello, block_cipher: bool) -> Result<(), Cause> {
        let facts = &mut self.facts;
        facts.unsolicited_extensions = hello
            .extensions
            .iter()
            .map(|extension| extension.code)
            .filter(|code| !self.handshake.hello.has_extension(*code))
            .collect();
        let has = |code| hello.extension(code).is_some();
        facts.extended_master_secret =
            self.config.extended_master_secret && has(code::EXTENDED_MASTER_SECRET);
        facts.encrypt_then_mac =
            self.config.encrypt_then_mac && block_cipher && has(code::ENCRYPT_THEN_MAC);
        let heartbeat = hello.extension(code::HEARTBEAT).and_then(<[u8]>::first);
        facts.heartbeat = heartbeat.copied();
        let info = hello.extension(code::RENEGOTIATION_INFO);
        facts.renegotiation_info = info.map(<[u8]>::to_vec);
        let right = match &self.renegotiating {
            // What is missing or wrong there is a fact: the handshake shows what the server makes of it.
            Some(_) => info == Some(&self.verify_data.of_server()),
            None if info.is_some_and(|info| info != [0]) => {
                let what = "renegotiation_info of another connection (RFC 5746 3.4)";
                return Err(Cause::Misbehaved(what.to_owned()));
            }
            None => info.is_some(),
        };
        facts.secure_renegotiation = right;
        Ok(())
    }
}
