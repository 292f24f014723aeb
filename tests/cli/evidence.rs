//! Evidence as a user finds it: what is kept, what is secret, what is left when something goes wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::running::Running;
use crate::secrets::forms;
use crate::served::Served;
use crate::support::{Call, command, finished, presec_in};

/// A run with its folder of reports in `out` below `folder`.
pub fn run_out(folder: &Path, args: &[&str]) -> Call {
    let mut all = vec!["run", "--out", "out", "--seed", "7", "--sarif", "s.sarif"];
    all.extend(["--md", "s.md", "--events", "events.ndjson"]);
    all.extend_from_slice(args);
    let mut call = presec_in(folder, &all);
    let results = fs::read_to_string(folder.join("out/results.json")).ok();
    call.results = results.map(|text| serde_json::from_str(&text).unwrap());
    call
}

/// Names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(name);
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn evidence_is_kept_of_what_wants_attention_or_of_everything_or_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let picks = ["TLSC-07", "ID-03", "--defect", "foreign-identity-accepted"];
    let call = run_out(folder.path(), &picks);
    assert_eq!(call.code, 1, "{}", call.stderr);
    let evidence = folder.path().join("out/evidence");
    assert_eq!(names(&evidence), set(&["ID-03", "manifest.sha256"]));
    let expected = set(&["capture.pcapng", "transcript.jsonl"]);
    assert_eq!(names(&evidence.join("ID-03")), expected);
    assert_eq!(call.case("ID-03")["evidence"], "evidence/ID-03");
    assert!(call.case("TLSC-07").get("evidence").is_none());
    assert!(
        call.stdout
            .contains("evidence out/evidence (captures hold secrets)")
    );
    for (which, kept) in [("all", true), ("none", false)] {
        let folder = tempfile::tempdir().unwrap();
        let call = run_out(folder.path(), &["ID-03", "--evidence", which]);
        assert_eq!(call.code, 0, "{}", call.stderr);
        assert_eq!(folder.path().join("out/evidence").exists(), kept);
        assert_eq!(call.case("ID-03").get("evidence").is_some(), kept);
    }
}

#[test]
fn a_transcript_tells_the_case_and_how_to_repeat_it() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_out(
        folder.path(),
        &["ID-03", "--defect", "foreign-identity-accepted"],
    );
    let case = call.case("ID-03");
    let text = fs::read_to_string(folder.path().join("out/evidence/ID-03/transcript.jsonl"));
    let lines: Vec<Value> = text
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let head = &lines[0];
    for key in [
        "scenario",
        "content_sha256",
        "verdict",
        "observed",
        "policy_used",
    ] {
        assert_eq!(head[key], case[key], "{key}");
    }
    assert_eq!(head["seed"], 7);
    let events = &lines[1..];
    let of = |event: &str| events.iter().filter(|line| line["event"] == event).count();
    assert_eq!(of("step"), case["steps"].as_array().unwrap().len() + 1);
    assert!(of("under-tls") > 0 && of("octets") > 0 && of("session") > 0 && of("key") > 0);
    let decisive: Vec<&Value> = events
        .iter()
        .filter(|line| line["decisive"] == true)
        .collect();
    assert_eq!(decisive.len(), 1, "{decisive:?}");
    assert_eq!(decisive[0]["event"], "origin");
    let bob = serde_json::json!(["x-3gpp-asserted-identity", "\"sip:bob@example.test\""]);
    assert!(decisive[0]["fields"].as_array().unwrap().contains(&bob));
    // The command does what it says.
    let again: Vec<&str> = head["rerun"].as_str().unwrap().split(' ').skip(1).collect();
    let other = tempfile::tempdir().unwrap();
    let call = presec_in(other.path(), &again);
    assert_eq!(call.code, 1, "{}", call.stderr);
    assert!(
        call.stdout.contains("foreign identity") || call.stdout.contains("sip:bob@example.test")
    );
}

#[cfg(unix)]
#[test]
fn what_holds_secrets_is_its_owners_alone_and_marked_or_not_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    run_out(folder.path(), &["DIG-01", "--evidence", "all"]);
    let evidence = folder.path().join("out/evidence");
    let mode = |name: &str| {
        let meta = fs::metadata(evidence.join(name)).unwrap();
        meta.permissions().mode() & 0o777
    };
    let case = names(&evidence)
        .into_iter()
        .find(|name| name.starts_with("DIG-01"))
        .unwrap();
    assert_eq!(mode(&format!("{case}/capture.pcapng")), 0o600);
    assert_eq!(mode("manifest.sha256") & 0o077, 0o044);
    let manifest = fs::read_to_string(evidence.join("manifest.sha256")).unwrap();
    assert!(manifest.contains(&format!("# secret: {case}/capture.pcapng\n")));
    assert!(!manifest.contains(&format!("# secret: {case}/transcript.jsonl\n")));
    let capture = fs::read(evidence.join(format!("{case}/capture.pcapng"))).unwrap();
    assert!(String::from_utf8_lossy(&capture).contains("SECRET: holds the keys"));

    let folder = tempfile::tempdir().unwrap();
    let args = ["DIG-01", "--evidence", "all", "--evidence-secrets", "off"];
    let call = run_out(folder.path(), &args);
    let paths = files(&folder.path().join("out/evidence"));
    assert!(paths.len() > 1 && paths.iter().all(|path| !path.ends_with("capture.pcapng")));
    assert_eq!(call.results.unwrap()["evidence"]["captures"], false);
}

