//! The client side of a connection.

mod config;
mod connection;
mod facts;
mod hello;
mod legacy;
mod second_flight;

pub use config::{CertificateVerify, ClientConfig, Identity};
pub use connection::Client;
pub use facts::{Facts, ServerSignature};

#[cfg(test)]
mod tests;
