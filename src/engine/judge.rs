//! From claims to a verdict: one step's claims first, then all steps of a case.

use std::collections::BTreeMap;

use crate::model::claim::{ClaimLevel, Unmet};
use crate::model::names::{NameError, Names};
use crate::model::policy::{Guard, Holds, PolicyEntry, PolicyFacts};
use crate::model::scenario::Kind;
use crate::model::seen::{Expected, Fit, Seen};
use crate::model::step::{StatedClaim, Step};
use crate::model::verdict::Verdict;

use super::situation::unknown_policy;

/// What one step's claims came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepJudgement {
    /// The level of the claim that counted; `None` when the step claims nothing under this policy.
    pub level: Option<ClaimLevel>,
    /// What it expected.
    pub expected: String,
    /// Whether it expected a refusal or an absence.
    pub negative: bool,
    /// What of it was seen instead, where the line of what was seen does not show it.
    pub instead: Option<String>,
    /// What it came to.
    pub outcome: StepOutcome,
    /// Policy that was looked at.
    pub policy_used: BTreeMap<String, PolicyEntry>,
}

/// What a claim came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// Nothing was claimed.
    Unclaimed,
    /// A control holds.
    ControlHolds,
    /// A control does not hold: the case ends here.
    ControlUnmet {
        /// What that means.
        meaning: Unmet,
        /// What was seen instead.
        because: String,
    },
    /// The target was judged, or could not be.
    Judged {
        /// The verdict of this step alone.
        verdict: Verdict,
        /// Whether the very thing that must not happen was seen, so that no later control can take the failure back.
        positive_evidence: bool,
        /// Why, when it is not a plain pass or fail.
        because: Option<String>,
    },
}

/// Judges what a step saw. Of its claims the first whose guard holds counts; a guard that depends on unknown policy leaves several
/// candidates, and only when those disagree about what was seen is the verdict inconclusive, naming the key.
///
/// # Errors
/// [`NameError`] when an answer names something without a value.
pub fn judge_step(
    step: &Step,
    seen: &Seen,
    names: &Names,
    policy: &PolicyFacts,
    kind: Kind,
) -> Result<StepJudgement, NameError> {
    let claims = step.claims();
    let (candidates, unknown_key, complete) = candidates(&claims, policy);
    let policy_used = used(&claims, policy);
    let mut judgements = Vec::new();
    for claim in &candidates {
        judgements.push(judge_claim(claim, step, seen, names, kind)?);
    }
    let mut first = judgements
        .first()
        .cloned()
        .unwrap_or_else(|| StepJudgement {
            level: None,
            expected: String::new(),
            negative: false,
            instead: None,
            outcome: StepOutcome::Unclaimed,
            policy_used: BTreeMap::new(),
        });
    let agree = judgements
        .iter()
        .all(|other| same(&other.outcome, &first.outcome))
        && (complete
            || judgements
                .iter()
                .all(|judgement| harmless(&judgement.outcome)));
    if let Some(key) = unknown_key.filter(|_| !agree) {
        first.outcome = StepOutcome::Judged {
            verdict: Verdict::Inconclusive,
            positive_evidence: false,
            because: Some(format!(
                "{}, and the verdict depends on it",
                unknown_policy(&key)
            )),
        };
    }
    first.policy_used = policy_used;
    Ok(first)
}

/// The claims that may count, the first unknown key, and whether the last candidate certainly counts when no earlier one does.
fn candidates<'a>(
    claims: &'a [StatedClaim<'a>],
    policy: &PolicyFacts,
) -> (Vec<&'a StatedClaim<'a>>, Option<String>, bool) {
    let mut found = Vec::new();
    let mut unknown = None;
    for claim in claims {
        match policy.holds(claim.when) {
            Holds::Yes => {
                found.push(claim);
                return (found, unknown, true);
            }
            Holds::No { .. } => {}
            Holds::Unknown { key } => {
                unknown = unknown.or(Some(key));
                found.push(claim);
            }
        }
    }
    let complete = found.is_empty();
    (found, unknown, complete)
}

