//! Listings of a library of two scenarios and three requirements, read from YAML as an author writes it.

use std::collections::BTreeMap;

use presec::model::policy::PolicyEntry;
use presec::model::requirement::Requirement;
use presec::model::scenario::{LoadedScenario, Scenario};
use presec::report::listing::{
    PlanRow, Planned, explain_clause, explain_exit_codes, explain_verdict, list_json,
    list_markdown, list_table, plan, show,
};

const RC4: &str = "
id: TLSC-14
title: Offer only RC4
verifies: [UT-6-01]
kind: conformance
risk: read
roles: [authentication-proxy, presence-server]
tags: [tls, suites]
each: { suite: [$rc4] }
steps:
  - tls-offer:
      suites: [$suite]
      expect:
        - { when: { release: [rel6, rel7] }, may: { selected: { suite: [$suite] } } }
        - { when: { release: [rel8, rel9] }, should: refused }
        - { shall: refused }
remedy: Switch RC4 off unless the release demands it.
";

const FORGED: &str = "
id: ID-03
title: AP drops a request whose preferred identity belongs to another | subscriber
verifies: [UT-6.1.3-05, UT-6.1.3-99]
kind: conformance
risk: read
roles: [authentication-proxy]
applies: { intended_identity_check: [ap], origin: [stub, tap] }
needs: [subscriber-alice, subscriber-bob, origin-observer]
interpretation: dropped-means-origin-never-saw-it
steps:
  - login: { as: alice, session: s }
  - http: { session: s, method: GET, document: $own_document, intended_identity: $alice.impu, marker: own, save: first }
  - origin: { marker: own, expect: [{ control: { requests: 1, asserted_identity: $alice.impu } }] }
  - http: { session: s, method: GET, document: $own_document, intended_identity: $bob.impu, marker: forged, expect: [{ shall: not-served }] }
  - origin: { marker: forged, within: 3s, expect: [{ shall: { requests: 0 } }] }
  - http: { session: s, method: GET, document: $own_document, credentials: { replay: first } }
  - http: { session: s, method: GET, document: $own_document, credentials: { digest: { nonce: never-issued, nc: 1 } } }
  - hook: { call: force-reauth, subscriber: alice }
  - elapse: { until: 24h5m }
  - tls-connect: { resume: s, mechanism: session-id, expect: [{ control: resumed, else: not-applicable }] }
  - close: { session: s }
  - control: http-baseline
";

const REGISTER: &str = "
- id: UT-6-01
  document: TS 33.141
  clause: \"6\"
  level: shall
  roles: [authentication-proxy]
  text: Support the TLS profile of the release.
  confidence: memory-sure
  state: tested
- id: UT-6.1.3-05
  document: TS 33.141
  clause: \"6.1.3\"
  level: shall
  roles: [authentication-proxy]
  text: Drop a request whose preferred identity does not belong to the authenticated subscriber.
  confidence: read
  interpretations:
    - slug: dropped-means-origin-never-saw-it
      text: Dropped has no meaning on the wire; a request counts as dropped when the origin never receives it.
  state: tested
- id: UT-6.1.3-06
  document: TS 33.141
  clause: \"6.1.3\"
  level: shall
  roles: [operator]
  text: Let policy say who checks.
  confidence: read
  state: { not-testable: an architecture decision }
";

fn scenario(text: &str, file: &str) -> LoadedScenario {
    LoadedScenario {
        scenario: serde_yaml::with::singleton_map_recursive::deserialize::<Scenario, _>(
            serde_yaml::Deserializer::from_str(text),
        )
        .unwrap(),
        file: file.to_owned(),
        content_sha256: "5e".repeat(32),
    }
}

fn library() -> Vec<LoadedScenario> {
    vec![
        scenario(FORGED, "ut/identity/id-03-forged-preferred.yaml"),
        scenario(RC4, "ut/tls/tlsc-14-rc4.yaml"),
    ]
}

fn register() -> Vec<Requirement> {
    serde_yaml::with::singleton_map_recursive::deserialize(serde_yaml::Deserializer::from_str(
        REGISTER,
    ))
    .unwrap()
}

#[test]
fn lists() {
    let library = library();
    let library: Vec<&LoadedScenario> = library.iter().collect();
    insta::assert_snapshot!("list_table", list_table(&library, 80));
    insta::assert_snapshot!("list_json", list_json(&library));
    insta::assert_snapshot!("list_markdown", list_markdown(&library));
}

#[test]
fn scenarios_are_explained() {
    let (library, register) = (library(), register());
    let register: Vec<&Requirement> = register.iter().collect();
    let texts: Vec<String> = library
        .iter()
        .map(|loaded| show(loaded, &register, 80))
        .collect();
    insta::assert_snapshot!("show", texts.join("\n\n"));
}

#[test]
fn clauses_are_found_by_every_way_of_writing_them() {
    let (library, register) = (library(), register());
    let library: Vec<&LoadedScenario> = library.iter().collect();
    let register: Vec<&Requirement> = register.iter().collect();
    let explain = |query: &str| explain_clause(query, &register, &library, 80);
    let clause = explain("33.141/6.1.3").unwrap();
    assert_eq!(explain("TS 33.141 6.1.3").as_ref(), Some(&clause));
    assert_eq!(explain("TS 33.141/6.1.3").as_ref(), Some(&clause));
    assert_eq!(explain("6.1.3").as_ref(), Some(&clause));
    assert_eq!(explain("24.109/6.1.3"), None);
    assert_eq!(explain("6.1.4"), None);
    let one = explain("ut-6-01").unwrap();
    insta::assert_snapshot!("explain_clause", format!("{clause}\n\n{one}"));
}

#[test]
fn every_verdict_is_explained() {
    let texts: Vec<String> = presec::model::verdict::Verdict::ALL
        .into_iter()
        .map(|verdict| explain_verdict(verdict.name(), 80).unwrap())
        .collect();
    insta::assert_snapshot!("explain_verdict", texts.join("\n"));
    assert_eq!(explain_verdict("green", 80), None);
}

#[test]
fn exit_codes_are_a_table() {
    assert_eq!(
        explain_exit_codes(&[(0, "the gate is met"), (130, "interrupted")], 80),
        "0               the gate is met\n130             interrupted\n"
    );
}

#[test]
fn a_plan_says_what_decided() {
    let row = |id: &str, title: &str, planned: Planned| PlanRow {
        id: id.to_owned(),
        scenario: id.split('[').next().unwrap().to_owned(),
        title: title.to_owned(),
        planned,
        policy_used: BTreeMap::new(),
    };
    let mut forged = row("ID-03", "AP drops a forged identity", Planned::Runs);
    forged.policy_used.insert(
        "intended_identity_check".to_owned(),
        PolicyEntry {
            values: vec!["ap".to_owned()],
            origin: "lab.yaml:11".to_owned(),
        },
    );
    let none = || Planned::NotApplicable("client_certificate is none (lab.yaml:14)".to_owned());
    let text = plan(
        &[
            forged,
            row("TLSC-07[version=tls1.0]", "Offer only NULL", Planned::Runs),
            row("TLSC-07[version=tls1.2]", "Offer only NULL", Planned::Runs),
            row("CC-02", "Connect without a certificate", none()),
            row("CC-03", "Connect with a foreign certificate", none()),
            row(
                "RE-01",
                "Leave a demand unanswered",
                Planned::Unknown("`hooks.force_reauth` is not set in the target file".to_owned()),
            ),
        ],
        80,
    );
    insta::assert_snapshot!("plan", text);
}
