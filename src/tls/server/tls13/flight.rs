//! From ServerHello to Finished: RFC 8446 clauses 4.1.3, 4.3 and 4.4.

use super::psk::Psk;
use super::retry::selected_version;
use super::state::Awaiting;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::{Cause, missing};
use crate::tls::key_log;
use crate::tls::keys::Sender;
use crate::tls::schedule::{EarlySecret, HandshakeSecret, TrafficSecret};
use crate::tls::server::{ClientCertificates, EarlyData, SelectedPsk, Server};
use crate::tls::session::Mechanism;
use crate::tls::signature::Scheme;
use crate::wire::tls::codec::{put_u16, put_vector16};
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Signed;
use crate::wire::tls::handshake13::{
    Certificate13, CertificateRequest13, encode_encrypted_extensions, signed_content,
};
use crate::wire::tls::record::handshake_type;
use crate::wire::tls::server_hello::ServerHello;

/// What both agree on after the hellos.
pub(super) struct Agreed {
    pub(super) psk: Option<Psk>,
    /// Group and public value of the client's share; none with a pre-shared key alone.
    pub(super) exchange: Option<(u16, Vec<u8>)>,
    /// Which of the server's identities signs, and how; none with a pre-shared key.
    pub(super) signer: Option<(usize, u16, Scheme)>,
    /// Whether early data is taken.
    pub(super) early: bool,
}

impl Server {
    /// Everything the server says before the client's Finished.
    pub(super) fn first_flight(&mut self, agreed: Agreed) -> Result<(), Cause> {
        let hash = self.tls13()?.suite.hash;
        let early = EarlySecret::new(hash, agreed.psk.as_ref().map(|psk| &psk.key));
        // Early data is protected by the hello alone.
        let before = self.transcript_hash(hash);
        let shared = self.server_hello_13(&agreed)?;
        self.send_compatibility_change_cipher_spec();
        let handshake = early.handshake(shared.as_ref());
        let server = self.enter_handshake(&handshake)?;
        self.send_with(server.clone())?;
        self.receive_first(&agreed, &early, &before)?;
        self.note_psk(agreed.psk);
        self.encrypted_extensions(agreed.early);
        if let Some(signer) = agreed.signer {
            self.request_and_prove(signer)?;
        }
        let body = server.verify_data(&self.transcript_hash(hash));
        self.say(handshake_type::FINISHED, body);
        self.end_flight();
        self.enter_application(&handshake)?;
        let asked = self.facts.certificate_requested;
        self.tls13()?.awaiting = if agreed.early {
            Awaiting::EndOfEarlyData
        } else {
            first_awaited(asked)
        };
        Ok(())
    }

    /// Sends ServerHello and gives the secret of the key exchange, if there is one.
    fn server_hello_13(&mut self, agreed: &Agreed) -> Result<Option<Secret>, Cause> {
        let random = self.entropy.array();
        let mut extensions = Vec::new();
        if let Some(psk) = &agreed.psk {
            let mut body = Vec::new();
            put_u16(&mut body, u16::try_from(psk.index).unwrap_or(u16::MAX));
            extensions.push(Extension::new(code::PRE_SHARED_KEY, body));
        }
        let mut secret = None;
        if let Some((group, public)) = &agreed.exchange {
            let (ours, shared) = self.exchange(*group, public)?;
            extensions.push(ours.answer());
            secret = Some(shared);
        }
        extensions.push(selected_version());
        let tls13 = self.tls13()?;
        let hello = ServerHello {
            version: ProtocolVersion::Tls13.wire(),
            legacy_version: ProtocolVersion::Tls12.wire(),
            random,
            session_id: tls13.hello.session_id.clone(),
            suite: tls13.suite.code,
            compression: 0,
            extensions,
        };
        self.say(handshake_type::SERVER_HELLO, hello.encode_body());
        self.end_flight();
        Ok(secret)
    }

    /// The secrets that follow the ServerHello; gives the server's.
    fn enter_handshake(&mut self, stage: &HandshakeSecret) -> Result<TrafficSecret, Cause> {
        let hash = self.tls13()?.suite.hash;
        let hash = self.transcript_hash(hash);
        let client = stage.traffic(Sender::Client, &hash);
        let server = stage.traffic(Sender::Server, &hash);
        self.log_secret(key_log::CLIENT_HANDSHAKE, client.secret());
        self.log_secret(key_log::SERVER_HANDSHAKE, server.secret());
        self.tls13()?.client_handshake = Some(client);
        Ok(server)
    }

