//! A test report in the shape of a 3GPP security assurance (SCAS) test report, in Markdown: for each scenario its name, purpose,
//! pre-conditions, execution steps, expected results, results and evidence.

use std::fmt::Write as _;

use super::case_block::{confidence, policy};
use super::gfm::{code, head, row, words};
use super::group::{by_group, expansion};
use super::layout::shell_word;
use super::listing::{kind_name, risk_name, role_name};
use crate::model::record::{RunRecord, ScenarioRecord};

/// The report: a front page with target, versions and hashes, then a chapter for each group of ids.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    let mut out = String::from("# Test report\n\n");
    front_page(record, &mut out);
    for (number, (group, cases)) in by_group(&record.scenarios).into_iter().enumerate() {
        let chapter = number + 1;
        let _ = writeln!(out, "## {chapter} {}\n", words(group));
        let mut scenarios: Vec<Vec<&ScenarioRecord>> = Vec::new();
        for case in cases {
            match scenarios.last_mut() {
                Some(same) if same.iter().any(|other| other.scenario == case.scenario) => {
                    same.push(case);
                }
                _ => scenarios.push(vec![case]),
            }
        }
        for (index, cases) in scenarios.iter().enumerate() {
            if let Some((first, _)) = cases.split_first() {
                let _ = writeln!(
                    out,
                    "### {chapter}.{} {} {}\n",
                    index + 1,
                    words(&first.scenario),
                    words(&first.title)
                );
                scenario(record, first, cases, &mut out);
            }
        }
    }
    out
}

fn front_page(record: &RunRecord, out: &mut String) {
    let target = &record.target;
    let missing = "not known";
    head(out, &["item", "value"]);
    let mut add = |label: &str, value: &str| row(out, &[label.to_owned(), code(value)]);
    add("Target", &target.name);
    add("URL", &target.url);
    add(
        "Address under test",
        target.address.as_deref().unwrap_or(missing),
    );
    add(
        "Certificate (SHA-256)",
        target.certificate_sha256.as_deref().unwrap_or(missing),
    );
    for (version, suite) in &target.accepted_versions {
        add("Accepted version", &format!("{version} {suite}"));
    }
    add(
        "Target file (SHA-256)",
        target
            .file_sha256
            .as_deref()
            .unwrap_or("none; the embedded reference target"),
    );
    let tool = format!("{} {}", record.tool.name, record.tool.version);
    add("Tool", &tool);
    add(
        "Tool (SHA-256)",
        record
            .tool
            .sha256
            .as_deref()
            .unwrap_or("a development build"),
    );
    add("Run", &record.run_id);
    add("Seed", &record.seed.to_string());
    add("Started", &record.started);
    add("Clock", &record.clock);
    add(
        "Authorised by",
        record.authorised_by.as_deref().unwrap_or("nobody is named"),
    );
    add("Result", &super::table::counted(record));
    if let Some(by) = &record.interrupted {
        add("Interrupted", by);
    }
    if let Some(reason) = &target.unreachable {
        add("Unreachable", reason);
    }
    policy_page(record, out);
}

/// The operator's policy, and room for a signature.
fn policy_page(record: &RunRecord, out: &mut String) {
    out.push_str("\nOperator policy the verdicts rest on:\n\n");
    head(out, &["key", "value", "set in"]);
    for (key, entry) in &record.policy {
        row(
            out,
            &[
                words(key),
                code(&entry.values.join(", ")),
                code(&entry.origin),
            ],
        );
    }
    out.push_str(
        "\n| Tester | Date | Signature |\n|---|---|---|\n| &nbsp; | &nbsp; | &nbsp; |\n\n",
    );
}

fn scenario(
    record: &RunRecord,
    first: &ScenarioRecord,
    cases: &[&ScenarioRecord],
    out: &mut String,
) {
    let _ = writeln!(out, "**Test name**: {}\n", words(&first.scenario));
    let _ = writeln!(
        out,
        "**Purpose**: {}.\n",
        words(first.title.trim_end_matches('.'))
    );
    for requirement in &first.requirements {
        let _ = writeln!(
            out,
            "- {} {}, {} ({}): {}",
            words(&requirement.document),
            words(&requirement.clause),
            words(&requirement.id),
            requirement.level.name(),
            words(&requirement.text)
        );
    }
    out.push_str("\n**Pre-conditions**:\n\n");
    let roles: Vec<&str> = first.roles.iter().map(|role| role_name(*role)).collect();
    let _ = writeln!(out, "- the target acts as {}", roles.join(" or "));
    let _ = writeln!(
        out,
        "- the test is a {} test of risk `{}`",
        kind_name(first.kind),
        risk_name(first.risk)
    );
    if let Some(text) = policy(&first.policy_used) {
        let _ = writeln!(out, "- policy: {}", code(&text));
    }
    out.push_str("\n**Execution steps**:\n\n");
    let longest = cases.iter().max_by_key(|case| case.steps.len());
    let steps = longest.map_or(&[][..], |case| case.steps.as_slice());
    if steps.is_empty() {
        out.push_str("None was executed.\n");
    }
    for (index, step) in steps.iter().enumerate() {
        let what = step.action.as_deref().unwrap_or(&step.step);
        let _ = writeln!(out, "{}. {}", index + 1, words(what));
    }
    results(cases, out);
    remarks(first, out);
    let rerun = record.rerun.as_deref().unwrap_or("presec run");
    let _ = writeln!(
        out,
        "**Evidence**: scenario file {} (SHA-256 {}); repeated by {}",
        code(&first.file),
        code(&first.content_sha256),
        code(&format!("{rerun} {}", shell_word(&first.scenario)))
    );
    for folder in cases.iter().filter_map(|case| case.evidence.as_ref()) {
        let _ = writeln!(out, "- recorded in {}", code(folder));
    }
    out.push('\n');
}

fn results(cases: &[&ScenarioRecord], out: &mut String) {
    out.push_str("\n**Expected results and results**:\n\n");
    head(out, &["case", "expected", "observed", "result"]);
    for case in cases {
        let observed = match &case.because {
            Some(because) if *because != case.observed => {
                format!("{}; {}", code(&case.observed), code(because))
            }
            _ => code(&case.observed),
        };
        let observed = match &case.waiver {
            Some(waiver) => format!("{observed}; {}", code(&waiver.told())),
            None => observed,
        };
        row(
            out,
            &[
                code(expansion(&case.id).unwrap_or(&case.id)),
                code(&case.expected),
                observed,
                format!("**{}**", case.verdict.name()),
            ],
        );
    }
    out.push('\n');
}

fn remarks(first: &ScenarioRecord, out: &mut String) {
    if let Some(reading) = &first.interpretation {
        let _ = writeln!(
            out,
            "**Interpretation** ({}): {}\n",
            words(&reading.slug),
            words(&reading.text)
        );
    }
    if let Some(text) = confidence(first) {
        let _ = writeln!(out, "**Confidence**: {}\n", words(&text));
    }
    if let Some(remedy) = &first.remedy {
        let _ = writeln!(out, "**Remedy**: {}\n", words(remedy));
    }
}
