//! What the commands say when all is well.

use std::fs;

use serde_json::Value;

use crate::served::Served;
use crate::servers::nobody;
use crate::support::{presec_in, project, run, run_in};

fn says(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let call = presec_in(folder.path(), args);
    assert_eq!(call.code, 0, "{args:?}: {}", call.stderr);
    call.stdout
}

#[test]
fn results_have_their_form() {
    let call = run(&["TLSC-0*"]);
    let results = call.results.as_ref().unwrap();
    let schema = fs::read_to_string(project().join("reports/schema/results.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let complaints: Vec<String> = validator
        .iter_errors(results)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(results["schema_version"], 1);
    assert!(results["tally"].is_object());
    for case in call.cases() {
        for key in ["id", "scenario", "verdict", "observed", "verifies"] {
            assert!(!case[key].is_null(), "{key} of {case}");
        }
    }
}

#[test]
fn a_list_for_machines_has_its_fields() {
    let text = says(&["list", "TLSC-*", "--format", "json"]);
    let list: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(list.len() > 20);
    for entry in &list {
        for key in [
            "id", "title", "kind", "risk", "role", "verifies", "tags", "file",
        ] {
            assert!(!entry[key].is_null(), "{key} of {entry}");
        }
    }
}

#[test]
fn explanations_name_what_was_asked_for_and_fit_80_columns() {
    for (args, word) in [
        (&["plan", "TLSC-*"][..], "Would run"),
        (&["show", "ID-03"], "ID-03"),
        (&["explain", "33.141/7.2"], "UT-7.2-03"),
        (&["explain", "exit-codes"], "130"),
        (&["explain", "inconclusive"], "inconclusive"),
        (&["list"], "TLSC-01"),
        (&["lint"], "in order"),
        (&["run", "TLSV-*"], "exit 0"),
        (
            &[
                "run",
                "TLSC-*",
                "--defect",
                "selects-rc4",
                "--fail-on",
                "error",
            ],
            "exit 0",
        ),
        (
            &["run", "--deadline", "1ms", "--fail-on", "error,fail"],
            "stopped by the deadline",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = presec_in(folder.path(), args).stdout;
        assert!(text.contains(word), "{args:?}: {text}");
        assert!(
            !text.contains('\u{1b}'),
            "no colour without a terminal: {args:?}"
        );
        let long: Vec<&str> = text
            .lines()
            .filter(|line| line.chars().count() > 80)
            .collect();
        assert_eq!(long, Vec::<&str>::new(), "{args:?}");
    }
}

#[test]
fn colour_can_be_forced_but_not_against_no_color_on_auto() {
    let folder = tempfile::tempdir().unwrap();
    let forced = presec_in(folder.path(), &["run", "TLSV-05", "--color", "always"]);
    assert!(forced.stdout.contains('\u{1b}'));
    let output = crate::support::command(folder.path(), &["run", "TLSV-05"])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn schemas_are_json_schema() {
    for of in ["scenario", "target", "results"] {
        let schema: Value = serde_json::from_str(&says(&["schema", of])).unwrap();
        jsonschema::validator_for(&schema).unwrap();
    }
}

#[test]
fn lint_tells_good_from_bad() {
    let folder = project();
    let good = presec_in(&folder, &["lint", "scenarios/ut"]);
    assert_eq!(good.code, 0, "{}", good.stderr);
    let bad = presec_in(&folder, &["lint", "fixtures/broken-scenarios"]);
    assert_eq!(bad.code, 2);
    assert!(
        bad.stderr.contains("lab-01-unknown-key.yaml:"),
        "{}",
        bad.stderr
    );
}

#[test]
fn init_writes_once_and_what_it_writes_needs_only_filling_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.yaml");
    let first = presec_in(
        folder.path(),
        &["init", "mine.yaml", "--url", "https://127.0.0.1:1/"],
    );
    assert_eq!(first.code, 0, "{}", first.stderr);
    let text = fs::read_to_string(&path).unwrap();
    let again = presec_in(folder.path(), &["init", "mine.yaml"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let lint = presec_in(folder.path(), &["lint", "--target", "mine.yaml"]);
    assert_eq!(lint.code, 0, "{}", lint.stderr);
}

#[test]
fn the_doctor_finds_a_clear_way_or_says_what_blocks_it() {
    let served = Served::start(&[]);
    let well = presec_in(served.folder(), &["doctor", "--target", "target.yaml"]);
    assert_eq!(well.code, 0, "{}{}", well.stdout, well.stderr);
    assert!(!well.stdout.contains("TROUBLE"), "{}", well.stdout);
    assert!(well.stdout.contains("login of alice"));
    assert!(
        well.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        well.stdout
    );
    let dead = served.target("dead.yaml", |target| {
        target["ut"]["address"] = nobody().to_string().into();
    });
    let ill = presec_in(served.folder(), &["doctor", "--target", &dead]);
    assert_eq!(ill.code, 3);
    assert!(
        ill.stdout.contains("TROUBLE") && ill.stdout.contains("refused"),
        "{}",
        ill.stdout
    );
}

#[test]
fn suites_are_named_for_each_version() {
    let served = Served::start(&[]);
    let call = presec_in(served.folder(), &["suites", "--target", "target.yaml"]);
    assert_eq!(call.code, 0, "{}{}", call.stdout, call.stderr);
    assert!(call.stdout.contains("tls1.2: 3, the client's order counts"));
    assert!(call.stdout.contains("TLS_AES_256_GCM_SHA384"));
    let chacha = call.stdout.lines().find(|line| line.contains("CHACHA20"));
    let chacha = chacha.expect("the suite beyond the profile");
    assert!(chacha.trim_start().starts_with("beyond"), "{chacha}");
    let dead = served.target("dead.yaml", |target| {
        target["ut"]["address"] = nobody().to_string().into();
    });
    let ill = presec_in(served.folder(), &["suites", "--target", &dead]);
    assert_eq!(ill.code, 3, "{}", ill.stdout);
    assert!(ill.stdout.contains("TROUBLE"), "{}", ill.stdout);
}

#[test]
fn a_served_target_gets_the_verdicts_of_the_embedded_one() {
    let embedded = run(&[]);
    assert_eq!(embedded.code, 0, "{}", embedded.stderr);
    // The store of one server, presec's observer before it, and the proxy of another before that.
    let store = Served::start(&[]);
    let observer = nobody().to_string();
    let proxy = Served::start(&["--origin", &observer]);
    let target = proxy.target("tap.yaml", |target| {
        let forward_to = format!("http://{}", store.address("store"));
        target["origin_observer"] =
            serde_json::json!({ "listen": observer, "forward_to": forward_to });
    });
    let folder = tempfile::tempdir().unwrap();
    let served = run_in(folder.path(), &["--target", &target]);
    let verdicts = |cases: &[Value]| -> Vec<String> {
        cases
            .iter()
            .map(|case| format!("{} {}", case["id"], case["verdict"]))
            .collect()
    };
    assert_eq!(verdicts(served.cases()), verdicts(embedded.cases()));
}

#[test]
fn what_was_not_as_expected_is_said_where_the_status_does_not_show_it() {
    let call = run(&["--defect", "takes-early-data", "TLSS-15"]);
    assert_eq!(call.verdict("TLSS-15"), "warn");
    let observed = &call.case("TLSS-15")["observed"];
    assert_eq!(observed, "200 OK, another document than `newer`");
    assert!(call.stdout.contains("another document than `newer`"));
}

#[test]
fn nobody_acts_over_the_certificate_of_somebody_else() {
    let shape = [
        "--auth-mode",
        "certificate",
        "--client-certificate",
        "required",
    ];
    let call = run(&[&shape[..], &["ID-24", "ID-30", "TLSS-16", "ID-01"]].concat());
    assert_eq!(call.code, 3, "{}", call.stderr);
    for id in ["ID-24", "ID-30", "TLSS-16"] {
        let case = call.case(id);
        assert_eq!(case["verdict"], "inconclusive", "{case}");
        let because = case["because"].as_str().unwrap_or_default();
        assert!(because.contains("so nobody can act as"), "{because}");
    }
    assert_eq!(call.verdict("ID-01"), "pass");
}
