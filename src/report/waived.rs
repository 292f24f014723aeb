//! What waivers cover, and which of them somebody must look at.

use std::collections::BTreeMap;

use super::clean::clean;
use super::group::compact;
use super::layout::{Layout, count};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;
use crate::model::waiver::AppliedWaiver;

/// How many expansions a line spells out.
const MOST: usize = 4;

/// The waived cases, one paragraph for each waiver, scenario and verdict; empty when nothing is waived.
pub(crate) fn covered(record: &RunRecord, layout: Layout) -> String {
    type Key<'a> = (&'a str, Verdict, &'a str);
    let mut batches: BTreeMap<Key<'_>, (&AppliedWaiver, Vec<&ScenarioRecord>)> = BTreeMap::new();
    for case in &record.scenarios {
        if let Some(waiver) = &case.waiver {
            let key = (case.scenario.as_str(), case.verdict, waiver.place.as_str());
            let (_, cases) = batches.entry(key).or_insert_with(|| (waiver, Vec::new()));
            cases.push(case);
        }
    }
    if batches.is_empty() {
        return String::new();
    }
    let number = usize::try_from(record.waived).unwrap_or(usize::MAX);
    let mut out = layout.heading(&format!("Waived: {}", count(number, "case", "cases")));
    for ((scenario, verdict, _), (waiver, cases)) in batches {
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let what = match ids.as_slice() {
            [id] => (*id).to_owned(),
            many => format!("{scenario} ({})", compact(many, MOST)),
        };
        let observed = cases.first().map_or("", |case| case.observed.as_str());
        let text = format!("{what}: {verdict}, {}", clean(observed));
        out.push_str(&layout.paragraph(2, &text));
        out.push_str(&layout.paragraph(6, &clean(&waiver.told())));
    }
    out.push('\n');
    out
}

/// The waivers that are expired, stale or unused; empty when there is none.
pub(crate) fn problems(record: &RunRecord, layout: Layout) -> String {
    if record.waiver_problems.is_empty() {
        return String::new();
    }
    let number = count(record.waiver_problems.len(), "waiver", "waivers");
    let mut out = layout.heading(&format!("To renew or remove: {number}"));
    for problem in &record.waiver_problems {
        let text = format!(
            "{} {} ({}, {}): {}",
            problem.kind.name(),
            problem.id,
            problem.place,
            problem.owner,
            clean(&problem.because)
        );
        out.push_str(&layout.paragraph(2, &text));
    }
    out.push('\n');
    out
}
