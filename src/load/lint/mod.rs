//! What types cannot see: whether a scenario makes sense and can prove what it claims.

mod claims;
mod context;
mod controls;
mod flow;
mod header;
mod names;
mod needs;
mod open;
mod policy;
mod uses;
mod values;

pub(super) use context::{Provenance, problems};
