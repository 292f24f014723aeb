//! Cases that wait for a day to pass: parked by one run, judged by a later one.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use super::parked_state::{make_older, rewrite};
use super::served::Served;
use super::support::{Call, command, presec_in};

const DAY: i64 = 86_400;
const IDS: [&str; 3] = [
    "TLSS-06[mechanism=session-id]",
    "TLSS-06[mechanism=ticket]",
    "TLSS-06[mechanism=tls13-psk]",
];

/// A target that stays, and a folder with what was parked of it.
struct Lot {
    served: Served,
    folder: tempfile::TempDir,
    target: String,
}

impl Lot {
    /// A target with these arguments of `presec serve`, which has no hook for its clock.
    fn of(serve: &[&str]) -> Self {
        let served = Served::start(serve);
        let target = served.target("lot.yaml", |target| {
            target["hooks"]["advance_clock"] = json!("none");
        });
        Self {
            served,
            folder: tempfile::tempdir().expect("a folder"),
            target,
        }
    }

    fn call(&self, args: &[&str]) -> Call {
        let mut all = args.to_vec();
        all.extend([
            "--json",
            "results.json",
            "--junit",
            "junit.xml",
            "--html",
            "report.html",
        ]);
        all.extend(["--out", "out", "--progress", "plain"]);
        presec_in(self.folder.path(), &all)
    }

    fn park(&self) -> Call {
        let mut args = vec!["run", "--target", &self.target, "--checkpoint", "state"];
        args.extend(IDS);
        self.call(&args)
    }

