//! What a server of SSL 3.0 to TLS 1.2 says first.

use super::choice::{Choice, certificate_types};
use super::config::ClientCertificates;
use super::connection::Server;
use super::handshake::{Awaiting, Ephemeral};
use super::hello::Resumption;
use super::laxity::Laxity;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::key_exchange::{DiffieHellmanKey, EphemeralKey};
use crate::tls::session::Mechanism;
use crate::tls::signature::TemporaryKey;
use crate::tls::suite::{Exchange, Proof, Suite};
use crate::wire::tls::certificate::encode_certificates;
use crate::wire::tls::codec::put_vector8;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::{CertificateRequest, Message};
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::key_exchange::{KeyExchangeKind, ServerKeyExchange};
use crate::wire::tls::record::handshake_type;
use crate::wire::tls::server_hello::ServerHello;

/// Octets of an id or a ticket.
const HANDLE: usize = 32;
/// DEFLATE, RFC 3749.
const DEFLATE: u8 = 1;
/// The extension heartbeat, RFC 6520, and the mode in which a peer may send them.
const HEARTBEAT: u16 = 15;
const PEER_ALLOWED_TO_SEND: u8 = 1;

impl Server {
    /// The first flight of a full handshake.
    pub(super) fn full(&mut self, choice: &Choice<'_>) -> Result<(), Cause> {
        let config = choice.config;
        let asked = choice.hello.session_ticket().is_some();
        let handle = self.entropy.octets(HANDLE);
        let kept_as = match &config.sessions {
            Some(_) if config.tickets && asked => Some((Mechanism::Ticket, handle)),
            Some(_) if config.session_ids => Some((Mechanism::SessionId, handle)),
            _ => None,
        };
        let session_id = match &kept_as {
            Some((Mechanism::SessionId, handle)) => handle.clone(),
            _ => Vec::new(),
        };
        self.handshake.kept_as = kept_as;
        self.server_hello(choice.hello, session_id)?;
        self.certificate();
        self.server_key_exchange(choice)?;
        self.certificate_request()?;
        self.say(handshake_type::SERVER_HELLO_DONE, Vec::new());
        self.end_flight();
        self.handshake.awaiting = if self.facts.certificate_requested {
            Awaiting::Certificate
        } else {
            Awaiting::ClientKeyExchange
        };
        Ok(())
    }

    /// The only flight of a handshake that resumes.
    pub(super) fn abbreviated(
        &mut self,
        hello: &ClientHello,
        resumption: Resumption,
    ) -> Result<(), Cause> {
        self.facts.resumed = Some(resumption.mechanism);
        self.facts.certificates = resumption.session.client_certificates;
        self.facts.certificate_requested = false;
        self.kept_as = vec![(resumption.mechanism, resumption.handle)];
        // The id that came is repeated: the session's, or the one made up to go with a ticket (RFC 5077 3.4).
        self.server_hello(hello, hello.session_id.clone())?;
        self.facts.extended_master_secret = resumption.session.extended_master_secret;
        self.end_flight();
        self.derive_keys(resumption.session.secret)?;
        self.send_finished()?;
        self.handshake.awaiting = Awaiting::ChangeCipherSpec;
        Ok(())
    }

    pub(super) fn say(&mut self, kind: u8, body: Vec<u8>) {
        self.emit(Message { kind, body });
    }

    fn server_hello(&mut self, hello: &ClientHello, session_id: Vec<u8>) -> Result<(), Cause> {
        let extensions = self.extensions(hello)?;
        let selected = self.handshake.selected()?;
        let deflate = hello.compressions.contains(&DEFLATE);
        let compresses = deflate && self.config.is_lax(Laxity::Compression);
        let message = ServerHello {
            version: selected.version.wire(),
            legacy_version: selected.version.wire(),
            random: selected.randoms.server,
            session_id,
            suite: selected.suite.code,
            compression: if compresses { DEFLATE } else { 0 },
            extensions,
        };
        self.say(handshake_type::SERVER_HELLO, message.encode_body());
        Ok(())
    }

