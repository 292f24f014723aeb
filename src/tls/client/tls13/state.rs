//! The state of a handshake of TLS 1.3.

use super::offer::{OfferedPsk, Share};
use crate::model::secret::Secret;
use crate::tls::client::Client;
use crate::tls::failure::Cause;
pub(super) use crate::tls::failure::missing;
use crate::tls::hash::HashFunction;
use crate::tls::key_log;
use crate::tls::keys::Sender;
use crate::tls::record::{Opener13, Sealer13};
use crate::tls::schedule::{EarlySecret, HandshakeSecret, ResumptionSecret, TrafficSecret};
use crate::tls::session::Tls13Session;
use crate::tls::suite::Suite;
use crate::wire::tls::handshake::Message;

/// What comes next from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaiting {
    /// The version is not selected yet.
    ServerHello,
    EncryptedExtensions,
    /// Certificate, or CertificateRequest before it.
    CertificateOrRequest,
    Certificate,
    CertificateVerify,
    Finished,
    Data,
}

impl Awaiting {
    const fn name(self) -> &'static str {
        match self {
            Self::ServerHello => "awaiting ServerHello",
            Self::EncryptedExtensions => "awaiting EncryptedExtensions",
            Self::CertificateOrRequest => "awaiting Certificate or CertificateRequest",
            Self::Certificate => "awaiting Certificate",
            Self::CertificateVerify => "awaiting CertificateVerify",
            Self::Finished => "awaiting the server's Finished",
            Self::Data => "after the handshake",
        }
    }
}

/// The state of a handshake of TLS 1.3; the hello and the transcript are those of all versions.
#[derive(Debug)]
pub(in crate::tls::client) struct Tls13 {
    pub(super) awaiting: Awaiting,
    pub(super) shares: Vec<Share>,
    pub(super) psks: Vec<OfferedPsk>,
    /// The suite of a HelloRetryRequest, then of the ServerHello.
    pub(super) suite: Option<Suite>,
    /// The stage of the key schedule between the hellos and the server's Finished.
    pub(super) secret: Option<HandshakeSecret>,
    /// What protects our handshake messages; not in use yet while early data is sent.
    pub(super) client_handshake: Option<TrafficSecret>,
    pub(super) client_traffic: Option<TrafficSecret>,
    pub(super) server_traffic: Option<TrafficSecret>,
    pub(super) resumption: Option<ResumptionSecret>,
    /// The context of a CertificateRequest that is to be answered.
    pub(super) request_context: Vec<u8>,
    /// Whether a ChangeCipherSpec went out for the sake of middleboxes.
    pub(super) change_cipher_spec_sent: bool,
    /// The messages up to the client's Finished.
    pub(super) handshake_messages: Vec<u8>,
    /// KeyUpdates and requests since application data came.
    pub(super) idle: usize,
    pub(super) tickets: Vec<Tls13Session>,
}

impl Tls13 {
    /// Whether the server selected this version.
    pub(in crate::tls::client) fn is_selected(&self) -> bool {
        self.awaiting != Awaiting::ServerHello
    }

    /// For the point of a failure.
    pub(in crate::tls::client) const fn awaiting_name(&self) -> &'static str {
        self.awaiting.name()
    }

    pub(in crate::tls::client) fn tickets(&self) -> &[Tls13Session] {
        &self.tickets
    }

    /// Application data came: what the server does beside it has a reason.
    pub(in crate::tls::client) fn note_data(&mut self) {
        self.idle = 0;
    }

    pub(super) fn suite(&self) -> Result<&Suite, Cause> {
        self.suite.as_ref().ok_or_else(|| missing("suite"))
    }
}

impl Client {
    pub(super) fn tls13(&mut self) -> Result<&mut Tls13, Cause> {
        self.tls13.as_deref_mut().ok_or_else(|| missing("version"))
    }

    /// The hash of the messages up to now.
    pub(super) fn transcript_hash(&self, hash: HashFunction) -> Vec<u8> {
        hash.digest(&[&self.handshake.transcript])
    }

    pub(super) fn log_secret(&self, label: &str, secret: &Secret) {
        if let Some(log) = &self.config.key_log {
            log.log(label, &self.handshake.hello.random, secret.expose());
        }
    }

    /// From now on what we send is protected with this secret.
    pub(super) fn send_with(&mut self, secret: TrafficSecret) -> Result<(), Cause> {
        let suite = self.tls13()?.suite()?.clone();
        let sealer = Sealer13::new(&suite, &secret.keys(&suite));
        let sealer = sealer.ok_or_else(|| missing("key"))?;
        self.records
            .protect_sent_13(Some(sealer), &mut self.entropy);
        self.tls13()?.client_traffic = Some(secret);
        Ok(())
    }

    /// From now on what we receive is protected with this secret; no message may reach over that point.
    pub(super) fn receive_with(&mut self, secret: TrafficSecret) -> Result<(), Cause> {
        if self.within_message() {
            let what = "a handshake message over a change of keys".to_owned();
            return Err(Cause::Unexpected(what));
        }
        let suite = self.tls13()?.suite()?.clone();
        let opener = Opener13::new(&suite, &secret.keys(&suite));
        self.records
            .protect_received_13(opener.ok_or_else(|| missing("key"))?);
        self.tls13()?.server_traffic = Some(secret);
        Ok(())
    }

    /// The secrets that follow the ServerHello.
    pub(super) fn enter_handshake(
        &mut self,
        early: &EarlySecret,
        shared: Option<&Secret>,
    ) -> Result<(TrafficSecret, TrafficSecret), Cause> {
        let stage = early.handshake(shared);
        let hash = self.tls13()?.suite()?.hash;
        let hash = self.transcript_hash(hash);
        let client = stage.traffic(Sender::Client, &hash);
        let server = stage.traffic(Sender::Server, &hash);
        self.log_secret(key_log::CLIENT_HANDSHAKE, client.secret());
        self.log_secret(key_log::SERVER_HANDSHAKE, server.secret());
        self.tls13()?.secret = Some(stage);
        Ok((client, server))
    }
}

/// What a message that must not come is told to be.
pub(super) fn unexpected(message: &Message) -> Cause {
    Cause::Unexpected(format!("handshake message {}", message.kind))
}
