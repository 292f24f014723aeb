//! Mistakes of the user: exit 2 or 4, one error, nothing sent.

use std::fs;
use std::path::Path;

use crate::served::Served;
use crate::support::{command, presec_in, run, run_in};

/// Calls presec and returns exit code and the only error.
fn refused(folder: &Path, args: &[&str]) -> (i32, String) {
    let call = presec_in(folder, args);
    assert_eq!(call.stdout, "", "{args:?}");
    assert_eq!(
        call.stderr.matches("error: ").count(),
        1,
        "{args:?}: {}",
        call.stderr
    );
    (call.code, call.stderr)
}

#[test]
fn a_mistake_is_one_error_with_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (code, args, says) in [
        (2, &["run", "--nope"][..], "--nope"),
        (2, &["run", "TLSX-99"], "nothing matches `TLSX-99`"),
        (2, &["show", "TLSX-99"], "nothing matches `TLSX-99`"),
        (2, &["explain", "nonsense"], "`nonsense` is no clause"),
        (4, &["run", "--tag", "nonesuch"], "no scenario is selected"),
        (
            2,
            &["run", "--fail-on", "often"],
            "--fail-on often: known verdicts are",
        ),
        (2, &["run", "--policy", "x"], "write KEY=VALUE"),
        (2, &["run", "--policy", "x=y"], "no policy key `x`"),
        (
            2,
            &["run", "--policy", "release=rel99"],
            "`rel99` is not a value of release",
        ),
        (
            2,
            &["run", "--risk", "high"],
            "known are load and disruptive",
        ),
        (2, &["run", "--deadline", "soon"], "--deadline soon"),
        (2, &["run", "-j", "0"], "from 1 to 64"),
        (2, &["run", "--run-id", "../x"], "--run-id takes"),
        (2, &["run", "--defect", "nonesuch"], "--defect nonesuch"),
        (2, &["run", "--topology", "ring"], "--topology ring"),
        (2, &["run", "--log", "a=b=c"], "--log a=b=c"),
        (
            2,
            &["run", "--json", "file/x.json"],
            "cannot write file/x.json: file is a file, not a folder",
        ),
        (
            2,
            &["run", "--junit", "file/x/y.xml"],
            "file is a file, not a folder",
        ),
        (2, &["run", "--out", "file"], "file is a file, not a folder"),
        (2, &["run", "--json", "."], "it is a folder"),
        (2, &["run", "--target", "none.yaml"], "none.yaml"),
        (2, &["doctor", "--target", "none.yaml"], "none.yaml"),
        (2, &["lint", "nowhere"], "nowhere"),
    ] {
        let (found, text) = refused(folder.path(), args);
        assert_eq!(found, code, "{args:?}: {text}");
        assert!(text.contains(says), "{args:?}: {text}");
    }
}

#[test]
fn an_expansion_that_does_not_exist_is_not_green() {
    let call = run(&["TLSS-06[mechanism=none]"]);
    assert!([2, 4].contains(&call.code), "{} {}", call.code, call.stdout);
}

#[test]
fn a_broken_target_file_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("bad.yaml"),
        "name: x\nut:\n  url: http://127.0.0.1/\n",
    )
    .unwrap();
    let (code, text) = refused(folder.path(), &["run", "--target", "bad.yaml"]);
    assert_eq!(code, 2);
    assert!(text.contains("bad.yaml:"), "{text}");
    assert!(!folder.path().join("reports").exists(), "nothing was run");
}

#[test]
fn the_gate_can_be_moved() {
    let weak = ["TLSC-07", "TLSC-01", "--defect", "selects-unencrypted"];
    let strict = run(&weak);
    assert_eq!(strict.code, 1, "{}", strict.stderr);
    assert_eq!(run(&[&weak[..], &["--fail-on", "error"]].concat()).code, 0);
    assert_eq!(
        run(&["TLSC-01", "--fail-on", "pass,info,fail,error"]).code,
        0
    );
}

#[test]
fn policy_of_the_command_line_wins_and_says_so() {
    let call = run(&[
        "CC-03",
        "--policy",
        "client_certificate=required",
        "--client-certificate",
        "required",
    ]);
    let used = &call.case("CC-03")["policy_used"]["client_certificate"];
    assert_eq!(used["values"][0], "required", "{used}");
    assert_eq!(used["origin"], "--policy", "{used}");
}

#[test]
fn a_report_is_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.json");
    fs::write(&path, "x".repeat(1 << 20)).unwrap();
    // A run that never starts leaves it alone.
    let refused = command(folder.path(), &["run", "TLSX-99", "--json", "results.json"]).output();
    assert_eq!(refused.unwrap().status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap().len(), 1 << 20);
    let call = run_in(folder.path(), &["TLSV-05"]);
    assert_eq!(call.code, 0, "{}", call.stderr);
    assert_eq!(call.cases().len(), 1);
    let entries = fs::read_dir(folder.path()).unwrap();
    let left = entries
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file()))
        .count();
    assert_eq!(left, 2, "results and junit, and no temporary file");
}

#[test]
fn a_port_of_the_observer_that_is_taken_is_one_error() {
    let served = Served::start(&[]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = served.target("taken.yaml", |target| {
        target["origin_observer"] =
            serde_json::json!({ "listen": taken.local_addr().unwrap().to_string() });
    });
    let (code, text) = refused(served.folder(), &["run", "--target", &target]);
    assert_eq!(code, 3);
    assert!(text.contains("origin_observer"), "{text}");
}
