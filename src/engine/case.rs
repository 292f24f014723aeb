//! One case from its first step to its verdict.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::claim::Unmet;
use crate::model::names::Names;
use crate::model::policy::{PolicyEntry, PolicyFacts};
use crate::model::record::StepRecord;
use crate::model::scenario::Scenario;
use crate::model::seen::{Classification, Seen};
use crate::model::step::Step;
use crate::model::verdict::Verdict;

use super::judge::{StepJudgement, StepOutcome, judge_step};
use super::ports::{Case, Trouble};

/// What a case came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseOutcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What the deciding claim expected.
    pub expected: String,
    /// What was observed where it was decided.
    pub observed: String,
    /// Why, when it is not a plain pass or fail.
    pub because: Option<String>,
    /// Policy that was looked at in claims.
    pub policy_used: BTreeMap<String, PolicyEntry>,
    /// What happened, step by step.
    pub steps: Vec<StepRecord>,
    /// From when on a later run can judge it, RFC 3339 in UTC, when it was parked.
    pub parked_until: Option<String>,
}

/// What a step contributed to the verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contribution {
    verdict: Verdict,
    positive_evidence: bool,
    negative: bool,
    expected: String,
    observed: String,
    because: Option<String>,
    step: usize,
}

/// Collects what the steps contribute and folds it to one verdict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fold {
    contributions: Vec<Contribution>,
    controls: Vec<usize>,
    policy_used: BTreeMap<String, PolicyEntry>,
    steps: Vec<StepRecord>,
}

/// Performs the steps of `scenario` in order and judges them. Ends at the first control that does not hold.
pub async fn run_case(
    case: &mut dyn Case,
    scenario: &Scenario,
    names: &Names,
    policy: &PolicyFacts,
) -> CaseOutcome {
    let script = Script {
        scenario,
        names,
        policy,
    };
    match go_on(case, &script, Fold::default(), 0..scenario.steps.len()).await {
        Ok(fold) => conclude(case, &script, fold).await,
        Err(outcome) => outcome,
    }
}

/// What a case does, and under which policy it is judged.
#[derive(Clone, Copy)]
pub(super) struct Script<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) names: &'a Names,
    pub(super) policy: &'a PolicyFacts,
}

/// The verdict after the last step.
pub(super) async fn conclude(
    case: &mut dyn Case,
    script: &Script<'_>,
    mut fold: Fold,
) -> CaseOutcome {
    confirm_absences(case, script, &mut fold).await;
    fold.verdict(script.scenario)
}

/// Performs those steps that lie within `range` and judges them; the outcome when one of them ends the case.
pub(super) async fn go_on(
    case: &mut dyn Case,
    script: &Script<'_>,
    mut fold: Fold,
    range: Range<usize>,
) -> Result<Fold, CaseOutcome> {
    let Script {
        scenario,
        names,
        policy,
    } = *script;
    let steps = scenario.steps.iter().enumerate();
    for (index, step) in steps.filter(|(index, _)| range.contains(index)) {
        let mut seen = match case.perform(step, names).await {
            Ok(seen) => seen,
            Err(trouble) => return Err(fold.end(index, step, &trouble)),
        };
        let judgement = match judge_step(step, &seen, names, policy, scenario.kind) {
            Ok(judgement) => judgement,
            Err(error) => return Err(fold.end(index, step, &Trouble::Fault(error.to_string()))),
        };
        tell_instead(&mut seen, &judgement);
        fold.note(index, step, &seen, &judgement);
        if let StepOutcome::ControlUnmet { meaning, because } = &judgement.outcome {
            let trouble = match meaning {
                Unmet::NotApplicable => Trouble::NotApplicable(because.clone()),
                Unmet::Inconclusive => Trouble::NotProven(because.clone()),
            };
            return Err(fold.verdict_after(&trouble, &seen.observed));
        }
        fold.take(index, step, &seen, judgement);
    }
    Ok(fold)
}

/// Looks once more at absences: by now later requests have arrived, so nothing can still be under way.
async fn confirm_absences(case: &mut dyn Case, script: &Script<'_>, fold: &mut Fold) {
    let Script {
        scenario,
        names,
        policy,
    } = *script;
    for (index, step) in scenario.steps.iter().enumerate() {
        let claims_absence = fold
            .contributions
            .iter()
            .any(|contribution| contribution.step == index && contribution.negative);
        if !(step.is_confirmed_at_end() && claims_absence) {
            continue;
        }
        fold.contributions
            .retain(|contribution| contribution.step != index);
        let mut seen = match case.perform(step, names).await {
            Ok(seen) => seen,
            Err(trouble) => {
                fold.contribute_trouble(index, &trouble);
                continue;
            }
        };
        match judge_step(step, &seen, names, policy, scenario.kind) {
            Ok(judgement) => {
                tell_instead(&mut seen, &judgement);
                fold.note(index, step, &seen, &judgement);
                fold.take(index, step, &seen, judgement);
            }
            Err(error) => fold.contribute_trouble(index, &Trouble::Fault(error.to_string())),
        }
    }
}

/// Adds to the line of what was seen what of it was not as expected, where the line does not show it.
fn tell_instead(seen: &mut Seen, judgement: &StepJudgement) {
    if let Some(instead) = &judgement.instead {
        seen.observed = format!("{}, {instead}", seen.observed);
    }
}

