//! Ctrl-C and SIGTERM: what was earned is reported, what was written is undone; a second one ends at once.

use std::time::Duration;

use serde_json::json;

use crate::running::Running;
use crate::served::Served;
use crate::servers::answer_of;
use crate::support::{command, finished};

/// The document that write scenarios use, as the store names it.
const DOCUMENT: &str = "/pres-rules/users/sip:alice@example.test/presec-test.xml";

const BOUND: Duration = Duration::from_secs(60);

/// A slow run of scenarios that write, stopped when the first document is there.
pub(crate) fn in_the_middle(served: &Served) -> Running {
    let target = served.target("slow.yaml", |target| {
        target["limits"]["connections_per_second"] = json!(6);
        target["limits"]["timeout"] = json!("30s");
    });
    let args = [
        "run",
        "XC-02",
        "RE-*",
        "DIG-*",
        "--json",
        "results.json",
        "--junit",
        "junit.xml",
        "--target",
        &target,
        "--log",
        "presec=debug",
        "-j",
        "3",
    ];
    let mut running = Running::start(command(served.folder(), &args));
    running.says("written");
    running
}

/// What the store answers alice about her document: status and body.
pub(crate) fn document(served: &Served) -> (u16, String) {
    let header = "X-3GPP-Asserted-Identity: \"sip:alice@example.test\"\r\n";
    answer_of(served.address("store"), DOCUMENT, header)
}

fn stopped_by(signal: &str, name: &str) {
    let served = Served::start(&[]);
    let before = document(&served);
    let running = in_the_middle(&served);
    assert_ne!(
        document(&served),
        before,
        "the run is in the middle of writing"
    );
    running.signal(signal);
    let output = running.ends(BOUND);
    let call = finished(served.folder(), &output);
    assert_eq!(call.code, 130, "{}", call.stderr);
    assert!(served.folder().join("junit.xml").exists());
    let because = format!("stopped by {name}");
    assert_eq!(call.results.as_ref().unwrap()["interrupted"], name);
    let stopped = call
        .cases()
        .iter()
        .filter(|case| case["because"] == because.as_str());
    assert!(stopped.clone().count() > 3, "{}", call.stdout);
    assert!(
        stopped
            .clone()
            .all(|case| case["verdict"] == "inconclusive")
    );
    assert_eq!(
        document(&served),
        before,
        "what was written is undone; {}",
        call.stderr
    );
}

#[test]
fn ctrl_c_reports_and_undoes() {
    stopped_by("INT", "Ctrl-C");
}

#[test]
fn sigterm_reports_and_undoes() {
    stopped_by("TERM", "SIGTERM");
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    let served = Served::start(&[]);
    let mut running = in_the_middle(&served);
    // What is written cannot be undone now, so the first Ctrl-C has something to wait for.
    served.freeze();
    running.signal("INT");
    running.says("stopping");
    running.signal("INT");
    let output = running.ends(BOUND);
    let call = finished(served.folder(), &output);
    assert_eq!(call.code, 130, "{}", call.stderr);
    assert!(call.stderr.contains("stopped at once"), "{}", call.stderr);
    assert!(call.results.is_none(), "nothing was written any more");
}
