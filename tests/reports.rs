//! Reports of one run that holds every verdict, an expansion and hostile text: pinned, read back, and bounded.

#![cfg(test)]

#[path = "reports/fixture.rs"]
mod fixture;
#[path = "reports/formats.rs"]
mod formats;
#[path = "reports/library.rs"]
mod library;
#[path = "reports/steps.rs"]
mod steps;
mod support;

use std::fs;
use std::path::Path;

use presec::model::verdict::Verdict;
use presec::report::table::TableOptions;
use presec::report::{coverage, html, json, junit, lab_form, markdown, sarif, table};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

const RERUN: &str = "presec run --target lab.yaml";

fn options(width: u16) -> TableOptions {
    TableOptions {
        width,
        colour: false,
        verbose: false,
        rerun: RERUN.to_owned(),
        outcome: "exit 1: a scenario failed".to_owned(),
    }
}

fn columns(line: &str) -> usize {
    line.chars().count()
}

#[test]
fn table_of_80_columns() {
    insta::assert_snapshot!(table::render(&fixture::run(), &options(80)));
}

#[test]
fn table_of_120_columns_in_full() {
    let verbose = TableOptions {
        verbose: true,
        ..options(120)
    };
    insta::assert_snapshot!(table::render(&fixture::run(), &verbose));
}

#[test]
fn junit_text() {
    insta::assert_snapshot!(junit::render(&fixture::run(), RERUN));
}

#[test]
fn json_text() {
    insta::assert_snapshot!(json::to_json(&fixture::run()));
}

#[test]
fn table_fits_every_width() {
    for width in [20, 60, 61, 72, 80, 100, 120, 200] {
        for verbose in [false, true] {
            let options = TableOptions {
                verbose,
                ..options(width)
            };
            let text = table::render(&fixture::run(), &options);
            for line in text.lines() {
                assert!(
                    columns(line) <= usize::from(width.max(60)),
                    "{width}: {line}"
                );
                assert_eq!(line, line.trim_end(), "{width}: trailing blanks");
            }
        }
    }
}

#[test]
fn no_report_holds_what_could_fool_a_terminal() {
    let run = fixture::run();
    for text in [
        table::render(&run, &options(80)),
        junit::render(&run, RERUN),
    ] {
        let bad = text
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || "\u{202e}\u{2066}\u{200b}".contains(*c));
        assert_eq!(bad, None);
        assert!(text.len() < 64 * 1024, "{} octets", text.len());
    }
    let json = json::to_json(&run);
    assert!(!json.chars().any(|c| c.is_ascii_control() && c != '\n'));
}

#[test]
fn colour_is_only_added() {
    let run = fixture::run();
    let coloured = TableOptions {
        colour: true,
        ..options(80)
    };
    let mut text = table::render(&run, &coloured);
    assert!(text.contains("\u{1b}["));
    while let Some(start) = text.find("\u{1b}[") {
        let end = start + text[start..].find('m').unwrap();
        text.replace_range(start..=end, "");
    }
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert_eq!(lines(&text), lines(&table::render(&run, &options(80))));
}

#[test]
fn an_empty_run_is_told_as_one() {
    let text = table::render(&fixture::empty(), &options(80));
    assert!(
        text.ends_with("0 cases; exit 1: a scenario failed\n"),
        "{text}"
    );
    let report = read(&junit::render(&fixture::empty(), RERUN));
    assert_eq!(report.tests, 0);
}

#[test]
fn json_is_read_back_as_it_was() {
    let run = fixture::run();
    assert_eq!(json::from_json(&json::to_json(&run)).unwrap(), run);
    let value: serde_json::Value = serde_json::from_str(&json::to_json(&run)).unwrap();
    assert_eq!(value["schema_version"], 1);
    assert_eq!(value["tally"]["fail"], 4);
    for key in ["id", "scenario", "verdict", "observed", "verifies"] {
        assert!(value["scenarios"][0].get(key).is_some(), "{key}");
    }
}

#[test]
fn json_keeps_to_its_schema() {
    let schema =
        serde_json::to_value(schemars::schema_for!(presec::model::record::RunRecord)).unwrap();
    let value = serde_json::from_str(&json::to_json(&fixture::run())).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

fn read(xml: &str) -> Report {
    Report::deserialize_from_str(xml).unwrap()
}

fn test_case(verdict: Verdict) -> TestCase {
    let run = fixture::run();
    let id = &run
        .scenarios
        .iter()
        .find(|case| case.verdict == verdict)
        .unwrap()
        .id;
    read(&junit::render(&run, RERUN))
        .test_suites
        .into_iter()
        .flat_map(|suite| suite.test_cases)
        .find(|case| case.name.as_str() == id)
        .unwrap()
}

fn property<'a>(case: &'a TestCase, name: &str) -> Option<&'a str> {
    case.properties
        .iter()
        .find(|property| property.name.as_str() == name)
        .map(|property| property.value.as_str())
}

