//! What the server sends under protection before its Finished: RFC 8446 clauses 4.3 and 4.4.

use super::state::{Awaiting, missing, unexpected};
use crate::tls::client::{Client, EarlyData, ServerSignature};
use crate::tls::failure::Cause;
use crate::tls::key_log;
use crate::tls::keys::Sender;
use crate::tls::schedule::MasterSecret;
use crate::tls::signature::{Scheme, SignatureProblem};
use crate::wire::tls::extension::code;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::{
    Certificate13, CertificateRequest13, parse_certificate_verify, parse_encrypted_extensions,
    signed_content,
};
use crate::wire::tls::record::handshake_type;

impl Client {
    /// A message after the ServerHello of TLS 1.3.
    pub(in crate::tls::client) fn message_13(&mut self, message: &Message) -> Result<(), Cause> {
        let awaiting = self.tls13()?.awaiting;
        match (message.kind, awaiting) {
            (_, Awaiting::Data) => return self.message_after_handshake(message),
            (handshake_type::ENCRYPTED_EXTENSIONS, Awaiting::EncryptedExtensions) => {
                self.encrypted_extensions(message)?;
            }
            (handshake_type::CERTIFICATE_REQUEST, Awaiting::CertificateOrRequest) => {
                self.certificate_request(message)?;
                self.tls13()?.awaiting = Awaiting::Certificate;
            }
            (
                handshake_type::CERTIFICATE,
                Awaiting::CertificateOrRequest | Awaiting::Certificate,
            ) => self.certificate(message)?,
            (handshake_type::CERTIFICATE_VERIFY, Awaiting::CertificateVerify) => {
                self.certificate_verify_of_server(message)?;
            }
            (handshake_type::FINISHED, Awaiting::Finished) => {
                return self.finished_of_server(message);
            }
            _ => return Err(unexpected(message)),
        }
        self.handshake.transcript.extend(message.encode());
        Ok(())
    }

    fn encrypted_extensions(&mut self, message: &Message) -> Result<(), Cause> {
        let extensions = parse_encrypted_extensions(&message.body)?;
        let codes: Vec<u16> = extensions.iter().map(|extension| extension.code).collect();
        let ours = &self.handshake.hello;
        let unsolicited = codes.iter().filter(|code| !ours.has_extension(**code));
        self.facts.unsolicited_extensions.extend(unsolicited);
        if self.facts.tls13.early_data == EarlyData::Sent {
            if codes.contains(&code::EARLY_DATA) {
                self.facts.tls13.early_data = EarlyData::Accepted;
            } else {
                self.reject_early_data();
                let client = self.tls13()?.client_handshake.clone();
                self.send_with(client.ok_or_else(|| missing("key"))?)?;
            }
        }
        self.facts.tls13.encrypted_extensions = codes;
        self.tls13()?.awaiting = if self.facts.tls13.psk.is_some() {
            Awaiting::Finished
        } else {
            Awaiting::CertificateOrRequest
        };
        Ok(())
    }

    pub(super) fn certificate_request(&mut self, message: &Message) -> Result<(), Cause> {
        let request = CertificateRequest13::parse(&message.body)?;
        self.facts.certificate_request = Some(request.asked()?);
        self.tls13()?.request_context = request.context;
        Ok(())
    }

    fn certificate(&mut self, message: &Message) -> Result<(), Cause> {
        let parsed = Certificate13::parse(&message.body)?;
        if parsed.entries.is_empty() {
            let what = "the server sent no certificate".to_owned();
            return Err(Cause::Misbehaved(what));
        }
        let stapled = |extension: &crate::wire::tls::extension::Extension| {
            extension.code == code::STATUS_REQUEST
        };
        self.facts.stapled = parsed
            .entries
            .iter()
            .any(|entry| entry.extensions.iter().any(stapled));
        let certificates = parsed.entries.into_iter().map(|entry| entry.certificate);
        self.facts.certificates = certificates.collect();
        self.tls13()?.awaiting = Awaiting::CertificateVerify;
        Ok(())
    }

    fn certificate_verify_of_server(&mut self, message: &Message) -> Result<(), Cause> {
        let (scheme, signature) = parse_certificate_verify(&message.body)?;
        let hash = self.tls13()?.suite()?.hash;
        let content = signed_content(true, &self.transcript_hash(hash));
        self.facts.signature = match self.check_signature_13(scheme, &content, &signature) {
            Ok(()) => ServerSignature::Right,
            Err(problem) => ServerSignature::Doubtful(problem),
        };
        self.tls13()?.awaiting = Awaiting::Finished;
        Ok(())
    }

    fn check_signature_13(
        &self,
        code: u16,
        content: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureProblem> {
        let key = self.server_key()?;
        let offered = Scheme::of(code).filter(|_| self.config.signature_schemes.contains(&code));
        let scheme = offered.ok_or_else(|| {
            let what = format!("signature scheme 0x{code:04X} was not offered");
            SignatureProblem::Unknown(what)
        })?;
        if !key.tls13_schemes().contains(&code) {
            return Err(SignatureProblem::Mismatch);
        }
        key.verify(scheme, &[content], signature)
    }

    fn finished_of_server(&mut self, message: &Message) -> Result<(), Cause> {
        let tls13 = self.tls13()?;
        let hash = tls13.suite()?.hash;
        let server = tls13.server_traffic.clone();
        let server = server.ok_or_else(|| missing("key"))?;
        if message.body != server.verify_data(&self.transcript_hash(hash)) {
            return Err(Cause::Misbehaved(
                "the server's Finished is wrong".to_owned(),
            ));
        }
        self.handshake.transcript.extend(message.encode());
        let handshake = self.tls13()?.secret.take();
        let master = handshake.ok_or_else(|| missing("secret"))?.master();
        let hash = self.transcript_hash(hash);
        let client = master.traffic(Sender::Client, &hash);
        let server = master.traffic(Sender::Server, &hash);
        self.log_secret(key_log::CLIENT_TRAFFIC, client.secret());
        self.log_secret(key_log::SERVER_TRAFFIC, server.secret());
        self.log_secret(key_log::EXPORTER, &master.exporter(&hash));
        self.receive_with(server)?;
        self.second_flight_13()?;
        self.send_with(client)?;
        self.complete(&master)
    }

    fn complete(&mut self, master: &MasterSecret) -> Result<(), Cause> {
        let hash = self.tls13()?.suite()?.hash;
        let resumption = master.resumption(&self.transcript_hash(hash));
        let messages = self.handshake.transcript.clone();
        let tls13 = self.tls13()?;
        tls13.resumption = Some(resumption);
        tls13.handshake_messages = messages;
        tls13.awaiting = Awaiting::Data;
        self.facts.completed = true;
        self.records.handshake_done(&mut self.entropy);
        Ok(())
    }
}
