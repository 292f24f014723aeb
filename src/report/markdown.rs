//! A summary for the page of a CI job, in GitHub-flavoured Markdown.

use std::fmt::Write as _;

use super::case_block::{confidence, policy};
use super::gfm::{code, head, row, words};
use super::group::{Batch, batches, by_group, compact, expansion};
use super::layout::{count, shell_word};
use super::sentence::{Outcome, sentences, tally};
use crate::model::record::RunRecord;
use crate::model::verdict::Verdict;

/// Where blocks end, in octets: a job page takes one mebibyte and shows nothing at all beyond it.
const ROOM: usize = 768 * 1024;

/// How many different observations a block shows.
const OBSERVATIONS: usize = 6;

/// What wants attention, the worst first, with its heading.
const ATTENTION: [(Verdict, &str); 4] = [
    (Verdict::Error, "Errors of presec or of a scenario"),
    (Verdict::Fail, "Failed"),
    (Verdict::Inconclusive, "Inconclusive"),
    (Verdict::Warn, "Warnings"),
];

/// The columns of the table of groups.
const COLUMNS: [(Verdict, &str); 7] = [
    (Verdict::Pass, "pass"),
    (Verdict::Info, "info"),
    (Verdict::Warn, "warn"),
    (Verdict::Fail, "fail"),
    (Verdict::Inconclusive, "inconclusive"),
    (Verdict::Error, "error"),
    (Verdict::NotApplicable, "n/a"),
];

/// The summary: what was tested, the tally by group, a block for everything that wants attention, and the requirements.
/// Below one mebibyte whatever the run holds.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    let mut out = format!(
        "# presec: {} — {}\n\n",
        words(&record.target.name),
        words(&super::table::counted(record))
    );
    facts(record, &mut out);
    groups(record, &mut out);
    for (verdict, heading) in ATTENTION {
        blocks(record, verdict, heading, &mut out);
    }
    waivers(record, &mut out);
    requirements(record, &mut out);
    if !record.notes.is_empty() {
        out.push_str("## Notes\n\n");
        for note in record.notes.iter().take(50) {
            let _ = writeln!(out, "- {}", code(note));
        }
        out.push('\n');
    }
    out
}

fn facts(record: &RunRecord, out: &mut String) {
    let target = &record.target;
    let mut add = |label: &str, text: Option<&str>| {
        if let Some(text) = text {
            let _ = writeln!(out, "- {label}: {}", code(text));
        }
    };
    add("target", Some(&target.url));
    add("address", target.address.as_deref());
    add("unreachable", target.unreachable.as_deref());
    add("interrupted", record.interrupted.as_deref());
    let run = format!(
        "{} {}, run {}, seed {}, {}",
        record.tool.name, record.tool.version, record.run_id, record.seed, record.started
    );
    add("run", Some(&run));
    add("authorised by", record.authorised_by.as_deref());
    out.push('\n');
}

fn groups(record: &RunRecord, out: &mut String) {
    if record.scenarios.is_empty() {
        out.push_str("No case was selected.\n\n");
        return;
    }
    let mut labels = vec!["group"];
    labels.extend(COLUMNS.map(|(_, label)| label));
    labels.push("all");
    head(out, &labels);
    for (group, cases) in by_group(&record.scenarios) {
        let mut cells = vec![words(group)];
        for (verdict, _) in COLUMNS {
            cells.push(
                match cases.iter().filter(|case| case.verdict == verdict).count() {
                    0 => "–".to_owned(),
                    number => number.to_string(),
                },
            );
        }
        cells.push(cases.len().to_string());
        row(out, &cells);
    }
    out.push('\n');
}

fn blocks(record: &RunRecord, verdict: Verdict, heading: &str, out: &mut String) {
    let batches = batches(&record.scenarios, verdict);
    if batches.is_empty() {
        return;
    }
    let number: usize = batches.iter().map(|batch| batch.cases.len()).sum();
    let _ = writeln!(out, "## {heading}: {number}\n");
    let mut left = batches.len();
    for batch in &batches {
        if out.len() > ROOM {
            break;
        }
        block(record, batch, out);
        left -= 1;
    }
    if left > 0 {
        let _ = writeln!(
            out,
            "… and {} that this page has no room for; the HTML report holds them all.\n",
            count(left, "more block", "more blocks")
        );
    }
}