    /// What the client sends next: early data, or what follows its hello.
    fn receive_first(
        &mut self,
        agreed: &Agreed,
        early: &EarlySecret,
        before: &[u8],
    ) -> Result<(), Cause> {
        if agreed.early {
            let traffic = early.client_traffic(before);
            self.log_secret(key_log::CLIENT_EARLY, traffic.secret());
            self.log_secret(key_log::EARLY_EXPORTER, &early.exporter(before));
            self.facts.tls13.early_data = EarlyData::Accepted;
            let most = self.config.tls13.max_early_data;
            self.tls13()?.early_left = usize::try_from(most).unwrap_or(usize::MAX);
            return self.receive_with(&traffic);
        }
        let tls13 = self.tls13()?;
        let announced = tls13.hello.has_extension(code::EARLY_DATA);
        let client = tls13.client_handshake.clone();
        if announced {
            self.pass_over_early_data();
        }
        self.receive_with(&client.ok_or_else(|| missing("key"))?)
    }

    fn note_psk(&mut self, psk: Option<Psk>) {
        let Some(psk) = psk else {
            return;
        };
        self.facts.psk_identity = psk.identity;
        let Some((handle, session)) = psk.ticket else {
            self.facts.tls13.psk = Some(SelectedPsk::External);
            return;
        };
        self.facts.tls13.psk = Some(SelectedPsk::Ticket);
        self.facts.resumed = Some(Mechanism::Tls13Psk);
        self.facts.certificates = session.client_certificates;
        self.kept_as.push((Mechanism::Tls13Psk, handle));
    }

    fn encrypted_extensions(&mut self, early: bool) {
        let named = self.facts.server_name.is_some() && self.facts.resumed.is_none();
        let said = [(named, code::SERVER_NAME), (early, code::EARLY_DATA)];
        let said = said.into_iter().filter(|(said, _)| *said);
        let extensions: Vec<Extension> = said
            .map(|(_, code)| Extension::new(code, Vec::new()))
            .collect();
        let body = encode_encrypted_extensions(&extensions);
        self.say(handshake_type::ENCRYPTED_EXTENSIONS, body);
    }

    /// CertificateRequest where one is due, Certificate and CertificateVerify.
    fn request_and_prove(&mut self, signer: (usize, u16, Scheme)) -> Result<(), Cause> {
        self.facts.certificate_requested = self.wanted_certificates() != ClientCertificates::None;
        if self.facts.certificate_requested {
            let body = self.certificate_request_13(Vec::new()).encode_body();
            self.say(handshake_type::CERTIFICATE_REQUEST, body);
        }
        let (at, code, scheme) = signer;
        let unfit = || Cause::Incompatible("the server's key cannot sign".to_owned());
        let identity = self.config.identities.get(at).ok_or_else(unfit)?.clone();
        let chain = Certificate13::of_chain(Vec::new(), &identity.certificates);
        self.say(handshake_type::CERTIFICATE, chain.encode_body());
        let hash = self.tls13()?.suite.hash;
        let content = signed_content(true, &self.transcript_hash(hash));
        let signature = identity.key.sign(scheme, &[&content], &mut self.entropy);
        let signed = Signed {
            scheme: Some(code),
            signature: signature.ok_or_else(unfit)?,
        };
        self.say(handshake_type::CERTIFICATE_VERIFY, signed.encode_body());
        Ok(())
    }

    pub(super) fn certificate_request_13(&self, context: Vec<u8>) -> CertificateRequest13 {
        let schemes = &self.config.signature_schemes;
        let mut request = CertificateRequest13::of_schemes(context, schemes);
        if !self.config.authorities.is_empty() {
            let mut names = Vec::new();
            for name in &self.config.authorities {
                put_vector16(&mut names, name);
            }
            let mut body = Vec::new();
            put_vector16(&mut body, &names);
            let authorities = Extension::new(code::CERTIFICATE_AUTHORITIES, body);
            request.extensions.push(authorities);
        }
        request
    }

    /// The secrets that follow the server's Finished; ours is in use at once.
    fn enter_application(&mut self, stage: &HandshakeSecret) -> Result<(), Cause> {
        let hash = self.tls13()?.suite.hash;
        let hash = self.transcript_hash(hash);
        let master = stage.master();
        let client = master.traffic(Sender::Client, &hash);
        let server = master.traffic(Sender::Server, &hash);
        self.log_secret(key_log::CLIENT_TRAFFIC, client.secret());
        self.log_secret(key_log::SERVER_TRAFFIC, server.secret());
        self.log_secret(key_log::EXPORTER, &master.exporter(&hash));
        let tls13 = self.tls13()?;
        tls13.client_traffic = Some(client);
        tls13.master = Some(master);
        self.send_with(server)
    }
}

/// What the client says first under the protection of its handshake.
pub(super) const fn first_awaited(asked: bool) -> Awaiting {
    if asked {
        Awaiting::Certificate
    } else {
        Awaiting::Finished
    }
}
