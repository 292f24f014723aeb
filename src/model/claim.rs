//! What a scenario claims about an answer: one level, an optional policy guard, and what an unmet control means.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::Guard;

/// What becomes of the scenario when a control is unmet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unmet {
    /// The scenario cannot judge this target.
    NotApplicable,
    /// Nothing is proven.
    Inconclusive,
}

/// The level of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimLevel {
    /// Permitted: observed, never gates.
    May,
    /// Recommended: unmet is a warning.
    Should,
    /// Demanded: unmet is a failure.
    Shall,
    /// Must hold for the scenario to prove anything.
    Control(Unmet),
}

impl ClaimLevel {
    /// The key in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::May => "may",
            Self::Should => "should",
            Self::Shall => "shall",
            Self::Control(_) => "control",
        }
    }
}

/// One claim: exactly one of `control`, `shall`, `should`, `may` (lint insists), optionally only `when` a policy holds.
/// Of the claims of one step the first whose guard holds counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim<A> {
    /// The policy under which the claim counts; empty means always.
    #[serde(default, skip_serializing_if = "Guard::is_empty")]
    pub when: Guard,
    /// Must hold for the scenario to prove anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<A>,
    /// Demanded; unmet is a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shall: Option<A>,
    /// Recommended; unmet is a warning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should: Option<A>,
    /// Permitted; whatever is seen is information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may: Option<A>,
    /// What an unmet control means; `inconclusive` unless said. Only beside `control`.
    #[serde(default, rename = "else", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Unmet>,
}

impl<A> Claim<A> {
    /// A claim that permits an answer and asks for nothing.
    #[must_use]
    pub fn permits(answer: A) -> Self {
        Self {
            when: Guard::default(),
            control: None,
            shall: None,
            should: None,
            may: Some(answer),
            otherwise: None,
        }
    }

    /// Level and answer; `None` unless exactly one level is written.
    #[must_use]
    pub fn stated(&self) -> Option<(ClaimLevel, &A)> {
        let control = ClaimLevel::Control(self.otherwise.unwrap_or(Unmet::Inconclusive));
        match (&self.control, &self.shall, &self.should, &self.may) {
            (Some(answer), None, None, None) => Some((control, answer)),
            (None, Some(answer), None, None) => Some((ClaimLevel::Shall, answer)),
            (None, None, Some(answer), None) => Some((ClaimLevel::Should, answer)),
            (None, None, None, Some(answer)) => Some((ClaimLevel::May, answer)),
            _ => None,
        }
    }
}

impl fmt::Display for ClaimLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
