//! The TLS front of the reference target: looks at the first ClientHello, then answers itself or lets rustls answer.
//!
//! Defects that a normal library cannot have are canned first flights: right in form, without cryptography behind them.

mod answer;
mod canned;
mod client_certificate;
mod defect;
mod effect;
mod first_bytes;
mod front;
mod replay;
mod sessions;
mod stack;
mod suites;
mod weak;

pub use client_certificate::ClientCertificatePolicy;
pub use defect::TlsDefect;
pub(crate) use front::Accepted;
pub use front::{TlsFront, TlsFrontError, TlsFrontSettings};
