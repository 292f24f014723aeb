//! Which shall requirements a run judged, and why not the others.

use std::collections::BTreeMap;

use crate::model::record::{NotJudged, ScenarioRecord};
use crate::model::requirement::{Level, Requirement, State};
use crate::model::verdict::Verdict;

/// The shall requirements of `register` that no scenario of the run judged, each with the reason, in the order of ids.
#[must_use]
pub fn not_judged<'a>(
    register: impl IntoIterator<Item = &'a Requirement>,
    scenarios: &[ScenarioRecord],
) -> Vec<NotJudged> {
    let mut judged: BTreeMap<&str, bool> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, String> = BTreeMap::new();
    for record in scenarios {
        for id in &record.verifies {
            let done = judged.entry(id.as_str()).or_insert(false);
            *done |= record.verdict.judges();
            if !record.verdict.judges() {
                let reason = reasons.entry(id.as_str()).or_default();
                if reason.is_empty() {
                    *reason = reason_of(record);
                }
            }
        }
    }
    let mut list: Vec<NotJudged> = register
        .into_iter()
        .filter(|requirement| matches!(requirement.level, Level::Shall | Level::ShallNot))
        .filter(|requirement| !is_judged(requirement, &judged))
        .map(|requirement| NotJudged {
            requirement: requirement.id.clone(),
            clause: format!("{} {}", requirement.document, requirement.clause),
            because: reasons
                .remove(requirement.id.as_str())
                .unwrap_or_else(|| state(&requirement.state)),
        })
        .collect();
    list.sort_by(|one, other| one.requirement.cmp(&other.requirement));
    list
}

/// Judged by a scenario, or covered by requirements that all were.
fn is_judged(requirement: &Requirement, judged: &BTreeMap<&str, bool>) -> bool {
    let by_scenario = |id: &str| judged.get(id).copied().unwrap_or(false);
    match &requirement.state {
        State::CoveredBy(ids) => !ids.is_empty() && ids.iter().all(|id| by_scenario(id)),
        _ => by_scenario(&requirement.id),
    }
}

fn reason_of(record: &ScenarioRecord) -> String {
    let because = record.because.as_deref().unwrap_or(match record.verdict {
        Verdict::NotApplicable => "not applicable",
        _ => "nothing was proven",
    });
    format!("{}: {because}", record.id)
}

fn state(state: &State) -> String {
    match state {
        State::Tested => "its scenarios were not selected".to_owned(),
        State::Planned(what) => format!("planned: {what}"),
        State::CoveredBy(ids) => format!("covered by {}", ids.join(", ")),
        State::NotTestable(reason) => format!("not testable from outside: {reason}"),
        State::Informative(reason) => format!("informative: {reason}"),
        State::OutOfScope(reason) => format!("out of scope: {reason}"),
    }
}
