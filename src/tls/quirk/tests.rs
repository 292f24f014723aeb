//! Quirks without a peer: what they do to the octets, and that no list of them breaks the engine.

mod lists;
mod octets;
