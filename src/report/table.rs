//! The terminal's view of a run.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Attribute, Cell, CellAlignment};

use super::case_block::block;
use super::clean::{clean, printable};
use super::group::{batches, by_group};
use super::layout::{Layout, colour, count, finished, pad};
use super::{not_judged, waived};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::{Tally, Verdict};

/// How the table is to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOptions {
    /// Columns of the terminal; less than 60 is taken as 60.
    pub width: u16,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether info and not-applicable cases, and everything cut short, are printed in full.
    pub verbose: bool,
    /// What to type to run a case again, without the id: `presec run --target lab.yaml`.
    pub rerun: String,
    /// How the run ends, for the last line: `exit 1: a scenario failed`.
    pub outcome: String,
}

/// The worst first, as far as each case gets a block of its own.
const BLOCKS: [Verdict; 4] = [
    Verdict::Error,
    Verdict::Fail,
    Verdict::Inconclusive,
    Verdict::Warn,
];

/// Columns of the table of groups, and the order of the last line.
const COLUMNS: [(Verdict, &str); 7] = [
    (Verdict::Pass, "pass"),
    (Verdict::Info, "info"),
    (Verdict::Warn, "warn"),
    (Verdict::Fail, "fail"),
    (Verdict::Inconclusive, "incon."),
    (Verdict::Error, "error"),
    (Verdict::NotApplicable, "n/a"),
];

/// The run as text for a terminal: what was tested, the table of groups, one block for everything that wants attention,
/// what was not judged, and the tally.
#[must_use]
pub fn render(record: &RunRecord, options: &TableOptions) -> String {
    let layout = Layout::new(options.width, options.colour);
    let mut out = layout.fields(0, &header(record, options.verbose));
    out.push('\n');
    if !record.scenarios.is_empty() {
        out.push_str(&groups(record, layout));
        out.push('\n');
    }
    let untried = |case: &ScenarioRecord| !options.verbose && is_untried(record, case);
    for verdict in BLOCKS {
        for batch in batches(&record.scenarios, verdict) {
            if !untried(batch.first) {
                out.push_str(&block(&batch, layout, &options.rerun, options.verbose));
            }
        }
    }
    let cases = record.scenarios.iter().filter(|case| untried(case));
    out.push_str(&quiet(cases, Verdict::Inconclusive, layout));
    for verdict in [Verdict::Info, Verdict::NotApplicable] {
        if options.verbose {
            for batch in batches(&record.scenarios, verdict) {
                out.push_str(&block(&batch, layout, &options.rerun, true));
            }
        } else {
            let cases = record
                .scenarios
                .iter()
                .filter(|case| case.verdict == verdict);
            out.push_str(&quiet(cases, verdict, layout));
        }
    }
    out.push_str(&waived::covered(record, layout));
    out.push_str(&waived::problems(record, layout));
    out.push_str(&not_judged::summary(record, layout, options.verbose));
    out.push_str(&notes(record, layout));
    out.push_str(&layout.paragraph(0, &format!("{}; {}", counted(record), options.outcome)));
    out
}

fn header(record: &RunRecord, verbose: bool) -> Vec<(&'static str, String)> {
    let target = &record.target;
    let mut rows = vec![
        (
            "target",
            match &target.address {
                Some(address) => format!("{}  {}  ({address})", target.name, target.url),
                None => format!("{}  {}", target.name, target.url),
            },
        ),
        ("run", run_line(record)),
    ];
    if let Some(reason) = &target.unreachable {
        rows.push(("unreachable", clean(reason)));
    }
    let labels = std::iter::once("accepts").chain(std::iter::repeat(""));
    for (label, (version, suite)) in labels.zip(&target.accepted_versions) {
        rows.push((label, format!("{version} {suite}")));
    }
    let facts: Vec<String> = ["release", "topology", "origin"]
        .iter()
        .filter_map(|key| {
            let entry = record.policy.get(*key)?;
            Some(format!("{key} {}", entry.values.join(", ")))
        })
        .collect();
    if !facts.is_empty() {
        rows.push(("known", facts.join(", ")));
    }
    if let Some(shard) = &record.shard {
        let (index, total, all) = (shard.index, shard.total, shard.plan_size);
        let here = record.scenarios.len();
        rows.push((
            "shard",
            format!(
                "{index} of {total}: {here} of {}; the other parts are not judged here",
                count(usize::try_from(all).unwrap_or(usize::MAX), "case", "cases")
            ),
        ));
    }
    if let Some(by) = &record.interrupted {
        rows.push((
            "interrupted",
            format!("{by}; what follows is what was earned until then"),
        ));
    }
    if verbose {
        rows.extend(
            record
                .authorised_by
                .iter()
                .map(|who| ("authorised by", who.clone())),
        );
        rows.push(("clock", record.clock.clone()));
    }
    rows
}

fn run_line(record: &RunRecord) -> String {
    format!(
        "{} {}, run {}, seed {}, {}",
        record.tool.name, record.tool.version, record.run_id, record.seed, record.started
    )
}

