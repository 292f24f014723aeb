//! Signatures of handshakes, and the keys that make and check them.

mod der;
mod digest;
mod dss;
mod pkcs1;
mod private_key;
mod pss;
mod public_key;
mod scheme;
mod temporary;

pub use digest::signed_digest;
pub use dss::DssPublicKey;
pub use private_key::PrivateKey;
pub use public_key::{PublicKey, SignatureProblem};
pub use scheme::{Algorithm, Scheme};
pub use temporary::TemporaryKey;
