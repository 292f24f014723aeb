//! Whether clients have to show a certificate.

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
