//! Another handshake under the protection of the last: RFC 5246 clause 7.4.1.1, RFC 5746 clause 3.5.

use super::config::{ClientConfig, HelloRequestAnswer, Identity};
use super::connection::Client;
use super::facts::Facts;
use super::legacy::{Awaiting, Handshake};
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::Cause;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::codec::put_vector8;
use crate::wire::tls::extension::code;

/// Most HelloRequests that are taken in one handshake.
const MAX_HELLO_REQUESTS: usize = 32;
/// Most renegotiations a server gets.
const MAX_RENEGOTIATIONS: usize = 8;
/// no_renegotiation.
const NO_RENEGOTIATION: u8 = 100;

/// Who began a renegotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// We did.
    Client,
    /// The server did, by a HelloRequest.
    Server,
}

/// How a renegotiation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenegotiationOutcome {
    /// Both Finished were exchanged.
    Completed,
    /// The server refused with the warning no_renegotiation; the connection goes on as it was.
    Refused,
    /// It ended the connection.
    Failed,
}

/// A renegotiation that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renegotiation {
    /// Who began it.
    pub initiator: Initiator,
    /// How it ended.
    pub outcome: RenegotiationOutcome,
    /// What its handshake showed. `secure_renegotiation` is whether the server bound it to the one before it.
    pub facts: Facts,
}

/// A renegotiation that goes on.
#[derive(Debug)]
pub(super) struct Running {
    initiator: Initiator,
    /// What the connection showed before.
    pub(super) before: Facts,
    /// Application data that waits for its end.
    pub(super) delayed: Vec<u8>,
}

/// The verify data of the last handshake of a connection.
#[derive(Debug, Default)]
pub(super) struct VerifyData {
    pub(super) client: Vec<u8>,
    pub(super) server: Vec<u8>,
}

impl VerifyData {
    /// What the server's renegotiation_info must be.
    pub(super) fn of_server(&self) -> Vec<u8> {
        let mut info = Vec::new();
        put_vector8(&mut info, &[&self.client[..], &self.server].concat());
        info
    }
}

impl Handshake {
    /// A handshake on a connection of `version`, bound to the one before it where both know how.
    fn again(config: &ClientConfig, bound: Option<&[u8]>, entropy: &mut Entropy) -> Self {
        let mut handshake = Self::new(config, entropy);
        if let Some(verify_data) = bound {
            for extension in &mut handshake.hello.extensions {
                if extension.code == code::RENEGOTIATION_INFO {
                    extension.body.clear();
                    put_vector8(&mut extension.body, verify_data);
                }
            }
        }
        handshake
    }
}

impl Client {
    /// Begins a full handshake under the protection of the present one; whether that is possible now.
    ///
    /// It is bound to the present one by RFC 5746 where the server said that it knows how. How it ended stands in
    /// `Facts::renegotiations` when [`Self::is_renegotiating`] no longer holds. TLS 1.3 has no renegotiation.
    pub fn renegotiate(&mut self) -> bool {
        self.begin_renegotiation(Initiator::Client)
    }

    /// Answers the CertificateRequests to come with this.
    pub fn set_identity(&mut self, identity: Identity) {
        self.config.identity = identity;
    }

    /// Whether a renegotiation has begun and not ended.
    #[must_use]
    pub const fn is_renegotiating(&self) -> bool {
        self.renegotiating.is_some()
    }

    fn begin_renegotiation(&mut self, initiator: Initiator) -> bool {
        let version = self.facts.version.filter(|_| self.may_renegotiate());
        let Some(version) = version.filter(|version| *version <= ProtocolVersion::Tls12) else {
            return false;
        };
        let before = std::mem::take(&mut self.facts);
        let bound = before.secure_renegotiation;
        let config = ClientConfig {
            maximum: version,
            resume: None,
            ..self.config.clone()
        };
        let bound = bound.then_some(self.verify_data.client.as_slice());
        self.handshake = Handshake::again(&config, bound, &mut self.entropy);
        self.renegotiating = Some(Box::new(Running {
            initiator,
            before,
            delayed: Vec::new(),
        }));
        self.send_client_hello();
        self.records.end_flight(&mut self.entropy);
        true
    }

    /// Ends a renegotiation, if there is one: the connection's facts are what they were, with it among them.
    pub(super) fn end_renegotiation(&mut self, outcome: RenegotiationOutcome) {
        let Some(running) = self.renegotiating.take() else {
            return;
        };
        let facts = std::mem::replace(&mut self.facts, running.before);
        self.facts.renegotiations.push(Renegotiation {
            initiator: running.initiator,
            outcome,
            facts,
        });
        if outcome != RenegotiationOutcome::Failed {
            self.handshake.awaiting = Awaiting::Data;
            self.write(&running.delayed);
        }
    }

    /// Takes no_renegotiation for the answer to a renegotiation that waits for one.
    pub(super) fn refused_by(&mut self, alert: Alert) {
        if alert == Alert::warning(NO_RENEGOTIATION)
            && self.handshake.awaiting == Awaiting::ServerHello
        {
            self.end_renegotiation(RenegotiationOutcome::Refused);
        }
    }

    /// Ignored during a handshake (RFC 5246 7.4.1.1), else answered as configured.
    pub(super) fn hello_request(&mut self) -> Result<(), Cause> {
        self.facts.hello_requests += 1;
        if self.facts.hello_requests > MAX_HELLO_REQUESTS {
            let what = format!("more than {MAX_HELLO_REQUESTS} HelloRequests");
            return Err(Cause::Misbehaved(what));
        }
        if !self.may_renegotiate() {
            return Ok(());
        }
        match self.config.hello_request {
            HelloRequestAnswer::Refuse => self.send_alert(Alert::warning(NO_RENEGOTIATION)),
            HelloRequestAnswer::Ignore => {}
            HelloRequestAnswer::Renegotiate => {
                if self.facts.renegotiations.len() >= MAX_RENEGOTIATIONS {
                    let what = format!("more than {MAX_RENEGOTIATIONS} renegotiations");
                    return Err(Cause::Misbehaved(what));
                }
                self.begin_renegotiation(Initiator::Server);
            }
        }
        Ok(())
    }
}
