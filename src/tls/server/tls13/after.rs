//! What comes after the handshake: tickets, KeyUpdate, CertificateRequest (RFC 8446 clause 4.6).

use super::state::Awaiting;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::{Cause, missing};
use crate::tls::server::{Laxity, Server, StoredSession};
use crate::tls::session::Mechanism;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::{NewSessionTicket13, parse_key_update};
use crate::wire::tls::record::handshake_type;

/// Octets of a ticket.
const TICKET: usize = 32;
/// Octets of the context of a CertificateRequest.
const CONTEXT: usize = 8;
/// Most tickets given on one connection, whatever the configuration says.
const MAX_TICKETS: usize = 16;
/// Most seconds a ticket may say it lives (RFC 8446 4.6.1).
const MAX_LIFETIME: u32 = 604_800;
/// Most messages after the handshake that are taken without application data between them.
const MAX_IDLE: usize = 64;

impl Server {
    /// Both Finished are exchanged.
    pub(super) fn complete_13(&mut self) -> Result<(), Cause> {
        let hash = self.tls13()?.suite.hash;
        let hash = self.transcript_hash(hash);
        let messages = self.handshake.transcript.clone();
        let tls13 = self.tls13()?;
        let master = tls13.master.take().ok_or_else(|| missing("secret"))?;
        tls13.resumption = Some(master.resumption(&hash));
        tls13.handshake_messages = messages;
        let client = tls13.client_traffic.clone();
        self.receive_with(&client.ok_or_else(|| missing("key"))?)?;
        self.facts.completed = true;
        self.records.handshake_done(&mut self.entropy);
        if self.facts.resumed.is_none() {
            self.give_tickets()?;
        }
        Ok(())
    }

    fn give_tickets(&mut self) -> Result<(), Cause> {
        let Some(store) = self.config.sessions.clone().filter(|_| self.config.tickets) else {
            return Ok(());
        };
        let offered = self.tls13()?.hello.extension(code::PSK_KEY_EXCHANGE_MODES);
        let offered = offered.unwrap_or_default().to_vec();
        let mut known = self.config.tls13.psk_modes.iter();
        if !known.any(|mode| offered.iter().skip(1).any(|offered| offered == mode)) {
            return Ok(());
        }
        for number in 0..self.config.tls13.tickets.min(MAX_TICKETS) {
            let ticket = self.entropy.octets(TICKET);
            let age_add = u32::from_be_bytes(self.entropy.array());
            let nonce = u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes();
            let session = self.session_13(&nonce, age_add)?;
            store.keep(Mechanism::Tls13Psk, &ticket, session);
            self.kept_as.push((Mechanism::Tls13Psk, ticket.clone()));
            self.give(ticket, age_add, &nonce);
            self.facts.tls13.tickets += 1;
        }
        self.end_flight();
        Ok(())
    }

    fn session_13(&mut self, nonce: &[u8], age_add: u32) -> Result<StoredSession, Cause> {
        let tls13 = self.tls13()?;
        let resumption = tls13.resumption.as_ref();
        let secret = resumption.ok_or_else(|| missing("secret"))?.key(nonce);
        let suite = tls13.suite.code;
        Ok(StoredSession {
            version: ProtocolVersion::Tls13,
            suite,
            secret,
            extended_master_secret: false,
            server_name: self.facts.server_name.clone(),
            client_certificates: self.facts.certificates.clone(),
            age_add,
            max_early_data: self.config.tls13.max_early_data,
        })
    }

    fn give(&mut self, ticket: Vec<u8>, age_add: u32, nonce: &[u8]) {
        let most = if self.config.is_lax(Laxity::LongTicketLifetime) {
            u32::MAX
        } else {
            MAX_LIFETIME
        };
        let early = self.config.tls13.max_early_data;
        let extension = Extension::new(code::EARLY_DATA, early.to_be_bytes().to_vec());
        let ticket = NewSessionTicket13 {
            lifetime: self.config.ticket_lifetime.min(most),
            age_add,
            nonce: nonce.to_vec(),
            ticket,
            extensions: (early > 0).then_some(extension).into_iter().collect(),
        };
        self.say(handshake_type::NEW_SESSION_TICKET, ticket.encode_body());
    }

    pub(super) fn message_after_handshake(&mut self, message: &Message) -> Result<(), Cause> {
        let tls13 = self.tls13()?;
        tls13.idle += 1;
        if tls13.idle > MAX_IDLE {
            let what = format!("more than {MAX_IDLE} handshake messages without data");
            return Err(Cause::Misbehaved(what));
        }
        let requested = tls13.request.as_ref().map(|(messages, _)| messages.clone());
        match (message.kind, requested) {
            (handshake_type::KEY_UPDATE, _) => self.key_update(message),
            (handshake_type::CERTIFICATE, Some(messages)) => {
                self.handshake.transcript = messages;
                self.certificate_13(message)
            }
            (handshake_type::FINISHED, Some(messages)) => {
                self.handshake.transcript = messages;
                self.go_without_proof()?;
                self.finished_13(message)
            }
            (kind, _) => Err(Cause::Unexpected(format!("handshake message {kind}"))),
        }
    }

    fn key_update(&mut self, message: &Message) -> Result<(), Cause> {
        let asked = parse_key_update(&message.body)?;
        self.facts.tls13.key_updates += 1;
        let client = self.tls13()?.client_traffic.as_ref();
        let next = client.ok_or_else(|| missing("key"))?.next();
        self.receive_with(&next)?;
        self.tls13()?.client_traffic = Some(next);
        if asked {
            self.send_key_update(false)?;
        }
        Ok(())
    }

    /// Queues a KeyUpdate, and sends with the keys that follow; `ask` wants the same of the client. Nothing happens before
    /// the handshake of TLS 1.3 is complete.
    pub fn update_keys(&mut self, ask: bool) {
        if self.facts.completed && self.tls13.is_some() && !self.close_sent() {
            // It cannot fail: a complete handshake has keys.
            let _ = self.send_key_update(ask);
        }
    }

    fn send_key_update(&mut self, ask: bool) -> Result<(), Cause> {
        let server = self.tls13()?.server_traffic.as_ref();
        let next = server.ok_or_else(|| missing("key"))?.next();
        self.say(handshake_type::KEY_UPDATE, vec![u8::from(ask)]);
        self.send_with(next)
    }

    /// Asks for a certificate after the handshake, as `renegotiated_certificates` wants it, and says whether it could:
    /// the client has to know such requests, and the one before must be answered. The facts show the answer.
    pub fn request_certificate(&mut self) -> bool {
        let Some(tls13) = self.tls13.as_deref() else {
            return false;
        };
        let knows = tls13.hello.has_extension(code::POST_HANDSHAKE_AUTH);
        if !knows || tls13.awaiting != Awaiting::Data || tls13.request.is_some() {
            return false;
        }
        let messages = tls13.handshake_messages.clone();
        let context = self.entropy.octets(CONTEXT);
        let body = self.certificate_request_13(context.clone()).encode_body();
        self.handshake.transcript = messages;
        self.say(handshake_type::CERTIFICATE_REQUEST, body);
        self.end_flight();
        let messages = self.handshake.transcript.clone();
        self.asked_to_renegotiate = true;
        self.facts.certificate_requested = true;
        if let Ok(tls13) = self.tls13() {
            tls13.request = Some((messages, context));
        }
        true
    }

    /// Application data came: what the client does beside it has a reason.
    pub(in crate::tls::server) fn note_data(&mut self) {
        if let Some(tls13) = self.tls13.as_mut() {
            tls13.idle = 0;
        }
    }
}
