//! What the origin is told before it starts, and why it may not start.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use crate::model::target::IdentityHeaders;

/// Certificate and key of the origin, as PEM text.
#[derive(Clone)]
pub struct OriginTls {
    /// The chain, leaf first.
    pub certificate: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for OriginTls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OriginTls(***)")
    }
}

/// How the origin listens and answers.
#[derive(Debug, Clone, Default)]
pub struct OriginSettings {
    /// Where it listens, such as `127.0.0.1:9080`; port 0 for any.
    pub listen: String,
    /// TLS between proxy and origin; clear text without.
    pub tls: Option<OriginTls>,
    /// The real application server, such as `http://127.0.0.1:9081`; the origin answers by itself without.
    pub forward_to: Option<String>,
    /// Names of the identity header fields.
    pub identity_headers: IdentityHeaders,
    /// Header fields added to every answer, such as Set-Cookie.
    pub response_headers: Vec<(String, String)>,
    /// Paths that are answered with a redirect, and where to.
    pub redirects: BTreeMap<String, String>,
}

/// Why the origin does not start.
#[derive(Debug, Error)]
pub enum OriginError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// The address as given.
        address: String,
        /// What the system says, such as that the port is in use.
        source: std::io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("the origin's certificate cannot be used: {0}")]
    Tls(String),
    /// The server to forward to cannot be understood.
    #[error("`{0}` is not a server to forward to; http://HOST:PORT is")]
    ForwardTo(String),
}

impl OriginTls {
    /// The server side of TLS with this certificate.
    pub(super) fn acceptor(&self) -> Result<tokio_rustls::TlsAcceptor, OriginError> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| OriginError::Tls(error.to_string()))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|_| OriginError::Tls("there is no private key".to_owned()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| OriginError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| OriginError::Tls(error.to_string()))?;
        Ok(tokio_rustls::TlsAcceptor::from(Arc::new(config)))
    }
}
