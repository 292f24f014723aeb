//! Secrets for who may read the traffic, in the labels of the NSS key log format.

use std::fmt;

/// Takes the secrets of connections as they come about.
pub trait KeyLog: Send + Sync {
    /// One secret: the label of the NSS format, the client's random, the secret.
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]);
}

/// The label of a master secret of TLS 1.2 and below.
pub const CLIENT_RANDOM: &str = "CLIENT_RANDOM";

impl fmt::Debug for dyn KeyLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyLog")
    }
}