fn used(claims: &[StatedClaim<'_>], policy: &PolicyFacts) -> BTreeMap<String, PolicyEntry> {
    let keys = claims.iter().flat_map(|claim| Guard::keys(claim.when));
    keys.filter_map(|key| policy.0.get(key).map(|entry| (key.clone(), entry.clone())))
        .collect()
}

fn same(one: &StepOutcome, other: &StepOutcome) -> bool {
    match (one, other) {
        (StepOutcome::Judged { verdict: one, .. }, StepOutcome::Judged { verdict: other, .. }) => {
            one == other
        }
        (
            StepOutcome::ControlUnmet { meaning: one, .. },
            StepOutcome::ControlUnmet { meaning: other, .. },
        ) => one == other,
        (StepOutcome::ControlHolds, StepOutcome::ControlHolds)
        | (StepOutcome::Unclaimed, StepOutcome::Unclaimed) => true,
        _ => false,
    }
}

fn harmless(outcome: &StepOutcome) -> bool {
    matches!(
        outcome,
        StepOutcome::ControlHolds
            | StepOutcome::Unclaimed
            | StepOutcome::Judged {
                verdict: Verdict::Pass | Verdict::Info,
                ..
            }
    )
}

fn judge_claim(
    claim: &StatedClaim<'_>,
    step: &Step,
    seen: &Seen,
    names: &Names,
    kind: Kind,
) -> Result<StepJudgement, NameError> {
    let (Some(level), Some(answer)) = (claim.level, claim.answer) else {
        return Ok(StepJudgement {
            level: None,
            expected: String::new(),
            negative: false,
            instead: None,
            outcome: judged(
                Verdict::Error,
                Some("the claim does not state exactly one level".into()),
            ),
            policy_used: BTreeMap::new(),
        });
    };
    let negative = answer.is_negative();
    let fit = answer.fit(seen, names)?;
    let instead = answer.instead(seen).filter(|_| fit == Fit::Unmet);
    let outcome = match level {
        ClaimLevel::Control(meaning) => control(meaning, fit, seen, answer),
        ClaimLevel::Shall | ClaimLevel::Should | ClaimLevel::May => {
            let fit = if negative {
                bracketed(fit, step, seen)
            } else {
                fit
            };
            demand(level, fit, kind, negative)
        }
    };
    Ok(StepJudgement {
        level: Some(level),
        expected: answer.describe(),
        negative,
        instead,
        outcome,
        policy_used: BTreeMap::new(),
    })
}

fn judged(verdict: Verdict, because: Option<String>) -> StepOutcome {
    StepOutcome::Judged {
        verdict,
        positive_evidence: false,
        because,
    }
}

fn control(meaning: Unmet, fit: Fit, seen: &Seen, answer: &dyn Expected) -> StepOutcome {
    let expected = answer.describe();
    match fit {
        Fit::Met => StepOutcome::ControlHolds,
        Fit::Unmet => {
            let advice = answer
                .to_provide()
                .map_or_else(String::new, |advice| format!("; {advice}"));
            StepOutcome::ControlUnmet {
                meaning,
                because: format!(
                    "the control expected {expected}, seen: {}{advice}",
                    seen.observed
                ),
            }
        }
        Fit::Undecided(why) => StepOutcome::ControlUnmet {
            meaning: Unmet::Inconclusive,
            because: format!("the control expected {expected}, and nothing was proven: {why}"),
        },
    }
}

/// A refusal counts only between controls that passed; a step that brackets itself must have brought two.
fn bracketed(fit: Fit, step: &Step, seen: &Seen) -> Fit {
    if fit != Fit::Met {
        return fit;
    }
    if let Some(failed) = seen.controls.iter().find(|control| !control.passed) {
        return Fit::Undecided(format!(
            "a control beside it did not pass: {}",
            failed.observed
        ));
    }
    if step.brackets_itself() && seen.controls.len() < 2 {
        return Fit::Undecided("no controls were taken around it".to_owned());
    }
    fit
}

fn demand(level: ClaimLevel, fit: Fit, kind: Kind, negative: bool) -> StepOutcome {
    let may = level == ClaimLevel::May || kind == Kind::Informative;
    match fit {
        Fit::Undecided(why) if may => judged(Verdict::Info, Some(why)),
        Fit::Undecided(why) => judged(Verdict::Inconclusive, Some(why)),
        Fit::Met | Fit::Unmet if may => judged(Verdict::Info, None),
        Fit::Met => judged(Verdict::Pass, None),
        Fit::Unmet => {
            let fails = level == ClaimLevel::Shall && kind == Kind::Conformance;
            StepOutcome::Judged {
                verdict: if fails { Verdict::Fail } else { Verdict::Warn },
                positive_evidence: negative,
                because: None,
            }
        }
    }
}

#[cfg(test)]
mod tests;
