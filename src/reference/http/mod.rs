//! Authentication Proxy and XCAP store of the reference target, over any byte stream.
//!
//! The proxy challenges by Digest with bootstrapped credentials, verifies the intended identity, asserts an identity
//! towards the application server and forwards (TS 33.222, 6; TS 24.109, 5.2 and 7). The store is the application server
//! (RFC 4825). Parsing, hashing and judging here share no code with the client side, so that one misreading does not
//! hide in both; HTTP framing is hyper's.

mod anonymous;
mod application;
mod authentication;
mod challenge;
mod clear;
mod connection;
mod control;
mod credentials;
mod defect;
mod departure;
mod digest;
mod forward;
mod hash;
mod headers;
mod holder;
mod identity;
mod judgement;
mod levers;
mod nonce;
mod onward;
mod path;
mod proxy;
mod settings;
mod split;
mod standing;
#[cfg(test)]
mod tests;
mod traffic;
mod xcap;

pub use application::Application;
pub use connection::{ConnectionInfo, Transport};
pub use control::Control;
pub use defect::{HttpDefect, ProxyDefect};
pub use hash::DigestAlgorithm;
pub use settings::{
    ApplicationSettings, ClearBehaviour, Clock, HostSettings, Levers, Origin,
    ReauthenticationSettings, SubscriberSettings,
};
pub use standing::AuthenticationState;
pub use xcap::{Store, StoreUser};
