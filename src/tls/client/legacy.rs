//! The handshake of SSL 3.0 to TLS 1.2 from the server's hello on: RFC 5246 clause 7.3, RFC 5077 clause 3.1.

use super::config::ClientConfig;
use super::connection::Client;
use super::facts::ServerSignature;
use super::hello::client_hello;
use super::renegotiation::RenegotiationOutcome;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::failure::Cause;
use crate::tls::keys::{KeyBlock, Randoms, Sender, verify_data};
use crate::tls::prf::Prf;
use crate::tls::record::{Opener, Sealer};
use crate::tls::session::{Mechanism, Session, Ticket};
use crate::tls::signature::{PublicKey, Scheme, SignatureProblem, signed_digest};
use crate::tls::suite::{Proof, Suite};
use crate::wire::tls::certificate::parse_certificates;
use crate::wire::tls::codec::Reader;
use crate::wire::tls::handshake::{CertificateRequest, Message};
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::key_exchange::ServerKeyExchange;
use crate::wire::tls::record::handshake_type;

/// What comes next from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaiting {
    ServerHello,
    Flight,
    ChangeCipherSpec,
    Finished,
    Data,
}

impl Awaiting {
    /// For the point of a failure.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ServerHello => "awaiting ServerHello",
            Self::Flight => "within the server's first flight",
            Self::ChangeCipherSpec => "awaiting the server's ChangeCipherSpec",
            Self::Finished => "awaiting the server's Finished",
            Self::Data => "after the handshake",
        }
    }
}

/// What the server selected.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    pub(super) version: ProtocolVersion,
    pub(super) suite: Suite,
    pub(super) randoms: Randoms,
    pub(super) session_id: Vec<u8>,
    /// Whether it repeated the id of an offered session: whether that resumes it shows in what comes next.
    pub(super) echoed: bool,
}

/// The state of a handshake.
#[derive(Debug)]
pub(super) struct Handshake {
    pub(super) awaiting: Awaiting,
    pub(super) hello: ClientHello,
    pub(super) transcript: Vec<u8>,
    pub(super) offered: Option<Session>,
    pub(super) selected: Option<Selected>,
    /// The place of the flight's last message in their order.
    rank: Option<usize>,
    ticket_seen: bool,
    pub(super) master: Option<Secret>,
    pub(super) keys: Option<KeyBlock>,
    ticket: Option<Ticket>,
}

impl Handshake {
    pub(super) fn new(config: &ClientConfig, entropy: &mut Entropy) -> Self {
        let offered = config.offered_session();
        let hello = client_hello(config, offered.as_ref(), entropy);
        Self {
            awaiting: Awaiting::ServerHello,
            transcript: Vec::new(),
            hello,
            offered,
            selected: None,
            rank: None,
            ticket_seen: false,
            master: None,
            keys: None,
            ticket: None,
        }
    }

    pub(super) fn selected(&self) -> Result<&Selected, Cause> {
        self.selected
            .as_ref()
            .ok_or_else(|| Cause::Unexpected("nothing is selected yet".to_owned()))
    }

    pub(super) fn prf(&self) -> Result<Prf, Cause> {
        let selected = self.selected()?;
        Ok(Prf::of(selected.version, selected.suite.hash))
    }

    fn master(&self) -> Result<&Secret, Cause> {
        let missing = || Cause::Unexpected("no keys are agreed yet".to_owned());
        self.master.as_ref().ok_or_else(missing)
    }

    /// The digest of the messages up to now as a CertificateVerify signs it.
    pub(super) fn signed_digest(&self, scheme: Scheme) -> Result<Vec<u8>, Cause> {
        let master = self.master()?;
        Ok(signed_digest(self.prf()?, scheme, master, &self.transcript))
    }

    pub(super) fn verify_data(&self, sender: Sender) -> Result<Vec<u8>, Cause> {
        let prf = self.prf()?;
        Ok(verify_data(prf, self.master()?, sender, &self.transcript))
    }
}

impl Client {
    /// A message between ServerHello and ServerHelloDone, or the ticket that opens an abbreviated handshake.
    pub(super) fn flight_message(&mut self, message: &Message) -> Result<(), Cause> {
        if self.undecided()? && message.kind == handshake_type::NEW_SESSION_TICKET {
            self.resume()?;
            return self.new_session_ticket(message);
        }
        self.in_order(message.kind)?;
        self.handshake.transcript.extend(message.encode());
        match message.kind {
            handshake_type::CERTIFICATE => {
                self.facts.certificates = parse_certificates(&message.body)?;
                Ok(())
            }
            handshake_type::CERTIFICATE_STATUS => {
                self.facts.stapled = true;
                Ok(())
            }
            handshake_type::SERVER_KEY_EXCHANGE => self.server_key_exchange(&message.body),
            handshake_type::CERTIFICATE_REQUEST => {
                let with_schemes = self.handshake.selected()?.version >= ProtocolVersion::Tls12;
                let request = CertificateRequest::parse(&message.body, with_schemes)?;
                self.facts.certificate_request = Some(request);
                Ok(())
            }
            handshake_type::SERVER_HELLO_DONE => {
                Reader::new(&message.body, "ServerHelloDone").end()?;
                self.second_flight()
            }
            _ => Ok(()),
        }
    }

