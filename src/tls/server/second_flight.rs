//! The client's Certificate and CertificateVerify.

use super::config::ClientCertificates;
use super::connection::Server;
use super::facts::Possession;
use super::handshake::Awaiting;
use super::laxity::Laxity;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::signature::{PublicKey, Scheme, SignatureProblem};
use crate::wire::tls::certificate::parse_certificates;
use crate::wire::tls::handshake::{Message, Signed};

/// Descriptions of alerts.
const UNEXPECTED_MESSAGE: u8 = 10;
const HANDSHAKE_FAILURE: u8 = 40;
const DECRYPT_ERROR: u8 = 51;

impl Server {
    pub(super) fn client_certificate(&mut self, message: &Message) -> Result<(), Cause> {
        let certificates = parse_certificates(&message.body)?;
        self.handshake.transcript.extend(message.encode());
        self.judge_chain(&certificates, HANDSHAKE_FAILURE)?;
        self.facts.certificates = certificates;
        self.handshake.awaiting = Awaiting::ClientKeyExchange;
        Ok(())
    }

    /// Whether the client may go on with this chain; `alert` tells it that one without certificates is not enough.
    pub(super) fn judge_chain(&mut self, certificates: &[Vec<u8>], alert: u8) -> Result<(), Cause> {
        if certificates.is_empty() {
            return self.demand(Laxity::EmptyCertificate, alert);
        }
        if let Some(trust) = self.config.client_trust.clone()
            && !self.config.is_lax(Laxity::AnyChain)
            && let Err(alert) = trust.judge(certificates)
        {
            let what = "the client's chain is not trusted".to_owned();
            return Err(self.refuse(alert.description, Cause::Misbehaved(what)));
        }
        Ok(())
    }

    /// The warning by which a client of SSL 3.0 says that it has no certificate.
    pub(super) fn no_certificate_alert(&mut self) -> Result<(), Cause> {
        self.demand(Laxity::EmptyCertificate, HANDSHAKE_FAILURE)?;
        self.facts.certificates = Vec::new();
        self.handshake.awaiting = Awaiting::ClientKeyExchange;
        Ok(())
    }

    /// The client goes on without a Certificate although it was asked for one.
    pub(super) fn no_certificate_message(&mut self) -> Result<(), Cause> {
        if !self.config.is_lax(Laxity::NoCertificate) {
            let what = "ClientKeyExchange without the Certificate that was asked for".to_owned();
            return Err(self.refuse(UNEXPECTED_MESSAGE, Cause::Unexpected(what)));
        }
        self.facts.certificates = Vec::new();
        Ok(())
    }

    fn demand(&mut self, laxity: Laxity, alert: u8) -> Result<(), Cause> {
        let required = self.wanted_certificates() == ClientCertificates::Required;
        if required && !self.config.is_lax(laxity) {
            let what = "the client has no certificate and one is demanded".to_owned();
            return Err(self.refuse(alert, Cause::Misbehaved(what)));
        }
        Ok(())
    }

    pub(super) fn certificate_verify(&mut self, message: &Message) -> Result<(), Cause> {
        let tls12 = self.handshake.selected()?.version >= ProtocolVersion::Tls12;
        let lax = self.config.is_lax(Laxity::AnyCertificateVerify);
        let checked = match Signed::parse(&message.body, tls12) {
            Ok(signed) => self.check(&signed),
            Err(problem) if lax => Err(SignatureProblem::Unknown(problem.to_string())),
            Err(problem) => return Err(problem.into()),
        };
        self.handshake.transcript.extend(message.encode());
        self.note_possession(checked)?;
        self.handshake.awaiting = Awaiting::ChangeCipherSpec;
        Ok(())
    }

    /// What the signature of a CertificateVerify says of the client.
    pub(super) fn note_possession(
        &mut self,
        checked: Result<(), SignatureProblem>,
    ) -> Result<(), Cause> {
        self.facts.possession = match checked {
            Ok(()) => Possession::Right,
            Err(problem) if self.config.is_lax(Laxity::AnyCertificateVerify) => {
                Possession::Doubtful(problem)
            }
            Err(problem) => {
                let what = format!("CertificateVerify: {problem}");
                return Err(self.refuse(DECRYPT_ERROR, Cause::Misbehaved(what)));
            }
        };
        Ok(())
    }

    fn check(&self, signed: &Signed) -> Result<(), SignatureProblem> {
        let none = || SignatureProblem::Unknown("the client sent no certificate".to_owned());
        let leaf = self.facts.certificates.first().ok_or_else(none)?;
        let key = PublicKey::of_certificate(leaf)?;
        let scheme = match signed.scheme {
            None => key.implied_scheme(),
            Some(code) => Scheme::of(code)
                .filter(|_| self.config.signature_schemes.contains(&code))
                .ok_or_else(|| {
                    let what = format!("signature scheme 0x{code:04X} was not asked for");
                    SignatureProblem::Unknown(what)
                })?,
        };
        let digest = self.handshake.signed_digest(scheme);
        let digest = digest.map_err(|cause| SignatureProblem::Unknown(cause.to_string()))?;
        key.verify_digest(scheme, digest, &signed.signature)
    }
}
