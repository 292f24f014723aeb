//! Lays waivers over verdicts, and finds the waivers that no longer do what they were written for.

use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;
use crate::model::waiver::{AppliedWaiver, LoadedWaiver, Waiver, WaiverProblem, WaiverProblemKind};

use super::select::scenario_part;

/// How many cases a stale waiver names.
const NAMED: usize = 3;

/// What is known of cases when waivers are sorted out, before anything runs.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The name of the target.
    pub target: String,
    /// The ids of the planned cases, with expansion.
    pub planned: Vec<String>,
    /// The ids of scenarios and cases that there are but that were not selected.
    pub elsewhere: Vec<String>,
}

/// The waivers a run answers for: those for its target, without those that are about what was not selected.
#[must_use]
pub fn concerning(waivers: &[LoadedWaiver], reach: &Reach) -> Vec<LoadedWaiver> {
    let concerns = |waiver: &Waiver| {
        let planned = reach
            .planned
            .iter()
            .any(|id| fits_id(&waiver.id, id, scenario_part(id)));
        let elsewhere = reach.elsewhere.iter().any(|id| {
            fits_id(&waiver.id, id, id) || fits(scenario_part(&waiver.id), scenario_part(id))
        });
        fits(&waiver.target, &reach.target) && (planned || !elsewhere)
    };
    waivers
        .iter()
        .filter(|loaded| concerns(&loaded.waiver))
        .cloned()
        .collect()
}

/// Covers the cases of `record` by its waivers as of the day it started, and says which waivers must be looked at.
/// Verdicts and tally stay as they are. What is stale or unused is told only where the run can know: not in a part of a plan,
/// not when it was stopped, and not while a case that the waiver is about is undecided.
pub fn overlay(record: &mut RunRecord) {
    let today = record.started.get(..10).unwrap_or_default().to_owned();
    let target = record.target.name.clone();
    let complete = record.shard.is_none()
        && record.interrupted.is_none()
        && record.target.unreachable.is_none();
    for case in &mut record.scenarios {
        case.waiver = record
            .waivers
            .iter()
            .filter(|loaded| !is_expired(&loaded.waiver, &today))
            .find(|loaded| fits(&loaded.waiver.target, &target) && covers(&loaded.waiver, case))
            .map(applied);
    }
    let waived = record.scenarios.iter().filter(|case| case.waiver.is_some());
    record.waived = u32::try_from(waived.count()).unwrap_or(u32::MAX);
    record.waiver_problems = record
        .waivers
        .iter()
        .filter_map(|loaded| {
            let (kind, because) = if is_expired(&loaded.waiver, &today) {
                let until = &loaded.waiver.expires;
                let text = format!("it held until {until}, and the run was on {today}");
                (WaiverProblemKind::Expired, text)
            } else {
                let found = outdated(&loaded.waiver, &record.scenarios);
                found.filter(|_| complete)?
            };
            Some(problem(loaded, kind, because))
        })
        .collect();
}

fn is_expired(waiver: &Waiver, today: &str) -> bool {
    // Dates of this form sort as text.
    waiver.expires.as_str() < today
}

fn covers(waiver: &Waiver, case: &ScenarioRecord) -> bool {
    let seen = |text: &String| {
        case.observed.contains(text.as_str())
            || case
                .because
                .as_ref()
                .is_some_and(|because| because.contains(text.as_str()))
    };
    case.verdict == waiver.verdict
        && fits_id(&waiver.id, &case.id, &case.scenario)
        && waiver.observed.as_ref().is_none_or(seen)
}

