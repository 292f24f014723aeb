//! presec: black-box conformance and security tester for the 3GPP Presence service.
//!
//! The layers and who may use whom are in `docs/architecture.md`; `tests/layers.rs` holds them.

pub mod cli;
pub mod engine;
pub mod load;
pub mod model;
pub mod probe;
pub mod record;
pub mod reference;
pub mod report;
pub mod testbed;
pub mod tls;
pub mod wire;
