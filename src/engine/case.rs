//! One case from its first step to its verdict.

use std::collections::BTreeMap;

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
}

/// What a step contributed to the verdict.
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
#[derive(Default)]
struct Fold {
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
    let mut fold = Fold::default();
    for (index, step) in scenario.steps.iter().enumerate() {
        let seen = match case.perform(step, names).await {
            Ok(seen) => seen,
            Err(trouble) => return fold.end(index, step, &trouble),
        };
        let judgement = match judge_step(step, &seen, names, policy, scenario.kind) {
            Ok(judgement) => judgement,
            Err(error) => return fold.end(index, step, &Trouble::Fault(error.to_string())),
        };
        fold.note(index, step, &seen, &judgement);
        if let StepOutcome::ControlUnmet { meaning, because } = &judgement.outcome {
            let trouble = match meaning {
                Unmet::NotApplicable => Trouble::NotApplicable(because.clone()),
                Unmet::Inconclusive => Trouble::NotProven(because.clone()),
            };
            return fold.verdict_after(&trouble, &seen.observed);
        }
        fold.take(index, step, &seen, judgement);
    }
    confirm_absences(case, scenario, names, policy, &mut fold).await;
    fold.verdict(scenario)
}

/// Looks once more at absences: by now later requests have arrived, so nothing can still be under way.
async fn confirm_absences(
    case: &mut dyn Case,
    scenario: &Scenario,
    names: &Names,
    policy: &PolicyFacts,
    fold: &mut Fold,
) {
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
        let seen = match case.perform(step, names).await {
            Ok(seen) => seen,
            Err(trouble) => {
                fold.contribute_trouble(index, &trouble);
                continue;
            }
        };
        match judge_step(step, &seen, names, policy, scenario.kind) {
            Ok(judgement) => {
                fold.note(index, step, &seen, &judgement);
                fold.take(index, step, &seen, judgement);
            }
            Err(error) => fold.contribute_trouble(index, &Trouble::Fault(error.to_string())),
        }
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

    fn end(mut self, index: usize, step: &Step, trouble: &Trouble) -> CaseOutcome {
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
    fn verdict_after(mut self, trouble: &Trouble, observed: &str) -> CaseOutcome {
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
