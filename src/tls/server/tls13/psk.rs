//! Pre-shared keys as the server takes them, and early data with them: RFC 8446 clauses 4.2.10, 4.2.11 and 8.

use std::time::Duration;

use super::choice::Offered;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::hash::HashFunction;
use crate::tls::schedule::{PskOrigin, binder};
use crate::tls::server::{Laxity, Server, StoredSession};
use crate::tls::session::Mechanism;
use crate::tls::suite::Suite;
use crate::wire::tls::extension::code;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;

/// Description of the alert decrypt_error.
const DECRYPT_ERROR: u8 = 51;
/// Most identities of one hello that are looked up.
const MAX_IDENTITIES: usize = 16;
/// How much the age that a client says of its ticket may differ from the one the server knows (RFC 8446 8.3).
const TOLERANCE: Duration = Duration::from_secs(10);

/// A pre-shared key that is selected.
#[derive(Debug)]
pub(super) struct Psk {
    /// Its place in the offer.
    pub(super) index: usize,
    pub(super) key: Secret,
    hash: HashFunction,
    origin: PskOrigin,
    /// The age the client says its ticket has, in milliseconds.
    age: u32,
    /// Of a ticket: under what it is kept, and the session.
    pub(super) ticket: Option<(Vec<u8>, StoredSession)>,
    /// Of a key agreed outside TLS.
    pub(super) identity: Option<Vec<u8>>,
}

impl Server {
    /// The first pre-shared key that the server knows and has a suite for, with that suite: a ticket's own if it is
    /// among those that both have, else the first with the hash of the key.
    pub(super) fn psk<'a>(
        &self,
        hello: &ClientHello,
        offered: &Offered,
        suites: &[&'a Suite],
    ) -> Option<(Psk, &'a Suite)> {
        offered.psk_mode(&self.config)?;
        let identities = offered.psks.identities.iter().take(MAX_IDENTITIES);
        identities.enumerate().find_map(|(index, (identity, age))| {
            let ticket = self.ticket(hello, identity);
            let own = ticket.as_ref().map(|(_, session)| session.suite);
            let (key, hash, origin) = match &ticket {
                Some((_, session)) => {
                    let own = self.config.suites.iter();
                    let own = own.filter(|suite| suite.code == session.suite);
                    let hash = own.map(|suite| suite.hash).next()?;
                    (session.secret.clone(), hash, PskOrigin::Resumption)
                }
                None => {
                    let keys = self.config.pre_shared_keys.as_ref()?;
                    let key = keys.key_of_tls13(identity)?;
                    (key, keys.hash(identity), PskOrigin::External)
                }
            };
            let mut fitting = suites.iter().filter(|suite| suite.hash == hash);
            let first = fitting.clone().next()?;
            let suite = fitting.find(|suite| Some(suite.code) == own);
            let psk = Psk {
                index,
                key,
                hash,
                origin,
                age: *age,
                identity: ticket.is_none().then(|| identity.clone()),
                ticket,
            };
            Some((psk, *suite.unwrap_or(first)))
        })
    }

    /// The session of a ticket, if it may be resumed.
    fn ticket(&self, hello: &ClientHello, identity: &[u8]) -> Option<(Vec<u8>, StoredSession)> {
        let (handle, session) = self.look_up(Mechanism::Tls13Psk, identity)?;
        let named = hello.server_name().map(ToOwned::to_owned);
        let host = session.server_name == named || self.config.is_lax(Laxity::ResumesAcrossHosts);
        (session.version == ProtocolVersion::Tls13 && host).then_some((handle, session))
    }

    /// Holds that the binder of the key is right; the transcript is that before this hello.
    pub(super) fn check_binder(
        &mut self,
        psk: &Psk,
        offered: &Offered,
        message: &Message,
    ) -> Result<(), Cause> {
        let message = message.encode();
        let binders = offered.psks.encode_binders().len();
        let partial = message.len().saturating_sub(binders);
        let partial = message.get(..partial).unwrap_or_default();
        let before = [self.handshake.transcript.as_slice(), partial];
        let expected = binder(psk.hash, &psk.key, psk.origin, &before);
        let right = offered.psks.binders.get(psk.index) == Some(&expected);
        if right || self.config.is_lax(Laxity::AnyBinder) {
            return Ok(());
        }
        let what = format!("the binder of pre-shared key {} is wrong", psk.index);
        Err(self.refuse(DECRYPT_ERROR, Cause::Misbehaved(what)))
    }

    /// Whether early data is taken with this key; the ticket is used up then.
    pub(super) fn takes_early_data(
        &self,
        hello: &ClientHello,
        psk: Option<&Psk>,
        suite: &Suite,
    ) -> bool {
        let Some((psk, (handle, session))) = psk.and_then(|psk| Some((psk, psk.ticket.as_ref()?)))
        else {
            return false;
        };
        let config = &self.config;
        let promised = session.max_early_data.min(config.tls13.max_early_data) > 0;
        let taken = hello.has_extension(code::EARLY_DATA)
            && !self.facts.tls13.hello_retry
            && psk.index == 0
            && promised
            && session.suite == suite.code
            && (config.is_lax(Laxity::StaleEarlyData) || self.is_fresh(psk, handle, session));
        if taken
            && !config.is_lax(Laxity::RepeatedEarlyData)
            && let Some(store) = &config.sessions
        {
            store.forget(Mechanism::Tls13Psk, handle);
        }
        taken
    }

    /// Whether a ticket is as old as the client says, as far as the store knows.
    fn is_fresh(&self, psk: &Psk, handle: &[u8], session: &StoredSession) -> bool {
        let store = self.config.sessions.as_ref();
        let known = store.and_then(|store| store.age(Mechanism::Tls13Psk, handle));
        let said = Duration::from_millis(psk.age.wrapping_sub(session.age_add).into());
        known.is_some_and(|known| known.abs_diff(said) <= TOLERANCE)
    }
}
