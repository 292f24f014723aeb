//! A server connection without a socket: octets in, octets out.

use std::sync::Arc;

use super::config::ServerConfig;
use super::facts::Facts;
use super::handshake::{Awaiting, Binding, Handshake};
use super::laxity::Laxity;
use super::tls13::Tls13;
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::{Cause, Failure};
use crate::tls::incoming::Incoming;
use crate::tls::quirk::Closing;
use crate::tls::record::{RecordLayer, RecordProblem};
use crate::tls::session::Mechanism;
use crate::tls::ssl3;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::record::{content_type, handshake_type};

/// Most handshakes on one connection.
const MAX_RENEGOTIATIONS: usize = 16;
/// Descriptions of alerts.
const DECRYPTION_FAILED: u8 = 21;
const NO_RENEGOTIATION: u8 = 100;

/// A server connection. Feed it what the peer sends, send what it queues; it never waits and never panics.
#[derive(Debug)]
pub struct Server {
    pub(super) config: Arc<ServerConfig>,
    pub(super) entropy: Entropy,
    pub(super) records: RecordLayer,
    pub(super) handshake: Handshake,
    pub(super) facts: Facts,
    /// The Finished of the last handshake.
    pub(super) binding: Option<Binding>,
    /// Whether the server itself asked for the handshake that comes.
    pub(super) asked_to_renegotiate: bool,
    /// Under what the sessions of this connection are kept.
    pub(super) kept_as: Vec<(Mechanism, Vec<u8>)>,
    /// The handshake of TLS 1.3, once that is selected.
    pub(super) tls13: Option<Box<Tls13>>,
    /// The alert for the failure that follows, where the cause alone does not say it.
    alert: Option<Alert>,
    pub(super) incoming: Incoming,
    failure: Option<Failure>,
    close_sent: bool,
}

impl Server {
    /// A connection that awaits its ClientHello.
    #[must_use]
    pub fn new(config: Arc<ServerConfig>, entropy: Entropy) -> Self {
        let mut records = RecordLayer::new(ProtocolVersion::Tls10.wire(), config.fragment);
        records.set_coalesce(config.coalesce);
        records.set_quirks(config.quirks.clone());
        Self {
            records,
            config,
            entropy,
            handshake: Handshake::default(),
            facts: Facts::default(),
            binding: None,
            asked_to_renegotiate: false,
            kept_as: Vec::new(),
            tls13: None,
            alert: None,
            incoming: Incoming::default(),
            failure: None,
            close_sent: false,
        }
    }

