//! The client's hello in TLS 1.3: RFC 8446 clauses 4.1.1, 4.1.2 and 4.2.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::choice::{Offered, group, signer, suites};
use super::flight::Agreed;
use super::state::Tls13;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::key_exchange::EphemeralKey;
use crate::tls::server::Server;
use crate::wire::tls::extension::code;
use crate::wire::tls::extension13::{KeyShare, PSK_KE};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;

/// Descriptions of alerts.
const ILLEGAL_PARAMETER: u8 = 47;
const MISSING_EXTENSION: u8 = 109;
const UNKNOWN_PSK_IDENTITY: u8 = 115;
/// Most octets of a session id.
const MAX_SESSION_ID: usize = 32;

impl Server {
    /// A hello from which TLS 1.3 is selected, the first or the second.
    pub(in crate::tls::server) fn client_hello_13(
        &mut self,
        message: &Message,
        hello: ClientHello,
    ) -> Result<(), Cause> {
        self.facts.version = Some(ProtocolVersion::Tls13);
        self.records.set_version(ProtocolVersion::Tls12.wire());
        self.records.set_padding(self.config.tls13.record_padding);
        self.check_form(&hello)?;
        let offered = Offered::of(&hello)?;
        self.check_shares(&hello, &offered)?;
        if let Some(first) = self.tls13.as_deref() {
            let problem = second_problem(first, &hello, &offered);
            problem.map_or(Ok(()), |what| Err(self.illegal(what)))?;
        }
        self.select(message, hello, &offered)
    }

    fn illegal(&mut self, what: &str) -> Cause {
        self.refuse(ILLEGAL_PARAMETER, Cause::Misbehaved(what.to_owned()))
    }

    fn missing_extension(&mut self, what: &str) -> Cause {
        let what = format!("{what} is missing");
        self.refuse(MISSING_EXTENSION, Cause::Misbehaved(what))
    }

    /// What every hello of TLS 1.3 has to be like.
    fn check_form(&mut self, hello: &ClientHello) -> Result<(), Cause> {
        let codes: Vec<u16> = hello.extensions.iter().map(|each| each.code).collect();
        let single: BTreeSet<u16> = codes.iter().copied().collect();
        let psk = codes.iter().position(|code| *code == code::PRE_SHARED_KEY);
        let problem = if hello.compressions != [0] {
            Some("compression is offered")
        } else if single.len() < codes.len() {
            Some("an extension is there twice")
        } else if psk.is_some_and(|at| at + 1 < codes.len()) {
            Some("pre_shared_key is not the last extension")
        } else if hello.session_id.len() > MAX_SESSION_ID {
            Some("the session id has more than 32 octets")
        } else {
            None
        };
        if let Some(what) = problem {
            return Err(self.illegal(what));
        }
        if psk.is_some() && !single.contains(&code::PSK_KEY_EXCHANGE_MODES) {
            return Err(self.missing_extension("psk_key_exchange_modes"));
        }
        Ok(())
    }

    /// Each group at most once, and none that is not also listed.
    fn check_shares(&mut self, hello: &ClientHello, offered: &Offered) -> Result<(), Cause> {
        let listed = hello.supported_groups();
        let mut seen = BTreeSet::new();
        let wrong = |share: &KeyShare| !listed.contains(&share.group) || !seen.insert(share.group);
        if offered.shares.iter().any(wrong) {
            return Err(self.illegal("a share of a group that is not listed, or a second of one"));
        }
        Ok(())
    }

