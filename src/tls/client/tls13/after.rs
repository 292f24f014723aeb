//! What the server sends after the handshake: RFC 8446 clause 4.6.

use super::state::{missing, unexpected};
use crate::model::secret::Secret;
use crate::tls::client::Client;
use crate::tls::failure::Cause;
use crate::tls::session::Tls13Session;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::{NewSessionTicket13, parse_key_update};
use crate::wire::tls::record::handshake_type;

/// Most tickets kept of one connection.
const MAX_TICKETS: usize = 16;
/// Most messages after the handshake that are taken without application data between them.
const MAX_IDLE: usize = 64;

impl Client {
    pub(super) fn message_after_handshake(&mut self, message: &Message) -> Result<(), Cause> {
        let tls13 = self.tls13()?;
        tls13.idle += 1;
        if tls13.idle > MAX_IDLE {
            let what = format!("more than {MAX_IDLE} handshake messages without data");
            return Err(Cause::Misbehaved(what));
        }
        match message.kind {
            handshake_type::NEW_SESSION_TICKET => self.ticket(message),
            handshake_type::KEY_UPDATE => self.key_update(message),
            handshake_type::CERTIFICATE_REQUEST if self.config.tls13.post_handshake_auth => {
                self.request_after_handshake(message)
            }
            _ => Err(unexpected(message)),
        }
    }

    fn ticket(&mut self, message: &Message) -> Result<(), Cause> {
        let ticket = NewSessionTicket13::parse(&message.body)?;
        let max_early_data = ticket.max_early_data()?;
        self.facts.tls13.tickets += 1;
        let server_name = self.config.server_name.clone();
        let tls13 = self.tls13()?;
        let resumption = tls13.resumption.as_ref();
        let key = resumption
            .ok_or_else(|| missing("secret"))?
            .key(&ticket.nonce);
        let session = Tls13Session {
            suite: tls13.suite()?.clone(),
            ticket: Secret::new(ticket.ticket),
            key,
            lifetime: ticket.lifetime,
            age_add: ticket.age_add,
            max_early_data,
            server_name,
        };
        if tls13.tickets.len() < MAX_TICKETS {
            tls13.tickets.push(session);
        }
        Ok(())
    }

    fn key_update(&mut self, message: &Message) -> Result<(), Cause> {
        let asked = parse_key_update(&message.body)?;
        self.facts.tls13.key_updates += 1;
        let server = self.tls13()?.server_traffic.as_ref();
        let next = server.ok_or_else(|| missing("key"))?.next();
        self.receive_with(next)?;
        if asked {
            self.send_key_update(false)?;
        }
        Ok(())
    }

    /// Queues a KeyUpdate, and sends with the keys that follow; `ask` wants the same of the server. Nothing happens before
    /// the handshake of TLS 1.3 is complete.
    pub fn update_keys(&mut self, ask: bool) {
        if self.facts.completed && self.tls13.is_some() && !self.close_sent() {
            // It cannot fail: a complete handshake has keys.
            let _ = self.send_key_update(ask);
        }
    }

    fn send_key_update(&mut self, ask: bool) -> Result<(), Cause> {
        let client = self.tls13()?.client_traffic.as_ref();
        let next = client.ok_or_else(|| missing("key"))?.next();
        let update = Message {
            kind: handshake_type::KEY_UPDATE,
            body: vec![u8::from(ask)],
        };
        // No part of a transcript; each begins anew.
        self.emit(update);
        self.send_with(next)
    }

    fn request_after_handshake(&mut self, message: &Message) -> Result<(), Cause> {
        self.certificate_request(message)?;
        self.facts.tls13.post_handshake_requests += 1;
        let tls13 = self.tls13()?;
        let base = tls13.client_traffic.clone();
        let base = base.ok_or_else(|| missing("key"))?;
        let mut messages = tls13.handshake_messages.clone();
        messages.extend(message.encode());
        self.handshake.transcript = messages;
        self.authenticate()?;
        self.send_finished_13(&base)?;
        self.records.end_flight(&mut self.entropy);
        Ok(())
    }
}
