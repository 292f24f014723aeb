//! What the client says after the server's Finished, and what it answers later: RFC 8446 clauses 4.4 and 4.5.

use super::flight::first_awaited;
use super::state::Awaiting;
use crate::tls::failure::{Cause, missing};
use crate::tls::hash::HashFunction;
use crate::tls::server::{Laxity, Possession, Server};
use crate::tls::signature::{PublicKey, Scheme, SignatureProblem};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::{Certificate13, parse_certificate_verify, signed_content};
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::handshake_type;

/// Descriptions of alerts.
const UNEXPECTED_MESSAGE: u8 = 10;
const ILLEGAL_PARAMETER: u8 = 47;
const DECRYPT_ERROR: u8 = 51;
const CERTIFICATE_REQUIRED: u8 = 116;

impl Server {
    /// A message after the first hello of TLS 1.3.
    pub(in crate::tls::server) fn message_13(&mut self, message: &Message) -> Result<(), Cause> {
        use handshake_type as kind;
        match (message.kind, self.tls13()?.awaiting) {
            (kind::CLIENT_HELLO, Awaiting::SecondClientHello) => {
                let hello = ClientHello::parse(&message.body)?;
                if !hello.supported_versions().contains(&0x0304) {
                    let what = "the second hello does not offer TLS 1.3".to_owned();
                    return Err(self.refuse(ILLEGAL_PARAMETER, Cause::Misbehaved(what)));
                }
                self.client_hello_13(message, hello)
            }
            (kind::END_OF_EARLY_DATA, Awaiting::EndOfEarlyData) => self.end_of_early_data(message),
            (kind::CERTIFICATE, Awaiting::Certificate) => self.certificate_13(message),
            (kind::CERTIFICATE_VERIFY, Awaiting::CertificateVerify) => {
                self.certificate_verify_13(message)
            }
            (kind::FINISHED, Awaiting::Finished) => self.finished_13(message),
            (kind::FINISHED, Awaiting::Certificate | Awaiting::CertificateVerify) => {
                self.go_without_proof()?;
                self.finished_13(message)
            }
            (_, Awaiting::Data) => self.message_after_handshake(message),
            (kind, _) => Err(Cause::Unexpected(format!("handshake message {kind}"))),
        }
    }

    fn end_of_early_data(&mut self, message: &Message) -> Result<(), Cause> {
        if !message.body.is_empty() {
            let what = "EndOfEarlyData is not empty".to_owned();
            return Err(self.refuse(ILLEGAL_PARAMETER, Cause::Misbehaved(what)));
        }
        self.handshake.transcript.extend(message.encode());
        let asked = self.facts.certificate_requested;
        let tls13 = self.tls13()?;
        tls13.awaiting = first_awaited(asked);
        let client = tls13.client_handshake.clone();
        self.receive_with(&client.ok_or_else(|| missing("key"))?)
    }

    /// Early data; the client was told how much it may be.
    pub(in crate::tls::server) fn early_data(&mut self, content: Vec<u8>) -> Result<(), Cause> {
        let left = self.tls13()?.early_left.checked_sub(content.len());
        let Some(left) = left else {
            let what = "more early data than the ticket allows".to_owned();
            return Err(self.refuse(UNEXPECTED_MESSAGE, Cause::Misbehaved(what)));
        };
        self.tls13()?.early_left = left;
        self.facts.tls13.early_octets += content.len();
        self.incoming.keep(content);
        Ok(())
    }

    /// Whether early data is due now.
    pub(in crate::tls::server) fn awaits_early_data(&self) -> bool {
        let awaiting = self.tls13.as_ref().map(|tls13| tls13.awaiting);
        awaiting == Some(Awaiting::EndOfEarlyData)
    }

