//! What the client sends after ServerHelloDone: Certificate, ClientKeyExchange, CertificateVerify, Finished.

use super::config::{CertificateVerify, Identity};
use super::connection::Client;
use super::legacy::Awaiting;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::key_exchange::{
    EphemeralKey, ExchangeProblem, RsaPublicKey, combine, diffie_hellman, encrypt, pkcs1_block,
};
use crate::tls::keys::{MASTER_SECRET, extended_master_secret, master_secret};
use crate::tls::ssl3::NO_CERTIFICATE;
use crate::tls::suite::Exchange;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::certificate::encode_certificates;
use crate::wire::tls::handshake::{ClientKeyExchange, Message, Signed};
use crate::wire::tls::key_exchange::KeyExchangeKind;
use crate::wire::tls::record::handshake_type;

/// A chain that is sent, with what signs for it.
struct Signer {
    scheme: (Option<u16>, crate::tls::signature::Scheme),
    verify: CertificateVerify,
}

impl From<ExchangeProblem> for Cause {
    fn from(problem: ExchangeProblem) -> Self {
        Self::Misbehaved(problem.to_string())
    }
}

impl Client {
    pub(super) fn second_flight(&mut self) -> Result<(), Cause> {
        let signer = self.client_certificate()?;
        let (exchange, premaster) = self.client_key_exchange()?;
        let exchange = self.as_version_wants(exchange)?;
        self.emit(Message {
            kind: handshake_type::CLIENT_KEY_EXCHANGE,
            body: exchange.encode_body(),
        });
        let prf = self.handshake.prf()?;
        let randoms = self.handshake.selected()?.randoms;
        let master = if self.facts.extended_master_secret {
            extended_master_secret(prf, &premaster, &self.handshake.transcript)
        } else {
            master_secret(prf, &premaster, &randoms)
        };
        self.derive_keys(master)?;
        if let Some(signer) = signer {
            self.certificate_verify(&signer)?;
        }
        self.handshake.awaiting = Awaiting::ChangeCipherSpec;
        self.send_finished()
    }

    /// Sends the Certificate that was asked for, and says what has to sign for it.
    fn client_certificate(&mut self) -> Result<Option<Signer>, Cause> {
        let Some(request) = &self.facts.certificate_request else {
            return Ok(None);
        };
        let by_version = self.handshake.selected()?.version;
        let named = by_version >= ProtocolVersion::Tls12;
        let schemes = named.then_some(request.schemes.as_slice());
        let none = Vec::new();
        let (chain, signer) = match &self.config.identity {
            Identity::Omitted => return Ok(None),
            Identity::Empty => (&none, None),
            Identity::Chain {
                certificates,
                key,
                verify,
            } => match key.choose(schemes) {
                Some(scheme) => {
                    let verify = *verify;
                    (certificates, Some(Signer { scheme, verify }))
                }
                // The server takes no signature of this key: to it the client has no certificate.
                None => (&none, None),
            },
        };
        if chain.is_empty() && by_version <= ProtocolVersion::Ssl3 {
            self.send_alert(Alert::warning(NO_CERTIFICATE));
            return Ok(None);
        }
        let message = Message {
            kind: handshake_type::CERTIFICATE,
            body: encode_certificates(chain),
        };
        self.emit(message);
        Ok(signer)
    }

    fn certificate_verify(&mut self, signer: &Signer) -> Result<(), Cause> {
        let Identity::Chain { key, .. } = &self.config.identity else {
            return Ok(());
        };
        let (code, scheme) = signer.scheme;
        let digest = self.handshake.signed_digest(scheme)?;
        let signature = key.sign_digest(scheme, digest, &mut self.entropy);
        let unfit = || Cause::Incompatible("the client's key cannot sign".to_owned());
        let mut signature = signature.ok_or_else(unfit)?;
        match signer.verify {
            CertificateVerify::Omitted => return Ok(()),
            CertificateVerify::Wrong => {
                if let Some(last) = signature.last_mut() {
                    *last ^= 1;
                }
            }
            CertificateVerify::Right => {}
        }
        let signed = Signed {
            scheme: code,
            signature,
        };
        let message = Message {
            kind: handshake_type::CERTIFICATE_VERIFY,
            body: signed.encode_body(),
        };
        self.emit(message);
        Ok(())
    }