fn block(record: &RunRecord, batch: &Batch<'_>, out: &mut String) {
    let case = batch.first;
    let alone = batch.cases.len() == 1;
    let id = if alone { &case.id } else { &case.scenario };
    let _ = writeln!(out, "### {} {}\n", words(id), words(&case.title));
    let mut add = |label: &str, text: String| {
        let _ = writeln!(out, "- **{label}**: {text}");
    };
    if !alone {
        let ids: Vec<&str> = batch.cases.iter().map(|case| case.id.as_str()).collect();
        let cases = format!("{} of {}: ", ids.len(), batch.of);
        add("cases", cases + &code(&compact(&ids, OBSERVATIONS)));
    }
    for requirement in case.requirements.iter().take(8) {
        let level = requirement.level.name();
        add(
            "clause",
            format!(
                "{} {}, {} ({level}): {}",
                words(&requirement.document),
                words(&requirement.clause),
                words(&requirement.id),
                words(&requirement.text)
            ),
        );
    }
    if !case.expected.is_empty() {
        add("expected", code(&case.expected));
    }
    for text in observations(batch) {
        add("observed", text);
    }
    if let Some(because) = &case.because {
        add("because", code(because));
    }
    if let Some(reading) = &case.interpretation {
        add("interpretation", words(&reading.text));
    }
    if let Some(text) = confidence(case) {
        add("confidence", words(&text));
    }
    if let Some(text) = policy(&case.policy_used) {
        add("policy", code(&text));
    }
    if let Some(remedy) = &case.remedy {
        add("remedy", words(remedy));
    }
    let rerun = record.rerun.as_deref().unwrap_or("presec run");
    add("rerun", code(&format!("{rerun} {}", shell_word(id))));
    out.push('\n');
}

fn observations(batch: &Batch<'_>) -> Vec<String> {
    let mut distinct: Vec<(&str, &str)> = Vec::new();
    for case in batch.cases.iter().filter(|case| !case.observed.is_empty()) {
        if !distinct.iter().any(|(seen, _)| *seen == case.observed) {
            distinct.push((&case.observed, &case.id));
        }
    }
    let several = distinct.len() > 1;
    let mut texts: Vec<String> = distinct
        .iter()
        .take(OBSERVATIONS)
        .map(|(observed, id)| {
            if several {
                format!("{} {}", code(expansion(id).unwrap_or(id)), code(observed))
            } else {
                code(observed)
            }
        })
        .collect();
    if let Some(more) = distinct
        .len()
        .checked_sub(OBSERVATIONS)
        .filter(|more| *more > 0)
    {
        texts.push(format!(
            "and {}",
            count(more, "more observation", "more observations")
        ));
    }
    texts
}

/// What waivers cover, and which of them somebody must look at.
fn waivers(record: &RunRecord, out: &mut String) {
    let mut lines: Vec<String> = record
        .waiver_problems
        .iter()
        .map(|problem| {
            let kind = problem.kind.name();
            let text = format!(
                "{} ({}, {}): {}",
                problem.id, problem.place, problem.owner, problem.because
            );
            format!("- **{kind}** {}", code(&text))
        })
        .collect();
    lines.extend(record.scenarios.iter().filter_map(|case| {
        let told = case.waiver.as_ref()?.told();
        let verdict = case.verdict.name();
        Some(format!("- {} {verdict}, {}", words(&case.id), code(&told)))
    }));
    if lines.is_empty() {
        return;
    }
    let all = lines.len();
    lines.truncate(50);
    if all > lines.len() {
        lines.push(format!("- and {} more", all - lines.len()));
    }
    let _ = writeln!(out, "## Waivers\n\n{}\n", lines.join("\n"));
}

fn requirements(record: &RunRecord, out: &mut String) {
    let sentences = sentences(record);
    let shall = |level: &str| level.starts_with("shall");
    let tally = tally(&sentences, |sentence| shall(sentence.row.level.name()));
    if tally.is_empty() {
        return;
    }
    out.push_str("## Shall requirements\n\n");
    let shown: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| tally.contains_key(outcome))
        .collect();
    let names: Vec<&str> = shown.iter().map(|outcome| outcome.name()).collect();
    head(out, &names);
    let numbers: Vec<String> = shown
        .iter()
        .filter_map(|outcome| tally.get(outcome).map(ToString::to_string))
        .collect();
    row(out, &numbers);
    out.push('\n');
    let open: Vec<String> = sentences
        .iter()
        .filter(|sentence| {
            shall(sentence.row.level.name())
                && matches!(sentence.outcome, Outcome::Partly | Outcome::Undecided)
        })
        .take(50)
        .map(|sentence| {
            let why = sentence.why.as_deref().map_or_else(String::new, code);
            format!("- {} {why}", words(&sentence.row.requirement))
        })
        .collect();
    if !open.is_empty() {
        let _ = writeln!(
            out,
            "<details><summary>Not decided</summary>\n\n{}\n\n</details>\n",
            open.join("\n")
        );
    }
}
