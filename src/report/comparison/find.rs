//! Finds what differs between two runs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Compared, Comparison, Difference, Side};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;

/// Holds `new` against `old`. A regression is a case that got worse and is not waived, a case that failed where it was not before, and a
/// scenario that judged in `old` and has no case at all in `new`. With `common`, cases that only one run has are left out.
#[must_use]
pub fn compare(old: &RunRecord, new: &RunRecord, common: bool) -> Comparison {
    let before = by_id(old);
    let after = by_id(new);
    let scenarios: BTreeSet<&str> = after.values().map(|case| case.scenario.as_str()).collect();
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    let mut same = 0;
    let mut differences = Vec::new();
    for id in ids {
        let sides = (before.get(id).copied(), after.get(id).copied());
        if common && (sides.0.is_none() || sides.1.is_none()) {
            continue;
        }
        match difference(sides, &scenarios) {
            Some(difference) => differences.push(difference),
            None => same += 1,
        }
    }
    differences.sort_by(|one, other| (one.change, &one.id).cmp(&(other.change, &other.id)));
    Comparison {
        old: compared(old),
        new: compared(new),
        regression: differences.iter().any(|difference| difference.regression),
        same,
        notes: notes(old, new, &before, &after),
        differences,
    }
}

fn by_id(record: &RunRecord) -> BTreeMap<&str, &ScenarioRecord> {
    record
        .scenarios
        .iter()
        .map(|case| (case.id.as_str(), case))
        .collect()
}

fn compared(record: &RunRecord) -> Compared {
    Compared {
        run_id: record.run_id.clone(),
        started: record.started.clone(),
        target: record.target.name.clone(),
        cases: record.scenarios.len(),
    }
}

fn side(case: &ScenarioRecord) -> Side {
    let told = match (&case.because, case.verdict.judges()) {
        (Some(because), false) => because,
        _ => &case.observed,
    };
    Side {
        verdict: case.verdict,
        waived: case.waiver.is_some(),
        observed: told.clone(),
    }
}

type Sides<'a> = (Option<&'a ScenarioRecord>, Option<&'a ScenarioRecord>);

/// How one case differs; `scenarios` are those of the newer run.
fn difference((old, new): Sides<'_>, scenarios: &BTreeSet<&str>) -> Option<Difference> {
    let (change, regression) = match (old, new) {
        (Some(old), Some(new)) => {
            let change = moved(old.verdict, new.verdict).or_else(|| {
                (side(old).observed != side(new).observed).then_some(Change::Observed)
            })?;
            (change, change == Change::Worse && new.waiver.is_none())
        }
        (None, Some(new)) => {
            let fails = new.verdict == Verdict::Fail && new.waiver.is_none();
            (Change::Appeared, fails)
        }
        (Some(old), None) => {
            let gone = old.verdict.judges() && !scenarios.contains(old.scenario.as_str());
            (Change::Vanished, gone)
        }
        (None, None) => return None,
    };
    let case = new.or(old)?;
    Some(Difference {
        id: case.id.clone(),
        title: case.title.clone(),
        change,
        regression,
        old: old.map(side),
        new: new.map(side),
    })
}

/// What a change of verdict amounts to; `None` when it is the same.
fn moved(old: Verdict, new: Verdict) -> Option<Change> {
    if old == new {
        return None;
    }
    let rank = |verdict: Verdict| match verdict {
        Verdict::Pass | Verdict::Info => Some(0),
        Verdict::Warn => Some(1),
        Verdict::Fail => Some(2),
        Verdict::NotApplicable | Verdict::Inconclusive | Verdict::Error => None,
    };
    Some(match (rank(old), rank(new)) {
        (Some(before), Some(after)) if before == after => Change::Observed,
        (Some(before), Some(after)) if before < after => Change::Worse,
        (Some(_), Some(_)) => Change::Better,
        // A bad verdict that is gone without another is not known to be mended; a good one is lost.
        (Some(0), None) if new != Verdict::NotApplicable => Change::Worse,
        (Some(_), None) => Change::Unjudged,
        (None, Some(2)) => Change::Worse,
        (None, Some(_)) => Change::Better,
        (None, None) if old == Verdict::NotApplicable => Change::Worse,
        (None, None) => Change::Unjudged,
    })
}

fn notes(
    old: &RunRecord,
    new: &RunRecord,
    before: &BTreeMap<&str, &ScenarioRecord>,
    after: &BTreeMap<&str, &ScenarioRecord>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differs = |what: &str, one: &str, other: &str| {
        if one != other {
            notes.push(format!("{what} differs: `{one}` then, `{other}` now"));
        }
    };
    differs("the target", &old.target.name, &new.target.name);
    differs(
        "the version of presec",
        &old.tool.version,
        &new.tool.version,
    );
    let file = |record: &RunRecord| record.target.file_sha256.clone().unwrap_or_default();
    if file(old) != file(new) {
        notes.push("the text of the target file differs".to_owned());
    }
    let changed: BTreeSet<&str> = before
        .iter()
        .filter_map(|(id, case)| {
            let other = after.get(id)?;
            (case.content_sha256 != other.content_sha256).then_some(case.scenario.as_str())
        })
        .collect();
    if !changed.is_empty() {
        let changed: Vec<&str> = changed.into_iter().collect();
        notes.push(format!(
            "the text of these scenarios differs: {}",
            changed.join(", ")
        ));
    }
    for (which, record) in [("older", old), ("newer", new)] {
        if let Some(by) = &record.interrupted {
            notes.push(format!("the {which} run was stopped by {by}"));
        }
        if let Some(shard) = &record.shard {
            notes.push(format!(
                "the {which} run is part {} of {} only",
                shard.index, shard.total
            ));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_verdict_makes_anything_better() {
        use Verdict::{Error, Fail, Inconclusive, Info, NotApplicable, Pass, Warn};
        for (old, new, change) in [
            (Pass, Fail, Change::Worse),
            (Pass, Warn, Change::Worse),
            (Pass, Inconclusive, Change::Worse),
            (Pass, Error, Change::Worse),
            (Inconclusive, Fail, Change::Worse),
            (NotApplicable, Fail, Change::Worse),
            (NotApplicable, Inconclusive, Change::Worse),
            (Pass, NotApplicable, Change::Unjudged),
            (Fail, Inconclusive, Change::Unjudged),
            (Fail, NotApplicable, Change::Unjudged),
            (Fail, Error, Change::Unjudged),
            (Inconclusive, NotApplicable, Change::Unjudged),
            (Fail, Warn, Change::Better),
            (Fail, Pass, Change::Better),
            (Inconclusive, Pass, Change::Better),
            (Pass, Info, Change::Observed),
        ] {
            assert_eq!(moved(old, new), Some(change), "{old} to {new}");
        }
        assert_eq!(moved(Fail, Fail), None);
    }
}
