//! A client connection without a socket: octets in, octets out.

use super::config::ClientConfig;
use super::facts::Facts;
use super::legacy::{Awaiting, Handshake};
use super::renegotiation::{RenegotiationOutcome, Running, VerifyData};
use super::tls13::Tls13;
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::{Cause, Failure};
use crate::tls::incoming::{Incoming, MAX_WARNINGS};
use crate::tls::quirk::{Closing, Quirk};
use crate::tls::record::RecordLayer;
use crate::tls::session::{Session, Tls13Session};
use crate::tls::ssl3;
use crate::tls::suite::Suite;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::record::{content_type, handshake_type};

/// A client connection. Feed it what the peer sends, send what it queues; it never waits and never panics.
#[derive(Debug)]
pub struct Client {
    pub(super) config: ClientConfig,
    pub(super) entropy: Entropy,
    pub(super) records: RecordLayer,
    pub(super) handshake: Handshake,
    pub(super) facts: Facts,
    pub(super) session: Option<Session>,
    pub(super) verify_data: VerifyData,
    pub(super) renegotiating: Option<Box<Running>>,
    /// What was offered of TLS 1.3, until another version is selected.
    pub(super) tls13: Option<Box<Tls13>>,
    incoming: Incoming,
    failure: Option<Failure>,
    close_sent: bool,
}

impl Client {
    /// A connection whose ClientHello is queued.
    #[must_use]
    pub fn new(config: ClientConfig, mut entropy: Entropy) -> Self {
        let mut handshake = Handshake::new(&config, &mut entropy);
        let tls13 = (config.maximum >= ProtocolVersion::Tls13)
            .then(|| Box::new(Tls13::offer(&config, &mut handshake, &mut entropy)));
        let record_version = handshake.hello.record_version;
        let mut client = Self {
            records: RecordLayer::new(record_version, config.fragment),
            config,
            entropy,
            facts: Facts::default(),
            session: None,
            verify_data: VerifyData::default(),
            renegotiating: None,
            tls13,
            incoming: Incoming::default(),
            failure: None,
            close_sent: false,
            handshake,
        };
        client.records.set_coalesce(client.config.coalesce);
        client.records.set_quirks(client.config.quirks.clone());
        client
            .records
            .set_padding(client.config.tls13.record_padding);
        client.send_client_hello();
        client.records.end_flight(&mut client.entropy);
        client.send_early_data();
        client
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
        let ssl3 = self.facts.version == Some(ProtocolVersion::Ssl3);
        if let Some(alert) = cause.alert() {
            self.send_alert(if ssl3 { ssl3::alert(alert) } else { alert });
        }
        let failure = Failure {
            at: self.awaiting(),
            cause,
            octets: self.incoming.looked_at(),
        };
        self.failure = Some(failure.clone());
        self.end_renegotiation(RenegotiationOutcome::Failed);
        Err(failure)
    }

    /// Queues application data; before the handshake is complete it would be a mistake of ours and is not sent, while
    /// a renegotiation goes on it waits for its end.
    pub fn write(&mut self, octets: &[u8]) {
        if !self.is_open() || self.close_sent || octets.is_empty() {
            return;
        }
        match &mut self.renegotiating {
            Some(running) => running.delayed.extend_from_slice(octets),
            None => self.send(content_type::APPLICATION_DATA, octets),
        }
    }

    /// From now on what is sent has these quirks, which count from here; those before it end.
    pub fn behave(&mut self, quirks: Vec<Quirk>) {
        self.facts.quirks = vec![0; quirks.len()];
        self.records.set_quirks(quirks.clone());
        self.config.quirks = quirks;
    }

    /// From now on handshakes offer these suites.
    pub fn offer(&mut self, suites: Vec<Suite>) {
        self.config.suites = suites;
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

    /// What is to be sent now, which is then no longer queued.
    pub fn take_output(&mut self) -> Vec<u8> {
        if !self.config.quirks.is_empty() {
            let done = self.records.quirks_done().to_vec();
            match &mut self.renegotiating {
                Some(running) => running.before.quirks = done,
                None => self.facts.quirks = done,
            }
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
        self.facts.completed || self.renegotiating.is_some()
    }

    /// Whether another handshake may begin.
    pub(super) fn may_renegotiate(&self) -> bool {
        let closed = self.close_sent || self.incoming.is_closed();
        self.facts.completed && !closed && self.failure.is_none()
    }

    /// Whether the peer said that nothing follows.
    #[must_use]
    pub const fn is_closed_by_peer(&self) -> bool {
        self.incoming.is_closed()
    }

    /// What the first handshake showed up to now, and the renegotiations that ended.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        match &self.renegotiating {
            Some(running) => &running.before,
            None => &self.facts,
        }
    }

