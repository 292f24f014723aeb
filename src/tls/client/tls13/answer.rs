//! What the client sends after the server's Finished, and when it is asked for a certificate later: RFC 8446 clause 4.4.

use super::state::missing;
use crate::tls::client::{CertificateVerify, Client, EarlyData, Identity};
use crate::tls::failure::Cause;
use crate::tls::schedule::TrafficSecret;
use crate::tls::signature::{PrivateKey, Scheme};
use crate::wire::tls::handshake::{Message, Signed};
use crate::wire::tls::handshake13::{Certificate13, signed_content};
use crate::wire::tls::record::handshake_type;

impl Client {
    /// EndOfEarlyData, Certificate and CertificateVerify as far as they are due, and Finished.
    pub(super) fn second_flight_13(&mut self) -> Result<(), Cause> {
        let client = self.tls13()?.client_handshake.clone();
        let client = client.ok_or_else(|| missing("key"))?;
        self.send_compatibility_change_cipher_spec();
        if self.facts.tls13.early_data == EarlyData::Accepted {
            self.emit(Message {
                kind: handshake_type::END_OF_EARLY_DATA,
                body: Vec::new(),
            });
            self.send_with(client.clone())?;
        }
        if self.facts.certificate_request.is_some() {
            self.authenticate()?;
        }
        self.send_finished_13(&client)
    }

    /// Certificate and CertificateVerify, as the identity has them.
    pub(super) fn authenticate(&mut self) -> Result<(), Cause> {
        let schemes = self.facts.certificate_request.as_ref();
        let schemes = schemes.map(|request| request.schemes.clone());
        let schemes = schemes.unwrap_or_default();
        let (chain, signer) = match &self.config.identity {
            Identity::Omitted => return Ok(()),
            Identity::Empty => (Vec::new(), None),
            Identity::Chain {
                certificates,
                key,
                verify,
            } => match key.choose_tls13(&schemes) {
                Some(scheme) => (certificates.clone(), Some((scheme, key.clone(), *verify))),
                // The server takes no signature of this key: to it the client has no certificate.
                None => (Vec::new(), None),
            },
        };
        let context = self.tls13()?.request_context.clone();
        self.emit(Message {
            kind: handshake_type::CERTIFICATE,
            body: Certificate13::of_chain(context, &chain).encode_body(),
        });
        match signer {
            Some((scheme, key, verify)) if verify != CertificateVerify::Omitted => {
                self.send_certificate_verify_13(scheme, &key, verify)
            }
            _ => Ok(()),
        }
    }

    fn send_certificate_verify_13(
        &mut self,
        (code, scheme): (u16, Scheme),
        key: &PrivateKey,
        verify: CertificateVerify,
    ) -> Result<(), Cause> {
        let hash = self.tls13()?.suite()?.hash;
        let content = signed_content(false, &self.transcript_hash(hash));
        let signature = key.sign(scheme, &[&content], &mut self.entropy);
        let unfit = || Cause::Incompatible("the client's key cannot sign".to_owned());
        let mut signature = signature.ok_or_else(unfit)?;
        if verify == CertificateVerify::Wrong
            && let Some(last) = signature.last_mut()
        {
            *last ^= 1;
        }
        let signed = Signed {
            scheme: Some(code),
            signature,
        };
        self.emit(Message {
            kind: handshake_type::CERTIFICATE_VERIFY,
            body: signed.encode_body(),
        });
        Ok(())
    }

    /// Finished, with the secret that protects it.
    pub(super) fn send_finished_13(&mut self, secret: &TrafficSecret) -> Result<(), Cause> {
        let hash = self.tls13()?.suite()?.hash;
        let body = secret.verify_data(&self.transcript_hash(hash));
        self.emit(Message {
            kind: handshake_type::FINISHED,
            body,
        });
        Ok(())
    }
}
