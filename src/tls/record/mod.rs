//! The record layer: records out of a stream of octets, and their protection in TLS 1.0 to 1.3.

mod aead;
mod block;
mod damage;
mod deframer;
mod emit;
mod layer;
mod mac;
mod problem;
mod protection;
mod protection13;
mod sealing;
mod sending;
mod shape;

pub use deframer::{Deframer, Record, RecordHead};
pub use layer::{LayerProblem, RecordLayer};
pub use problem::RecordProblem;
pub use protection::{Opener, Sealer};
pub use protection13::{MAX_RECORD_13, Opener13, Sealer13};
