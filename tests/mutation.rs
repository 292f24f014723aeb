//! The tester tested: the conforming target has nothing red, and every defect turns exactly its own scenarios red.
#![cfg(test)]

#[path = "mutation/matrix.rs"]
mod matrix;
#[path = "mutation/runs.rs"]
mod runs;
mod support;

use std::collections::BTreeSet;

use presec::reference::Defect;

use matrix::{Outcome, write_rows};
use runs::{SHAPES, conforming, each_defect, run, with_defect};
use support::{presec_in, project};

/// Scenarios that warn about the conforming target, with the reason.
const WARNS: &[(&str, &str)] = &[];

/// Scenarios without a defect, with the reason.
const WITHOUT_DEFECT: &[(&str, &str)] = &[(
    "TLSC-18",
    "only a TLS library that negotiates TLS_NULL_WITH_NULL_NULL although better is offered can be caught by it, and a client of any kind would go on with nothing but that",
)];

/// One scenario of each group that most defects must leave alone.
const CONTROLS: [&str; 12] = [
    "TLSV-05", "TLSC-01", "TLSS-01", "CERT-03", "CC-01", "TLSM-01", "GBA-06", "DIG-13", "ID-01",
    "AP-01", "XC-03", "RE-01",
];

/// Defects beside which other scenarios cannot be decided, with the reason.
const LEAVES_UNDECIDED: &[(&str, &str)] = &[
    ("foreign-certificate", NO_CREDENTIALS),
    ("wrong-name-certificate", NO_CREDENTIALS),
    ("expired-certificate", NO_CREDENTIALS),
    ("early-certificate", NO_CREDENTIALS),
    ("client-usage-certificate", NO_CREDENTIALS),
    ("unfit-usage-certificate", NO_CREDENTIALS),
    ("authority-certificate", NO_CREDENTIALS),
    ("short-key-certificate", NO_CREDENTIALS),
    ("sha1-certificate", NO_CREDENTIALS),
    ("critical-extension-certificate", NO_CREDENTIALS),
    ("first-host-certificate", NO_CREDENTIALS),
    ("published-key-certificate", NO_CREDENTIALS),
    ("ends-handshake", NO_HANDSHAKE),
    ("pre-shared-keys-not-served", NO_HANDSHAKE),
    ("demands-client-certificate", NO_HANDSHAKE),
    (
        "owner-locked-out",
        "who is locked out is also the one whose association is used up",
    ),
    ("valid-credentials-refused", "nobody can log in"),
    ("intolerant-of-reserved-values", SAME_OFFER),
    ("refuses-mandatory-suite", SAME_OFFER),
    (
        "own-identity-refused",
        "the own identity is the control of other identities",
    ),
    ("reauthentication-ignored", NO_CHALLENGE),
    ("reauthentication-answer-refused", NO_LOGIN_AFTER),
    ("resumed-answer-refused", NO_LOGIN_AFTER),
    ("no-resumption", NO_SESSION),
    (
        "digest-on-top-of-pre-shared-key",
        "a user who is asked for digest besides was not authenticated by the handshake",
    ),
    ("no-duplicate-sessions", NO_SESSION),
    ("short-lived-sessions", NO_SESSION),
    ("common-name-certificate", NO_SECOND_HOST),
    ("other-hosts-uncovered", NO_SECOND_HOST),
    ("default-impu-replaced", OTHER_IDENTITY),
    ("second-identity-replaced", OTHER_IDENTITY),
    (
        "qop-not-offered",
        "without qop there is no nonce count to say again",
    ),
    (
        "stale-never-said",
        "whether the challenge after a forced re-authentication is a new one is its control",
    ),
    (
        "entity-tag-constant",
        "conditions on a tag that never changes say nothing",
    ),
];
const NO_CREDENTIALS: &str = "no credentials go to a server that did not prove who it is";
const NO_HANDSHAKE: &str = "no handshake completes";
const SAME_OFFER: &str = "what it refuses is part of the other scenario's control";
const NO_CHALLENGE: &str = "without the forced challenge nothing about its answer can be seen";
const NO_SESSION: &str = "there is no session to resume, or not twice";
const NO_SECOND_HOST: &str = "no credentials go to a host that the certificate does not name";
const OTHER_IDENTITY: &str = "the identity that is replaced is the control of other scenarios";
const NO_LOGIN_AFTER: &str = "the login that closes the other scenario is refused";

fn leaves_undecided(defect: Defect) -> bool {
    LEAVES_UNDECIDED
        .iter()
        .any(|(name, _)| *name == defect.name())
}

