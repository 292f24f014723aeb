//! What a CertificateVerify signs.

use super::scheme::Scheme;
use crate::model::secret::Secret;
use crate::tls::prf::Prf;
use crate::tls::ssl3;

/// The digest of the handshake messages: RFC 5246 clause 7.4.8; in SSL 3.0 with the master secret, RFC 6101 clause 5.6.8.
#[must_use]
pub fn signed_digest(prf: Prf, scheme: Scheme, master: &Secret, messages: &[u8]) -> Vec<u8> {
    if prf == Prf::Ssl3 {
        scheme.digest_by(|hash| ssl3::handshake_hash(hash, master.expose(), messages, &[]))
    } else {
        scheme.digest(&[messages])
    }
}
