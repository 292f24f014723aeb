use std::time::Duration;

use serde_json::json;

use super::servers::{ECDHE, NULL, Reply, canned, case, healthy, names, probe, selecting, target};
use crate::engine::ports::Trouble;
use crate::model::answer_tls::Flight;
use crate::model::seen::{Classification, Expected as _, Facts, Fit, Seen};
use crate::model::seen_tls::FlightFacts;
use crate::model::step_tls::TlsOffer;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::hello::ClientHello;

fn null_offer() -> TlsOffer {
    let step = json!({ "suites": ["$null_enc"], "expect": [{ "shall": "refused" }] });
    serde_json::from_value(step).unwrap()
}

fn facts(seen: &Seen) -> &FlightFacts {
    match &seen.facts {
        Facts::Flight(facts) => facts,
        other => panic!("no flight: {other:?}"),
    }
}

/// What the offer of NULL suites comes to at a server that treats it by `reply` and everything else as usual.
async fn against<F>(reply: F) -> Result<Seen, Trouble>
where
    F: Fn(&ClientHello, usize) -> Reply + Send + Sync + 'static,
{
    let address = canned(move |hello, number| {
        if hello.offers_suite(ECDHE) {
            healthy(hello)
        } else {
            reply(hello, number)
        }
    })
    .await;
    let mut target = target(address);
    target.timeout = Duration::from_millis(300);
    let probe = probe(target);
    case(&probe).offer(&null_offer(), &names()).await
}

fn passed(seen: &Seen) -> Vec<bool> {
    seen.controls.iter().map(|control| control.passed).collect()
}

fn is_met(seen: &Seen) -> bool {
    let step = null_offer();
    let (_, answer) = step.expect[0].stated().unwrap();
    answer.fit(seen, &names()).unwrap() == Fit::Met
}

#[tokio::test]
async fn an_alert_is_a_refusal_between_two_controls() {
    let seen = against(|_, _| Reply::Bytes(Alert::HANDSHAKE_FAILURE.encode(0x0303)))
        .await
        .unwrap();
    assert_eq!(seen.classification, Classification::RefusedWithAlert);
    assert_eq!(seen.observed, "alert fatal handshake_failure (40)");
    assert_eq!(facts(&seen).alert.unwrap().description, 40);
    assert_eq!(passed(&seen), [true, true]);
    assert_eq!(
        seen.controls[0].observed,
        "the same hello and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: ServerHello: tls1.2 \
         TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, group secp256r1, signed with sha256"
    );
    assert!(is_met(&seen));
}

#[tokio::test]
async fn warnings_before_the_alert_are_skipped() {
    let mut bytes = Alert::warning(112).encode(0x0303);
    bytes.extend(Alert::HANDSHAKE_FAILURE.encode(0x0303));
    let seen = against(move |_, _| Reply::Bytes(bytes.clone()))
        .await
        .unwrap();
    assert_eq!(seen.classification, Classification::RefusedWithAlert);
}

#[tokio::test]
async fn a_selected_null_suite_is_accepted() {
    let seen = against(|_, _| selecting(NULL)).await.unwrap();
    assert_eq!(seen.classification, Classification::Accepted);
    let facts = facts(&seen);
    assert_eq!(facts.suite_name.as_deref(), Some("TLS_RSA_WITH_NULL_SHA"));
    assert_eq!(facts.encryption_bits, Some(0));
    assert!(facts.suite_was_offered);
    assert!(!is_met(&seen));
}

#[tokio::test]
async fn a_suite_that_was_not_offered_is_said_so() {
    let seen = against(|_, _| selecting(0x0005)).await.unwrap();
    assert_eq!(seen.classification, Classification::Accepted);
    assert!(!facts(&seen).suite_was_offered);
    assert!(seen.observed.contains("which was not offered"));
}

#[tokio::test]
async fn three_closes_are_a_refusal() {
    let seen = against(|_, _| Reply::Fin).await.unwrap();
    assert_eq!(seen.classification, Classification::RefusedByClose);
    assert_eq!(seen.lost_attempts.len(), 2);
    assert_eq!(passed(&seen), [true; 4]);
}

#[tokio::test]
async fn four_resets_with_controls_between_are_a_refusal() {
    let seen = against(|_, _| Reply::Reset).await.unwrap();
    assert_eq!(seen.classification, Classification::RefusedByReset);
    assert_eq!(seen.lost_attempts.len(), 3);
    assert_eq!(passed(&seen), [true; 5]);
}

#[tokio::test]
async fn resets_now_and_then_are_not_evidence() {
    let seen = against(|_, number| match number % 2 {
        0 => Reply::Reset,
        _ => Reply::Bytes(Alert::HANDSHAKE_FAILURE.encode(0x0303)),
    })
    .await
    .unwrap();
    assert_eq!(seen.classification, Classification::RefusedWithAlert);
    assert_eq!(seen.lost_attempts, ["attempt 1: reset before ServerHello"]);

    let mixed = against(|_, number| match number % 2 {
        0 => Reply::Reset,
        _ => Reply::Fin,
    })
    .await;
    assert!(matches!(mixed, Err(Trouble::NotProven(_))));
}

