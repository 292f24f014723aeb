//! The server side of a connection, as weak as its configuration says.
//!
//! | what | where |
//! |---|---|
//! | what a server has and how lax it is | `config`, `config13`, `laxity` |
//! | what it keeps, and who asks for it | `sessions` |
//! | octets in, octets out | `connection` |
//! | the hello, and what is selected from it | `hello`, `choice` |
//! | the first flight of TLS 1.0 to 1.2 | `flight` |
//! | the client's answer to it | `second_flight`, `key_exchange` |
//! | ChangeCipherSpec, Finished, the session | `finish` |
//! | all of TLS 1.3 behind the hello | `tls13` |
//!
//! It has TLS 1.0 to 1.3, and below that what `choice` admits. Of TLS 1.3 it leaves out what the reference target has no use
//! for: ALPN, OCSP responses and other extensions of certificates, record_size_limit, exporters (but in the key log), tickets
//! on resumed connections. It never sends data before the client's Finished. It has no clock: early data is taken only where
//! the store of sessions knows their age.
//!
//! A new laxity is a variant of [`Laxity`] and one `if` where the rule it breaks is held.

mod choice;
mod config;
mod config13;
mod connection;
mod facts;
mod facts13;
mod finish;
mod flight;
mod handshake;
mod heartbeat;
mod hello;
mod key_exchange;
mod laxity;
mod second_flight;
mod sessions;
mod tls13;

pub use config::{ClientCertificates, ClientTrust, PreSharedKeys, ServerConfig, ServerIdentity};
pub use config13::Tls13Config;
pub use connection::Server;
pub use facts::{Facts, Possession};
pub use facts13::{EarlyData, SelectedPsk, Tls13Facts};
pub use laxity::Laxity;
pub use sessions::{Found, SessionStore, StoredSession};

#[cfg(test)]
mod tests;
