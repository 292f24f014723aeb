//! A part of a plan that one of several machines runs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which part of the plan a run is, and enough of the whole plan to tell whether parts fit together and whether one is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub total: u32,
    /// Where the cases of this part stand in the whole plan, from 0, in the order of the record.
    pub positions: Vec<u32>,
    /// How many cases the whole plan has.
    pub plan_size: u32,
    /// SHA-256 of the ids of the whole plan, each ended by a line feed, in lower-case hex.
    pub plan_sha256: String,
}
