//! Sees events while a run goes on: progress, the stream of events, evidence.

pub mod evidence;
pub mod fan;
pub mod ndjson;
pub mod progress;
