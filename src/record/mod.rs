//! Sees events while a run goes on.

pub mod fan;
pub mod ndjson;
pub mod progress;
