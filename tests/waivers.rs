//! Waivers from file to exit code, with the binary and the embedded target.

#![cfg(test)]

mod support;

use std::fs;
use std::path::Path;

use support::{Call, presec_in, project, run_in};

/// A defect with the scenario that it turns red.
const DEFECT: [&str; 3] = ["--defect", "selects-unencrypted", "TLSC-07"];

fn waiver(id: &str, verdict: &str, expires: &str) -> String {
    format!(
        "waivers:\n  - id: {id}\n    target: reference\n    verdict: {verdict}\n    because: The vendor removes NULL suites in release 4.2.\n    owner: jane\n    expires: {expires}\n"
    )
}

fn run_with(folder: &Path, waivers: &str, args: &[&str]) -> Call {
    fs::write(folder.join("waivers.yaml"), waivers).unwrap();
    let mut all = vec!["--waivers", "waivers.yaml"];
    all.extend_from_slice(args);
    run_in(folder, &all)
}

fn problems(call: &Call) -> Vec<String> {
    let results = call.results.as_ref().unwrap();
    let list = results["waiver_problems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    list.iter()
        .map(|problem| {
            format!(
                "{} {}",
                problem["kind"].as_str().unwrap(),
                problem["id"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_waived_failure_stays_a_failure_and_does_not_gate() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_with(
        folder.path(),
        &waiver("TLSC-07", "fail", "2999-12-31"),
        &DEFECT,
    );
    assert_eq!(call.code, 0, "{}{}", call.stdout, call.stderr);
    let results = call.results.as_ref().unwrap();
    let failed = results["tally"]["fail"].as_u64().unwrap();
    assert!(failed > 0);
    assert_eq!(results["waived"].as_u64(), Some(failed));
    assert_eq!(call.case("TLSC-07")["verdict"], "fail");
    assert_eq!(call.case("TLSC-07")["waiver"]["place"], "waivers.yaml:2");
    assert!(call.stdout.contains("Waived: "), "{}", call.stdout);
    assert!(
        call.stdout.contains("waived by jane until 2999-12-31"),
        "{}",
        call.stdout
    );
    let junit = fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(junit.contains("type=\"waived\""), "{junit}");
    assert!(junit.contains("failures=\"0\""), "{junit}");
}

#[test]
fn an_expired_waiver_covers_nothing_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let expired = waiver("TLSC-07", "fail", "2001-01-01");
    let call = run_with(folder.path(), &expired, &DEFECT);
    assert_eq!(call.code, 1);
    assert_eq!(problems(&call), ["expired TLSC-07"]);
    let call = run_with(folder.path(), &expired, &["TLSC-07"]);
    assert_eq!(call.code, 5, "{}", call.stdout);
    assert!(
        call.stdout.contains("To renew or remove: 1 waiver"),
        "{}",
        call.stdout
    );
}

#[test]
fn a_waiver_for_what_no_longer_happens_or_never_did_gates() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_with(
        folder.path(),
        &waiver("TLSC-*", "fail", "2999-12-31"),
        &["TLSC-07"],
    );
    assert_eq!(
        (call.code, problems(&call)),
        (5, vec!["stale TLSC-*".to_owned()])
    );
    let call = run_with(
        folder.path(),
        &waiver("TLSC-9999", "fail", "2999-12-31"),
        &["TLSC-07"],
    );
    assert_eq!(
        (call.code, problems(&call)),
        (5, vec!["unused TLSC-9999".to_owned()])
    );
}

#[test]
fn another_observation_is_another_failure() {
    let folder = tempfile::tempdir().unwrap();
    let text = waiver("TLSC-07", "fail", "2999-12-31") + "    observed: never seen in any run\n";
    let call = run_with(folder.path(), &text, &DEFECT);
    assert_eq!(call.code, 1);
    assert_eq!(problems(&call), ["stale TLSC-07"]);
}

#[test]
fn what_was_not_selected_says_nothing_about_its_waivers() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_with(
        folder.path(),
        &waiver("XC-*", "fail", "2999-12-31"),
        &["TLSC-07"],
    );
    assert_eq!((call.code, problems(&call)), (0, vec![]));
    let elsewhere = waiver("TLSC-07", "fail", "2999-12-31").replace("reference", "other");
    let call = run_with(folder.path(), &elsewhere, &["TLSC-07"]);
    assert_eq!((call.code, problems(&call)), (0, vec![]));
}

#[test]
fn a_written_waiver_covers_the_result_it_was_written_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run_in(path, &DEFECT).code, 1);
    let mut waive = vec![
        "waive",
        "results.json",
        "TLSC-07",
        "--owner",
        "jane: \"x\"",
        "--expires",
        "2999-12-31",
    ];
    waive.extend(["--because", "The vendor removes them in release 4.2."]);
    let printed = presec_in(path, &waive);
    assert_eq!(printed.code, 0, "{}", printed.stderr);
    assert!(
        printed
            .stdout
            .starts_with("  - id: TLSC-07\n    target: reference\n    verdict: fail\n"),
        "{}",
        printed.stdout
    );
    waive.extend(["--append", "waivers.yaml"]);
    assert_eq!(presec_in(path, &waive).code, 0);
    let twice = presec_in(path, &waive);
    assert_eq!(twice.code, 2);
    assert!(twice.stderr.contains("waived twice"), "{}", twice.stderr);
    let mut again = vec!["--waivers", "waivers.yaml"];
    again.extend(DEFECT);
    let call = run_in(path, &again);
    assert_eq!(call.code, 0, "{}{}", call.stdout, call.stderr);
    let nothing = presec_in(
        path,
        &[
            "waive",
            "results.json",
            "XC-01",
            "--owner",
            "j",
            "--expires",
            "2999-12-31",
            "--because",
            "There is no result of this id at all.",
        ],
    );
    assert_eq!(nothing.code, 2);
}

#[test]
fn a_broken_waiver_file_ends_the_run_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_with(
        folder.path(),
        &waiver("TLSC-07", "fail", "soon"),
        &["TLSC-07"],
    );
    assert_eq!(call.code, 2);
    assert!(call.stderr.contains("waivers.yaml:7:14"), "{}", call.stderr);
    assert!(call.results.is_none());
}

#[test]
fn the_example_is_in_order_and_fits_the_schema() {
    let path = project().join("fixtures/waivers/lab.yaml");
    let loaded = presec::load::load_waivers(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.len(), 2);
    let schema = presec::load::schema_for("waivers").unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: serde_json::Value =
        serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(validator.is_valid(&value));
    let lint = presec_in(
        &project(),
        &["lint", "--waivers", "fixtures/waivers/lab.yaml"],
    );
    assert_eq!(lint.code, 0, "{}", lint.stderr);
}