    fn select(
        &mut self,
        message: &Message,
        hello: ClientHello,
        offered: &Offered,
    ) -> Result<(), Cause> {
        let config = Arc::clone(&self.config);
        let mut common = suites(&config, &hello);
        if let Some(first) = &self.tls13 {
            common.retain(|suite| suite.code == first.suite.code);
        }
        let (psk, suite) = match self.psk(&hello, offered, &common) {
            Some((psk, suite)) => (Some(psk), suite.clone()),
            None => match common.first() {
                Some(suite) => (None, (*suite).clone()),
                None => return Err(Cause::Incompatible("no suite in common".to_owned())),
            },
        };
        self.facts.suite = Some(suite.code);
        if let Some(psk) = &psk {
            self.check_binder(psk, offered, message)?;
        }
        let signer = match &psk {
            Some(_) => None,
            None => Some(self.certified(&hello, offered)?),
        };
        let alone = psk.is_some() && offered.psk_mode(&config) == Some(PSK_KE);
        let share = offered.share(&config).filter(|_| !alone);
        let first = self.tls13.is_none();
        if !alone {
            let wanted = match share {
                Some(_) => None,
                None => Some(self.wanted_group(&hello)?),
            };
            if wanted.is_some() && !first {
                return Err(self.illegal("the second hello has no share of a group in common"));
            }
            if first && (wanted.is_some() || config.tls13.cookie) {
                return self.hello_retry_request(message, (hello, suite), wanted);
            }
        } else if first && config.tls13.cookie {
            return self.hello_retry_request(message, (hello, suite), None);
        }
        self.handshake.transcript.extend(message.encode());
        self.facts.group = share.map(|share| share.group);
        let early = self.takes_early_data(&hello, psk.as_ref(), &suite);
        match &mut self.tls13 {
            Some(tls13) => tls13.hello = hello,
            None => self.tls13 = Some(Box::new(Tls13::new(hello, suite))),
        }
        let exchange = share.map(|share| (share.group, share.public.clone()));
        self.first_flight(Agreed {
            psk,
            exchange,
            signer,
            early,
        })
    }

    /// Which of the server's certificates is shown, and how it signs.
    fn certified(
        &mut self,
        hello: &ClientHello,
        offered: &Offered,
    ) -> Result<(usize, u16, crate::tls::signature::Scheme), Cause> {
        if let Some(signer) = signer(&self.config, hello) {
            return Ok(signer);
        }
        if offered.psk_mode(&self.config).is_some() && !offered.psks.identities.is_empty() {
            let identity = offered.psks.identities.first();
            self.facts.psk_identity = identity.map(|(identity, _)| identity.clone());
            let what = "nobody knows the pre-shared key, and there is no certificate instead";
            let cause = Cause::Incompatible(what.to_owned());
            return Err(self.refuse(UNKNOWN_PSK_IDENTITY, cause));
        }
        if !hello.has_extension(code::SIGNATURE_ALGORITHMS) {
            return Err(self.missing_extension("signature_algorithms"));
        }
        Err(Cause::Incompatible(
            "no certificate for the client's signature schemes".to_owned(),
        ))
    }

    /// The group to ask for when no share of one came.
    fn wanted_group(&mut self, hello: &ClientHello) -> Result<u16, Cause> {
        for code in [code::SUPPORTED_GROUPS, code::KEY_SHARE] {
            if !hello.has_extension(code) {
                return Err(self.missing_extension(&format!("extension {code}")));
            }
        }
        let missing = || Cause::Incompatible("no group in common".to_owned());
        group(&self.config, hello).ok_or_else(missing)
    }

    /// A fresh key of a group, and the secret shared with the holder of `public`.
    pub(super) fn exchange(
        &mut self,
        named: u16,
        public: &[u8],
    ) -> Result<(KeyShare, crate::model::secret::Secret), Cause> {
        let key = EphemeralKey::new(named, &mut self.entropy)?;
        let ours = KeyShare {
            group: named,
            public: key.public(),
        };
        match key.agree(public) {
            Ok(shared) => Ok((ours, shared)),
            Err(problem) => Err(self.illegal(&problem.to_string())),
        }
    }
}

/// What is wrong with a second hello: it says the same, but for what was asked for (RFC 8446 4.1.2).
fn second_problem(first: &Tls13, hello: &ClientHello, offered: &Offered) -> Option<&'static str> {
    let before = &first.hello;
    let same = (&before.random, &before.session_id, &before.suites)
        == (&hello.random, &hello.session_id, &hello.suites);
    if !same {
        return Some("the second hello is not like the first");
    }
    if hello.has_extension(code::EARLY_DATA) {
        return Some("early data after a HelloRetryRequest");
    }
    let shared: Vec<u16> = offered.shares.iter().map(|share| share.group).collect();
    if first.retried_group.is_some_and(|group| shared != [group]) {
        return Some("the second hello has not the share that was asked for");
    }
    let cookie = hello.extension(code::COOKIE).and_then(|body| body.get(2..));
    (cookie != first.cookie.as_deref()).then_some("the cookie is not the one that was given")
}
