//! One block of text for cases of a scenario that ended alike.

use std::collections::BTreeMap;

use super::clean::clean;
use super::group::{Batch, compact, expansion};
use super::layout::{Layout, count, shell_word};
use crate::model::policy::PolicyEntry;
use crate::model::record::{CitedRequirement, ScenarioRecord};
use crate::model::requirement::Confidence;

/// How many expansions and how many different observations a block spells out.
const MOST: usize = 6;

/// The block: verdict, id and title, then everything one needs to act on it.
pub(crate) fn block(batch: &Batch<'_>, layout: Layout, rerun: &str, verbose: bool) -> String {
    let case = batch.first;
    let alone = batch.cases.len() == 1;
    let id = if alone { &case.id } else { &case.scenario };
    let mut rows: Vec<(&str, String)> = Vec::new();
    if !alone {
        let ids: Vec<&str> = batch.cases.iter().map(|case| case.id.as_str()).collect();
        let most = if verbose { usize::MAX } else { MOST };
        rows.push((
            "cases",
            format!(
                "{} of {}: {}",
                batch.cases.len(),
                batch.of,
                compact(&ids, most)
            ),
        ));
    }
    for requirement in &case.requirements {
        rows.push(("clause", cited(requirement)));
    }
    if !case.expected.is_empty() {
        rows.push(("expected", clean(&case.expected)));
    }
    observations(batch, verbose, &mut rows);
    let mut add = |label, text: Option<String>| rows.extend(text.map(|text| (label, text)));
    let told_already = case.because.as_ref() == Some(&case.observed);
    let because = case.because.as_deref().filter(|_| !told_already);
    add("because", because.map(clean));
    add(
        "interpretation",
        case.interpretation
            .as_ref()
            .map(|reading| format!("{}: {}", reading.slug, reading.text)),
    );
    add("confidence", confidence(case));
    add("policy", policy(&case.policy_used));
    add("remedy", case.remedy.clone());
    add("evidence", case.evidence.as_deref().map(clean));
    add("rerun", Some(format!("{rerun} {}", shell_word(id))));
    let mut out = layout.verdict_line(case.verdict, &format!("{id}  {}", case.title));
    out.push_str(&layout.fields(2, &rows));
    out.push('\n');
    out
}

/// Clause, id, level and paraphrase in one line.
pub(crate) fn cited(requirement: &CitedRequirement) -> String {
    format!(
        "{} {}, {} ({}): {}",
        requirement.document,
        requirement.clause,
        requirement.id,
        requirement.level.name(),
        requirement.text
    )
}

/// Policy values with where they were set.
pub(crate) fn policy(entries: &BTreeMap<String, PolicyEntry>) -> Option<String> {
    let parts: Vec<String> = entries
        .iter()
        .map(|(key, entry)| format!("{key} = {} ({})", entry.values.join(", "), entry.origin))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// How well the cited sentences are known, where that is less than read.
pub(crate) fn confidence(case: &ScenarioRecord) -> Option<String> {
    let parts: Vec<String> = case
        .requirements
        .iter()
        .filter(|requirement| requirement.confidence != Confidence::Read)
        .map(|requirement| format!("{}: {}", requirement.id, requirement.confidence.name()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn observations(batch: &Batch<'_>, verbose: bool, rows: &mut Vec<(&str, String)>) {
    let mut distinct: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in batch.cases.iter().filter(|case| !case.observed.is_empty()) {
        match distinct.iter_mut().find(|(seen, _)| *seen == case.observed) {
            Some((_, ids)) => ids.push(&case.id),
            None => distinct.push((&case.observed, vec![&case.id])),
        }
    }
    let most = if verbose { usize::MAX } else { MOST };
    let several = distinct.len() > 1;
    for (index, (observed, ids)) in distinct.iter().take(most).enumerate() {
        let observed = clean(observed);
        let label = if index == 0 { "observed" } else { "" };
        let text = match ids.as_slice() {
            [id] if several => format!("{}: {observed}", expansion(id).unwrap_or(id)),
            many if several => format!("{}: {observed}", compact(many, MOST)),
            _ => observed,
        };
        rows.push((label, text));
    }
    if distinct.len() > most {
        let more = count(
            distinct.len() - most,
            "more observation",
            "more observations",
        );
        rows.push(("", format!("and {more}")));
    }
}
