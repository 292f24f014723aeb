//! JUnit XML: what CI servers read.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::case_block::{cited, confidence, policy};
use super::clean::clean;
use super::group::by_group;
use super::layout::shell_word;
use crate::model::evidence::TRANSCRIPT;
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;

/// Stands in the file if the XML writer ever gives up, so that no reader takes the report for an empty success.
const UNWRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"presec\" tests=\"1\" failures=\"0\" errors=\"1\"><testsuite name=\"presec\" tests=\"1\" failures=\"0\" errors=\"1\"><testcase name=\"report\" classname=\"presec\"><error type=\"error\" message=\"the report could not be written\"/></testcase></testsuite></testsuites>\n";

/// The run as JUnit XML: a suite for each group of ids, a test case for each case. Pass, info and warn are successes
/// (the property `verdict` tells them apart), fail is a failure of type `shall`, inconclusive and error are errors,
/// not-applicable and what a waiver covers are skipped with the reason. `rerun` is what to type to run a case again, without the id.
#[must_use]
pub fn render(record: &RunRecord, rerun: &str) -> String {
    let mut report = Report::new("presec");
    report.timestamp = record.started.parse().ok();
    report.set_time(Duration::from_millis(record.duration_ms));
    for (group, cases) in by_group(&record.scenarios) {
        let group = clean(group);
        let mut suite = TestSuite::new(format!("presec.{group}"));
        suite.timestamp = record.started.parse().ok();
        suite.set_time(cases.iter().map(|case| duration(case)).sum());
        suite.add_properties(run_properties(record));
        for case in cases {
            suite.add_test_case(test_case(case, &group, rerun));
        }
        report.add_test_suite(suite);
    }
    report.to_string().unwrap_or_else(|_| UNWRITTEN.to_owned())
}

fn duration(case: &ScenarioRecord) -> Duration {
    Duration::from_millis(case.duration_ms)
}

fn property(name: &str, value: &str) -> Property {
    Property::new(name, clean(value))
}

/// What holds for the whole run; JUnit has no place for properties above the suites, so each suite carries them.
fn run_properties(record: &RunRecord) -> Vec<Property> {
    let mut properties = vec![
        property("run_id", &record.run_id),
        property("seed", &record.seed.to_string()),
        property(
            "tool",
            &format!("{} {}", record.tool.name, record.tool.version),
        ),
        property("target", &record.target.name),
        property("target_url", &record.target.url),
    ];
    let optional = [
        ("target_address", &record.target.address),
        ("certificate_sha256", &record.target.certificate_sha256),
        ("interrupted", &record.interrupted),
        ("unreachable", &record.target.unreachable),
    ];
    properties.extend(
        record
            .shard
            .as_ref()
            .map(|shard| property("shard", &format!("{} of {}", shard.index, shard.total))),
    );
    properties.extend(record.waiver_problems.iter().map(|problem| {
        let text = format!("{} ({}): {}", problem.id, problem.place, problem.because);
        property(&format!("waiver.{}", problem.kind.name()), &text)
    }));
    for (name, value) in optional {
        properties.extend(value.as_deref().map(|value| property(name, value)));
    }
    properties.extend(record.notes.iter().map(|note| property("note", note)));
    properties
}

fn test_case(case: &ScenarioRecord, group: &str, rerun: &str) -> TestCase {
    let mut test = TestCase::new(clean(&case.id), status(case, rerun));
    test.set_classname(format!("presec.{group}"));
    test.set_time(duration(case));
    test.add_properties(case_properties(case));
    test
}

fn status(case: &ScenarioRecord, rerun: &str) -> TestCaseStatus {
    if let Some(waiver) = &case.waiver {
        let mut skipped = TestCaseStatus::skipped();
        skipped.set_type("waived");
        skipped.set_message(clean(&waiver.told()));
        skipped.set_description(description(case, rerun));
        return skipped;
    }
    let (mut status, kind, message) = match case.verdict {
        Verdict::Pass | Verdict::Info | Verdict::Warn => return TestCaseStatus::success(),
        Verdict::NotApplicable => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(clean(
                case.because.as_deref().unwrap_or("no reason is recorded"),
            ));
            return skipped;
        }
        Verdict::Fail => (
            TestCaseStatus::non_success(NonSuccessKind::Failure),
            "shall",
            &case.observed,
        ),
        Verdict::Inconclusive | Verdict::Error => (
            TestCaseStatus::non_success(NonSuccessKind::Error),
            case.verdict.name(),
            case.because.as_ref().unwrap_or(&case.observed),
        ),
    };
    status.set_type(kind);
    status.set_message(clean(message));
    status.set_description(description(case, rerun));
    status
}

fn case_properties(case: &ScenarioRecord) -> Vec<Property> {
    let mut properties = vec![
        property("verdict", case.verdict.name()),
        property("scenario", &case.scenario),
        property("title", &case.title),
        property("kind", kind(case)),
    ];
    for requirement in &case.requirements {
        properties.push(property("requirement", &requirement.id));
        properties.push(property(
            "clause",
            &format!("{} {}", requirement.document, requirement.clause),
        ));
        properties.push(property("level", requirement.level.name()));
    }
    for (key, entry) in &case.policy_used {
        properties.push(property(
            &format!("policy.{key}"),
            &format!("{} ({})", entry.values.join(", "), entry.origin),
        ));
    }
    if let Some(reading) = &case.interpretation {
        properties.push(property(
            "interpretation",
            &format!("{}: {}", reading.slug, reading.text),
        ));
    }
    if let Some(text) = confidence(case) {
        properties.push(property("confidence", &text));
    }
    if let Some(waiver) = &case.waiver {
        properties.push(property("waiver", &waiver.id));
        properties.push(property("waiver.owner", &waiver.owner));
        properties.push(property("waiver.expires", &waiver.expires));
    }
    if let Some(folder) = &case.evidence {
        properties.push(property("evidence", &format!("{folder}/{TRANSCRIPT}")));
    }
    if matches!(case.verdict, Verdict::Info | Verdict::Warn) {
        properties.push(property("expected", &clean(&case.expected)));
        properties.push(property("observed", &clean(&case.observed)));
    }
    properties
}

fn kind(case: &ScenarioRecord) -> &'static str {
    super::listing::kind_name(case.kind)
}

fn description(case: &ScenarioRecord, rerun: &str) -> String {
    let mut lines: Vec<String> = case
        .requirements
        .iter()
        .map(|requirement| clean(&cited(requirement)))
        .collect();
    let mut add = |label: &str, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.push(format!("{label}: {}", clean(text)));
        }
    };
    add("expected", Some(&case.expected));
    add("observed", Some(&case.observed));
    add("because", case.because.as_deref());
    let reading = case
        .interpretation
        .as_ref()
        .map(|reading| format!("{}: {}", reading.slug, reading.text));
    add("interpretation", reading.as_deref());
    add("confidence", confidence(case).as_deref());
    add("policy", policy(&case.policy_used).as_deref());
    add("remedy", case.remedy.as_deref());
    let transcript = case.evidence.as_ref();
    let transcript = transcript.map(|folder| format!("{folder}/{TRANSCRIPT}"));
    lines.extend(transcript.map(|path| format!("evidence: {}", clean(&path))));
    lines.push(format!("rerun: {rerun} {}", shell_word(&clean(&case.id))));
    lines.join("\n")
}
