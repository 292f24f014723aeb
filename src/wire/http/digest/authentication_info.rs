//! `Authentication-Info`: does the server know the password too?

use super::algorithm::Qop;
use super::authorization::Authorization;
use crate::wire::http::challenge::{ChallengeFlaw, param, parse_params};

/// What an `Authentication-Info` value says about the request it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationInfo {
    /// Whether `rspauth` is right; none when it is absent.
    pub rspauth_ok: Option<bool>,
    /// Quality of protection as spelled.
    pub qop: Option<String>,
    /// Nonce count as spelled; shall be that of the request.
    pub nc: Option<String>,
    /// Client nonce; shall be that of the request.
    pub cnonce: Option<String>,
    /// Nonce for the next request.
    pub nextnonce: Option<String>,
    /// Whether `nc` and `cnonce`, where present, are those of the request.
    pub echoes_match: bool,
    /// Deviations from the grammar.
    pub flaws: Vec<ChallengeFlaw>,
}

/// Reads a value and checks it against the credentials that were `sent` (RFC 7616, 3.5; RFC 2617, 3.2.3).
///
/// `body` is that of the response; it counts when the value, or else the request, has the quality `auth-int`.
pub fn check_authentication_info(
    value: &str,
    sent: &Authorization,
    password: &[u8],
    body: &[u8],
) -> AuthenticationInfo {
    let (params, flaws) = parse_params(value);
    let text = |name: &str| param(&params, name).map(str::to_owned);
    let (qop, nc, cnonce) = (text("qop"), text("nc"), text("cnonce"));
    let quality = qop.as_deref().or(sent.qop.as_deref()).and_then(Qop::parse);
    let rspauth_ok =
        text("rspauth").map(|rspauth| rspauth == sent.digest(password, "", body, quality));
    let same =
        |echo: &Option<String>, original: &Option<String>| echo.is_none() || echo == original;
    AuthenticationInfo {
        rspauth_ok,
        echoes_match: same(&nc, &sent.nc) && same(&cnonce, &sent.cnonce),
        qop,
        nc,
        cnonce,
        nextnonce: text("nextnonce"),
        flaws,
    }
}
