//! Whether clients have to show a certificate, and which are taken.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What the target does about client certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ClientCertificatePolicy {
    /// None is asked for.
    None,
    /// One is asked for; a client without goes on.
    #[default]
    Optional,
    /// One is asked for; a client without is refused.
    Required,
}

/// Which unfit certificate is taken, and gets a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Laxity {
    /// One that only itself has signed.
    SelfSigned,
    /// One that has expired.
    Expired,
    /// One whose holder did not show that the key is his.
    Unproven,
}

impl Laxity {
    /// Whether this certificate is one that is taken only for the laxity.
    pub(super) fn shows_in(self, certificate: &[u8], now: i64) -> bool {
        let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
            return false;
        };
        match self {
            Self::SelfSigned => parsed.issuer() == parsed.subject(),
            Self::Expired => parsed.validity().not_after.timestamp() < now,
            // Nothing of it stands in the certificate.
            Self::Unproven => false,
        }
    }
}

/// Takes what `inner` takes, and what the laxity adds.
#[derive(Debug)]
pub(super) struct LaxVerifier {
    pub(super) inner: Arc<dyn ClientCertVerifier>,
    pub(super) laxity: Laxity,
}

impl LaxVerifier {
    fn signature(
        &self,
        checked: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        match self.laxity {
            Laxity::Unproven => Ok(HandshakeSignatureValid::assertion()),
            _ => checked,
        }
    }
}

impl ClientCertVerifier for LaxVerifier {
    fn offer_client_auth(&self) -> bool {
        self.inner.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.inner.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let checked = self
            .inner
            .verify_client_cert(certificate, intermediates, now);
        let taken = match (&checked, self.laxity) {
            (Err(Error::InvalidCertificate(problem)), Laxity::Expired) => matches!(
                problem,
                CertificateError::Expired | CertificateError::ExpiredContext { .. }
            ),
            (Err(_), Laxity::SelfSigned) => self.laxity.shows_in(certificate, 0),
            _ => false,
        };
        if taken {
            return Ok(ClientCertVerified::assertion());
        }
        checked
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(
            self.inner
                .verify_tls12_signature(message, certificate, signed),
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(
            self.inner
                .verify_tls13_signature(message, certificate, signed),
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
