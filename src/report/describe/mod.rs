//! Steps and claims of a scenario in words.

mod http;
mod open;
mod sentence;
mod tls;

pub(crate) use sentence::condition;
pub use sentence::{answers, step};
