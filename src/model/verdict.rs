//! Verdicts about the target, their order and their tally.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What presec says about the target in one scenario, weakest first; `error` alone is about presec or the scenario's author.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The scenario cannot judge this target: a declared fact of policy, topology or equipment rules it out.
    NotApplicable,
    /// Something worth knowing that never gates.
    Info,
    /// The demanded behaviour was seen, with proof.
    Pass,
    /// A should or a hardening expectation is unmet.
    Warn,
    /// Nothing was proven; the reason names what is missing.
    Inconclusive,
    /// A shall is unmet, with positive evidence.
    Fail,
    /// presec or the scenario's author is at fault, not the target.
    Error,
}

impl Verdict {
    /// Every verdict, weakest first.
    pub const ALL: [Self; 7] = [
        Self::NotApplicable,
        Self::Info,
        Self::Pass,
        Self::Warn,
        Self::Inconclusive,
        Self::Fail,
        Self::Error,
    ];

    /// The verdict as written in YAML, JSON and JUnit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Info => "info",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// Whether the target was judged at all: pass, info, warn or fail.
    #[must_use]
    pub fn judges(self) -> bool {
        matches!(self, Self::Pass | Self::Info | Self::Warn | Self::Fail)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How many scenarios (after expansion) ended in each verdict; every verdict is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Tally(BTreeMap<Verdict, u32>);

impl Default for Tally {
    fn default() -> Self {
        Self(
            Verdict::ALL
                .into_iter()
                .map(|verdict| (verdict, 0))
                .collect(),
        )
    }
}

impl Tally {
    /// Counts one more scenario.
    pub fn count(&mut self, verdict: Verdict) {
        *self.0.entry(verdict).or_insert(0) += 1;
    }

    /// How many ended in `verdict`.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u32 {
        self.0.get(&verdict).copied().unwrap_or(0)
    }

    /// How many were selected.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.values().sum()
    }

    /// How many judged the target.
    #[must_use]
    pub fn judged(&self) -> u32 {
        self.0
            .iter()
            .filter(|(verdict, _)| verdict.judges())
            .map(|(_, count)| count)
            .sum()
    }
}

impl FromIterator<Verdict> for Tally {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            tally.count(verdict);
        }
        tally
    }
}