    /// What is awaited from the peer.
    #[must_use]
    pub fn awaiting(&self) -> &'static str {
        match &self.tls13 {
            Some(tls13) => tls13.awaiting_name(),
            None => self.handshake.awaiting.name(),
        }
    }

    /// The session, once a handshake up to TLS 1.2 is complete.
    #[must_use]
    pub const fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The sessions that tickets of TLS 1.3 gave up to now, in their order.
    #[must_use]
    pub fn tickets(&self) -> &[Tls13Session] {
        self.tls13.as_ref().map_or(&[], |tls13| tls13.tickets())
    }

    pub(super) const fn close_sent(&self) -> bool {
        self.close_sent
    }

    pub(in crate::tls) fn send(&mut self, kind: u8, content: &[u8]) {
        self.records.send(kind, content, &mut self.entropy);
    }

    /// Every handshake message goes out here: as the quirks want it, and so it counts for the Finished.
    pub(super) fn emit(&mut self, message: Message) {
        let sent = self.records.emit(message, &mut self.entropy);
        self.handshake.transcript.extend(sent);
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
            content_type::CHANGE_CIPHER_SPEC if content == [1] => self.change_cipher_spec_of_peer(),
            content_type::APPLICATION_DATA
                if self.is_open() && self.handshake.awaiting != Awaiting::Finished =>
            {
                if let Some(tls13) = self.tls13.as_mut().filter(|_| !content.is_empty()) {
                    tls13.note_data();
                }
                self.incoming.keep(content);
                Ok(())
            }
            content_type::HEARTBEAT if self.takes_heartbeats() => self.heartbeat(&content),
            content_type::APPLICATION_DATA => Err(Cause::Unexpected(
                "application data before the end of the handshake".to_owned(),
            )),
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
            if let Some(warning) = heard {
                // A renegotiation that ends by it leaves it to the connection.
                self.refused_by(warning);
                self.facts.warnings.push(warning);
            }
            if self.incoming.is_closed() {
                break;
            }
        }
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Cause> {
        if self.is_tls13() {
            return self.message_13(message);
        }
        match (message.kind, self.handshake.awaiting) {
            (handshake_type::HELLO_REQUEST, _) => self.hello_request(),
            (handshake_type::SERVER_HELLO, Awaiting::ServerHello) => self.server_hello(message),
            (_, Awaiting::Flight) => self.flight_message(message),
            (handshake_type::NEW_SESSION_TICKET, Awaiting::ChangeCipherSpec) => {
                self.new_session_ticket(message)
            }
            (handshake_type::FINISHED, Awaiting::Finished) => self.finished(message),
            (kind, _) => Err(Cause::Unexpected(format!("handshake message {kind}"))),
        }
    }

    /// Whether the server selected TLS 1.3.
    pub(super) fn is_tls13(&self) -> bool {
        self.tls13.as_ref().is_some_and(|tls13| tls13.is_selected())
    }

    /// In TLS 1.3 it means nothing, and comes for the sake of middleboxes (RFC 8446 5 and D.4).
    fn change_cipher_spec_of_peer(&mut self) -> Result<(), Cause> {
        let retried = self.facts.tls13.hello_retry.is_some();
        if !retried && !self.is_tls13() {
            return self.change_cipher_spec();
        }
        let seen = &mut self.facts.tls13.change_cipher_specs;
        *seen += 1;
        if self.facts.completed || *seen > MAX_WARNINGS {
            return Err(Cause::Unexpected("ChangeCipherSpec".to_owned()));
        }
        Ok(())
    }

    /// Whether a handshake message has begun that is not complete.
    pub(super) fn within_message(&self) -> bool {
        self.incoming.within_message()
    }
}
