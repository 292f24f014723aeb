//! The client side of a connection.

mod config;
mod config13;
mod connection;
mod facts;
mod facts13;
mod heartbeat;
mod hello;
mod legacy;
mod renegotiation;
mod second_flight;
mod tls13;

pub use config::{CertificateVerify, ClientConfig, HelloRequestAnswer, Identity};
pub use config13::{ExternalPsk, PSK_DHE_KE, PSK_KE, Tls13Config};
pub use connection::Client;
pub use facts::{Facts, Heartbeat, ServerSignature};
pub use facts13::{EarlyData, HelloRetry, SelectedPsk, Tls13Facts};
pub use renegotiation::{Initiator, Renegotiation, RenegotiationOutcome};

#[cfg(test)]
mod tests;
