//! The server's hello of TLS 1.3, and the one that asks for another of ours: RFC 8446 clauses 4.1.3 and 4.1.4.

use super::binder::bind;
use super::offer::{key_share, shares};
use super::state::{Awaiting, missing};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{Client, EarlyData, HelloRetry, PSK_KE, SelectedPsk};
use crate::tls::failure::Cause;
use crate::tls::schedule::EarlySecret;
use crate::tls::session::Mechanism;
use crate::tls::suite::{Exchange, Suite};
use crate::wire::tls::codec::Reader;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::extension13::KeyShare;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::message_hash;
use crate::wire::tls::record::handshake_type;
use crate::wire::tls::server_hello::{HELLO_RETRY_REQUEST_RANDOM, ServerHello};

fn misbehaved(what: String) -> Cause {
    Cause::Misbehaved(what)
}

impl Client {
    /// A ServerHello or HelloRetryRequest that selects TLS 1.3.
    pub(in crate::tls::client) fn server_hello_13(
        &mut self,
        message: &Message,
        hello: &ServerHello,
    ) -> Result<(), Cause> {
        let suite = self.suite_of_hello(hello)?;
        self.facts.version = Some(ProtocolVersion::Tls13);
        self.facts.suite = Some(suite.code);
        let ours = &self.handshake.hello;
        let unsolicited = hello
            .extensions
            .iter()
            .map(|extension| extension.code)
            // The one extension a server may begin with is the cookie.
            .filter(|code| !ours.has_extension(*code) && *code != code::COOKIE);
        self.facts.unsolicited_extensions = unsolicited.collect();
        self.records.set_version(0x0303);
        if hello.random == HELLO_RETRY_REQUEST_RANDOM {
            return self.hello_retry_request(message, hello, suite);
        }
        self.handshake.transcript.extend(message.encode());
        let key = self.selected_psk(hello, &suite)?;
        let shared = self.shared_secret(hello, key.is_some())?;
        let early = EarlySecret::new(suite.hash, key.as_ref());
        self.tls13()?.suite = Some(suite);
        let (client, server) = self.enter_handshake(&early, shared.as_ref())?;
        self.receive_with(server)?;
        self.tls13()?.client_handshake = Some(client.clone());
        if self.facts.tls13.psk != Some(SelectedPsk::Ticket(0)) {
            self.reject_early_data();
        }
        if self.facts.tls13.early_data != EarlyData::Sent {
            self.send_with(client)?;
        }
        self.tls13()?.awaiting = Awaiting::EncryptedExtensions;
        Ok(())
    }

    fn suite_of_hello(&self, hello: &ServerHello) -> Result<Suite, Cause> {
        if hello.legacy_version != ProtocolVersion::Tls12.wire() {
            let what = format!("legacy version 0x{:04X} in TLS 1.3", hello.legacy_version);
            return Err(misbehaved(what));
        }
        if hello.session_id != self.handshake.hello.session_id {
            return Err(misbehaved(
                "the session id is not that of the client".to_owned(),
            ));
        }
        if hello.compression != 0 {
            let what = format!("compression method {} was not offered", hello.compression);
            return Err(misbehaved(what));
        }
        let code = hello.suite;
        let offered = self.config.suites.iter();
        let mut offered = offered.filter(|suite| suite.exchange == Exchange::Tls13);
        let suite = offered.find(|suite| suite.code == code);
        let suite =
            suite.ok_or_else(|| misbehaved(format!("suite 0x{code:04X} was not offered")))?;
        let retried = self.tls13.as_ref().and_then(|tls13| tls13.suite.as_ref());
        if self.facts.tls13.hello_retry.is_some() && retried != Some(suite) {
            let what = "another suite than in the HelloRetryRequest";
            return Err(misbehaved(what.to_owned()));
        }
        Ok(suite.clone())
    }

    /// The pre-shared key that the server selected, if any.
    fn selected_psk(
        &mut self,
        hello: &ServerHello,
        suite: &Suite,
    ) -> Result<Option<Secret>, Cause> {
        let Some(body) = hello.extension(code::PRE_SHARED_KEY) else {
            return Ok(None);
        };
        let mut reader = Reader::new(body, "pre_shared_key");
        let selected = reader.u16("selected identity")?;
        reader.end()?;
        let psks = &self.tls13()?.psks;
        let psk = psks.get(usize::from(selected)).ok_or_else(|| {
            misbehaved(format!(
                "pre-shared key {selected} of {} was selected",
                psks.len()
            ))
        })?;
        if psk.hash != suite.hash {
            let what = "the pre-shared key does not go with the suite's hash";
            return Err(misbehaved(what.to_owned()));
        }
        let (which, key) = (psk.which, psk.key.clone());
        self.facts.tls13.psk = Some(which);
        if let SelectedPsk::Ticket(_) = which {
            self.facts.resumed = Some(Mechanism::Tls13Psk);
        }
        Ok(Some(key))
    }

