//! The TLS front of the reference target: looks at the first ClientHello, then answers itself or lets rustls answer.
//!
//! What a normal library cannot do wrong is done by the server of the lab TLS engine (`lab`): old versions, weak suites, small
//! primes, weak signatures, and the rules that [`crate::tls::server::Laxity`] names. It completes the handshake, and the
//! target's ordinary HTTP goes over it. What the engine has not (SSL 2.0, IDEA and SEED, weak curves) is a canned first
//! flight: right in form, without cryptography behind it.
//!
//! A defect is one row in `defect`. One that is a laxity of the lab server in every connection up to TLS 1.2 is
//! `Effect::Lab(Lab::lax(ServerLaxity::AnyMac))`; what it needs besides stands in the other fields of `Lab`, such as suites for a
//! scenario that wants CBC or RSA key exchange: `Effect::Lab(Lab { suites: &[0xC013], ..Lab::lax(ServerLaxity::PaddingRevealed) })`.
//! Clients that offer TLS 1.3 are served by rustls as ever, but for what a defect selects in TLS 1.3.

mod answer;
mod canned;
mod client_certificate;
mod defect;
mod early;
mod effect;
mod ending;
mod first_bytes;
mod front;
mod front_lab;
mod lab;
mod lab_plan;
mod lab_sessions;
mod pre_shared;
mod replay;
mod sessions;
mod stack;
mod suites;
mod watched;

pub use client_certificate::ClientCertificatePolicy;
pub use defect::TlsDefect;
pub(crate) use front::Accepted;
pub use front::{TlsFront, TlsFrontError, TlsFrontSettings};
pub use pre_shared::{Association, Associations, PRE_SHARED_SUITE};
