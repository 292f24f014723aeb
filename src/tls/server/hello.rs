//! The ClientHello, and whether it resumes a session.

use std::sync::Arc;

use super::choice::Choice;
use super::connection::Server;
use super::handshake::Selected;
use super::laxity::Laxity;
use super::sessions::StoredSession;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::keys::Randoms;
use crate::tls::session::Mechanism;
use crate::tls::suite::Suite;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;

/// Signalling suites of RFC 5746 and RFC 7507.
const RENEGOTIATION_SCSV: u16 = 0x00FF;
const FALLBACK_SCSV: u16 = 0x5600;
/// Descriptions of alerts.
const HANDSHAKE_FAILURE: u8 = 40;
const ILLEGAL_PARAMETER: u8 = 47;
const PROTOCOL_VERSION: u8 = 70;
const INAPPROPRIATE_FALLBACK: u8 = 86;
/// Most octets of a ticket in which a changed bit is looked for.
const MAX_CHANGED_TICKET: usize = 64;

/// A session that is taken up.
pub(super) struct Resumption {
    pub(super) mechanism: Mechanism,
    pub(super) handle: Vec<u8>,
    pub(super) session: StoredSession,
    pub(super) suite: Suite,
}

impl Server {
    pub(super) fn client_hello(&mut self, message: &Message) -> Result<(), Cause> {
        let mut hello = ClientHello::parse(&message.body)?;
        let config = Arc::clone(&self.config);
        let version = Choice {
            config: &config,
            hello: &hello,
        }
        .version();
        if version == Some(ProtocolVersion::Ssl3) {
            // SSL 3.0 knows none; that of RFC 5746 was made to be answered there too.
            let kept = |extension: &Extension| extension.code == code::RENEGOTIATION_INFO;
            hello.extensions.retain(kept);
        }
        let choice = Choice {
            config: &config,
            hello: &hello,
        };
        self.facts.server_name = hello.server_name().map(ToOwned::to_owned);
        let Some(version) = version else {
            let highest = hello.highest_version();
            let what = format!("no version in common; the client has 0x{highest:04X} at most");
            return Err(self.refuse(PROTOCOL_VERSION, Cause::Incompatible(what)));
        };
        if hello.offers_suite(FALLBACK_SCSV) && hello.highest_version() < config.highest.wire() {
            let what = "the client fell back although a higher version is known".to_owned();
            return Err(self.refuse(INAPPROPRIATE_FALLBACK, Cause::Incompatible(what)));
        }
        if !hello.compressions.contains(&0) {
            let what = "the client does not offer to leave records as they are".to_owned();
            return Err(self.refuse(ILLEGAL_PARAMETER, Cause::Misbehaved(what)));
        }
        if version == ProtocolVersion::Tls13 {
            return self.client_hello_13(message, hello);
        }
        self.renegotiation_info(&hello)?;
        self.records.set_version(version.wire());
        self.handshake.transcript.extend(message.encode());
        let resumption = self.resumable(&choice, version)?;
        let (suite, identity) = match &resumption {
            Some(resumption) => (resumption.suite.clone(), None),
            None => match choice.suite(version) {
                Some((suite, identity)) => (suite.clone(), identity),
                None => return Err(Cause::Incompatible("no suite in common".to_owned())),
            },
        };
        self.facts.version = Some(version);
        self.facts.suite = Some(suite.code);
        let server = self.random(version);
        self.handshake.selected = Some(Selected {
            version,
            suite,
            randoms: Randoms {
                client: hello.random,
                server,
            },
            client_version: hello.client_version,
            identity,
        });
        match resumption {
            Some(resumption) => self.abbreviated(&hello, resumption),
            None => self.full(&choice),
        }
    }

    /// The server's random, marked when the deployment has a higher version (RFC 8446 4.1.3).
    fn random(&mut self, version: ProtocolVersion) -> [u8; 32] {
        let mut random: [u8; 32] = self.entropy.array();
        let mark: &[u8] = match (self.config.highest, version) {
            (ProtocolVersion::Tls13, ProtocolVersion::Tls12) => b"DOWNGRD\x01",
            (highest, version)
                if highest >= ProtocolVersion::Tls12 && version < ProtocolVersion::Tls12 =>
            {
                b"DOWNGRD\x00"
            }
            _ => &[],
        };
        for (octet, mark) in random.iter_mut().rev().zip(mark.iter().rev()) {
            *octet = *mark;
        }
        random
    }

