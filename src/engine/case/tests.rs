use std::collections::VecDeque;

use async_trait::async_trait;

use super::*;
use crate::model::scenario::Scenario;
use crate::model::seen::{Classification, Facts};
use crate::model::seen_http::HttpFacts;

/// A case that sees what it is told to see, step after step.
struct Script(VecDeque<Result<Seen, Trouble>>);

#[async_trait]
impl Case for Script {
    async fn perform(&mut self, _: &Step, _: &Names) -> Result<Seen, Trouble> {
        self.0
            .pop_front()
            .unwrap_or_else(|| Err(Trouble::Fault("the script is over".into())))
    }

    async fn finish(&mut self) -> Vec<String> {
        Vec::new()
    }
}

fn status(code: u16) -> Result<Seen, Trouble> {
    let facts = HttpFacts {
        status: Some(code),
        ..HttpFacts::default()
    };
    Ok(Seen::new(
        Classification::Answered,
        code.to_string(),
        Facts::Http(facts),
    ))
}

fn scenario(expectations: &[&str]) -> Scenario {
    let steps: Vec<serde_json::Value> = expectations
        .iter()
        .map(|expect| {
            let expect: serde_json::Value = serde_json::from_str(expect).unwrap();
            serde_json::json!({ "http": { "session": "s", "method": "GET", "document": "/d", "expect": [expect] } })
        })
        .collect();
    serde_json::from_value(serde_json::json!({
        "id": "X-01", "title": "t", "verifies": ["A"], "kind": "conformance", "risk": "read",
        "roles": ["authentication-proxy"], "steps": steps
    }))
    .unwrap()
}

async fn verdict(expectations: &[&str], script: Vec<Result<Seen, Trouble>>) -> Verdict {
    let mut case = Script(script.into());
    run_case(
        &mut case,
        &scenario(expectations),
        &Names::default(),
        &PolicyFacts::default(),
    )
    .await
    .verdict
}

const CONTROL: &str = r#"{"control": "served"}"#;
const CONTROL_OR_NONE: &str = r#"{"control": "served", "else": "not-applicable"}"#;
const REFUSAL: &str = r#"{"shall": "not-served"}"#;
const SERVICE: &str = r#"{"shall": "served"}"#;

#[tokio::test]
async fn a_refusal_between_controls_passes() {
    let script = vec![status(200), status(403), status(200)];
    assert_eq!(
        verdict(&[CONTROL, REFUSAL, CONTROL], script).await,
        Verdict::Pass
    );
}

#[tokio::test]
async fn a_refusal_without_a_control_after_it_is_inconclusive() {
    assert_eq!(
        verdict(&[CONTROL, REFUSAL], vec![status(200), status(403)]).await,
        Verdict::Inconclusive
    );
}

#[tokio::test]
async fn a_failed_control_ends_the_case_without_judging() {
    let script = vec![status(401)];
    assert_eq!(
        verdict(&[CONTROL, REFUSAL, CONTROL], script).await,
        Verdict::Inconclusive
    );
    let script = vec![status(401)];
    assert_eq!(
        verdict(&[CONTROL_OR_NONE, REFUSAL, CONTROL], script).await,
        Verdict::NotApplicable
    );
}

#[tokio::test]
async fn a_control_that_fails_afterwards_takes_a_pass_back_but_not_a_seen_violation() {
    let expect = [CONTROL, REFUSAL, CONTROL];
    let refused = vec![status(200), status(403), status(500)];
    assert_eq!(verdict(&expect, refused).await, Verdict::Inconclusive);
    let served = vec![status(200), status(200), status(500)];
    assert_eq!(verdict(&expect, served).await, Verdict::Fail);
}

#[tokio::test]
async fn a_missing_service_is_not_a_failure_when_the_target_then_stops_answering() {
    let script = vec![
        status(200),
        status(401),
        Err(Trouble::NotProven("lost".into())),
    ];
    assert_eq!(
        verdict(&[CONTROL, SERVICE, CONTROL], script).await,
        Verdict::Inconclusive
    );
}

#[tokio::test]
async fn trouble_is_told_apart() {
    let not_proven = vec![Err(Trouble::NotProven("lost".into()))];
    assert_eq!(verdict(&[SERVICE], not_proven).await, Verdict::Inconclusive);
    let fault = vec![Err(Trouble::Fault("ours".into()))];
    assert_eq!(verdict(&[SERVICE], fault).await, Verdict::Error);
}