#[test]
fn the_manifest_is_checked_by_sha256sum_and_named_by_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let call = run_out(folder.path(), &["TLSC-0*", "--evidence", "all"]);
    let evidence = folder.path().join("out/evidence");
    let check = || {
        let args = ["--check", "--strict", "--quiet", "manifest.sha256"];
        let mut command = Command::new("sha256sum");
        command.args(args).current_dir(&evidence).status().unwrap()
    };
    assert!(check().success());
    let listed = fs::read_to_string(evidence.join("manifest.sha256")).unwrap();
    let listed = listed.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(listed + 1, files(&evidence).len(), "every file is listed");
    let sum = Command::new("sha256sum")
        .arg(evidence.join("manifest.sha256"))
        .output();
    let sum = String::from_utf8(sum.unwrap().stdout).unwrap();
    let results = call.results.unwrap();
    assert!(sum.starts_with(results["evidence"]["manifest_sha256"].as_str().unwrap()));
    let transcript = files(&evidence)
        .into_iter()
        .find(|path| path.ends_with("transcript.jsonl"));
    fs::write(transcript.unwrap(), "forged").unwrap();
    assert!(!check().success());
}

/// Key material of the key log in a capture, in hex: the third word of each line of its decryption secrets.
fn keys(capture: &[u8]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut rest = capture;
    while rest.len() >= 12 {
        let word = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let length = word(4) as usize;
        if word(0) == 10 {
            let log = String::from_utf8_lossy(&rest[16..length - 4]).into_owned();
            keys.extend(
                log.lines()
                    .filter_map(|line| line.split(' ').nth(2).map(str::to_owned)),
            );
        }
        rest = &rest[length..];
    }
    keys
}

/// What a run said and wrote, its captures left out.
pub fn sinks(folder: &Path, call: Call) -> Vec<(String, String)> {
    let mut sinks = vec![
        ("stdout".to_owned(), call.stdout),
        ("stderr".to_owned(), call.stderr),
    ];
    for path in files(folder) {
        if !path.ends_with("capture.pcapng") {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            sinks.push((path.display().to_string(), text));
        }
    }
    sinks
}

