//! What the client holds when it is asked for a certificate, and whether it was asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;

use super::self_signed::self_signed;
use crate::engine::ports::Trouble;
use crate::model::step_tls::ClientCertificate;
use crate::probe::target::{ClientCertificateKind, ClientIdentity, ResolvedTarget};
use crate::tls::client::{CertificateVerify, Identity};
use crate::tls::signature::PrivateKey;

/// A certificate of ours with its key, in the forms of both clients.
#[derive(Debug, Clone)]
pub(super) struct OwnKey {
    ordinary: Arc<CertifiedKey>,
    /// `None` for kinds of keys that the lab engine does not have.
    lab: Option<PrivateKey>,
}

/// A client identity that can be exchanged between connections and remembers whether a server asked for it.
///
/// rustls resumes a session only with the very same resolver, so a saved session keeps its one and the identity in it
/// is exchanged.
#[derive(Debug, Default)]
pub(super) struct RecordingIdentity {
    held: Mutex<Held>,
    asked: AtomicBool,
}

/// What is held, and what a client makes of it.
#[derive(Debug, Default)]
struct Held {
    key: Option<OwnKey>,
    how: ClientCertificate,
}

impl RecordingIdentity {
    /// Holds `key` from now on and shows it as wanted, and forgets whether it was asked.
    pub(super) fn hold(&self, key: Option<OwnKey>, how: ClientCertificate) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Held { key, how };
        self.asked.store(false, Ordering::Relaxed);
    }

    /// A refusal by a server that asked for a certificate says nothing when an ordinary client held none.
    pub(super) fn excuse(&self, held_one: bool) -> Result<(), Trouble> {
        if held_one || !self.was_asked() {
            return Ok(());
        }
        Err(Trouble::NotProven(
            "the target asked for a client certificate and refused a client without one; set client_certificates.valid and policy.client_certificate: required"
                .to_owned(),
        ))
    }

    /// What the lab engine answers a CertificateRequest with.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the engine cannot sign with the key.
    pub(super) fn for_lab(&self) -> Result<Identity, Trouble> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(own) = held.key.as_ref() else {
            return Ok(match held.how {
                ClientCertificate::Omitted => Identity::Omitted,
                _ => Identity::Empty,
            });
        };
        let Some(key) = own.lab.clone() else {
            return Err(Trouble::NotProven(
                "the lab TLS engine, which this target needs, has no keys of the client certificate's kind".to_owned(),
            ));
        };
        let chain = own.ordinary.cert.iter();
        Ok(Identity::Chain {
            certificates: chain.map(|der| der.to_vec()).collect(),
            key: Box::new(key),
            verify: match held.how {
                ClientCertificate::WrongCertificateVerify => CertificateVerify::Wrong,
                ClientCertificate::NoCertificateVerify => CertificateVerify::Omitted,
                _ => CertificateVerify::Right,
            },
        })
    }

    /// A server asked another client than rustls.
    pub(super) fn note_asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether a server asked for a certificate since [`Self::hold`].
    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for RecordingIdentity {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.key.as_ref().map(|own| Arc::clone(&own.ordinary))
    }

    fn has_certs(&self) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.key.is_some()
    }
}

/// The key a step asks for.
///
/// # Errors
/// [`Trouble::NotProven`] when the target file names none, [`Trouble::Fault`] when it cannot be used.
pub(super) fn certified_key(
    target: &ResolvedTarget,
    wanted: ClientCertificate,
) -> Result<Option<OwnKey>, Trouble> {
    let (kind, key) = match wanted {
        ClientCertificate::Usual if !target.presents_certificate => return Ok(None),
        ClientCertificate::Empty | ClientCertificate::Omitted => return Ok(None),
        ClientCertificate::Usual => (ClientCertificateKind::Valid, "valid"),
        ClientCertificate::Valid
        | ClientCertificate::SelfSigned
        | ClientCertificate::WrongCertificateVerify
        | ClientCertificate::NoCertificateVerify => (ClientCertificateKind::Valid, "valid"),
        ClientCertificate::WrongCa => (ClientCertificateKind::WrongCa, "wrong_ca"),
        ClientCertificate::Expired => (ClientCertificateKind::Expired, "expired"),
    };
    let Some(identity) = target.client_certificates.get(&kind) else {
        return Err(Trouble::NotProven(format!(
            "the target file names no client certificate (client_certificates.{key})"
        )));
    };
    if wanted == ClientCertificate::SelfSigned {
        return own_key(&self_signed(identity)?, key).map(Some);
    }
    own_key(identity, key).map(Some)
}

fn own_key(identity: &ClientIdentity, key: &str) -> Result<OwnKey, Trouble> {
    let signer = any_supported_type(&identity.key).map_err(|error| {
        Trouble::Fault(format!(
            "the key of client_certificates.{key} cannot be used: {error}"
        ))
    })?;
    Ok(OwnKey {
        ordinary: Arc::new(CertifiedKey::new(identity.chain.clone(), signer)),
        lab: PrivateKey::from_der(identity.key.secret_der()),
    })
}
