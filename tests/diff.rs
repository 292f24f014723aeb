//! Comparison and rerun, with the binary and the embedded target.

#![cfg(test)]

mod support;

use std::fs;

use support::{presec_in, run_in};

#[test]
fn a_failure_that_came_is_a_regression_and_one_that_went_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run_in(path, &["TLSC-07"]).code, 0);
    fs::rename(path.join("results.json"), path.join("good.json")).unwrap();
    assert_eq!(
        run_in(path, &["--defect", "selects-unencrypted", "TLSC-07"]).code,
        1
    );

    let worse = presec_in(path, &["diff", "good.json", "results.json"]);
    assert_eq!(worse.code, 1, "{}", worse.stdout);
    assert!(worse.stdout.contains("pass → fail"), "{}", worse.stdout);
    assert!(worse.stdout.lines().all(|line| line.chars().count() <= 80));
    let better = presec_in(
        path,
        &["diff", "results.json", "good.json", "--format", "markdown"],
    );
    assert_eq!(better.code, 0);
    assert!(
        better.stdout.contains("| Better | TLSC-07"),
        "{}",
        better.stdout
    );
    let same = presec_in(
        path,
        &["diff", "good.json", "good.json", "--format", "json"],
    );
    assert_eq!(same.code, 0);
    let value: serde_json::Value = serde_json::from_str(&same.stdout).unwrap();
    assert_eq!(value["differences"].as_array().map(Vec::len), Some(0));
    assert!(value["same"].as_u64() > Some(0));
    assert_eq!(
        presec_in(path, &["diff", "good.json", "nowhere.json"]).code,
        2
    );
}

#[test]
fn a_scenario_that_is_gone_altogether_is_a_regression() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run_in(path, &["TLSC-07", "TLSC-08"]);
    fs::rename(path.join("results.json"), path.join("both.json")).unwrap();
    run_in(path, &["TLSC-07"]);
    let gone = presec_in(path, &["diff", "both.json", "results.json"]);
    assert_eq!(gone.code, 1, "{}", gone.stdout);
    assert!(gone.stdout.contains("Vanished"), "{}", gone.stdout);
    let common = presec_in(
        path,
        &["diff", "both.json", "results.json", "--only-common"],
    );
    assert_eq!(common.code, 0, "{}", common.stdout);
}

#[test]
fn a_rerun_takes_what_failed_and_the_same_target() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let first = run_in(path, &["--defect", "selects-unencrypted", "TLSC-0*"]);
    assert_eq!(first.code, 1, "{}", first.stdout);
    let failed = first.with_verdict("fail");
    fs::rename(path.join("results.json"), path.join("first.json")).unwrap();
    let again = presec_in(
        path,
        &[
            "rerun",
            "first.json",
            "--failed",
            "--json",
            "results.json",
            "--junit",
            "again.xml",
        ],
    );
    assert_eq!(again.code, 1, "{}", again.stderr);
    assert_eq!(again.with_verdict("fail"), failed);
    assert_eq!(again.cases().len(), failed.len());
    let none = presec_in(path, &["rerun", "first.json", "--inconclusive"]);
    assert_eq!(none.code, 4, "{}", none.stderr);
}
