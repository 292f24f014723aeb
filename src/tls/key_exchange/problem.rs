//! What hinders a key exchange.

use thiserror::Error;

/// Why no premaster secret came about.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ExchangeProblem(pub String);
