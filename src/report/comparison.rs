//! Two runs held against each other: what got better or worse, what came, what went, and what is only seen differently.

mod find;
mod render;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::verdict::Verdict;

pub use find::compare;
pub use render::{markdown, text};

/// How one case differs between two runs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It moved towards fail, or from judged well to undecided.
    Worse,
    /// What was judged is no longer: a failure or a warning that is now undecided or not applicable proves nothing.
    Unjudged,
    /// It moved away from fail, with a verdict.
    Better,
    /// Only the newer run has it.
    Appeared,
    /// Only the older run has it.
    Vanished,
    /// The verdict is the same, the observation is another.
    Observed,
}

impl Change {
    /// Every change, what matters most first.
    pub const ALL: [Self; 6] = [
        Self::Worse,
        Self::Unjudged,
        Self::Better,
        Self::Appeared,
        Self::Vanished,
        Self::Observed,
    ];

    /// The heading above cases that changed so.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Worse => "Worse",
            Self::Unjudged => "No longer judged",
            Self::Better => "Better",
            Self::Appeared => "Appeared",
            Self::Vanished => "Vanished",
            Self::Observed => "Same verdict, other observation",
        }
    }
}

/// One side of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether a waiver covers it.
    pub waived: bool,
    /// What was observed, or why nothing was proven.
    pub observed: String,
}

/// One case that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The case.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How it differs.
    pub change: Change,
    /// Whether this alone makes the newer run a regression.
    pub regression: bool,
    /// In the older run.
    pub old: Option<Side>,
    /// In the newer run.
    pub new: Option<Side>,
}

/// What a comparison says of one of its runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The run.
    pub run_id: String,
    /// When it started.
    pub started: String,
    /// The name of its target.
    pub target: String,
    /// How many cases it had.
    pub cases: usize,
}

/// Everything that differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The older run.
    pub old: Compared,
    /// The newer run.
    pub new: Compared,
    /// Whether the newer run is worse in anything that gates.
    pub regression: bool,
    /// How many cases are the same in both.
    pub same: usize,
    /// What makes the runs hard to compare: another target, another version of presec, other text of a scenario.
    pub notes: Vec<String>,
    /// The differences, by kind and then by id.
    pub differences: Vec<Difference>,
}