#[tokio::test]
async fn a_server_that_resets_everybody_refuses_nothing() {
    let address = canned(|_, _| Reply::Reset).await;
    let probe = probe(target(address));
    let survey = probe.survey().await;
    assert_eq!(
        survey.target.unreachable.as_deref(),
        Some("reset before ServerHello")
    );
    let trouble = case(&probe).offer(&null_offer(), &names()).await;
    assert!(matches!(trouble, Err(Trouble::NotProven(_))));
}

#[tokio::test]
async fn silence_is_silence() {
    let seen = against(|_, _| Reply::Hold).await.unwrap();
    assert_eq!(seen.classification, Classification::Silent);
    assert_eq!(seen.lost_attempts.len(), 1);
    assert!(!is_met(&seen));
}

fn handled(seen: &Seen) -> bool {
    Flight::Handled.fit(seen, &names()).unwrap() == Fit::Met
}

#[tokio::test]
async fn plain_http_and_endless_garbage_are_unclear() {
    let seen = against(|_, _| Reply::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()))
        .await
        .unwrap();
    assert_eq!(seen.classification, Classification::Unclear);
    assert!(
        seen.observed.starts_with("no TLS: `HTTP/1.1 400"),
        "{}",
        seen.observed
    );
    assert!(facts(&seen).not_tls && handled(&seen));
    let seen = against(|_, _| Reply::Bytes(vec![22, 3, 3, 0, 80, 2, 0]))
        .await
        .unwrap();
    assert!(seen.observed.contains("broke off"), "{}", seen.observed);
    assert!(!handled(&seen), "what broke off is no answer");
    let seen = against(|_, _| Reply::Endless).await.unwrap();
    assert_eq!(seen.classification, Classification::Unclear);
    assert!(!is_met(&seen));
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_proves_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let probe = probe(target(address));
    let survey = probe.survey().await;
    let unreachable = survey.target.unreachable.unwrap();
    assert!(
        unreachable.ends_with("failed: connection refused"),
        "{unreachable}"
    );
    let trouble = case(&probe)
        .offer(&null_offer(), &names())
        .await
        .unwrap_err();
    assert!(matches!(trouble, Trouble::NotProven(why) if why.contains("connection refused")));
}

#[tokio::test]
async fn the_survey_names_accepted_versions() {
    let address = canned(|hello, _| healthy(hello)).await;
    let probe = probe(target(address));
    let survey = probe.survey().await;
    assert_eq!(survey.names.list("accepted_versions").unwrap(), ["tls1.2"]);
    assert_eq!(
        survey.target.accepted_versions["tls1.2"],
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    );
    assert_eq!(survey.target.unreachable, None);
    let seen = case(&probe).baseline(&names()).await.unwrap();
    assert_eq!(seen.classification, Classification::Accepted);
}

#[tokio::test]
async fn equal_seeds_send_equal_hellos() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let address = canned(move |hello, _| {
        if hello.suites == [NULL] {
            sender.send(hello.clone()).unwrap();
        }
        healthy(hello)
    })
    .await;
    let probe = probe(target(address));
    for _ in 0..2 {
        case(&probe).offer(&null_offer(), &names()).await.unwrap();
    }
    let first = receiver.recv().await.unwrap();
    assert_eq!(Some(first), receiver.recv().await);
}

#[tokio::test]
async fn quirks_and_forms_reach_a_server_that_copes() {
    let address = canned(|hello, _| healthy(hello)).await;
    let mut target = target(address);
    target.timeout = Duration::from_millis(500);
    let probe = probe(target);
    for (quirk, wanted) in [
        ("truncated", Classification::RefusedByClose),
        ("overlong-handshake-length", Classification::RefusedByClose),
        ("fragmented", Classification::Accepted),
        ("fragmented-singly", Classification::Accepted),
        ("oversized-hello", Classification::Accepted),
        ("oversized-suite-list", Classification::Accepted),
    ] {
        let step =
            json!({ "quirk": quirk, "differs_by": "quirk", "expect": [{ "shall": "handled" }] });
        let step: TlsOffer = serde_json::from_value(step).unwrap();
        let seen = case(&probe).offer(&step, &names()).await.unwrap();
        assert_eq!(seen.classification, wanted, "{quirk}: {}", seen.observed);
        assert!(
            seen.controls.iter().all(|control| control.passed),
            "{quirk}"
        );
    }
    let step =
        json!({ "form": "ssl2", "differs_by": "version", "expect": [{ "shall": "refused" }] });
    let step: TlsOffer = serde_json::from_value(step).unwrap();
    let seen = case(&probe).offer(&step, &names()).await.unwrap();
    assert_eq!(seen.classification, Classification::RefusedByClose);
    assert!(seen.controls.iter().all(|control| control.passed));
}
