//! What both sides of a connection have in common for whoever moves octets.

use super::client::Client;
use super::failure::Failure;
use super::quirk::Closing;
use super::server::Server;

/// A connection without a socket. Feed it what the peer sends, send what it queues.
///
/// A TLS stream may move to another thread between two calls, and so may the connection.
pub trait Connection: Send + Unpin {
    /// Takes octets of the peer.
    ///
    /// # Errors
    /// [`Failure`] when they end the connection.
    fn receive(&mut self, octets: &[u8]) -> Result<(), Failure>;
    /// Queues application data, once the handshake is complete.
    fn write(&mut self, octets: &[u8]);
    /// Queues close_notify, once.
    fn close(&mut self);
    /// What is to be sent, which is then no longer queued.
    fn take_output(&mut self) -> Vec<u8>;
    /// Application data that came, which is then no longer here.
    fn take_plaintext(&mut self) -> Vec<u8>;
    /// Whether the handshake is complete.
    fn is_open(&self) -> bool;
    /// Whether the peer said that nothing follows.
    fn is_closed_by_peer(&self) -> bool;
    /// What is awaited from the peer.
    fn awaiting(&self) -> &'static str;
    /// Whether a quirk pauses behind what is to be sent, until [`Self::go_on`].
    fn is_paused(&self) -> bool;
    /// Ends the pause.
    fn go_on(&mut self);
    /// How a quirk closes the connection behind what is queued.
    fn closing(&self) -> Option<Closing>;
}

macro_rules! connection {
    ($side:ty) => {
        impl Connection for $side {
            fn receive(&mut self, octets: &[u8]) -> Result<(), Failure> {
                Self::receive(self, octets)
            }
            fn write(&mut self, octets: &[u8]) {
                Self::write(self, octets);
            }
            fn close(&mut self) {
                Self::close(self);
            }
            fn take_output(&mut self) -> Vec<u8> {
                Self::take_output(self)
            }
            fn take_plaintext(&mut self) -> Vec<u8> {
                Self::take_plaintext(self)
            }
            fn is_open(&self) -> bool {
                Self::is_open(self)
            }
            fn is_closed_by_peer(&self) -> bool {
                Self::is_closed_by_peer(self)
            }
            fn awaiting(&self) -> &'static str {
                Self::awaiting(self)
            }
            fn is_paused(&self) -> bool {
                Self::is_paused(self)
            }
            fn go_on(&mut self) {
                Self::go_on(self);
            }
            fn closing(&self) -> Option<Closing> {
                Self::closing(self)
            }
        }
    };
}

connection!(Client);
connection!(Server);