    /// Answers to what was offered, in the order of their code points.
    fn extensions(&mut self, hello: &ClientHello) -> Result<Vec<Extension>, Cause> {
        let suite = self.handshake.selected()?.suite.clone();
        let config = &self.config;
        let resumed = self.facts.resumed.is_some();
        let has = |code| hello.has_extension(code);
        let facts = &mut self.facts;
        facts.extended_master_secret =
            config.extended_master_secret && has(code::EXTENDED_MASTER_SECRET);
        facts.encrypt_then_mac = config.encrypt_then_mac
            && suite.cipher.block_length().is_some()
            && has(code::ENCRYPT_THEN_MAC);
        let ticket = matches!(self.handshake.kept_as, Some((Mechanism::Ticket, _)));
        let heartbeat = config.is_lax(Laxity::HeartbeatOverread) && has(HEARTBEAT);
        let mut extensions = Vec::new();
        let mut put = |wanted: bool, code: u16, body: Vec<u8>| {
            if wanted {
                extensions.push(Extension::new(code, body));
            }
        };
        put(
            facts.server_name.is_some() && !resumed,
            code::SERVER_NAME,
            Vec::new(),
        );
        let curved = matches!(suite.exchange, Exchange::Ecdhe | Exchange::Ecdh);
        let curves = curved && has(code::EC_POINT_FORMATS);
        put(curves, code::EC_POINT_FORMATS, vec![1, 0]);
        put(heartbeat, HEARTBEAT, vec![PEER_ALLOWED_TO_SEND]);
        put(facts.encrypt_then_mac, code::ENCRYPT_THEN_MAC, Vec::new());
        put(
            facts.extended_master_secret,
            code::EXTENDED_MASTER_SECRET,
            Vec::new(),
        );
        put(ticket, code::SESSION_TICKET, Vec::new());
        if facts.secure_renegotiation && config.secure_renegotiation {
            let binding = self.binding.clone().unwrap_or_default();
            let mut body = Vec::new();
            put_vector8(&mut body, &[binding.client, binding.server].concat());
            put(true, code::RENEGOTIATION_INFO, body);
        }
        Ok(extensions)
    }

    fn certificate(&mut self) {
        let selected = self.handshake.selected.as_ref();
        let identity = selected.and_then(|selected| selected.identity);
        let identity = identity.and_then(|at| self.config.identities.get(at));
        if let Some(body) = identity.map(|identity| encode_certificates(&identity.certificates)) {
            self.say(handshake_type::CERTIFICATE, body);
        }
    }

    fn server_key_exchange(&mut self, choice: &Choice<'_>) -> Result<(), Cause> {
        let suite = self.handshake.selected()?.suite.clone();
        let hint = suite
            .has_pre_shared_key()
            .then(|| self.config.identity_hint.clone())
            .flatten();
        let kind = match suite.exchange {
            Exchange::Rsa if self.needs_temporary_key()? => self.temporary_key()?,
            Exchange::Dhe => self.dhe(&suite)?,
            Exchange::Ecdhe => self.ecdhe(choice)?,
            // Without ephemeral key the message has nothing but the hint, and without one there is none (RFC 4279 2).
            _ if hint.is_none() => return Ok(()),
            _ => KeyExchangeKind::Psk,
        };
        let mut exchange = ServerKeyExchange {
            kind,
            psk_identity_hint: suite.has_pre_shared_key().then(|| hint.unwrap_or_default()),
            signature_scheme: None,
            signature: Vec::new(),
        };
        if suite.is_signed() {
            self.sign(choice, &mut exchange)?;
        }
        self.say(handshake_type::SERVER_KEY_EXCHANGE, exchange.encode_body());
        Ok(())
    }