    /// Takes octets of the peer.
    ///
    /// # Errors
    /// [`Failure`] when they end the connection; the alert that tells the peer is queued, and every later call fails alike.
    pub fn receive(&mut self, octets: &[u8]) -> Result<(), Failure> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.records.feed(octets);
        let Err(cause) = self.process() else {
            return Ok(());
        };
        self.forget_session();
        if let Some(alert) = self.alert_of(&cause) {
            self.send_alert(alert);
        }
        let failure = Failure {
            at: self.awaiting(),
            cause,
            octets: self.incoming.looked_at(),
        };
        self.failure = Some(failure.clone());
        Err(failure)
    }

    /// Queues application data; before the handshake is complete it would be a mistake of ours and is not sent.
    pub fn write(&mut self, octets: &[u8]) {
        if self.facts.completed && !self.close_sent && !octets.is_empty() {
            self.send(content_type::APPLICATION_DATA, octets);
        }
    }

    /// Queues an alert, protected when the connection is.
    pub fn send_alert(&mut self, alert: Alert) {
        self.send(content_type::ALERT, &[alert.level, alert.description]);
    }

    /// Queues close_notify, once.
    pub fn close(&mut self) {
        if !std::mem::replace(&mut self.close_sent, true) && self.failure.is_none() {
            self.records.send_close_notify(&mut self.entropy);
        }
    }

    /// Queues a HelloRequest; what the client does about it shows in the facts. TLS 1.3 has none.
    pub fn request_renegotiation(&mut self) {
        if self.handshake.awaiting == Awaiting::Data {
            self.asked_to_renegotiate = true;
            let message = Message {
                kind: handshake_type::HELLO_REQUEST,
                body: Vec::new(),
            };
            self.emit(message);
            self.end_flight();
        }
    }

    /// What is to be sent now, which is then no longer queued.
    pub fn take_output(&mut self) -> Vec<u8> {
        if !self.config.quirks.is_empty() {
            self.facts.quirks = self.records.quirks_done().to_vec();
        }
        self.records.take_output()
    }

    /// Whether a quirk pauses behind what [`Self::take_output`] gives, until [`Self::go_on`].
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.records.is_paused()
    }

    /// Ends the pause.
    pub fn go_on(&mut self) {
        self.records.go_on();
    }

    /// How a quirk closes the connection behind what is queued; nothing more is queued then.
    #[must_use]
    pub const fn closing(&self) -> Option<Closing> {
        self.records.closing()
    }

    /// Application data that came, which is then no longer here.
    pub fn take_plaintext(&mut self) -> Vec<u8> {
        self.incoming.take_plaintext()
    }

    /// Whether the handshake is complete.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.facts.completed
    }

    /// Whether the peer said that nothing follows.
    #[must_use]
    pub const fn is_closed_by_peer(&self) -> bool {
        self.incoming.is_closed()
    }

    /// What the handshake showed up to now.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What is awaited from the peer.
    #[must_use]
    pub fn awaiting(&self) -> &'static str {
        match &self.tls13 {
            Some(tls13) => tls13.awaiting_name(),
            None => self.handshake.awaiting.name(),
        }
    }

    pub(super) const fn close_sent(&self) -> bool {
        self.close_sent
    }

    pub(super) fn send(&mut self, kind: u8, content: &[u8]) {
        self.records.send(kind, content, &mut self.entropy);
    }

    /// Every handshake message the server sends goes out here: as the quirks want it, and so it counts for the Finished.
    pub(super) fn emit(&mut self, message: Message) {
        let counts = message.kind != handshake_type::HELLO_REQUEST;
        let sent = self.records.emit(message, &mut self.entropy);
        if counts {
            self.handshake.transcript.extend(sent);
        }
    }

    /// Sends what is left of a flight whose messages share records.
    pub(super) fn end_flight(&mut self) {
        self.records.end_flight(&mut self.entropy);
    }

    /// A failure whose alert is not the one its cause implies.
    pub(super) fn refuse(&mut self, description: u8, cause: Cause) -> Cause {
        self.alert = Some(Alert::fatal(description));
        cause
    }

    /// Whether TLS 1.3 was selected.
    pub(super) fn is_tls13(&self) -> bool {
        self.facts.version == Some(ProtocolVersion::Tls13)
    }

    /// Whether a handshake message has begun that is not complete.
    pub(super) fn within_message(&self) -> bool {
        self.incoming.within_message()
    }

    fn alert_of(&self, cause: &Cause) -> Option<Alert> {
        let padding = *cause == Cause::Record(RecordProblem::Padding);
        if padding && self.config.is_lax(Laxity::PaddingRevealed) {
            return Some(Alert::fatal(DECRYPTION_FAILED));
        }
        let alert = self.alert.or_else(|| cause.alert());
        if self.facts.version == Some(ProtocolVersion::Ssl3) {
            alert.map(ssl3::alert)
        } else {
            alert
        }
    }

    /// A session whose connection failed is over (RFC 5246 7.2.2, RFC 8446 6.2).
    fn forget_session(&self) {
        if self.config.is_lax(Laxity::ResumesAfterFatalAlert) {
            return;
        }
        if let Some(store) = &self.config.sessions {
            for (mechanism, handle) in &self.kept_as {
                store.forget(*mechanism, handle);
            }
        }
    }

    fn process(&mut self) -> Result<(), Cause> {
        while !self.incoming.is_closed()
            && let Some((kind, content)) = self.records.next_content()?
        {
            self.content(kind, content)?;
            self.incoming.look_at([]);
        }
        Ok(())
    }

    fn content(&mut self, kind: u8, content: Vec<u8>) -> Result<(), Cause> {
        self.incoming.look_at(content.iter().copied());
        self.incoming.admit(kind)?;
        match kind {
            content_type::ALERT => self.alerts(&content),
            content_type::HANDSHAKE => {
                self.incoming.feed(&content);
                while let Some(message) = self.incoming.next_message()? {
                    self.message(&message)?;
                }
                Ok(())
            }
            content_type::CHANGE_CIPHER_SPEC if content == [1] => self.change_cipher_spec(),
            content_type::APPLICATION_DATA if self.awaits_early_data() => self.early_data(content),
            content_type::APPLICATION_DATA if self.facts.completed => {
                if !content.is_empty() {
                    self.note_data();
                }
                self.incoming.keep(content);
                Ok(())
            }
            content_type::HEARTBEAT => self.heartbeat(&content),
            _ => Err(Cause::Unexpected(format!(
                "a record of type {kind} with {} octets",
                content.len()
            ))),
        }
    }

    fn alerts(&mut self, octets: &[u8]) -> Result<(), Cause> {
        for octet in octets {
            let taken = self.facts.warnings.len();
            let heard = self.incoming.alert(*octet, self.is_tls13(), taken)?;
            self.facts.warnings.extend(heard);
            if self.incoming.is_closed() {
                break;
            }
            let none = heard.is_some_and(|alert| alert.description == ssl3::NO_CERTIFICATE);
            let ssl3 = self.facts.version == Some(ProtocolVersion::Ssl3);
            if none && ssl3 && self.handshake.awaiting == Awaiting::Certificate {
                self.no_certificate_alert()?;
            }
        }
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Cause> {
        use handshake_type as kind;
        if self.tls13.is_some() {
            return self.message_13(message);
        }
        match (message.kind, self.handshake.awaiting) {
            (kind::CLIENT_HELLO, Awaiting::ClientHello) => self.client_hello(message),
            (kind::CLIENT_HELLO, Awaiting::Data) => self.renegotiate(message),
            (kind::CERTIFICATE, Awaiting::Certificate) => self.client_certificate(message),
            (kind::CLIENT_KEY_EXCHANGE, Awaiting::Certificate) => {
                self.no_certificate_message()?;
                self.client_key_exchange(message)
            }
            (kind::CLIENT_KEY_EXCHANGE, Awaiting::ClientKeyExchange) => {
                self.client_key_exchange(message)
            }
            (kind::CERTIFICATE_VERIFY, Awaiting::CertificateVerify) => {
                self.certificate_verify(message)
            }
            (kind::FINISHED, Awaiting::Finished) => self.finished(message),
            (kind, _) => Err(Cause::Unexpected(format!("handshake message {kind}"))),
        }
    }

    /// A hello on an open connection: refused with a warning, or the beginning of another handshake.
    fn renegotiate(&mut self, message: &Message) -> Result<(), Cause> {
        let insecure = self.config.is_lax(Laxity::InsecureRenegotiation);
        let secure = self.facts.secure_renegotiation;
        let admitted = self.config.renegotiation || self.asked_to_renegotiate;
        if !(admitted && secure || insecure) {
            self.send_alert(Alert::warning(NO_RENEGOTIATION));
            return Ok(());
        }
        if self.facts.renegotiations >= MAX_RENEGOTIATIONS {
            let what = format!("more than {MAX_RENEGOTIATIONS} renegotiations");
            return Err(Cause::Misbehaved(what));
        }
        self.handshake = Handshake::default();
        self.client_hello(message)
    }
}
