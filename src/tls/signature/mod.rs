//! Signatures of handshakes: made with a client's key, checked with a server's.

mod der;
mod dss;
mod pkcs1;
mod private_key;
mod pss;
mod public_key;
mod scheme;

pub use dss::DssPublicKey;
pub use private_key::PrivateKey;
pub use public_key::{PublicKey, SignatureProblem};
pub use scheme::{Algorithm, Scheme};