#[test]
fn no_sink_but_a_capture_holds_a_password_or_a_key() {
    let served = Served::start(&["--defect", "wrong-password-served"]);
    let mut secrets = BTreeSet::new();
    let target = served.target("copy.yaml", |target| {
        for (_, subscriber) in target["subscribers"].as_object().unwrap() {
            let reference = subscriber["credentials"]["ks_naf"].as_str().unwrap();
            secrets.insert(reference.trim_start_matches("lab:").to_owned());
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let picks = ["TLSS-0*", "DIG-0*", "ID-0*", "GBA-*", "--target", &target];
    let mut args = picks.to_vec();
    args.extend(["--evidence", "all", "-v", "--log", "presec=trace"]);
    let call = run_out(folder.path(), &args);
    let captures = files(&folder.path().join("out"));
    let captures = captures
        .iter()
        .filter(|path| path.ends_with("capture.pcapng"));
    let mut log = BTreeSet::new();
    for path in captures {
        log.extend(keys(&fs::read(path).unwrap()));
    }
    assert!(log.len() > 50, "the run had sessions: {}", log.len());
    let sinks = sinks(folder.path(), call);
    assert!(sinks.len() > 20, "transcripts and reports: {}", sinks.len());
    for (name, text) in &sinks {
        for form in secrets.iter().flat_map(|secret| forms(secret)) {
            assert!(!text.contains(&form), "{name} holds {form}");
        }
        for key in &log {
            assert!(!text.contains(key), "{name} holds a key");
        }
    }
}

#[test]
fn evidence_of_another_run_is_neither_mixed_nor_lost() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["TLSC-07", "--evidence", "all"];
    assert_eq!(run_out(folder.path(), &args).code, 0);
    let out = folder.path().join("out");
    let before = files(&out.join("evidence"));
    let first = fs::read_to_string(out.join("evidence/manifest.sha256")).unwrap();
    let call = run_out(folder.path(), &["TLSC-08", "--evidence", "all"]);
    assert_eq!(call.code, 0, "{}", call.stderr);
    assert_eq!(files(&out.join("evidence")), before);
    let still = fs::read_to_string(out.join("evidence/manifest.sha256")).unwrap();
    assert_eq!(still, first);
    for case in call.cases() {
        let place = case["evidence"].as_str().unwrap();
        assert!(place.starts_with("evidence-2/"), "{place}");
        assert!(out.join(place).join("transcript.jsonl").exists());
    }
    assert!(
        call.stdout
            .contains("out/evidence-2 (captures hold secrets)")
    );
    // A hundred of them are enough.
    for number in 3..=100 {
        fs::create_dir(out.join(format!("evidence-{number}"))).unwrap();
    }
    let call = run_out(folder.path(), &["TLSC-08", "--evidence", "all"]);
    assert_eq!(call.code, 2, "{}", call.stderr);
    assert!(
        call.stderr.contains("name another folder with --out"),
        "{}",
        call.stderr
    );
    let call = run_out(folder.path(), &["TLSC-08", "--evidence", "none"]);
    assert_eq!(call.code, 0, "{}", call.stderr);
}

/// Case folders that were never finished, and the others.
fn unfinished(evidence: &Path) -> (usize, BTreeSet<String>) {
    let mut all = names(evidence);
    all.remove("manifest.sha256");
    let (unfinished, finished): (BTreeSet<_>, BTreeSet<_>) = all
        .into_iter()
        .partition(|name| name.starts_with(".unfinished"));
    (unfinished.len(), finished)
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_one_error_and_leaves_no_half_evidence() {
    let folder = tempfile::tempdir().unwrap();
    // A limit on the size of files stands for a disk that is full: a capture fits, a transcript does not.
    let script = "trap '' XFSZ; ulimit -f 14; exec \"$0\" \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_presec")])
        .args([
            "run",
            "TLSC-01",
            "--seed",
            "7",
            "--out",
            "out",
            "--evidence",
            "all",
        ])
        .current_dir(folder.path());
    let output = command.output().unwrap();
    let call = finished(folder.path(), &output);
    assert_eq!(call.code, 3, "{}", call.stderr);
    assert!(
        call.stderr.contains("cannot write evidence/TLSC-01"),
        "{}",
        call.stderr
    );
    let evidence = folder.path().join("out/evidence");
    assert_eq!(unfinished(&evidence), (0, BTreeSet::new()));
    assert!(
        names(&folder.path().join("out"))
            .iter()
            .all(|name| !name.contains("results"))
    );
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_whole_cases_and_no_manifest() {
    let served = Served::start(&[]);
    let target = served.target("slow.yaml", |target| {
        target["limits"]["connections_per_second"] = 20.into();
    });
    let args = [
        "run",
        "TLSC-*",
        "--target",
        &target,
        "--out",
        "out",
        "--evidence",
        "all",
    ];
    let mut command = command(served.folder(), &args);
    command.args(["--log", "presec=debug", "-j", "1"]);
    let mut running = Running::start(command);
    for _ in 0..3 {
        running.says("case ended");
    }
    running.signal("KILL");
    running.ends(Duration::from_secs(60));
    let evidence = served.folder().join("out/evidence");
    let (_, finished) = unfinished(&evidence);
    assert!(!finished.is_empty());
    for name in finished {
        let text = fs::read_to_string(evidence.join(&name).join("transcript.jsonl")).unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert!(text.ends_with('\n') && last["at_us"].is_u64(), "{name}");
        assert!(evidence.join(&name).join("capture.pcapng").exists());
    }
    assert!(!evidence.join("manifest.sha256").exists());
}

#[test]
fn reports_name_the_evidence_of_a_case_later_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let picks = ["TLSC-07[version=tls1.2]", "--defect", "selects-unencrypted"];
    let call = run_out(folder.path(), &picks);
    let case = call
        .cases()
        .iter()
        .find(|case| case["evidence"].is_string())
        .unwrap();
    let place = case["evidence"].as_str().unwrap().to_owned();
    let out = folder.path().join("out");
    assert!(
        out.join(&place).join("transcript.jsonl").exists(),
        "{place}"
    );
    let again = presec_in(
        &out,
        &[
            "report",
            "results.json",
            "--html",
            "again.html",
            "--junit",
            "again.xml",
        ],
    );
    assert_eq!(again.code, 0, "{}", again.stderr);
    for (first, later) in [("report.html", "again.html"), ("junit.xml", "again.xml")] {
        let first = fs::read_to_string(out.join(first)).unwrap();
        assert_eq!(first, fs::read_to_string(out.join(later)).unwrap());
        assert!(
            first.contains(&format!("{place}/transcript.jsonl"))
                || first.contains(&place.replace('=', "%3D"))
        );
    }
}