    fn resume(&self) -> Call {
        self.call(&["resume", "state"])
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Makes what was parked so much older, as if it had been parked then, and the target's clock go on by as much.
    fn a_day_and_an_hour_pass(&self) {
        make_older(&self.state(), DAY + 3600);
        let mut control = TcpStream::connect(self.served.address("control")).expect("control");
        let seconds = DAY + 3600;
        let request = format!(
            "POST /advance-clock?seconds={seconds} HTTP/1.1\r\nHost: c\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        control.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        control.read_to_string(&mut answer).expect("an answer");
        assert!(answer.contains(" 204 "), "{answer}");
    }
}

#[test]
fn a_session_is_parked_and_judged_a_day_later() {
    let lot = Lot::of(&[]);
    let parked = lot.park();
    assert_eq!(parked.code, 3, "{}{}", parked.stdout, parked.stderr);
    for id in IDS {
        let case = parked.case(id);
        assert_eq!(case["verdict"], "inconclusive", "{case}");
        let until = case["parked_until"].as_str().expect("a moment");
        let because = case["because"].as_str().expect("a reason");
        assert!(
            because.starts_with(&format!("parked until {until} (session `s` of tls1.")),
            "{because}"
        );
        assert!(because.contains("`presec resume state`"), "{because}");
        assert!(
            parked
                .stderr
                .contains(&format!("parked until {until}  {id}")),
            "{}",
            parked.stderr
        );
        for report in ["junit.xml", "report.html"] {
            let text = fs::read_to_string(lot.folder.path().join(report)).expect("a report");
            assert!(text.contains(&format!("parked until {until}")), "{report}");
        }
    }
    assert!(
        parked.stderr.contains("3 cases are parked in state"),
        "{}",
        parked.stderr
    );

    lot.a_day_and_an_hour_pass();
    let judged = lot.resume();
    for (id, mechanism) in IDS.into_iter().zip(["session-id", "ticket", "tls13-psk"]) {
        let case = judged.case(id);
        assert_eq!(case["verdict"], "pass", "{case}");
        assert_eq!(case["parked_until"], Value::Null);
        let steps = case["steps"].as_array().expect("steps");
        let observed = |index: usize| steps[index]["observed"].as_str().expect("text");
        assert!(
            observed(1).contains(&format!("resumed by {mechanism}")),
            "{}",
            observed(1)
        );
        assert!(observed(2).starts_with("1day "), "{}", observed(2));
        assert!(
            observed(2).contains("by the system clock of the testing machine"),
            "{}",
            observed(2)
        );
        assert!(observed(3).contains("full handshake"), "{}", observed(3));
        assert!(
            observed(6).contains(&format!("resumed by {mechanism}")),
            "{}",
            observed(6)
        );
    }
    assert_eq!(judged.code, 0, "{}{}", judged.stdout, judged.stderr);
    assert!(!lot.state().exists(), "judged cases stay in no file");
}

#[test]
fn who_resumes_too_early_is_told_when_to_come_back() {
    let lot = Lot::of(&[]);
    let parked = lot.park();
    let early = lot.resume();
    assert_eq!(early.code, 3);
    for id in IDS {
        let because = early.case(id)["because"].as_str().unwrap_or_default();
        assert!(
            because.contains("come back in 1day 4m") || because.contains("come back in 1day 5m"),
            "{because}"
        );
        assert_eq!(
            early.case(id)["parked_until"],
            parked.case(id)["parked_until"]
        );
    }
}

#[test]
fn a_target_that_never_forgets_is_found_out_by_sessions_from_a_file() {
    for (defect, failing) in [
        ("immortal-session-ids", IDS[0]),
        ("immortal-tickets", IDS[1]),
        ("immortal-psks", IDS[2]),
    ] {
        let lot = Lot::of(&["--defect", defect]);
        assert_eq!(lot.park().code, 3);
        lot.a_day_and_an_hour_pass();
        let judged = lot.resume();
        assert_eq!(judged.with_verdict("fail"), [failing], "{}", judged.stdout);
        assert_eq!(judged.with_verdict("pass").len(), 2);
        assert_eq!(judged.code, 1);
    }
}

#[test]
fn what_a_killed_run_parked_is_not_lost_and_nothing_parked_is_overwritten() {
    let lot = Lot::of(&[]);
    let mut args = vec![
        "run",
        "--target",
        &lot.target,
        "--checkpoint",
        "state",
        "-j",
        "1",
    ];
    args.extend(["--progress", "plain"]);
    args.extend(IDS);
    let mut presec = command(lot.folder.path(), &args);
    presec.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = presec.spawn().expect("presec starts");
    let stderr = BufReader::new(child.stderr.take().expect("stderr"));
    let mut lines = stderr.lines().map_while(Result::ok);
    assert!(lines.any(|line| line.starts_with("parked until ")));
    child.kill().expect("killed");
    child.wait().expect("ended");
    let resumed = lot.resume();
    assert_eq!(resumed.code, 3, "{}", resumed.stderr);
    let because = resumed.case(IDS[0])["because"].as_str().expect("a reason");
    assert!(because.contains("come back in"), "{because}");
    let before = fs::read(lot.state()).expect("a state");
    let again = lot.park();
    assert_eq!(again.code, 2);
    assert!(
        again.stderr.contains("state exists already"),
        "{}",
        again.stderr
    );
    assert_eq!(fs::read(lot.state()).expect("a state"), before);
}

#[test]
fn a_state_file_that_cannot_be_used_is_one_clear_error() {
    let lot = Lot::of(&[]);
    assert_eq!(lot.park().code, 3);
    let good = fs::read_to_string(lot.state()).expect("a state");
    let said = |text: &str| -> String {
        fs::write(lot.state(), text).expect("written");
        let call = lot.call(&["resume", "state"]);
        assert_eq!(call.code, 2, "{}", call.stderr);
        assert_eq!(
            fs::read_to_string(lot.state()).expect("a state"),
            text,
            "it stays as it was"
        );
        assert_eq!(call.stderr.matches("error: ").count(), 1, "{}", call.stderr);
        call.stderr
    };
    assert!(said(&good.replacen("\"suite\":4", "\"suite\":5", 1)).contains("state is damaged"));
    assert!(said(&good[..good.len() / 2]).contains("state is damaged"));
    assert!(
        said(&good.replacen("\"format\":1", "\"format\":9", 1)).contains("newer presec (format 9")
    );
    assert!(said("{\"scenarios\":[]}\n").contains("no file of parked cases"));
    let missing = lot.call(&["resume", "nowhere"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("cannot read nowhere"),
        "{}",
        missing.stderr
    );
    let embedded = lot.call(&["run", "--checkpoint", "other"]);
    assert_eq!(embedded.code, 2);
    assert!(
        embedded.stderr.contains("ends with the run"),
        "{}",
        embedded.stderr
    );
}

#[test]
fn another_target_decides_nothing_and_a_changed_target_file_is_said() {
    let lot = Lot::of(&[]);
    assert_eq!(lot.park().code, 3);
    let other = lot
        .served
        .target("other.yaml", |target| target["name"] = json!("another"));
    let call = lot.call(&["resume", "state", "--target", &other]);
    assert_eq!(call.code, 2);
    assert!(
        call.stderr
            .contains("is another target than the cases were parked with: its name is another"),
        "{}",
        call.stderr
    );
    let text = fs::read_to_string(&lot.target).expect("a target file");
    fs::write(&lot.target, format!("{text}\n")).expect("written");
    rewrite(&lot.state(), |state| {
        state["target"]["address"] = json!("127.0.0.1:1");
    });
    make_older(&lot.state(), DAY + 3600);
    let moved = lot.resume();
    assert_eq!(moved.code, 3, "{}", moved.stderr);
    for id in IDS {
        let because = moved.case(id)["because"].as_str().unwrap_or_default();
        assert!(
            because.contains("its sessions were made at 127.0.0.1:1"),
            "{because}"
        );
    }
    let notes = moved.results.as_ref().expect("results")["notes"].to_string();
    assert!(notes.contains("the target file has changed"), "{notes}");
    assert!(lot.state().exists());
}

#[test]
fn secrets_of_parked_sessions_stay_in_their_file() {
    let lot = Lot::of(&[]);
    let parked = lot.park();
    let state = fs::read_to_string(lot.state()).expect("a state");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(lot.state())
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(lot.state(), fs::Permissions::from_mode(0o644)).expect("changed");
        assert!(lot.resume().stderr.contains("note: others can read state"));
    }
    lot.a_day_and_an_hour_pass();
    let judged = lot.resume();
    let mut secrets = Vec::new();
    let body: Value = serde_json::from_str(state.lines().nth(1).expect("a body")).expect("JSON");
    collect(&body, &mut secrets);
    assert!(
        secrets.len() >= 5,
        "two master secrets, two tickets and a key"
    );
    let mut seen = [parked.stdout, parked.stderr, judged.stdout, judged.stderr].concat();
    for entry in walk(lot.folder.path()) {
        seen.push_str(&String::from_utf8_lossy(&fs::read(entry).expect("a file")));
    }
    for secret in secrets {
        assert!(
            !seen.contains(&secret),
            "a secret of a parked session is in a report or in evidence"
        );
    }
}

fn collect(value: &Value, secrets: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(text) if ["secret", "ticket", "key"].contains(&name.as_str()) => {
                        secrets.push(text.to_owned());
                    }
                    _ => collect(field, secrets),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| collect(one, secrets)),
        _ => {}
    }
}

/// Every file but those that are said to hold secrets.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else if !["state", "capture.pcapng"]
            .iter()
            .any(|name| path.ends_with(name))
        {
            found.push(path);
        }
    }
    found
}