    /// Whether the client knows RFC 5746, and whether it means this connection.
    fn renegotiation_info(&mut self, hello: &ClientHello) -> Result<(), Cause> {
        let said = hello.extension(code::RENEGOTIATION_INFO);
        let Some(binding) = &self.binding else {
            self.facts.secure_renegotiation = match said {
                Some([0]) => true,
                Some(_) => {
                    let what = "renegotiation_info of another connection (RFC 5746 3.6)".to_owned();
                    return Err(self.refuse(HANDSHAKE_FAILURE, Cause::Misbehaved(what)));
                }
                None => hello.offers_suite(RENEGOTIATION_SCSV),
            };
            return Ok(());
        };
        let bound = match said.and_then(<[u8]>::split_first) {
            Some((length, verify_data)) => {
                usize::from(*length) == verify_data.len() && binding.client == verify_data
            }
            None => false,
        };
        if bound || self.config.is_lax(Laxity::InsecureRenegotiation) {
            self.facts.secure_renegotiation = bound;
            return Ok(());
        }
        let what = "the renegotiation is not bound to its connection (RFC 5746 3.7)".to_owned();
        Err(self.refuse(HANDSHAKE_FAILURE, Cause::Misbehaved(what)))
    }

    /// The session the client offers, if it is one that may be resumed.
    fn resumable(
        &mut self,
        choice: &Choice<'_>,
        version: ProtocolVersion,
    ) -> Result<Option<Resumption>, Cause> {
        let config = Arc::clone(&self.config);
        let hello = choice.hello;
        let ticket = hello.session_ticket().filter(|ticket| !ticket.is_empty());
        let (mechanism, handle) = match ticket {
            Some(ticket) if config.tickets => (Mechanism::Ticket, ticket),
            _ if config.session_ids && !hello.session_id.is_empty() => {
                (Mechanism::SessionId, hello.session_id.as_slice())
            }
            _ => return Ok(None),
        };
        let Some((handle, session)) = self.look_up(mechanism, handle) else {
            return Ok(None);
        };
        let named = hello.server_name().map(ToOwned::to_owned);
        let host = session.server_name == named || config.is_lax(Laxity::ResumesAcrossHosts);
        if session.version != version || !host {
            return Ok(None);
        }
        let bound =
            config.extended_master_secret && hello.has_extension(code::EXTENDED_MASTER_SECRET);
        if session.extended_master_secret && !bound && config.extended_master_secret {
            let what = "the session has an extended master secret, the offer none (RFC 7627 5.3)";
            return Err(self.refuse(HANDSHAKE_FAILURE, Cause::Misbehaved(what.to_owned())));
        }
        if bound && !session.extended_master_secret {
            return Ok(None);
        }
        let own = config
            .suites
            .iter()
            .find(|suite| suite.code == session.suite);
        let own = own.filter(|suite| hello.offers_suite(suite.code));
        let another = || {
            let lax = config.is_lax(Laxity::ResumesWithAnotherSuite);
            choice
                .suite(version)
                .filter(|_| lax)
                .map(|(suite, _)| suite)
        };
        Ok(own.or_else(another).cloned().map(|suite| Resumption {
            mechanism,
            handle,
            session,
            suite,
        }))
    }

    /// A session by its id or its ticket, which a lax server takes with one bit changed.
    pub(super) fn look_up(
        &self,
        mechanism: Mechanism,
        handle: &[u8],
    ) -> Option<(Vec<u8>, StoredSession)> {
        let store = self.config.sessions.as_ref()?;
        let find = |handle: &[u8]| {
            let found = store.find(mechanism, handle)?;
            let lax = self.config.is_lax(Laxity::ResumesExpired);
            (lax || !found.expired).then(|| (handle.to_vec(), found.session))
        };
        let changed = || {
            let lax = self.config.is_lax(Laxity::ResumesChangedTicket);
            if !lax || mechanism == Mechanism::SessionId || handle.len() > MAX_CHANGED_TICKET {
                return None;
            }
            (0..handle.len() * 8).find_map(|bit| {
                let mut handle = handle.to_vec();
                if let Some(octet) = handle.get_mut(bit / 8) {
                    *octet ^= 1 << (bit % 8);
                }
                find(&handle)
            })
        };
        find(handle).or_else(changed)
    }
}