    /// Whether a message may come now: each kind once, in the order of RFC 5246 7.3, and only where the suite has it.
    fn in_order(&mut self, kind: u8) -> Result<(), Cause> {
        const ORDER: [u8; 5] = [
            handshake_type::CERTIFICATE,
            handshake_type::CERTIFICATE_STATUS,
            handshake_type::SERVER_KEY_EXCHANGE,
            handshake_type::CERTIFICATE_REQUEST,
            handshake_type::SERVER_HELLO_DONE,
        ];
        let unexpected = || Cause::Unexpected(format!("handshake message {kind}"));
        let rank = |kind: u8| ORDER.iter().position(|other| *other == kind);
        let now = rank(kind).ok_or_else(unexpected)?;
        let before = self.handshake.rank.replace(now);
        if before.is_some_and(|before| before >= now) {
            return Err(unexpected());
        }
        let suite = &self.handshake.selected()?.suite;
        let has_certificate = suite.has_certificate();
        let admitted = match kind {
            handshake_type::CERTIFICATE | handshake_type::CERTIFICATE_STATUS => has_certificate,
            handshake_type::SERVER_KEY_EXCHANGE => suite.has_server_key_exchange(),
            // RFC 5246 7.4.4: an anonymous server must not ask; that it does is no reason to stop here.
            _ => true,
        };
        if admitted { Ok(()) } else { Err(unexpected()) }
    }

