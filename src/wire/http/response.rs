//! Responses read with bounds: a hostile server costs a fixed amount of memory and gives a typed observation.

mod chunked;
mod head;
mod observation;
mod reader;
#[cfg(test)]
mod tests;

pub use observation::{Flaw, Interim, Limits, Malformed, Progress, Response, Unreadable};
pub use reader::ResponseReader;
