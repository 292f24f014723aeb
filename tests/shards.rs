//! Parts of a plan, many targets in one call, and the stream of events.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use presec::engine::merge::{MergeError, merge};
use presec::engine::shard::{plan_sha256, shard_of};
use presec::load::Library;
use presec::model::record::RunRecord;
use presec::model::shard::Shard;
use presec::report::json::from_json;
use support::{command, presec_in, run_in};

fn whole() -> RunRecord {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), &["TLSC-*", "XC-*", "ID-*"]);
    from_json(&fs::read_to_string(folder.path().join("results.json")).unwrap()).unwrap()
}

/// The record of part `index`, as a run of that part would have written it.
fn part(whole: &RunRecord, index: u32, total: u32) -> RunRecord {
    let mut part = whole.clone();
    part.scenarios
        .retain(|case| shard_of(&case.id, total) == index);
    let here = |(_, case): &(u32, &presec::model::record::ScenarioRecord)| {
        shard_of(&case.id, total) == index
    };
    part.shard = Some(Shard {
        index,
        total,
        positions: (0..)
            .zip(&whole.scenarios)
            .filter(here)
            .map(|(at, _)| at)
            .collect(),
        plan_size: u32::try_from(whole.scenarios.len()).unwrap(),
        plan_sha256: plan_sha256(whole.scenarios.iter().map(|case| case.id.as_str())),
    });
    part.tally = part.scenarios.iter().map(|case| case.verdict).collect();
    part.not_judged = Vec::new();
    part
}

#[test]
fn the_parts_make_the_whole_again() {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    let whole = whole();
    assert!(whole.scenarios.len() > 20);
    for total in 1..=7 {
        let mut parts: Vec<RunRecord> = (1..=total)
            .map(|index| part(&whole, index, total))
            .collect();
        parts.reverse();
        let merged = merge(parts, library.register.iter()).unwrap();
        assert_eq!(merged, whole, "{total} parts");
    }
}

#[test]
fn what_is_missing_twice_or_foreign_is_refused() {
    let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
    let whole = whole();
    let put = |parts: Vec<RunRecord>| merge(parts, library.register.iter()).unwrap_err();
    let of = |index| part(&whole, index, 3);
    assert_eq!(put(vec![]), MergeError::Nothing);
    assert_eq!(
        put(vec![of(1), of(3)]),
        MergeError::Missing {
            missing: vec![2],
            total: 3
        }
    );
    assert_eq!(
        put(vec![of(1), of(2), of(2), of(3)]),
        MergeError::Twice { index: 2, total: 3 }
    );
    assert!(matches!(
        put(vec![whole.clone()]),
        MergeError::NotSharded(_)
    ));
    let changed = |change: fn(&mut RunRecord)| {
        let mut third = of(3);
        change(&mut third);
        put(vec![of(1), of(2), third])
    };
    assert!(matches!(
        changed(|part| part.seed += 1),
        MergeError::Different {
            what: "the seed",
            ..
        }
    ));
    assert!(matches!(
        changed(|part| part.target.name.push('x')),
        MergeError::Different { .. }
    ));
    assert!(matches!(
        changed(|part| part.shard.as_mut().unwrap().plan_size += 1),
        MergeError::Different { .. }
    ));
    assert_eq!(
        changed(|part| drop(part.scenarios.pop())),
        MergeError::NotThePlan
    );
    assert_eq!(
        changed(|part| part.scenarios[0].id.push('x')),
        MergeError::NotThePlan
    );
    let lost = changed(|part| part.target.unreachable = Some("refused".to_owned()));
    assert!(matches!(lost, MergeError::Unreachable { index: 3, .. }));
}

fn verdicts(path: &Path) -> BTreeMap<String, String> {
    let record = from_json(&fs::read_to_string(path).unwrap()).unwrap();
    record
        .scenarios
        .iter()
        .map(|case| (case.id.clone(), case.verdict.to_string()))
        .collect()
}

