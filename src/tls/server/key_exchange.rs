//! The client's part of the key exchange, as the server reads it.

use super::config::ServerIdentity;
use super::connection::Server;
use super::handshake::{Awaiting, Ephemeral};
use super::laxity::Laxity;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::key_exchange::{combine, unpadded};
use crate::tls::keys::{MASTER_SECRET, extended_master_secret, master_secret};
use crate::tls::suite::{Exchange, Suite};
use crate::wire::tls::handshake::{ClientKeyExchange, ClientKeyExchangeForm, Message};

/// Descriptions of alerts.
const ILLEGAL_PARAMETER: u8 = 47;
const DECRYPT_ERROR: u8 = 51;
const UNKNOWN_PSK_IDENTITY: u8 = 115;

fn form(suite: &Suite, version: ProtocolVersion) -> ClientKeyExchangeForm {
    // RFC 6101 5.6.7.1: what is encrypted has no length before it in SSL 3.0.
    let bare = version <= ProtocolVersion::Ssl3 && suite.exchange == Exchange::Rsa;
    ClientKeyExchangeForm {
        psk_identity: suite.has_pre_shared_key(),
        long: matches!(suite.exchange, Exchange::Rsa | Exchange::Dhe) && !bare,
        rest: bare,
        short: matches!(suite.exchange, Exchange::Ecdhe | Exchange::Ecdh),
    }
}

impl Server {
    pub(super) fn client_key_exchange(&mut self, message: &Message) -> Result<(), Cause> {
        let selected = self.handshake.selected()?;
        let (suite, version) = (selected.suite.clone(), selected.version);
        let parsed = ClientKeyExchange::parse(&message.body, form(&suite, version))?;
        self.handshake.transcript.extend(message.encode());
        let missing = || Cause::Unexpected("no key exchange was begun".to_owned());
        let long = parsed.long.as_ref().or(parsed.rest.as_ref());
        let secret = match (suite.exchange, long, &parsed.short) {
            (Exchange::None, ..) => None,
            (Exchange::Rsa, Some(encrypted), _) => Some(self.premaster(encrypted)?),
            (Exchange::Ecdh, _, Some(public)) => {
                let key = self.identity()?.key.fixed().ok_or_else(missing)?;
                Some(key.agree(public)?)
            }
            (_, Some(public), _) | (_, _, Some(public)) => {
                let secret = match self.handshake.ephemeral.take().ok_or_else(missing)? {
                    Ephemeral::Dhe(key) => key.agree(public),
                    Ephemeral::Ecdhe(key) => key.agree(public),
                    Ephemeral::Rsa(_) => return Err(missing()),
                };
                Some(secret?)
            }
            _ => return Err(missing()),
        };
        let premaster = if suite.has_pre_shared_key() {
            let identity = parsed.psk_identity.unwrap_or_default();
            let key = self.pre_shared_key(identity)?;
            combine(secret.as_ref(), &key)
        } else {
            secret.unwrap_or_default()
        };
        let prf = self.handshake.prf()?;
        let master = if self.facts.extended_master_secret {
            extended_master_secret(prf, &premaster, &self.handshake.transcript)
        } else {
            master_secret(prf, &premaster, &self.handshake.selected()?.randoms)
        };
        self.derive_keys(master)?;
        self.handshake.awaiting = if self.facts.certificates.is_empty() {
            Awaiting::ChangeCipherSpec
        } else {
            Awaiting::CertificateVerify
        };
        Ok(())
    }

    /// The identity whose key the key exchange needs.
    fn identity(&self) -> Result<&ServerIdentity, Cause> {
        let at = self.handshake.selected()?.identity;
        let missing = || Cause::Incompatible("no key to agree with".to_owned());
        at.and_then(|at| self.config.identities.get(at))
            .ok_or_else(missing)
    }

    fn pre_shared_key(&mut self, identity: Vec<u8>) -> Result<Secret, Cause> {
        let keys = self.config.pre_shared_keys.clone();
        let key = keys.and_then(|keys| keys.key(&identity));
        self.facts.psk_identity = Some(identity);
        key.ok_or_else(|| {
            let what = "nobody knows the identity of the pre-shared key".to_owned();
            self.refuse(UNKNOWN_PSK_IDENTITY, Cause::Incompatible(what))
        })
    }

    /// The premaster secret of RSA. What has the wrong form counts as a random one, so that nobody learns which it was
    /// (RFC 5246 7.4.7.1); a lax server tells.
    fn premaster(&mut self, encrypted: &[u8]) -> Result<Secret, Cause> {
        let version = self.handshake.selected()?.client_version.to_be_bytes();
        let block = match &self.handshake.ephemeral {
            Some(Ephemeral::Rsa(key)) => key.decrypt(encrypted),
            _ => self.identity()?.key.decrypt(encrypted),
        };
        let block = block.unwrap_or_default();
        let content = unpadded(&block).filter(|content| content.len() == MASTER_SECRET);
        let right = content.is_some_and(|content| content.starts_with(&version));
        let decrypted = content.map(Secret::new);
        let random = self.entropy.octets(MASTER_SECRET - version.len());
        match decrypted {
            Some(secret) if right => Ok(secret),
            decrypted if self.config.is_lax(Laxity::PremasterRevealed) => {
                let alert = match decrypted {
                    Some(_) => ILLEGAL_PARAMETER,
                    None => DECRYPT_ERROR,
                };
                let what = "the premaster secret has the wrong form".to_owned();
                Err(self.refuse(alert, Cause::Misbehaved(what)))
            }
            _ => Ok(Secret::new([version.as_slice(), &random].concat())),
        }
    }
}
