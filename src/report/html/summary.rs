//! What was tested, by whom, and how it ended; and the policy the verdicts rest on.

use maud::{Markup, html};

use super::words::{class, entry, item, literal};
use crate::model::record::RunRecord;
use crate::model::verdict::Verdict;
use crate::report::clean::clean;
use crate::report::layout::count;

/// The order of the tiles.
const TILES: [Verdict; 7] = [
    Verdict::Fail,
    Verdict::Error,
    Verdict::Inconclusive,
    Verdict::Warn,
    Verdict::Pass,
    Verdict::Info,
    Verdict::NotApplicable,
];

/// One sentence that says how it ended.
pub(super) fn lead(record: &RunRecord) -> String {
    let tally = &record.tally;
    let total = tally.total();
    if let Some(reason) = &record.target.unreachable {
        return format!("The target could not be tested: {}", clean(reason));
    }
    if total == 0 {
        return "Nothing was selected, so nothing is proven.".to_owned();
    }
    let open = tally.of(Verdict::Inconclusive) + tally.of(Verdict::Error);
    let failed = tally.of(Verdict::Fail);
    let cases = count(
        usize::try_from(total).unwrap_or(usize::MAX),
        "case",
        "cases",
    );
    let mut text = match failed {
        0 => format!("No shall was seen violated in {cases}"),
        1 => format!("1 of {cases} failed"),
        _ => format!("{failed} of {cases} failed"),
    };
    match open {
        0 => {}
        1 => text.push_str("; 1 stayed undecided"),
        _ => text.push_str(&format!("; {open} stayed undecided")),
    }
    if record.waived > 0 {
        text.push_str(&format!("; {} waived", record.waived));
    }
    if let Some(by) = &record.interrupted {
        text.push_str(&format!("; interrupted by {}", clean(by)));
    }
    text.push('.');
    text
}

/// Tiles with the tally, and the facts of the run.
pub(super) fn section(record: &RunRecord) -> Markup {
    let target = &record.target;
    let optional = |text: &Option<String>| text.clone().unwrap_or_else(|| "not known".to_owned());
    html! {
        section #summary aria-labelledby="summary-h" {
            h2 #summary-h { "Summary" }
            ul .tiles {
                @for verdict in TILES {
                    @let number = record.tally.of(verdict);
                    li .(class(verdict)) .zero[number == 0] { b { (number) } " " (verdict.name()) }
                }
            }
            dl .facts {
                (literal("target", &target.url))
                (literal("address", &optional(&target.address)))
                (literal("certificate SHA-256", &optional(&target.certificate_sha256)))
                @for (version, suite) in &target.accepted_versions {
                    (literal(&format!("accepts {}", clean(version)), suite))
                }
                @for (version, why) in &target.undecided_versions {
                    (item(&format!("undecided {}", clean(version)), why))
                }
                (item("unreachable", target.unreachable.as_deref().unwrap_or_default()))
                (literal("target file SHA-256", target.file_sha256.as_deref().unwrap_or("none; the embedded reference target")))
                (item("tool", &format!("{} {}", record.tool.name, record.tool.version)))
                (literal("tool SHA-256", record.tool.sha256.as_deref().unwrap_or("a development build")))
                (literal("run", &record.run_id))
                (literal("seed", &record.seed.to_string()))
                (item("started", &record.started))
                (item("duration", &duration(record.duration_ms)))
                (item("clock", &record.clock))
                (item("authorised by", record.authorised_by.as_deref().unwrap_or("nobody is named")))
                (item("interrupted", record.interrupted.as_deref().unwrap_or_default()))
            }
            @if !record.waiver_problems.is_empty() {
                h3 { "Waivers to renew or remove" }
                ul { @for problem in &record.waiver_problems {
                    li { (problem.kind.name()) " " code { (clean(&problem.id)) } " (" (clean(&problem.place)) ", " (clean(&problem.owner)) "): " (clean(&problem.because)) }
                } }
            }
            @if !record.notes.is_empty() {
                h3 { "Notes" }
                ul { @for note in &record.notes { li { (clean(note)) } } }
            }
        }
    }
}

/// A time in the unit it is read best in.
pub(super) fn duration(millis: u64) -> String {
    if millis < 1000 {
        return format!("{millis} ms");
    }
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

/// Every policy value with where it was set.
pub(super) fn policy(record: &RunRecord) -> Markup {
    html! {
        section #policy aria-labelledby="policy-h" {
            h2 #policy-h { "Policy" }
            p { "What the operator declared and what presec derived from it; verdicts rest on these values." }
            dl .facts {
                @for (key, value) in &record.policy { (literal(&clean(key), &entry(value))) }
            }
        }
    }
}