    /// Whether an export suite may not use the key of the certificate (RFC 2246 7.4.3).
    fn needs_temporary_key(&self) -> Result<bool, Cause> {
        let selected = self.handshake.selected()?;
        let identity = selected.identity;
        let identity = identity.and_then(|at| self.config.identities.get(at));
        let bits = identity.and_then(|identity| identity.key.rsa_bits());
        Ok(selected.suite.export && bits.is_some_and(|bits| bits > TemporaryKey::BITS))
    }

    fn temporary_key(&mut self) -> Result<KeyExchangeKind, Cause> {
        let missing = || Cause::Incompatible("no temporary key came about".to_owned());
        let temporary = TemporaryKey::new(&mut self.entropy).ok_or_else(missing)?;
        self.handshake.ephemeral = Some(Ephemeral::Rsa(temporary.key));
        Ok(KeyExchangeKind::RsaExport {
            modulus_bits: u32::try_from(TemporaryKey::BITS).unwrap_or(u32::MAX),
            modulus: temporary.modulus,
            exponent: temporary.exponent,
        })
    }

    fn dhe(&mut self, suite: &Suite) -> Result<KeyExchangeKind, Cause> {
        let group = self.config.prime_group;
        let group = if suite.export {
            group.for_export()
        } else {
            group
        };
        let key = DiffieHellmanKey::new(group.prime, group.generator, &mut self.entropy)?;
        let public = key.public();
        self.handshake.ephemeral = Some(Ephemeral::Dhe(key));
        Ok(KeyExchangeKind::Dhe {
            prime_bits: u32::try_from(group.prime.len() * 8).unwrap_or(u32::MAX),
            prime: group.prime.to_vec(),
            generator: group.generator.to_vec(),
            public,
        })
    }

    fn ecdhe(&mut self, choice: &Choice<'_>) -> Result<KeyExchangeKind, Cause> {
        let missing = || Cause::Incompatible("no group in common".to_owned());
        let group = choice.group().ok_or_else(missing)?;
        let key = EphemeralKey::new(group, &mut self.entropy)?;
        let public = key.public();
        self.facts.group = Some(group);
        self.handshake.ephemeral = Some(Ephemeral::Ecdhe(key));
        Ok(KeyExchangeKind::Ecdhe { group, public })
    }

    fn sign(&mut self, choice: &Choice<'_>, exchange: &mut ServerKeyExchange) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        let unfit = || Cause::Incompatible("no signature scheme in common".to_owned());
        let identity = selected
            .identity
            .and_then(|at| choice.config.identities.get(at));
        let key = &identity.ok_or_else(unfit)?.key;
        let (code, scheme) = choice.scheme(key, selected.version).ok_or_else(unfit)?;
        let parameters = exchange.encode_body();
        let signed: [&[u8]; 3] = [
            &selected.randoms.client,
            &selected.randoms.server,
            &parameters,
        ];
        let signature = key.sign(scheme, &signed, &mut self.entropy);
        exchange.signature = signature.ok_or_else(unfit)?;
        exchange.signature_scheme = code;
        Ok(())
    }

    /// Asks for a certificate; anonymous servers must not, and those of pre-shared keys do not (RFC 5246 7.4.4).
    fn certificate_request(&mut self) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        let wanted = self.wanted_certificates() != ClientCertificates::None;
        self.facts.certificate_requested = wanted && selected.suite.proof == Proof::Certificate;
        if !self.facts.certificate_requested {
            return Ok(());
        }
        let tls12 = selected.version >= ProtocolVersion::Tls12;
        let request = CertificateRequest {
            types: certificate_types(&self.config.signature_schemes),
            schemes: self.config.signature_schemes.clone(),
            authorities: self.config.authorities.clone(),
        };
        self.say(
            handshake_type::CERTIFICATE_REQUEST,
            request.encode_body(tls12),
        );
        Ok(())
    }

    /// What is asked of the client in this handshake.
    pub(super) fn wanted_certificates(&self) -> ClientCertificates {
        if self.asked_to_renegotiate {
            self.config.renegotiated_certificates
        } else {
            self.config.client_certificates
        }
    }
}
