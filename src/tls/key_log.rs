//! Secrets for who may read the traffic, in the labels of the NSS key log format.

use std::fmt;

/// Takes the secrets of connections as they come about.
pub trait KeyLog: Send + Sync {
    /// One secret: the label of the NSS format, the client's random, the secret.
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]);
}

/// The label of a master secret of TLS 1.2 and below.
pub const CLIENT_RANDOM: &str = "CLIENT_RANDOM";
/// The label of what protects early data in TLS 1.3.
pub const CLIENT_EARLY: &str = "CLIENT_EARLY_TRAFFIC_SECRET";
/// The label of the early exporter master secret of TLS 1.3.
pub const EARLY_EXPORTER: &str = "EARLY_EXPORTER_SECRET";
/// The label of what protects the client's handshake messages in TLS 1.3.
pub const CLIENT_HANDSHAKE: &str = "CLIENT_HANDSHAKE_TRAFFIC_SECRET";
/// The label of what protects the server's handshake messages in TLS 1.3.
pub const SERVER_HANDSHAKE: &str = "SERVER_HANDSHAKE_TRAFFIC_SECRET";
/// The label of what first protects the client's application data in TLS 1.3; what follows comes from it.
pub const CLIENT_TRAFFIC: &str = "CLIENT_TRAFFIC_SECRET_0";
/// The label of what first protects the server's application data in TLS 1.3; what follows comes from it.
pub const SERVER_TRAFFIC: &str = "SERVER_TRAFFIC_SECRET_0";
/// The label of the exporter master secret of TLS 1.3.
pub const EXPORTER: &str = "EXPORTER_SECRET";

impl fmt::Debug for dyn KeyLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyLog")
    }
}