fn groups(record: &RunRecord, layout: Layout) -> String {
    let shown: Vec<(Verdict, &str)> = COLUMNS
        .into_iter()
        .filter(|(verdict, _)| {
            matches!(verdict, Verdict::Pass | Verdict::Fail)
                || record.scenarios.iter().any(|case| case.verdict == *verdict)
        })
        .collect();
    let mut table = layout.table();
    let right = |text: &str| Cell::new(text).set_alignment(CellAlignment::Right);
    let mut head = vec![Cell::new("group").add_attribute(Attribute::Bold)];
    head.extend(
        shown
            .iter()
            .map(|(_, label)| right(label).add_attribute(Attribute::Bold)),
    );
    let any_waived = record.waived > 0;
    if any_waived {
        head.push(right("waived").add_attribute(Attribute::Bold));
    }
    head.push(right("all").add_attribute(Attribute::Bold));
    table.set_header(head);
    for (group, cases) in by_group(&record.scenarios) {
        let mut row = vec![Cell::new(group_label(group, &cases, layout))];
        for (verdict, _) in &shown {
            let number = cases.iter().filter(|case| case.verdict == *verdict).count();
            row.push(match number {
                0 => right("-"),
                _ => right(&number.to_string()).fg(colour(*verdict)),
            });
        }
        if any_waived {
            row.push(
                match cases.iter().filter(|case| case.waiver.is_some()).count() {
                    0 => right("-"),
                    number => right(&number.to_string()),
                },
            );
        }
        row.push(right(&cases.len().to_string()));
        table.add_row(row);
    }
    pad(&mut table, 0, (0, 1), None);
    for column in 1..=shown.len() + 1 + usize::from(any_waived) {
        pad(&mut table, column, (1, 1), None);
    }
    finished(&table)
}

/// The group and, where there is room, the tags all its cases share.
fn group_label(group: &str, cases: &[&ScenarioRecord], layout: Layout) -> String {
    let shared: Vec<&str> = cases.first().map_or_else(Vec::new, |first| {
        first
            .tags
            .iter()
            .filter(|tag| cases.iter().all(|case| case.tags.contains(tag)))
            .map(String::as_str)
            .take(2)
            .collect()
    });
    if shared.is_empty() || layout.width() < 80 {
        return printable(group);
    }
    printable(&format!("{group}  {}", shared.join(", ")))
}

/// Whether a case is undecided only because the run never got to it: nobody wants a block for each of those.
fn is_untried(record: &RunRecord, case: &ScenarioRecord) -> bool {
    let cut_short = record.target.unreachable.is_some() || record.interrupted.is_some();
    cut_short && case.verdict == Verdict::Inconclusive && case.steps.is_empty()
}

/// Cases that want no attention of their own, counted by their reason.
fn quiet<'a>(
    cases: impl Iterator<Item = &'a ScenarioRecord>,
    verdict: Verdict,
    layout: Layout,
) -> String {
    let mut reasons: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for case in cases {
        let reason = case.because.as_deref().unwrap_or(match verdict {
            Verdict::Info => &case.observed,
            _ => "no reason is recorded",
        });
        let (number, ids) = reasons.entry(reason).or_default();
        *number += 1;
        ids.insert(&case.scenario);
    }
    if reasons.is_empty() {
        return String::new();
    }
    let number: usize = reasons.values().map(|(number, _)| number).sum();
    let mut out = layout.heading(&match verdict {
        Verdict::NotApplicable => format!("Not applicable: {}", count(number, "case", "cases")),
        Verdict::Inconclusive => format!("Not tried: {}", count(number, "case", "cases")),
        _ => format!("Worth knowing: {}", count(number, "case", "cases")),
    });
    for (reason, (number, ids)) in reasons {
        let ids: Vec<&str> = ids.into_iter().collect();
        let times = if number > ids.len() {
            format!(" ({})", count(number, "case", "cases"))
        } else {
            String::new()
        };
        out.push_str(
            &layout.paragraph(2, &format!("{}{times}: {}", ids.join(", "), clean(reason))),
        );
    }
    out.push('\n');
    out
}

fn notes(record: &RunRecord, layout: Layout) -> String {
    let rows: Vec<(&str, String)> = record
        .notes
        .iter()
        .map(|note| ("note", clean(note)))
        .collect();
    let mut out = layout.fields(0, &rows);
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The tally in words, with how many of it are waived: `14 cases: 9 pass, 5 fail (2 waived)`.
#[must_use]
pub fn counted(record: &RunRecord) -> String {
    match record.waived {
        0 => tally(&record.tally),
        waived => format!("{} ({waived} waived)", tally(&record.tally)),
    }
}

/// The tally in words: `14 cases: 9 pass, 2 warn, 3 fail`.
#[must_use]
pub fn tally(tally: &Tally) -> String {
    let parts: Vec<String> = COLUMNS
        .into_iter()
        .filter(|(verdict, _)| tally.of(*verdict) > 0)
        .map(|(verdict, _)| format!("{} {}", tally.of(verdict), verdict.name()))
        .collect();
    let all = count(
        usize::try_from(tally.total()).unwrap_or(usize::MAX),
        "case",
        "cases",
    );
    if parts.is_empty() {
        all
    } else {
        format!("{all}: {}", parts.join(", "))
    }
}