#[test]
fn three_processes_and_a_merge_judge_as_one_process_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let select = [
        "TLSC-*",
        "--seed",
        "7",
        "--defect",
        "selects-unencrypted",
        "-q",
    ];
    let mut one = vec!["run", "--json", "one.json", "--junit", "one.xml"];
    one.extend(select);
    assert_eq!(presec_in(path, &one).code, 1);
    for (index, variables) in [
        ("1", ["CI_NODE_INDEX", "CI_NODE_TOTAL"]),
        ("2", ["CI_NODE_INDEX", "CI_NODE_TOTAL"]),
    ] {
        let mut args = vec!["run", "--shard", "auto", "--out", "parts"];
        args.extend(select);
        let mut call = command(path, &args);
        call.env(variables[0], index).env(variables[1], "3");
        assert!(call.output().unwrap().status.code().is_some());
    }
    let mut third = vec!["run", "--shard", "auto", "--out", "parts"];
    third.extend(select);
    let mut call = command(path, &third);
    call.env("JOB_COMPLETION_INDEX", "2")
        .env("PRESEC_SHARDS", "3");
    assert!(call.output().unwrap().status.code().is_some());
    let files = [
        "parts/shard-1-of-3/results.json",
        "parts/shard-2-of-3/results.json",
        "parts/shard-3-of-3/results.json",
    ];
    let mut args = vec!["merge", "--json", "merged.json", "--junit", "merged.xml"];
    args.extend(files);
    let merged = presec_in(path, &args);
    assert_eq!(merged.code, 1, "{}{}", merged.stdout, merged.stderr);
    assert_eq!(
        verdicts(&path.join("merged.json")),
        verdicts(&path.join("one.json"))
    );
    let text = fs::read_to_string(path.join("merged.json")).unwrap();
    let record: RunRecord = serde_json::from_str(&text).unwrap();
    let evidence = record
        .scenarios
        .iter()
        .filter_map(|case| case.evidence.as_ref());
    let evidence: Vec<_> = evidence.collect();
    assert!(!evidence.is_empty());
    for place in evidence {
        assert!(
            path.join(place).join("transcript.jsonl").exists(),
            "{place}"
        );
    }
    let missing = presec_in(path, &["merge", files[0], files[2], "--json", "never.json"]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("missing: 2"), "{}", missing.stderr);
    assert!(!path.join("never.json").exists());
}

#[test]
fn a_part_needs_a_seed_and_a_pipeline_that_says_which() {
    let folder = tempfile::tempdir().unwrap();
    for (args, told) in [
        (["run", "--shard", "1/3", "-q"].as_slice(), "needs --seed"),
        (&["run", "--shard", "4/3", "--seed", "1"], "counted from 1"),
        (
            &["run", "--shard", "auto", "--seed", "1"],
            "neither CI_NODE_INDEX",
        ),
    ] {
        let mut call = command(folder.path(), args);
        call.env_remove("CI_NODE_INDEX")
            .env_remove("JOB_COMPLETION_INDEX");
        let output = call.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains(told), "{stderr}");
    }
}

fn target(name: &str, port: u16) -> String {
    format!(
        "name: {name}\nroles: [authentication-proxy]\nrelease: rel6\nut:\n  url: https://127.0.0.1:{port}/\nlimits: {{ timeout: 1s }}\n"
    )
}

#[test]
fn several_targets_have_their_own_folders_and_one_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("targets")).unwrap();
    // Nothing listens on port 1.
    fs::write(path.join("targets/a.yaml"), target("lab a", 1)).unwrap();
    fs::write(path.join("targets/b.yaml"), target("lab-b", 1)).unwrap();
    let call = presec_in(
        path,
        &[
            "run", "--target", "targets", "TLSC-07", "--seed", "7", "--out", "out", "-q",
        ],
    );
    assert_eq!(call.code, 3, "{}{}", call.stdout, call.stderr);
    for name in ["lab-a", "lab-b"] {
        assert!(
            path.join("out").join(name).join("results.json").is_file(),
            "{name}"
        );
        assert!(
            call.stdout.contains(&format!("{name}: exit 3")),
            "{}",
            call.stdout
        );
    }
    let one_file = presec_in(
        path,
        &[
            "run",
            "-t",
            "targets/a.yaml",
            "-t",
            "targets/b.yaml",
            "--json",
            "x.json",
        ],
    );
    assert_eq!(one_file.code, 2);
    fs::write(path.join("targets/c.yaml"), target("lab-b", 1)).unwrap();
    let same_name = presec_in(path, &["run", "--target", "targets"]);
    assert_eq!(same_name.code, 2);
    assert!(
        same_name.stderr.contains("same name"),
        "{}",
        same_name.stderr
    );
    fs::write(path.join("targets/c.yaml"), "name: 7\n").unwrap();
    let broken = presec_in(path, &["run", "--target", "targets", "--out", "never"]);
    assert_eq!(broken.code, 2);
    assert!(!path.join("never").exists());
}

#[test]
fn events_are_objects_and_every_case_is_among_them() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_in(folder.path(), &["TLSC-0*", "--events", "-"]);
    assert_eq!(call.code, 0, "{}", call.stderr);
    let events: Vec<serde_json::Value> = call
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!(events[0]["event"], "target-surveyed");
    assert_eq!(events[1]["event"], "run-started");
    assert_eq!(events.last().unwrap()["event"], "run-finished");
    assert_eq!(named("case-finished"), call.cases().len());
    assert_eq!(
        events[1]["cases"].as_u64(),
        u64::try_from(call.cases().len()).ok()
    );
    assert!(call.stderr.contains("exit 0"), "{}", call.stderr);
    let nowhere = presec_in(
        folder.path(),
        &["run", "TLSC-07", "--events", "no/such/folder/x"],
    );
    assert_eq!(nowhere.code, 2);
}