#[test]
fn the_conforming_target_has_nothing_red_in_any_shape() {
    for shape in SHAPES {
        let call = conforming(shape);
        assert_eq!(call.code, 0, "{shape:?}: {}", call.stdout);
        for verdict in ["fail", "inconclusive", "error"] {
            assert_eq!(call.with_verdict(verdict), [""; 0], "{shape:?} {verdict}");
        }
        let warned: Vec<String> = call.with_verdict("warn");
        let known = |id: &&String| !WARNS.iter().any(|(known, _)| known == id);
        assert_eq!(
            warned.iter().filter(known).count(),
            0,
            "{shape:?}: {warned:?}"
        );
    }
}

#[test]
fn every_defect_is_caught_and_leaves_the_controls_alone() {
    let wrong = each_defect(|defect| {
        let mut picks: Vec<&str> = defect.scenarios().to_vec();
        let controls = CONTROLS.iter().filter(|id| !picks.contains(id)).copied();
        let controls: Vec<&str> = controls.collect();
        picks.extend(&controls);
        let outcome = Outcome::of(defect, &with_defect(defect, &picks));
        let mut wrong = Vec::new();
        let missed: Vec<_> = outcome.missed().collect();
        if !missed.is_empty() {
            wrong.push(format!("{defect} is not seen by {missed:?}"));
        }
        let strays: Vec<_> = outcome.strays().collect();
        if !strays.is_empty() {
            wrong.push(format!("{defect} turns {strays:?} red"));
        }
        if !outcome.undecided.is_empty() && !leaves_undecided(defect) {
            wrong.push(format!("{defect} leaves {:?} undecided", outcome.undecided));
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every scenario against every defect, and the table in `docs/assurance.md`, with `PRESEC_FULL_MATRIX=1`; against those
/// defects alone that `PRESEC_FULL_MATRIX` names, with commas between them.
#[test]
fn every_defect_turns_exactly_its_own_scenarios_red() {
    let Ok(wanted) = std::env::var("PRESEC_FULL_MATRIX") else {
        eprintln!("PRESEC_FULL_MATRIX is not set: only the committed table is looked at");
        return;
    };
    let is_wanted =
        |defect: Defect| wanted == "1" || wanted.split(',').any(|name| name == defect.to_string());
    let outcomes = each_defect(|defect| {
        let wanted = is_wanted(defect).then(|| with_defect(defect, &[]));
        wanted
            .map(|call| Outcome::of(defect, &call))
            .into_iter()
            .collect()
    });
    assert!(!outcomes.is_empty(), "no such defect: {wanted}");
    write_rows(&outcomes);
    let wrong: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.wrong(leaves_undecided(outcome.defect)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_committed_table_has_every_defect_with_its_scenarios() {
    let page = std::fs::read_to_string(project().join("docs/assurance.md")).expect("the page");
    for defect in Defect::all() {
        let mut own = defect.scenarios().to_vec();
        own.sort_unstable();
        let start = format!("| {defect} | {} |", own.join(" "));
        assert!(
            page.contains(&start),
            "no row `{start}`: run with PRESEC_FULL_MATRIX=1"
        );
    }
}

#[test]
fn every_scenario_has_a_defect() {
    let folder = tempfile::tempdir().expect("a folder");
    let listed = presec_in(folder.path(), &["list", "--format", "json"]).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let ids = listed.as_array().expect("an array").iter();
    let known: BTreeSet<&str> = ids.filter_map(|entry| entry["id"].as_str()).collect();
    let excused = WITHOUT_DEFECT.iter().map(|(id, _)| *id);
    let defects = Defect::all();
    let caught = defects
        .iter()
        .flat_map(|defect| defect.scenarios().iter().copied());
    let covered: BTreeSet<&str> = caught.chain(excused).collect();
    assert_eq!(known, covered);
}

#[test]
fn two_runs_with_one_seed_are_equal() {
    let one = conforming(SHAPES[0]);
    let other = run(&[]);
    let verdicts = |call: &support::Call| -> Vec<(String, String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        call.cases()
            .iter()
            .map(|case| {
                (
                    text(&case["id"]),
                    text(&case["verdict"]),
                    text(&case["expected"]),
                )
            })
            .collect()
    };
    assert_eq!(verdicts(one), verdicts(&other));
    let (one, other) = (one.results.as_ref(), other.results.as_ref());
    for key in [
        "run_id",
        "seed",
        "policy",
        "tally",
        "not_judged",
        "schema_version",
    ] {
        assert_eq!(
            one.map(|all| &all[key]),
            other.map(|all| &all[key]),
            "{key}"
        );
    }
}
