//! Offers and sessions: what the target does with a ClientHello, and with a well-behaved client.
//!
//! Offers are bytes of `wire/tls`, sent and classified without any key. Connections are rustls, and where it has nothing in
//! common with the target the lab engine (`tls`), with every policy of their own taken out: trust is recorded instead of enforced, and saved sessions are offered however old they are.

mod act;
mod asked;
mod attempts;
mod blame;
mod case;
mod certificate;
mod clear;
mod code_points;
mod compare;
mod connect;
mod connection;
mod early;
mod enumerate;
mod exchange;
mod facts;
mod first_request;
mod handshake;
mod hello;
mod identity;
mod lab;
mod octets;
mod offer;
mod open;
mod parking;
mod pre_shared;
mod probe;
mod quirk;
mod reconnect;
mod self_signed;
mod session;
mod stream;
mod survey;
mod tee;
mod told;
mod verifier;

pub use act::{Acted, Lost, handshakes_demanded};
pub use attempts::{Attempts, Loss, Next};
pub use case::TlsCase;
pub use connection::OpenConnection;
pub use early::{EarlyAnswer, EarlyFlight};
pub use exchange::PAUSE;
pub use probe::{TlsProbe, TlsProbeSettings};
pub use session::seconds_up;
pub use stream::SessionStream;
pub use tee::{Copied, MAX_COPY, Tee, WireCopy};

#[cfg(test)]
mod tests;
