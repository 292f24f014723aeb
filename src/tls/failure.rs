//! How a handshake or a connection went wrong, and where.

use thiserror::Error;

use super::record::{LayerProblem, RecordProblem};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::codec::Malformed;

/// The end of a connection by a mistake, of the peer's or between us.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{cause}, {at}{}", shown(octets))]
pub struct Failure {
    /// What was awaited, such as `awaiting the server's Finished`.
    pub at: &'static str,
    /// What came instead.
    pub cause: Cause,
    /// The first octets of the handshake message, or of the record, in which it went wrong; none where that was no whole one.
    pub octets: Vec<u8>,
}

/// Octets in words that follow others.
fn shown(octets: &[u8]) -> String {
    match octets {
        [] => String::new(),
        _ => format!("; it began {}", hex::encode(octets)),
    }
}

/// What ended a connection.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// The peer said so.
    #[error("alert {0}")]
    Alert(Alert),
    /// The peer sent octets without the form they must have.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The peer sent a record that cannot be opened.
    #[error("{0}")]
    Record(#[from] RecordProblem),
    /// The peer sent something out of order.
    #[error("{0}")]
    Unexpected(String),
    /// The peer wants something the engine does not have or that was not offered.
    #[error("{0}")]
    Incompatible(String),
    /// The peer broke a rule.
    #[error("{0}")]
    Misbehaved(String),
}

/// Something is not there that the messages before should have brought.
pub(super) fn missing(what: &str) -> Cause {
    Cause::Unexpected(format!("no {what} is agreed yet"))
}

impl From<LayerProblem> for Cause {
    fn from(problem: LayerProblem) -> Self {
        match problem {
            LayerProblem::Malformed(what) => Self::Malformed(what),
            LayerProblem::Record(what) => Self::Record(what),
        }
    }
}

impl Cause {
    /// The alert that tells the peer; `None` when it is the peer who told us.
    #[must_use]
    pub const fn alert(&self) -> Option<Alert> {
        let description = match self {
            Self::Alert(_) => return None,
            Self::Malformed(_) => 50,
            Self::Record(RecordProblem::Overflow) => 22,
            Self::Record(RecordProblem::Unprotected) | Self::Unexpected(_) => 10,
            Self::Record(_) => 20,
            Self::Incompatible(_) => 40,
            Self::Misbehaved(_) => 47,
        };
        Some(Alert::fatal(description))
    }
}
