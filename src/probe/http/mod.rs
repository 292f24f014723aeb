//! Probes over HTTP: sessions of subscribers, requests with any credentials, answers read before they are judged.
//!
//! Nothing here knows how a connection comes about: a [`Dial`] gives it, so that the TLS side stays apart.

mod case;
mod connection;
mod credentials;
mod documents;
mod early;
mod exchange;
mod facts;
mod login;
mod lost;
mod marker;
mod origin;
mod plan;
mod request;
mod series;
mod session;
mod spelling;
mod transfer;
mod undo;
mod wrong;

#[cfg(test)]
pub(in crate::probe) mod tests;

pub use case::HttpCase;
pub use connection::{Connection, Dial, EarlyReply, EarlyRequest, Recipe, Stream};