    /// Our part of the key exchange, and the premaster secret.
    fn client_key_exchange(&mut self) -> Result<(ClientKeyExchange, Secret), Cause> {
        let suite = self.handshake.selected()?.suite.clone();
        let mut message = ClientKeyExchange::default();
        if suite.has_certificate() && self.facts.certificates.is_empty() {
            let what = "the server sent no certificate, which its suite demands";
            return Err(Cause::Misbehaved(what.to_owned()));
        }
        let secret = match suite.exchange {
            Exchange::None | Exchange::Tls13 => None,
            Exchange::Rsa => Some(self.rsa(&mut message)?),
            Exchange::Dhe | Exchange::Ecdhe => Some(self.ephemeral(&mut message)?),
            Exchange::Ecdh => Some(self.fixed(&mut message)?),
        };
        if !suite.has_pre_shared_key() {
            return Ok((message, secret.unwrap_or_default()));
        }
        let Some(shared) = &self.config.pre_shared_key else {
            let what = "the suite needs a pre-shared key and the client has none";
            return Err(Cause::Incompatible(what.to_owned()));
        };
        message.psk_identity = Some(shared.identity.clone());
        Ok((message, combine(secret.as_ref(), &shared.key)))
    }

    /// In SSL 3.0 the encrypted premaster secret has no length before it (RFC 6101 5.6.7.1).
    fn as_version_wants(
        &self,
        mut exchange: ClientKeyExchange,
    ) -> Result<ClientKeyExchange, Cause> {
        let selected = self.handshake.selected()?;
        if selected.version <= ProtocolVersion::Ssl3 && selected.suite.exchange == Exchange::Rsa {
            exchange.rest = exchange.long.take();
        }
        Ok(exchange)
    }

    /// The key that the premaster secret is encrypted with: the certificate's, or the temporary one of an export suite.
    fn rsa_key(&self) -> Result<RsaPublicKey, Cause> {
        let kind = self.facts.key_exchange.as_ref().map(|parsed| &parsed.kind);
        if let Some(KeyExchangeKind::RsaExport {
            modulus, exponent, ..
        }) = kind
        {
            return Ok(RsaPublicKey::new(modulus, exponent)?);
        }
        let key = self
            .server_key()
            .map_err(|problem| Cause::Incompatible(problem.to_string()))?;
        let unfit = || Cause::Misbehaved("the certificate's key is not RSA".to_owned());
        key.rsa().cloned().ok_or_else(unfit)
    }

    fn rsa(&mut self, message: &mut ClientKeyExchange) -> Result<Secret, Cause> {
        let key = &self.rsa_key()?;
        // The version offered, not the one selected: RFC 5246 7.4.7.1.
        let mut premaster = self.handshake.hello.client_version.to_be_bytes().to_vec();
        premaster.extend(self.entropy.octets(MASTER_SECRET - premaster.len()));
        let Some((index, form)) = self.records.quirks().premaster() else {
            message.long = Some(encrypt(key, &premaster, &mut self.entropy)?);
            return Ok(Secret::new(premaster));
        };
        let secret = form.secret(&premaster, &mut self.entropy);
        let mut block = pkcs1_block(key, &secret, &mut self.entropy)?;
        if form.spoil(&mut block, secret.len()) {
            self.records.quirks().note(index);
        }
        // A first octet that makes the block too great for the modulus leaves nothing to send.
        message.long = Some(key.apply(&block).unwrap_or_default());
        Ok(Secret::new(secret))
    }

    /// Agrees with the key of the server's certificate.
    fn fixed(&mut self, message: &mut ClientKeyExchange) -> Result<Secret, Cause> {
        let key = self
            .server_key()
            .map_err(|problem| Cause::Incompatible(problem.to_string()))?;
        let unfit = || Cause::Misbehaved("the certificate's key is on no curve".to_owned());
        let (group, point) = key.point().ok_or_else(unfit)?;
        let own = EphemeralKey::new(group, &mut self.entropy)?;
        message.short = Some(own.public());
        Ok(own.agree(&point)?)
    }

    fn ephemeral(&mut self, message: &mut ClientKeyExchange) -> Result<Secret, Cause> {
        let kind = self.facts.key_exchange.as_ref().map(|parsed| &parsed.kind);
        match kind {
            Some(KeyExchangeKind::Dhe {
                prime,
                generator,
                public,
                ..
            }) => {
                let (ours, secret) = diffie_hellman(prime, generator, public, &mut self.entropy)?;
                message.long = Some(ours);
                Ok(secret)
            }
            Some(KeyExchangeKind::Ecdhe { group, public }) => {
                if !self.config.groups.contains(group) {
                    let what = format!("group 0x{group:04X} was not offered");
                    return Err(Cause::Misbehaved(what));
                }
                let key = EphemeralKey::new(*group, &mut self.entropy)?;
                message.short = Some(key.public());
                Ok(key.agree(public)?)
            }
            Some(_) => Err(Cause::Incompatible(
                "the server's parameters are of a kind the engine does not have".to_owned(),
            )),
            None => Err(Cause::Unexpected(
                "ServerHelloDone without ServerKeyExchange".to_owned(),
            )),
        }
    }
}
