//! A run that is killed leaves a journal, by which `presec cleanup` makes documents as they were.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::running::Running;
use crate::served::Served;
use crate::stopping::{document, in_the_middle};
use crate::support::{command, finished, presec_in};

const BOUND: Duration = Duration::from_secs(60);

/// The journals below `reports/`.
fn journals(served: &Served) -> Vec<PathBuf> {
    let runs = fs::read_dir(served.folder().join("reports"))
        .into_iter()
        .flatten();
    runs.map(|run| run.expect("an entry").path().join("undo-journal.ndjson"))
        .filter(|path| path.exists())
        .collect()
}

/// A target whose alice has another document than before, because a run was killed.
fn killed() -> (Served, (u16, String)) {
    let served = Served::start(&[]);
    let before = document(&served);
    let running = in_the_middle(&served);
    running.signal("KILL");
    running.ends(BOUND);
    assert_ne!(document(&served), before, "nothing undid it");
    assert_eq!(journals(&served).len(), 1);
    (served, before)
}

#[test]
fn what_a_killed_run_left_is_put_back_by_its_journal() {
    let (served, before) = killed();
    let journal = journals(&served).remove(0);
    let call = presec_in(
        served.folder(),
        &["cleanup", journal.to_str().expect("text")],
    );
    assert_eq!(call.code, 0, "{} {}", call.stdout, call.stderr);
    assert!(
        call.stdout.contains("1 document is as it was;"),
        "{}",
        call.stdout
    );
    assert_eq!(document(&served), before);
    assert_eq!(journals(&served), [] as [PathBuf; 0]);
}

#[test]
fn what_a_killed_run_left_is_put_back_by_the_target_file() {
    let (served, before) = killed();
    let call = presec_in(served.folder(), &["cleanup", "slow.yaml"]);
    assert_eq!(call.code, 0, "{} {}", call.stdout, call.stderr);
    assert_eq!(document(&served), before);
    let again = presec_in(served.folder(), &["cleanup", "--target", "slow.yaml"]);
    assert_eq!(again.code, 0);
    assert!(
        again.stdout.contains("nothing to clean up"),
        "{}",
        again.stdout
    );
}

#[test]
fn the_target_file_may_come_as_an_option() {
    let (served, before) = killed();
    let call = presec_in(served.folder(), &["cleanup", "--target", "slow.yaml"]);
    assert_eq!(call.code, 0, "{} {}", call.stdout, call.stderr);
    assert_eq!(document(&served), before);
    assert_eq!(journals(&served), [] as [PathBuf; 0]);
    let nothing = presec_in(served.folder(), &["cleanup"]);
    assert_eq!(nothing.code, 2, "{}", nothing.stdout);
}

#[test]
fn a_target_that_is_gone_leaves_the_journal() {
    let (served, _) = killed();
    let journal = journals(&served).remove(0);
    let gone = served.target("gone.yaml", |target| {
        target["ut"]["url"] = json!("https://ps.example.test:1/");
        target["ut"]["address"] = json!("127.0.0.1:1");
    });
    let args = [
        "cleanup",
        journal.to_str().expect("text"),
        "--target",
        &gone,
    ];
    let call = presec_in(served.folder(), &args);
    assert_eq!(call.code, 3, "{} {}", call.stdout, call.stderr);
    assert!(
        call.stdout.contains("1 document is not as it was;"),
        "{}",
        call.stdout
    );
    assert!(
        call.stderr.contains("could not be put back"),
        "{}",
        call.stderr
    );
    assert!(journal.exists());
}

#[test]
fn a_run_that_ends_leaves_no_journal() {
    let served = Served::start(&[]);
    let target = served.target("t.yaml", |_| {});
    let call = presec_in(served.folder(), &["run", "XC-02", "--target", &target]);
    assert_eq!(call.code, 0, "{}", call.stderr);
    assert_eq!(journals(&served), [] as [PathBuf; 0]);
}

#[test]
fn undoing_has_a_budget_of_its_own() {
    let served = Served::start(&[]);
    let before = document(&served);
    for connections in [6, 8, 10, 12] {
        let target = served.target("few.yaml", |target| {
            target["limits"]["connections"] = json!(connections);
        });
        let out = format!("out-{connections}");
        let args = ["run", "XC-02", "XC-22", "--target", &target, "--out", &out];
        let output = Running::start(command(served.folder(), &args)).ends(BOUND);
        let call = finished(served.folder(), &output);
        assert_eq!(document(&served), before, "{connections}: {}", call.stderr);
    }
}

#[test]
fn what_is_no_journal_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let call = presec_in(folder.path(), &["cleanup", "missing.ndjson"]);
    assert_eq!(call.code, 2, "{}", call.stderr);
    assert!(call.stderr.contains("missing.ndjson"), "{}", call.stderr);
    let call = presec_in(folder.path(), &["cleanup", "--help"]);
    assert_eq!(call.code, 0);
    assert!(call.stdout.contains("undo journal"), "{}", call.stdout);
}
