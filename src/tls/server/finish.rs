//! Keys, ChangeCipherSpec and Finished of both sides, and the session that is kept.

use super::connection::Server;
use super::facts::Possession;
use super::handshake::Awaiting;
use super::laxity::Laxity;
use super::sessions::StoredSession;
use crate::model::secret::Secret;
use crate::tls::failure::Cause;
use crate::tls::incoming::MAX_WARNINGS;
use crate::tls::key_log::CLIENT_RANDOM;
use crate::tls::keys::{KeyBlock, Sender};
use crate::tls::record::{Opener, Sealer};
use crate::tls::session::Mechanism;
use crate::wire::tls::handshake::{Message, encode_new_session_ticket};
use crate::wire::tls::record::handshake_type;

/// Description of the alert decrypt_error.
const DECRYPT_ERROR: u8 = 51;

impl Server {
    /// Keeps the master secret, tells the key log and derives the keys.
    pub(super) fn derive_keys(&mut self, master: Secret) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        if let Some(log) = &self.config.key_log {
            log.log(CLIENT_RANDOM, &selected.randoms.client, master.expose());
        }
        let (suite, version) = (&selected.suite, selected.version);
        let keys = KeyBlock::derive(suite, version, &master, &selected.randoms);
        self.handshake.keys = Some(keys);
        self.handshake.master = Some(master);
        Ok(())
    }

    pub(super) fn change_cipher_spec(&mut self) -> Result<(), Cause> {
        if self.is_tls13() {
            return self.compatibility_change_cipher_spec();
        }
        if self.handshake.awaiting == Awaiting::CertificateVerify
            && self.config.is_lax(Laxity::NoCertificateVerify)
        {
            self.facts.possession = Possession::Omitted;
            self.handshake.awaiting = Awaiting::ChangeCipherSpec;
        }
        if self.handshake.awaiting != Awaiting::ChangeCipherSpec || self.within_message() {
            return Err(Cause::Unexpected("ChangeCipherSpec".to_owned()));
        }
        let selected = self.handshake.selected()?;
        let etm = self.facts.encrypt_then_mac;
        let keys = self.handshake.keys.as_ref();
        let opener = keys.and_then(|keys| {
            let keys = keys.of(Sender::Client);
            Opener::new(&selected.suite, selected.version, keys, etm)
        });
        let opener = opener.ok_or_else(no_keys)?;
        let tolerant = self.config.is_lax(Laxity::AnyMac);
        self.records
            .protect_received(if tolerant { opener.tolerant() } else { opener });
        self.handshake.awaiting = Awaiting::Finished;
        Ok(())
    }

    /// In TLS 1.3 it means nothing, and comes for the sake of middleboxes (RFC 8446 5 and D.4).
    fn compatibility_change_cipher_spec(&mut self) -> Result<(), Cause> {
        let seen = &mut self.facts.tls13.change_cipher_specs;
        *seen += 1;
        if self.facts.completed || *seen > MAX_WARNINGS {
            return Err(Cause::Unexpected("ChangeCipherSpec".to_owned()));
        }
        Ok(())
    }

    pub(super) fn finished(&mut self, message: &Message) -> Result<(), Cause> {
        let expected = self.handshake.verify_data(Sender::Client)?;
        if message.body != expected && !self.config.is_lax(Laxity::AnyFinished) {
            let what = "the client's Finished is wrong".to_owned();
            return Err(self.refuse(DECRYPT_ERROR, Cause::Misbehaved(what)));
        }
        if self.within_message() {
            return Err(Cause::Unexpected(
                "a handshake message right after Finished".to_owned(),
            ));
        }
        self.handshake.transcript.extend(message.encode());
        self.handshake.binding.client.clone_from(&message.body);
        if self.facts.resumed.is_none() {
            self.new_session_ticket();
            self.send_finished()?;
            self.keep_session()?;
        }
        self.complete();
        Ok(())
    }

    fn complete(&mut self) {
        if self.binding.is_some() {
            self.facts.renegotiations += 1;
        }
        self.asked_to_renegotiate = false;
        self.binding = Some(std::mem::take(&mut self.handshake.binding));
        self.facts.completed = true;
        self.handshake.awaiting = Awaiting::Data;
        self.records.handshake_done(&mut self.entropy);
    }

    fn new_session_ticket(&mut self) {
        if let Some((Mechanism::Ticket, ticket)) = &self.handshake.kept_as {
            let body = encode_new_session_ticket(self.config.ticket_lifetime, ticket);
            self.say(handshake_type::NEW_SESSION_TICKET, body);
        }
    }

    /// Sends ChangeCipherSpec and Finished.
    pub(super) fn send_finished(&mut self) -> Result<(), Cause> {
        self.end_flight();
        let selected = self.handshake.selected()?;
        let etm = self.facts.encrypt_then_mac;
        let keys = self.handshake.keys.as_ref();
        let sealer = keys.and_then(|keys| {
            let keys = keys.of(Sender::Server);
            Sealer::new(&selected.suite, selected.version, keys, etm)
        });
        let sealer = sealer.ok_or_else(no_keys)?;
        self.records.prepare_sent(sealer);
        let sent = self.records.send_change_cipher_spec(&mut self.entropy);
        self.handshake.transcript.extend(sent);
        let body = self.handshake.verify_data(Sender::Server)?;
        self.handshake.binding.server.clone_from(&body);
        self.say(handshake_type::FINISHED, body);
        self.end_flight();
        Ok(())
    }

    fn keep_session(&mut self) -> Result<(), Cause> {
        let Some((mechanism, handle)) = self.handshake.kept_as.take() else {
            return Ok(());
        };
        let selected = self.handshake.selected()?;
        let session = StoredSession {
            version: selected.version,
            suite: selected.suite.code,
            secret: self.handshake.master()?.clone(),
            extended_master_secret: self.facts.extended_master_secret,
            server_name: self.facts.server_name.clone(),
            client_certificates: self.facts.certificates.clone(),
            age_add: 0,
            max_early_data: 0,
        };
        if let Some(store) = &self.config.sessions {
            store.keep(mechanism, &handle, session);
        }
        self.kept_as = vec![(mechanism, handle)];
        Ok(())
    }
}

fn no_keys() -> Cause {
    Cause::Unexpected("no keys are agreed that fit the suite".to_owned())
}