    fn server_key_exchange(&mut self, body: &[u8]) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        let version = selected.version;
        let parsed = ServerKeyExchange::parse(body, selected.suite.code, version.wire())?;
        if selected.suite.proof == Proof::Certificate {
            let signed = Self::signed_part(&parsed, body);
            let message = [
                &selected.randoms.client[..],
                &selected.randoms.server,
                signed,
            ];
            self.facts.signature = match self.check_signature(&parsed, &message) {
                Ok(()) => ServerSignature::Right,
                Err(problem) => ServerSignature::Doubtful(problem),
            };
        }
        self.facts.key_exchange = Some(parsed);
        Ok(())
    }

    /// The parameters, without scheme and signature behind them.
    fn signed_part<'a>(parsed: &ServerKeyExchange, body: &'a [u8]) -> &'a [u8] {
        let scheme = if parsed.signature_scheme.is_some() {
            2
        } else {
            0
        };
        let behind = 2 + scheme + parsed.signature.len();
        body.get(..body.len().saturating_sub(behind))
            .unwrap_or_default()
    }

    fn check_signature(
        &self,
        parsed: &ServerKeyExchange,
        message: &[&[u8]],
    ) -> Result<(), SignatureProblem> {
        let key = self.server_key()?;
        let scheme = match parsed.signature_scheme {
            None => key.implied_scheme(),
            Some(code) => Scheme::of(code)
                .filter(|_| self.config.signature_schemes.contains(&code))
                .ok_or_else(|| {
                    let what = format!("signature scheme 0x{code:04X} was not offered");
                    SignatureProblem::Unknown(what)
                })?,
        };
        key.verify(scheme, message, &parsed.signature)
    }

    pub(super) fn server_key(&self) -> Result<PublicKey, SignatureProblem> {
        let leaf = self.facts.certificates.first();
        let none = || SignatureProblem::Unknown("the server sent no certificate".to_owned());
        PublicKey::of_certificate(leaf.ok_or_else(none)?)
    }

    pub(super) fn new_session_ticket(&mut self, message: &Message) -> Result<(), Cause> {
        let mut reader = Reader::new(&message.body, "NewSessionTicket");
        let lifetime_hint = reader.array("lifetime hint").map(u32::from_be_bytes)?;
        let ticket = reader.vector16("ticket")?;
        reader.end()?;
        if std::mem::replace(&mut self.handshake.ticket_seen, true) {
            return Err(Cause::Unexpected("a second NewSessionTicket".to_owned()));
        }
        self.handshake.transcript.extend(message.encode());
        if !ticket.is_empty() {
            self.handshake.ticket = Some(Ticket {
                lifetime_hint,
                ticket: Secret::new(ticket),
            });
        }
        Ok(())
    }

    /// Whether the next message shows if the offered session is resumed: a server may repeat an id and go on in full.
    fn undecided(&self) -> Result<bool, Cause> {
        let handshake = &self.handshake;
        Ok(handshake.awaiting == Awaiting::Flight
            && handshake.rank.is_none()
            && handshake.selected()?.echoed)
    }

    /// The offered session is taken up.
    fn resume(&mut self) -> Result<(), Cause> {
        let session = self.handshake.offered.clone();
        let missing = || Cause::Unexpected("no session was offered".to_owned());
        let session = session.ok_or_else(missing)?;
        let selected = self.handshake.selected()?;
        if (selected.version, selected.suite.code) != (session.version, session.suite.code) {
            return Err(Cause::Misbehaved(
                "the session is resumed with another version or suite".to_owned(),
            ));
        }
        self.facts.resumed = Some(match session.ticket {
            Some(_) => Mechanism::Ticket,
            None => Mechanism::SessionId,
        });
        self.derive_keys(session.master_secret)?;
        self.handshake.awaiting = Awaiting::ChangeCipherSpec;
        Ok(())
    }

    /// Keeps the master secret, tells the key log and derives the keys.
    pub(super) fn derive_keys(&mut self, master: Secret) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        if let Some(log) = &self.config.key_log {
            let client = &selected.randoms.client;
            log.log(crate::tls::key_log::CLIENT_RANDOM, client, master.expose());
        }
        let keys = KeyBlock::derive(
            &selected.suite,
            selected.version,
            &master,
            &selected.randoms,
        );
        let sealer = Sealer::new(
            &selected.suite,
            selected.version,
            keys.of(Sender::Client),
            self.facts.encrypt_then_mac,
        );
        self.records.prepare_sent(sealer.ok_or_else(no_keys)?);
        self.handshake.keys = Some(keys);
        self.handshake.master = Some(master);
        Ok(())
    }

    pub(super) fn change_cipher_spec(&mut self) -> Result<(), Cause> {
        if self.undecided()? {
            self.resume()?;
        }
        if self.handshake.awaiting != Awaiting::ChangeCipherSpec || self.within_message() {
            return Err(Cause::Unexpected("ChangeCipherSpec".to_owned()));
        }
        let selected = self.handshake.selected()?;
        let keys = self.handshake.keys.as_ref();
        let opener = keys.and_then(|keys| {
            Opener::new(
                &selected.suite,
                selected.version,
                keys.of(Sender::Server),
                self.facts.encrypt_then_mac,
            )
        });
        let opener = opener.ok_or_else(no_keys)?;
        self.records.protect_received(opener);
        self.handshake.awaiting = Awaiting::Finished;
        Ok(())
    }

    pub(super) fn finished(&mut self, message: &Message) -> Result<(), Cause> {
        let expected = self.handshake.verify_data(Sender::Server)?;
        if message.body != expected {
            return Err(Cause::Misbehaved(
                "the server's Finished is wrong".to_owned(),
            ));
        }
        if self.within_message() {
            return Err(Cause::Unexpected(
                "a handshake message right after Finished".to_owned(),
            ));
        }
        self.handshake.transcript.extend(message.encode());
        if self.facts.resumed.is_some() {
            self.send_finished()?;
        }
        self.facts.completed = true;
        self.handshake.awaiting = Awaiting::Data;
        self.verify_data.server = message.body.clone();
        self.keep_session()?;
        self.end_renegotiation(RenegotiationOutcome::Completed);
        self.records.handshake_done(&mut self.entropy);
        Ok(())
    }

    /// Sends ChangeCipherSpec and Finished.
    pub(super) fn send_finished(&mut self) -> Result<(), Cause> {
        let sent = self.records.send_change_cipher_spec(&mut self.entropy);
        self.handshake.transcript.extend(sent);
        let finished = Message {
            kind: handshake_type::FINISHED,
            body: self.handshake.verify_data(Sender::Client)?,
        };
        self.verify_data.client.clone_from(&finished.body);
        self.emit(finished);
        self.records.end_flight(&mut self.entropy);
        Ok(())
    }

    fn keep_session(&mut self) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        let resumed = self.facts.resumed;
        let offered = self.handshake.offered.as_ref();
        let offered = offered.filter(|_| resumed.is_some());
        // A server that resumes by ticket and gives no new one goes on taking the old (RFC 5077 3.3).
        let ticket = self.handshake.ticket.clone();
        let ticket = ticket.or_else(|| offered.and_then(|session| session.ticket.clone()));
        let id = match resumed {
            Some(Mechanism::Ticket) => Vec::new(),
            _ => selected.session_id.clone(),
        };
        self.session = Some(Session {
            version: selected.version,
            suite: selected.suite.clone(),
            master_secret: self.handshake.master()?.clone(),
            extended_master_secret: self.facts.extended_master_secret,
            id,
            ticket,
            server_name: self.config.server_name.clone(),
        });
        Ok(())
    }
}

fn no_keys() -> Cause {
    Cause::Unexpected("no keys are agreed that fit the suite".to_owned())
}
