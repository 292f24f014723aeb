use super::*;
use crate::model::answer_tls::Flight;
use crate::model::claim::Claim;
use crate::model::seen::{Classification, Control, Facts};
use crate::model::seen_tls::FlightFacts;
use crate::model::step_tls::TlsOffer;

fn claim(shall: Option<Flight>, should: Option<Flight>) -> Claim<Flight> {
    Claim {
        when: Guard::new(),
        control: None,
        shall,
        should,
        may: None,
        otherwise: None,
    }
}

fn offer(expect: Vec<Claim<Flight>>) -> Step {
    let mut offer: TlsOffer = serde_json::from_str("{}").unwrap();
    offer.expect = expect;
    Step::TlsOffer(Box::new(offer))
}

fn seen(classification: Classification, controls: &[bool]) -> Seen {
    let mut seen = Seen::new(
        classification,
        "what was seen",
        Facts::Flight(FlightFacts::default()),
    );
    seen.controls = controls
        .iter()
        .map(|passed| Control {
            passed: *passed,
            observed: "control".to_owned(),
        })
        .collect();
    seen
}

fn verdict(
    step: &Step,
    seen: &Seen,
    policy: &PolicyFacts,
    kind: Kind,
) -> (Verdict, Option<String>) {
    match judge_step(step, seen, &Names::default(), policy, kind)
        .unwrap()
        .outcome
    {
        StepOutcome::Judged {
            verdict, because, ..
        } => (verdict, because),
        other => panic!("not judged: {other:?}"),
    }
}

fn plain(classification: Classification, controls: &[bool], kind: Kind) -> Verdict {
    let step = offer(vec![claim(Some(Flight::Refused), None)]);
    verdict(
        &step,
        &seen(classification, controls),
        &PolicyFacts::default(),
        kind,
    )
    .0
}

#[test]
fn a_refusal_passes_only_between_two_passing_controls() {
    let alert = Classification::RefusedWithAlert;
    assert_eq!(
        plain(alert, &[true, true], Kind::Conformance),
        Verdict::Pass
    );
    assert_eq!(
        plain(alert, &[true, false], Kind::Conformance),
        Verdict::Inconclusive
    );
    assert_eq!(
        plain(alert, &[false, true], Kind::Conformance),
        Verdict::Inconclusive
    );
    assert_eq!(
        plain(alert, &[true], Kind::Conformance),
        Verdict::Inconclusive
    );
    assert_eq!(plain(alert, &[], Kind::Conformance), Verdict::Inconclusive);
}

#[test]
fn silence_and_confusion_prove_nothing() {
    for classification in [Classification::Silent, Classification::Unclear] {
        assert_eq!(
            plain(classification, &[true, true], Kind::Conformance),
            Verdict::Inconclusive
        );
    }
}

#[test]
fn acceptance_fails_even_when_controls_did_not_pass_and_hardening_only_warns() {
    let accepted = Classification::Accepted;
    assert_eq!(
        plain(accepted, &[false, false], Kind::Conformance),
        Verdict::Fail
    );
    assert_eq!(
        plain(accepted, &[true, true], Kind::Hardening),
        Verdict::Warn
    );
    assert_eq!(
        plain(accepted, &[true, true], Kind::Informative),
        Verdict::Info
    );
}

#[test]
fn the_first_claim_whose_guard_holds_counts() {
    let mut permitted = claim(None, None);
    permitted.may = Some(Flight::Accepted);
    permitted.when = Guard::from([("release".to_owned(), vec!["rel6".to_owned()])]);
    let step = offer(vec![permitted, claim(Some(Flight::Refused), None)]);
    let accepted = seen(Classification::Accepted, &[true, true]);
    let mut policy = PolicyFacts::default();
    policy.set("release", vec!["rel6".into()], "t:1");
    assert_eq!(
        verdict(&step, &accepted, &policy, Kind::Conformance).0,
        Verdict::Info
    );
    policy.set("release", vec!["rel17".into()], "t:1");
    assert_eq!(
        verdict(&step, &accepted, &policy, Kind::Conformance).0,
        Verdict::Fail
    );
}

#[test]
fn unknown_policy_is_inconclusive_only_where_the_candidates_disagree() {
    let mut strict = claim(Some(Flight::Refused), None);
    strict.when = Guard::from([("require_encryption".to_owned(), vec!["true".to_owned()])]);
    let step = offer(vec![strict, claim(None, Some(Flight::Refused))]);
    let unknown = PolicyFacts::default();
    let refused = seen(Classification::RefusedWithAlert, &[true, true]);
    assert_eq!(
        verdict(&step, &refused, &unknown, Kind::Conformance).0,
        Verdict::Pass
    );
    let accepted = seen(Classification::Accepted, &[true, true]);
    let (inconclusive, because) = verdict(&step, &accepted, &unknown, Kind::Conformance);
    assert_eq!(inconclusive, Verdict::Inconclusive);
    assert!(because.unwrap().contains("policy.require_encryption"));
}

#[test]
fn an_open_chain_is_inconclusive_when_its_guard_is_unknown_and_the_claim_unmet() {
    let mut strict = claim(Some(Flight::Refused), None);
    strict.when = Guard::from([("require_encryption".to_owned(), vec!["true".to_owned()])]);
    let step = offer(vec![strict]);
    let accepted = seen(Classification::Accepted, &[true, true]);
    let outcome = verdict(&step, &accepted, &PolicyFacts::default(), Kind::Conformance).0;
    assert_eq!(outcome, Verdict::Inconclusive);
}