/// Whether a waiver is stale or unused, and what is so instead.
fn outdated(waiver: &Waiver, cases: &[ScenarioRecord]) -> Option<(WaiverProblemKind, String)> {
    let mut about: Vec<&ScenarioRecord> = cases
        .iter()
        .filter(|case| fits_id(&waiver.id, &case.id, &case.scenario))
        .collect();
    if about.is_empty() {
        // A scenario that was never expanded stands for the cases it would have had.
        let whole = scenario_part(&waiver.id);
        about.extend(
            cases
                .iter()
                .filter(|case| case.id == case.scenario && fits(whole, &case.scenario)),
        );
    }
    if about.is_empty() {
        let text = "no case of this run has this id".to_owned();
        return Some((WaiverProblemKind::Unused, text));
    }
    let settled =
        |case: &&ScenarioRecord| case.verdict.judges() || case.verdict == Verdict::NotApplicable;
    if about.iter().any(|case| covers(waiver, case)) || !about.iter().all(settled) {
        return None;
    }
    let told: Vec<String> = about
        .iter()
        .take(NAMED)
        .map(|case| {
            if case.verdict == waiver.verdict {
                format!("{}: {}, but {}", case.id, case.verdict, case.observed)
            } else {
                format!("{}: {}", case.id, case.verdict)
            }
        })
        .collect();
    let more = match about.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "`{}` as waived no longer happens ({}{more})",
        waiver.verdict,
        told.join("; ")
    );
    Some((WaiverProblemKind::Stale, text))
}

fn applied(loaded: &LoadedWaiver) -> AppliedWaiver {
    let waiver = &loaded.waiver;
    AppliedWaiver {
        id: waiver.id.clone(),
        because: waiver.because.clone(),
        owner: waiver.owner.clone(),
        expires: waiver.expires.clone(),
        place: loaded.place.clone(),
    }
}

fn problem(loaded: &LoadedWaiver, kind: WaiverProblemKind, because: String) -> WaiverProblem {
    WaiverProblem {
        kind,
        id: loaded.waiver.id.clone(),
        owner: loaded.waiver.owner.clone(),
        place: loaded.place.clone(),
        because,
    }
}

fn fits_id(pattern: &str, case: &str, scenario: &str) -> bool {
    fits(pattern, case) || fits(pattern, scenario)
}

/// Whether `text` is what `pattern` says, where `*` stands for anything and everything else, brackets included, for itself.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.split_once(part) {
            Some((_, after)) if !part.is_empty() => text = after,
            None => return false,
            Some(_) => {}
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(id: &str, target: &str) -> LoadedWaiver {
        LoadedWaiver {
            waiver: Waiver {
                id: id.to_owned(),
                target: target.to_owned(),
                verdict: Verdict::Fail,
                observed: None,
                because: "the vendor mends it in release 4".to_owned(),
                owner: "jane".to_owned(),
                expires: "2027-01-31".to_owned(),
            },
            place: "waivers.yaml:2".to_owned(),
        }
    }

    #[test]
    fn a_star_stands_for_anything_and_brackets_for_themselves() {
        assert!(fits("TLSC-07[version=tls1.2]", "TLSC-07[version=tls1.2]"));
        assert!(!fits("TLSC-07[v]", "TLSC-07v"));
        assert!(fits("TLSC-*", "TLSC-07[version=tls1.2]"));
        assert!(fits("*", ""));
        assert!(fits(
            "TLSC-07[*version=tls1.2*]",
            "TLSC-07[suite=A,version=tls1.2]"
        ));
        assert!(!fits("a*b*c", "acb"));
        assert!(fits("a*b*c", "abbc"));
        assert!(!fits("ab*ba", "aba"));
        assert!(!fits("", "x"));
    }

    #[test]
    fn a_run_answers_for_its_target_and_for_what_was_selected() {
        let reach = Reach {
            target: "lab".to_owned(),
            planned: vec!["TLSC-07[version=tls1.2]".to_owned()],
            elsewhere: vec!["TLSC-08".to_owned(), "TLSC-07[version=tls1.3]".to_owned()],
        };
        let of = |id: &str, target: &str| !concerning(&[loaded(id, target)], &reach).is_empty();
        assert!(of("TLSC-07", "lab"));
        assert!(of("TLSC-*", "l*"));
        assert!(of("TLSC-99", "lab"), "nothing anywhere has this id");
        assert!(!of("TLSC-07", "other"));
        assert!(!of("TLSC-08", "lab"));
        assert!(!of("TLSC-08[version=tls1.2]", "lab"));
        assert!(!of("TLSC-07[version=tls1.3]", "lab"));
    }
}
