//! Targets that are not there, not TLS, not who they should be, or mean harm: bounded time and memory, an undecided run, reports.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::running::Running;
use crate::served::Served;
use crate::servers::{Rude, gone_after, nobody};
use crate::support::{Call, finished, run};

/// One case of each kind of step.
const PICKS: [&str; 6] = ["TLSV-05", "TLSC-07", "CERT-01", "GBA-01", "DIG-05", "XC-02"];

/// The longest that any of these may take, on a machine that does much else.
const BOUND: Duration = Duration::from_secs(40);

fn against(served: &Served, name: &str, change: impl FnOnce(&mut Value)) -> Call {
    let target = served.target(name, change);
    let folder = tempfile::tempdir().unwrap();
    let binary = env!("CARGO_BIN_EXE_presec");
    // Memory is bounded from outside: a flood that is kept would end the process.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 2000000 && exec \"$0\" \"$@\"", binary])
        .args([
            "run",
            "--json",
            "results.json",
            "--junit",
            "junit.xml",
            "--seed",
            "7",
        ])
        .args(["--deadline", "20s", "--target", &target])
        .args(PICKS)
        .current_dir(folder.path());
    let output = Running::start(command).ends(BOUND);
    assert!(
        folder.path().join("junit.xml").exists(),
        "{name}: both reports are written"
    );
    finished(folder.path(), &output)
}

fn undecided(call: &Call, name: &str) {
    assert_eq!(call.code, 3, "{name}: {}", call.stderr);
    let tally = call.results.as_ref().unwrap()["tally"].clone();
    for case in call.cases() {
        assert_eq!(case["verdict"], "inconclusive", "{name}: {case}");
        assert!(
            case["because"]
                .as_str()
                .is_some_and(|because| !because.is_empty()),
            "{name}: {case}"
        );
    }
    assert!(!call.cases().is_empty(), "{name}: {tally}");
    assert_eq!(
        call.stderr.matches("error: ").count(),
        1,
        "{name}: {}",
        call.stderr
    );
    assert!(
        call.stdout.lines().count() < 60,
        "{name}: said once, not for every case: {}",
        call.stdout
    );
    assert!(
        !call.stdout.contains('\u{1b}') && !call.stderr.contains('\u{1b}'),
        "{name}"
    );
}

#[test]
fn nobody_listens() {
    let served = Served::start(&[]);
    let call = against(&served, "dead.yaml", |target| {
        target["ut"]["address"] = nobody().to_string().into();
    });
    undecided(&call, "nobody");
    assert!(
        call.case("XC-02")["because"]
            .as_str()
            .unwrap()
            .contains("connection refused")
    );
}

#[test]
fn rude_servers_are_bounded_in_time_and_memory() {
    let served = Served::start(&[]);
    for rude in Rude::ALL {
        let name = format!("{rude:?}");
        let call = against(&served, &format!("{name}.yaml"), |target| {
            target["ut"]["address"] = rude.start().to_string().into();
            target["limits"]["timeout"] = "300ms".into();
        });
        undecided(&call, &name);
    }
}

#[test]
fn a_target_that_ends_is_missed_once_and_by_name() {
    let served = Served::start(&[]);
    let call = against(&served, "gone.yaml", |target| {
        let relay = gone_after(25, served.address("tls"));
        target["ut"]["address"] = relay.to_string().into();
    });
    assert_eq!(call.code, 3, "{}", call.stderr);
    assert!(!call.with_verdict("pass").is_empty() && !call.with_verdict("inconclusive").is_empty());
    assert!(call.with_verdict("fail").is_empty());
    let notes = &call.results.as_ref().unwrap()["notes"];
    let said = notes[0].as_str().unwrap_or_default();
    assert!(
        said.starts_with("the target took no connection any more"),
        "{notes}"
    );
    assert!(
        call.stdout.contains("the target took no"),
        "{}",
        call.stdout
    );
}

/// Whether credentials were kept back, and why, in every case that would have sent them.
fn kept_back(call: &Call, name: &str, why: &str) {
    for id in ["DIG-05", "XC-02"] {
        let case = call.case(id);
        assert_eq!(case["verdict"], "inconclusive", "{name}: {case}");
        let because = case["because"].as_str().unwrap();
        assert!(
            because.contains("credentials were not sent") && because.contains(why),
            "{name}: {because}"
        );
    }
    assert_eq!(
        call.verdict("TLSC-07"),
        "pass",
        "{name}: what needs no credentials is judged"
    );
}

#[test]
fn credentials_go_only_to_who_proves_to_be_the_target() {
    let served = Served::start(&[]);
    let stranger = Served::start(&[]);
    let foreign = stranger.folder().join("ca.pem").display().to_string();
    let call = against(&served, "wrong-ca.yaml", |target| {
        target["ut"]["ca"] = foreign.into();
    });
    kept_back(&call, "wrong CA", "");
    assert_eq!(call.code, 1, "the chain itself is judged");
    assert_eq!(call.verdict("CERT-01"), "fail");
    let misnamed = Served::start(&["--defect", "wrong-name-certificate"]);
    let call = against(&misnamed, "wrong-name.yaml", |_| {});
    kept_back(&call, "wrong name", "");
    let expired = Served::start(&["--defect", "expired-certificate"]);
    let call = against(&expired, "expired.yaml", |_| {});
    kept_back(&call, "expired", "");
}

#[test]
fn a_wrong_password_is_undecided_and_nobodys_failure() {
    let served = Served::start(&[]);
    let call = against(&served, "wrong-password.yaml", |target| {
        target["subscribers"]["alice"]["credentials"]["ks_naf"] = "lab:not-the-right-key".into();
    });
    assert_eq!(call.code, 3, "{}", call.stderr);
    for id in ["DIG-05", "XC-02"] {
        assert_eq!(call.verdict(id), "inconclusive");
    }
    assert_eq!(call.verdict("TLSC-07"), "pass");
}

#[test]
fn a_deadline_of_a_moment_leaves_everything_undecided_with_reports() {
    let call = run(&["--deadline", "1ms"]);
    assert_eq!(call.code, 3, "{}", call.stderr);
    assert!(call.cases().len() > 100);
    assert!(call.with_verdict("pass").is_empty());
    assert!(call.with_verdict("fail").is_empty());
}