impl Fold {
    fn note(&mut self, index: usize, step: &Step, seen: &Seen, judgement: &StepJudgement) {
        self.policy_used.extend(judgement.policy_used.clone());
        self.steps.push(StepRecord {
            step: step.keyword().to_owned(),
            place: place(index),
            action: None,
            observed: seen.observed.clone(),
            classification: seen.classification,
            claim: judgement.level.map(|level| level.name().to_owned()),
            expected: judgement.level.map(|_| judgement.expected.clone()),
            controls: seen.controls.clone(),
            lost_attempts: seen.lost_attempts.clone(),
        });
    }

    fn take(&mut self, index: usize, step: &Step, seen: &Seen, judgement: StepJudgement) {
        match judgement.outcome {
            StepOutcome::Unclaimed if step.is_control() => self.controls.push(index),
            StepOutcome::Unclaimed | StepOutcome::ControlUnmet { .. } => {}
            StepOutcome::ControlHolds => self.controls.push(index),
            StepOutcome::Judged {
                verdict,
                positive_evidence,
                because,
            } => {
                self.contributions.push(Contribution {
                    verdict,
                    positive_evidence,
                    negative: judgement.negative && !step.brackets_itself(),
                    expected: judgement.expected,
                    observed: seen.observed.clone(),
                    because,
                    step: index,
                });
            }
        }
    }

    fn contribute_trouble(&mut self, index: usize, trouble: &Trouble) {
        let (verdict, because) = of_trouble(trouble);
        self.contributions.push(Contribution {
            verdict,
            positive_evidence: false,
            negative: false,
            expected: String::new(),
            observed: because.clone(),
            because: Some(because),
            step: index,
        });
    }

    /// A step that the case did not perform: what came of it by other means.
    pub(super) fn note_passed(&mut self, index: usize, step: &Step, observed: &str) {
        self.controls.push(index);
        self.steps.push(StepRecord {
            step: step.keyword().to_owned(),
            place: place(index),
            action: None,
            observed: observed.to_owned(),
            classification: Classification::Answered,
            claim: None,
            expected: None,
            controls: Vec::new(),
            lost_attempts: Vec::new(),
        });
    }

    /// The outcome of a case that waits until a moment, in RFC 3339.
    pub(super) fn wait_until(
        self,
        (index, step): (usize, &Step),
        until: &str,
        because: String,
    ) -> CaseOutcome {
        let trouble = Trouble::NotProven(because);
        let outcome = self.end(index, step, &trouble);
        CaseOutcome {
            parked_until: Some(until.to_owned()),
            ..outcome
        }
    }

    pub(super) fn end(mut self, index: usize, step: &Step, trouble: &Trouble) -> CaseOutcome {
        let (_, because) = of_trouble(trouble);
        self.steps.push(StepRecord {
            step: step.keyword().to_owned(),
            place: place(index),
            action: None,
            observed: because.clone(),
            classification: Classification::Unclear,
            claim: None,
            expected: None,
            controls: Vec::new(),
            lost_attempts: Vec::new(),
        });
        self.verdict_after(trouble, &because)
    }

    /// The verdict when the case ended early: what was positively seen stands, everything else is undone by the trouble.
    pub(super) fn verdict_after(mut self, trouble: &Trouble, observed: &str) -> CaseOutcome {
        let (verdict, because) = of_trouble(trouble);
        let evident = |contribution: &Contribution| {
            contribution.positive_evidence
                && matches!(contribution.verdict, Verdict::Fail | Verdict::Warn)
        };
        self.contributions.retain(evident);
        if self.contributions.is_empty() || verdict == Verdict::Error {
            return CaseOutcome {
                verdict,
                expected: String::new(),
                observed: observed.to_owned(),
                because: Some(because),
                policy_used: self.policy_used,
                steps: self.steps,
                parked_until: None,
            };
        }
        self.strongest()
    }

    /// The verdict of a case that went through: the strongest contribution, refusals only between controls.
    fn verdict(mut self, scenario: &Scenario) -> CaseOutcome {
        for contribution in &mut self.contributions {
            let before = self
                .controls
                .iter()
                .any(|control| *control < contribution.step);
            let after = self
                .controls
                .iter()
                .any(|control| *control > contribution.step);
            if contribution.negative && contribution.verdict == Verdict::Pass && !(before && after)
            {
                contribution.verdict = Verdict::Inconclusive;
                contribution.because =
                    Some("no control passed both before and after it".to_owned());
            }
        }
        if self.contributions.is_empty() {
            let because = format!("{} claims nothing under this policy", scenario.id);
            return self.verdict_after(&Trouble::NotApplicable(because), "nothing was claimed");
        }
        self.strongest()
    }

    fn strongest(self) -> CaseOutcome {
        // The first of the strongest, so that the report shows where the trouble began.
        let strongest = self.contributions.iter().reduce(|one, other| {
            if other.verdict > one.verdict {
                other
            } else {
                one
            }
        });
        let (verdict, expected, observed, because) = strongest.map_or_else(
            || (Verdict::Error, String::new(), String::new(), None),
            |one| {
                (
                    one.verdict,
                    one.expected.clone(),
                    one.observed.clone(),
                    one.because.clone(),
                )
            },
        );
        CaseOutcome {
            verdict,
            expected,
            observed,
            because,
            policy_used: self.policy_used,
            steps: self.steps,
            parked_until: None,
        }
    }
}

/// The place of the step at `index`, counted as people count.
fn place(index: usize) -> Option<u32> {
    u32::try_from(index + 1).ok()
}

fn of_trouble(trouble: &Trouble) -> (Verdict, String) {
    match trouble {
        Trouble::NotProven(because) => (Verdict::Inconclusive, because.clone()),
        Trouble::NotApplicable(because) => (Verdict::NotApplicable, because.clone()),
        Trouble::Fault(because) => (Verdict::Error, because.clone()),
    }
}

#[cfg(test)]
mod tests;