    /// The secret of the key exchange; none with a pre-shared key alone.
    fn shared_secret(&mut self, hello: &ServerHello, psk: bool) -> Result<Option<Secret>, Cause> {
        let Some(body) = hello.extension(code::KEY_SHARE) else {
            if psk && self.config.tls13.psk_modes.contains(&PSK_KE) {
                return Ok(None);
            }
            return Err(misbehaved("the server sent no key_share".to_owned()));
        };
        let theirs = KeyShare::parse_answer(body)?;
        let shares = &self.tls13()?.shares;
        let ours = shares.iter().find(|share| share.group == theirs.group);
        let ours = ours.ok_or_else(|| {
            misbehaved(format!("no share of group 0x{:04X} was sent", theirs.group))
        })?;
        let secret = ours.key.agree(&theirs.public)?;
        self.facts.tls13.group = Some(theirs.group);
        Ok(Some(secret))
    }

    fn hello_retry_request(
        &mut self,
        message: &Message,
        hello: &ServerHello,
        suite: Suite,
    ) -> Result<(), Cause> {
        let retry = self.wanted_by_retry(hello)?;
        self.facts.tls13.hello_retry = Some(retry);
        if self.within_message() {
            let what = "a handshake message right after a HelloRetryRequest";
            return Err(Cause::Unexpected(what.to_owned()));
        }
        // What follows is hashed as if the first hello had been its hash.
        let first = suite.hash.digest(&[&self.handshake.transcript]);
        self.handshake.transcript = message_hash(&first);
        self.handshake.transcript.extend(message.encode());
        self.reject_early_data();
        let tls13 = self.tls13.as_mut().ok_or_else(|| missing("version"))?;
        tls13.psks.retain(|psk| psk.hash == suite.hash);
        tls13.suite = Some(suite);
        if let Some(group) = retry.group {
            tls13.shares = shares(&[group], &mut self.entropy);
        }
        let second = &mut self.handshake.hello;
        let early = |extension: &Extension| extension.code == code::EARLY_DATA;
        second.extensions.retain(|extension| !early(extension));
        for extension in &mut second.extensions {
            if extension.code == code::KEY_SHARE {
                *extension = key_share(&tls13.shares);
            }
        }
        if let Some(cookie) = hello.extension(code::COOKIE) {
            let cookie = Extension::new(code::COOKIE, cookie.to_vec());
            second.extensions.push(cookie);
        }
        bind(second, &tls13.psks, &self.handshake.transcript);
        let body = second.encode_message().split_off(4);
        self.send_compatibility_change_cipher_spec();
        self.emit(Message {
            kind: handshake_type::CLIENT_HELLO,
            body,
        });
        self.records.end_flight(&mut self.entropy);
        Ok(())
    }

    fn wanted_by_retry(&mut self, hello: &ServerHello) -> Result<HelloRetry, Cause> {
        if self.facts.tls13.hello_retry.is_some() {
            let what = "a second HelloRetryRequest".to_owned();
            return Err(Cause::Unexpected(what));
        }
        let cookie = match hello.extension(code::COOKIE) {
            None => false,
            Some(body) => {
                let mut reader = Reader::new(body, "cookie");
                let cookie = reader.vector16("cookie")?;
                reader.end()?;
                !cookie.is_empty()
            }
        };
        let group = match hello.extension(code::KEY_SHARE) {
            None => None,
            Some(body) => {
                let mut reader = Reader::new(body, "key_share");
                let group = reader.u16("group")?;
                reader.end()?;
                Some(group)
            }
        };
        if let Some(group) = group {
            let sent = &self.tls13()?.shares;
            let sent = sent.iter().any(|share| share.group == group);
            if sent || !self.config.groups.contains(&group) {
                return Err(misbehaved(format!(
                    "group 0x{group:04X} was asked for, which was not offered or already sent"
                )));
            }
        }
        if group.is_none() && !cookie {
            let what = "a HelloRetryRequest that changes nothing";
            return Err(misbehaved(what.to_owned()));
        }
        Ok(HelloRetry { group, cookie })
    }
}
