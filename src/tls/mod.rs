//! The lab TLS engine: completes handshakes that ordinary libraries refuse, and shows what they hide.
//!
//! It is an instrument of a tester. It is **not** constant-time, keeps secrets in ordinary memory, trusts every
//! certificate and completes whatever it is told to; nothing that must stay secret from somebody else may go over it
//! unless its user has looked at [`client::Facts`] first. `docs/adr/0002-lab-tls-engine.md` draws its boundaries.
//!
//! From the bottom up; every file looks only at those before it:
//!
//! | what | where |
//! |---|---|
//! | messages as bytes | `wire::tls`: hellos, `handshake`, `key_exchange`, `certificate`, `alert`, `record` |
//! | what a suite is | [`suite`], from the one registry in `scenarios/sets` |
//! | hashes, pseudorandom function, key schedule of SSL 3.0 to TLS 1.2; of 1.3 | [`hash`], `ssl3`, [`prf`], [`keys`]; [`schedule`] |
//! | what is wrong with what is sent, as data | [`quirk`] |
//! | records and their protection | [`record`] |
//! | premaster secrets | [`key_exchange`] |
//! | signatures of server and client | [`signature`] |
//! | what is kept to resume, and for who reads the traffic | [`session`], [`key_log`] |
//! | the handshake, without a socket | [`client`] and [`server`]: octets in, octets out, facts |
//! | what both have in common | [`connection`], `incoming` |
//! | `AsyncRead` and `AsyncWrite` over it | [`stream`] |
//!
//! What a server does is a fact as long as the connection can go on with it (a wrong signature, a foreign certificate, an
//! extension nobody asked for), and a [`failure::Failure`] with its place when it cannot. Everything a peer sends is
//! bounded: records by the protocol, messages by `wire::tls::handshake::MAX_MESSAGE`, their number by their order,
//! warnings and empty records by a count. Time is the caller's to bound.

pub mod client;
pub mod connection;
pub mod entropy;
pub mod failure;
pub mod hash;
mod incoming;
pub mod key_exchange;
pub mod key_log;
pub mod keys;
pub mod prf;
pub mod quirk;
pub mod record;
#[cfg(test)]
pub(crate) mod recorded;
pub mod schedule;
pub mod server;
pub mod session;
pub mod signature;
mod ssl3;
pub mod stream;
pub mod suite;
