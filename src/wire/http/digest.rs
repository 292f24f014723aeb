//! HTTP Digest: the client's session, the server's check, and every field open to be wrong (RFC 7616, RFC 2617).
//!
//! A password is octets, since Digest AKA uses RES as one (RFC 3310, 3.3). No type here that holds a password has a `Debug`.

mod algorithm;
mod authentication_info;
mod authorization;
mod context;
mod session;
#[cfg(test)]
mod tests;
mod verify;

pub use algorithm::{Algorithm, Qop};
pub use authentication_info::{AuthenticationInfo, check_authentication_info};
pub use authorization::{Authorization, AuthorizationError};
pub use context::{DigestContext, SessionKey};
pub use session::{Credentials, DigestSession, SignedRequest, Unusable, select_challenge};
pub use verify::verify;
