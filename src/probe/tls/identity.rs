//! What the client holds when it is asked for a certificate, and whether it was asked.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;

use crate::engine::ports::Trouble;
use crate::model::step_tls::ClientCertificate;
use crate::probe::target::{ClientCertificateKind, ResolvedTarget};

/// A client identity that can be exchanged between connections and remembers whether a server asked for it.
///
/// rustls resumes a session only with the very same resolver, so a saved session keeps its one and the identity in it
/// is exchanged.
#[derive(Debug, Default)]
pub(super) struct RecordingIdentity {
    key: Mutex<Option<Arc<CertifiedKey>>>,
    asked: AtomicBool,
}

impl RecordingIdentity {
    /// Holds `key` from now on, and forgets whether it was asked.
    pub(super) fn hold(&self, key: Option<Arc<CertifiedKey>>) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
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
        self.key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn has_certs(&self) -> bool {
        self.key
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }
}

/// The key a step asks for.
///
/// # Errors
/// [`Trouble::NotProven`] when the target file names none, [`Trouble::Fault`] when it cannot be used.
pub(super) fn certified_key(
    target: &ResolvedTarget,
    wanted: ClientCertificate,
) -> Result<Option<Arc<CertifiedKey>>, Trouble> {
    let (kind, key) = match wanted {
        ClientCertificate::Usual if !target.presents_certificate => return Ok(None),
        ClientCertificate::Empty => return Ok(None),
        ClientCertificate::Usual => (ClientCertificateKind::Valid, "valid"),
        ClientCertificate::Valid => (ClientCertificateKind::Valid, "valid"),
        ClientCertificate::WrongCa => (ClientCertificateKind::WrongCa, "wrong_ca"),
        ClientCertificate::Expired => (ClientCertificateKind::Expired, "expired"),
    };
    let Some(identity) = target.client_certificates.get(&kind) else {
        return Err(Trouble::NotProven(format!(
            "the target file names no client certificate (client_certificates.{key})"
        )));
    };
    let signer = any_supported_type(&identity.key).map_err(|error| {
        Trouble::Fault(format!(
            "the key of client_certificates.{key} cannot be used: {error}"
        ))
    })?;
    Ok(Some(Arc::new(CertifiedKey::new(
        identity.chain.clone(),
        signer,
    ))))
}