fn assert_success(verdict: Verdict) {
    let case = test_case(verdict);
    assert!(matches!(case.status, TestCaseStatus::Success { .. }));
    assert_eq!(property(&case, "verdict"), Some(verdict.name()));
}

fn assert_non_success(verdict: Verdict, wanted: NonSuccessKind, wanted_type: &str) -> String {
    let case = test_case(verdict);
    assert_eq!(property(&case, "verdict"), Some(verdict.name()));
    let TestCaseStatus::NonSuccess {
        kind,
        ty,
        description,
        ..
    } = case.status
    else {
        panic!("{verdict} is no success");
    };
    assert_eq!(kind, wanted);
    assert_eq!(ty.unwrap().as_str(), wanted_type);
    description.unwrap().into_string()
}

#[test]
fn pass_is_a_success() {
    assert_success(Verdict::Pass);
}

#[test]
fn info_is_a_success() {
    assert_success(Verdict::Info);
}

#[test]
fn warn_is_a_success_that_says_so() {
    assert_success(Verdict::Warn);
}

#[test]
fn fail_is_a_failure_of_type_shall() {
    let text = assert_non_success(Verdict::Fail, NonSuccessKind::Failure, "shall");
    for part in [
        "expected: ",
        "observed: ",
        "remedy: ",
        "rerun: presec run --target lab.yaml ",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn inconclusive_is_an_error() {
    let text = assert_non_success(Verdict::Inconclusive, NonSuccessKind::Error, "inconclusive");
    assert!(text.contains("because: "), "{text}");
}

#[test]
fn error_is_an_error() {
    assert_non_success(Verdict::Error, NonSuccessKind::Error, "error");
}

#[test]
fn not_applicable_is_skipped_with_its_reason() {
    let case = test_case(Verdict::NotApplicable);
    let TestCaseStatus::Skipped { message, .. } = case.status else {
        panic!("not applicable is skipped");
    };
    assert_eq!(
        message.unwrap().as_str(),
        "client_certificate is none (lab.yaml:14)"
    );
}

#[test]
fn junit_counts_are_those_of_the_tally() {
    let run = fixture::run();
    let report = read(&junit::render(&run, RERUN));
    let of = |verdict| usize::try_from(run.tally.of(verdict)).unwrap();
    assert_eq!(report.tests, run.scenarios.len());
    assert_eq!(report.failures, of(Verdict::Fail));
    assert_eq!(
        report.errors,
        of(Verdict::Inconclusive) + of(Verdict::Error)
    );
    assert_eq!(report.skipped, of(Verdict::NotApplicable));
}

/// xmllint reads XML with a parser that shares nothing with the one that wrote it.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn junit_holds_before_xmllint_and_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("junit.xml");
    fs::write(&file, junit::render(&fixture::run(), RERUN)).unwrap();
    let output = std::process::Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/junit.xsd"))
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Python's expat and its XML library share no code with the writer; they count what a CI server would count.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn junit_is_counted_alike_by_a_foreign_reader() {
    let run = fixture::run();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("junit.xml");
    fs::write(&file, junit::render(&run, RERUN)).unwrap();
    let script = "import sys, xml.etree.ElementTree as e\nr = e.parse(sys.argv[1]).getroot()\n\
        print(*[len(r.findall('.//' + t)) for t in ('testcase', 'testcase/failure', 'testcase/error', 'testcase/skipped')])";
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(&file)
        .output()
        .unwrap();
    let of = |verdict| run.tally.of(verdict);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        format!(
            "{} {} {} {}",
            run.tally.total(),
            of(Verdict::Fail),
            of(Verdict::Inconclusive) + of(Verdict::Error),
            of(Verdict::NotApplicable)
        )
    );
}

/// The committed examples are what the fixture gives; `PRESEC_WRITE_EXAMPLES=1` writes them anew.
#[test]
fn examples_are_up_to_date() {
    let run = fixture::run();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/examples");
    for (name, text) in [
        ("table.txt", table::render(&run, &options(80))),
        ("junit.xml", junit::render(&run, RERUN)),
        ("results.json", json::to_json(&run)),
        ("report.html", html::render(&run)),
        ("results.sarif", sarif::render(&run)),
        ("summary.md", markdown::render(&run)),
        ("coverage.csv", coverage::csv(&run)),
        ("coverage.md", coverage::markdown(&run)),
        ("lab-form.md", lab_form::render(&run)),
    ] {
        let path = folder.join(name);
        if std::env::var_os("PRESEC_WRITE_EXAMPLES").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap();
        assert!(
            committed == text,
            "reports/examples/{name} differs from what the fixture gives; PRESEC_WRITE_EXAMPLES=1 writes it anew"
        );
    }
}
