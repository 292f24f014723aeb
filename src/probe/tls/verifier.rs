//! Trust, observed instead of enforced.

use std::sync::{Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Most certificates of a chain that are kept.
const MAX_CHAIN: usize = 16;

/// What a server proved in its last full handshake.
#[derive(Debug, Clone, Default)]
pub(super) struct Proof {
    /// The chain, leaf first.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// Whether the handshake was signed with the leaf's key.
    pub(super) signed: bool,
    /// Whether an OCSP response came with the chain.
    pub(super) stapled: bool,
}

/// Lets every handshake go on and records what the server proved.
///
/// A tester must look at servers whose certificate is wrong, so trust is never a reason to abort here. It is judged apart
/// (`certificate::Measure`), and no credentials go over a connection whose `OpenConnection::verified` is false. The
/// signature of the handshake is really checked: without it a foreign chain would prove nothing.
#[derive(Debug)]
pub(super) struct RecordingVerifier {
    algorithms: WebPkiSupportedAlgorithms,
    proof: Mutex<Proof>,
}

impl RecordingVerifier {
    /// A verifier that has seen nothing.
    pub(super) fn new() -> Self {
        Self {
            algorithms: ring::default_provider().signature_verification_algorithms,
            proof: Mutex::default(),
        }
    }

    /// What the server proved in the last full handshake; resumed ones rest on it.
    pub(super) fn proof(&self) -> Proof {
        self.proof
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What another client than rustls saw in a full handshake.
    pub(super) fn proven(
        &self,
        chain: impl Iterator<Item = CertificateDer<'static>>,
        signed: bool,
        stapled: bool,
    ) {
        let chain = chain.take(MAX_CHAIN).collect();
        self.record(|proof| {
            *proof = Proof {
                chain,
                signed,
                stapled,
            };
        });
    }

    fn record(&self, change: impl FnOnce(&mut Proof)) {
        change(&mut self.proof.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn record_signature(
        &self,
        checked: &Result<HandshakeSignatureValid, Error>,
    ) -> HandshakeSignatureValid {
        self.record(|proof| proof.signed = checked.is_ok());
        HandshakeSignatureValid::assertion()
    }
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity)
            .chain(intermediates)
            .take(MAX_CHAIN)
            .map(|certificate| certificate.clone().into_owned())
            .collect();
        self.record(|proof| {
            *proof = Proof {
                chain,
                signed: false,
                stapled: !ocsp_response.is_empty(),
            };
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls12_signature(message, certificate, signature, &self.algorithms);
        Ok(self.record_signature(&checked))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let checked = verify_tls13_signature(message, certificate, signature, &self.algorithms);
        Ok(self.record_signature(&checked))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
