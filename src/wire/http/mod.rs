//! HTTP/1.1: exact-byte requests, bounded responses, challenges, Digest, XCAP URIs.
//!
//! Nothing here does IO. Everything that parses is total: hostile input gives a typed observation, never a panic, and
//! sizes are bounded by arguments or constants.

pub mod challenge;
pub mod clean;
pub mod digest;
pub mod request;
pub mod response;
pub mod xcap;

pub use challenge::{Challenge, Challenges, Param, bootstrapping_realms, parse_challenges};
pub use clean::{Keep, clean, clean_keeping};
pub use digest::{Authorization, Credentials, DigestContext, DigestSession};
pub use request::{RawRequest, Request};
pub use response::{Limits, Malformed, Progress, Response, ResponseReader};
pub use xcap::XcapUri;
