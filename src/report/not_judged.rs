//! What a run did not judge, put together by what it would take to judge it.

use std::collections::BTreeMap;

use super::clean::clean;
use super::layout::{Layout, count};
use crate::model::record::{NotJudged, RunRecord};

/// Reasons that lie in the register and not in the target: the word before the colon, and how a report puts it.
const STANDING: [(&str, &str); 6] = [
    (
        "its scenarios were not selected",
        "not selected for this run",
    ),
    ("planned", "planned for a later version of presec"),
    ("covered by", "covered by other requirements"),
    ("not testable from outside", "not testable from outside"),
    ("informative", "informative"),
    ("out of scope", "out of scope"),
];

/// The reason without the case that ran into it, so that equal reasons meet.
fn reason<'a>(record: &RunRecord, entry: &'a NotJudged) -> &'a str {
    match entry.because.split_once(": ") {
        Some((case, rest))
            if record
                .scenarios
                .iter()
                .any(|scenario| scenario.id == case || scenario.scenario == case) =>
        {
            rest
        }
        _ => &entry.because,
    }
}

fn standing(reason: &str) -> Option<&'static str> {
    STANDING
        .iter()
        .find(|(word, _)| reason.starts_with(word))
        .map(|(_, text)| *text)
}

/// The summary of shall requirements that were not judged; empty when all were.
pub(crate) fn summary(record: &RunRecord, layout: Layout, verbose: bool) -> String {
    let mut open: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut later: BTreeMap<&str, Vec<&NotJudged>> = BTreeMap::new();
    for entry in &record.not_judged {
        let reason = reason(record, entry);
        match standing(reason) {
            Some(text) => later.entry(text).or_default().push(entry),
            None => open.entry(reason).or_default().push(&entry.requirement),
        }
    }
    if open.is_empty() && later.is_empty() {
        return String::new();
    }
    let number = record.not_judged.len();
    let mut out = layout.heading(&format!(
        "Not judged: {}",
        count(number, "shall requirement", "shall requirements")
    ));
    for (reason, ids) in open {
        out.push_str(&layout.paragraph(2, &format!("{}:", clean(reason))));
        out.push_str(&layout.paragraph(6, &ids.join(", ")));
    }
    for (text, entries) in later {
        out.push_str(&layout.paragraph(
            2,
            &format!(
                "{}: {text}",
                count(entries.len(), "requirement", "requirements")
            ),
        ));
        for entry in entries.iter().filter(|_| verbose) {
            out.push_str(&layout.paragraph(
                6,
                &format!(
                    "{} ({}): {}",
                    entry.requirement, entry.clause, entry.because
                ),
            ));
        }
    }
    out.push('\n');
    out
}
