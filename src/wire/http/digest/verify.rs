//! The server's side of Digest.

use super::algorithm::{Algorithm, Qop};
use super::authorization::Authorization;

/// Whether the credentials prove the password for this method and body.
///
/// Only the digest is checked: that nonce, realm, opaque and uri are the ones expected is for the caller. User name, realm,
/// nonce, uri and response must be there; with a quality of protection also a client nonce and a nonce count of eight
/// hex digits; algorithm and quality of protection must be known ones (RFC 7616, 3.4).
pub fn verify(authorization: &Authorization, password: &[u8], method: &str, body: &[u8]) -> bool {
    let needed = [
        &authorization.username,
        &authorization.realm,
        &authorization.nonce,
        &authorization.uri,
    ];
    let Some(response) = &authorization.response else {
        return false;
    };
    if needed.into_iter().any(Option::is_none) {
        return false;
    }
    let algorithm = authorization
        .algorithm
        .as_deref()
        .map_or(Some(Algorithm::Md5), Algorithm::parse);
    let Some(algorithm) = algorithm else {
        return false;
    };
    if algorithm.has_session_key() && authorization.cnonce.is_none() {
        return false;
    }
    let qop = match &authorization.qop {
        None => None,
        Some(name) => match Qop::parse(name) {
            Some(qop) if has_counted_nonces(authorization) => Some(qop),
            Some(_) | None => return false,
        },
    };
    authorization.digest(password, method, body, qop) == *response
}

fn has_counted_nonces(authorization: &Authorization) -> bool {
    let is_count = |nc: &String| nc.len() == 8 && nc.bytes().all(|byte| byte.is_ascii_hexdigit());
    authorization.cnonce.is_some() && authorization.nc.as_ref().is_some_and(is_count)
}
