//! How both sides come to a premaster secret, and the numbers behind it.

mod diffie_hellman;
mod elliptic;
mod pre_shared;
mod prime;
mod prime_group;
mod problem;
mod rsa;

pub use diffie_hellman::{DiffieHellmanKey, MAX_PRIME, diffie_hellman};
pub use elliptic::{EVERY_GROUP, EphemeralKey, GROUPS};
pub use pre_shared::{PreSharedKey, combine};
pub(in crate::tls) use prime::prime;
pub use prime_group::PrimeGroup;
pub use problem::ExchangeProblem;
pub use rsa::{MAX_MODULUS, RsaPublicKey, encrypt, unpadded};
pub(in crate::tls) use rsa::{padded, pkcs1_block};
