//! Waivers: verdicts somebody answers for, until a date. A waiver is laid over a verdict and never replaces it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verdict::Verdict;

/// The shortest reason, in characters.
pub const SHORTEST_REASON: usize = 20;

/// The verdicts that can be waived. The others do not gate or are not about the target.
pub const WAIVABLE: [Verdict; 3] = [Verdict::Warn, Verdict::Inconclusive, Verdict::Fail];

/// A waiver file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverFile {
    /// The waivers; the first that fits a case counts.
    pub waivers: Vec<Waiver>,
}

/// One waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// A case (`TLSC-07[version=tls1.2]`), a scenario with all its cases (`TLSC-07`), or a pattern of either, in which `*` stands for anything.
    pub id: String,
    /// The name of the target as its target file says, or a pattern of it.
    pub target: String,
    /// The verdict that is waived: `fail`, `inconclusive` or `warn`.
    pub verdict: Verdict,
    /// Only if what was observed, or why nothing was proven, contains this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Why it is acceptable for now, in 20 characters or more.
    pub because: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds, `YYYY-MM-DD` in UTC.
    pub expires: String,
}

/// A waiver with where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadedWaiver {
    /// The waiver.
    pub waiver: Waiver,
    /// `file:line`.
    pub place: String,
}

/// The waiver that covers one verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliedWaiver {
    /// Its id as written.
    pub id: String,
    /// Why.
    pub because: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: String,
    /// `file:line`.
    pub place: String,
}

impl AppliedWaiver {
    /// The waiver in one line: who, until when, where and why.
    #[must_use]
    pub fn told(&self) -> String {
        format!(
            "waived by {} until {} ({}): {}",
            self.owner, self.expires, self.place, self.because
        )
    }
}

/// How a waiver fails to do what it was written for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverProblemKind {
    /// Its last day has passed.
    Expired,
    /// What it waives no longer happens.
    Stale,
    /// Nothing in the run has its id.
    Unused,
}

impl WaiverProblemKind {
    /// The word as written in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Stale => "stale",
            Self::Unused => "unused",
        }
    }
}

/// A waiver that somebody must renew or remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverProblem {
    /// How it fails.
    pub kind: WaiverProblemKind,
    /// Its id as written.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// `file:line`.
    pub place: String,
    /// What is so, in one sentence.
    pub because: String,
}