    pub(super) fn certificate_13(&mut self, message: &Message) -> Result<(), Cause> {
        let parsed = Certificate13::parse(&message.body)?;
        let request = self.tls13()?.request.as_ref();
        let context = request.map_or(&[][..], |(_, context)| context);
        if parsed.context != context {
            let what = "the Certificate answers another request".to_owned();
            return Err(self.refuse(ILLEGAL_PARAMETER, Cause::Misbehaved(what)));
        }
        self.handshake.transcript.extend(message.encode());
        let entries = parsed.entries.into_iter();
        let certificates: Vec<Vec<u8>> = entries.map(|entry| entry.certificate).collect();
        self.judge_chain(&certificates, CERTIFICATE_REQUIRED)?;
        self.tls13()?.awaiting = if certificates.is_empty() {
            Awaiting::Finished
        } else {
            Awaiting::CertificateVerify
        };
        self.facts.certificates = certificates;
        Ok(())
    }

    fn certificate_verify_13(&mut self, message: &Message) -> Result<(), Cause> {
        let hash = self.tls13()?.suite.hash;
        let lax = self.config.is_lax(Laxity::AnyCertificateVerify);
        let checked = match parse_certificate_verify(&message.body) {
            Ok((scheme, signature)) => self.check_13(hash, scheme, &signature),
            Err(problem) if lax => Err(SignatureProblem::Unknown(problem.to_string())),
            Err(problem) => return Err(problem.into()),
        };
        self.handshake.transcript.extend(message.encode());
        self.note_possession(checked)?;
        self.tls13()?.awaiting = Awaiting::Finished;
        Ok(())
    }

    fn check_13(
        &self,
        hash: HashFunction,
        code: u16,
        signature: &[u8],
    ) -> Result<(), SignatureProblem> {
        let content = signed_content(false, &self.transcript_hash(hash));
        let leaf = self.facts.certificates.first();
        let key = PublicKey::of_certificate(leaf.map_or(&[][..], Vec::as_slice))?;
        let asked = self.config.signature_schemes.contains(&code);
        let fits = asked && key.tls13_schemes().contains(&code);
        let scheme = Scheme::of(code).filter(|_| fits);
        key.verify(
            scheme.ok_or(SignatureProblem::Mismatch)?,
            &[&content],
            signature,
        )
    }

    /// A Finished where a Certificate or a CertificateVerify is due: taken only by a lax server.
    pub(super) fn go_without_proof(&mut self) -> Result<(), Cause> {
        let certified = self.tls13()?.awaiting == Awaiting::CertificateVerify;
        let (laxity, possession, what) = if certified {
            let what = "Finished without the CertificateVerify that is due";
            (Laxity::NoCertificateVerify, Possession::Omitted, what)
        } else {
            let what = "Finished without the Certificate that was asked for";
            (Laxity::NoCertificate, Possession::None, what)
        };
        if !self.config.is_lax(laxity) {
            let cause = Cause::Unexpected(what.to_owned());
            return Err(self.refuse(UNEXPECTED_MESSAGE, cause));
        }
        self.facts.possession = possession;
        Ok(())
    }

    pub(super) fn finished_13(&mut self, message: &Message) -> Result<(), Cause> {
        let later = self.tls13()?.request.is_some();
        let tls13 = self.tls13()?;
        let hash = tls13.suite.hash;
        // After the handshake the answer is tied to the keys of application data (RFC 8446 4.4).
        let base = if later {
            tls13.client_traffic.clone()
        } else {
            tls13.client_handshake.clone()
        };
        let base = base.ok_or_else(|| missing("key"))?;
        let expected = base.verify_data(&self.transcript_hash(hash));
        if message.body != expected && !self.config.is_lax(Laxity::AnyFinished) {
            let what = "the client's Finished is wrong".to_owned();
            return Err(self.refuse(DECRYPT_ERROR, Cause::Misbehaved(what)));
        }
        self.handshake.transcript.extend(message.encode());
        let tls13 = self.tls13()?;
        tls13.awaiting = Awaiting::Data;
        if later {
            tls13.request = None;
            self.asked_to_renegotiate = false;
            self.facts.tls13.post_handshake_answers += 1;
            return Ok(());
        }
        self.complete_13()
    }
}
