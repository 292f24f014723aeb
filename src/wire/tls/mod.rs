//! TLS records, hellos, first flights and alerts, as bytes and as meaning.
//!
//! What a client offers is written by [`offer`] and [`hello`]; what a server answers is read by
//! [`flight`]. The other direction exists for the reference target: [`client`] reads a client's
//! first flight, [`canned`] writes a server's. No cryptography happens here.

pub mod alert;
pub mod canned;
pub mod certificate;
pub mod client;
pub mod codec;
pub mod extension;
pub mod extension13;
pub mod flight;
pub mod handshake;
pub mod handshake13;
pub mod hello;
pub mod key_exchange;
pub mod offer;
pub mod record;
pub mod server_hello;
pub mod sslv2;
pub mod summary;
