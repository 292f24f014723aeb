use std::sync::Arc;

use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use super::servers::{Pki, Reply, canned, case, https, names, pki, probe, selecting, target};
use crate::engine::ports::Trouble;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_tls::{ConnectionFacts, NameSource};
use crate::model::step_tls::{TlsConnect, TlsOffer};
use crate::probe::tls::{TlsCase, TlsProbe};

async fn https_probe(pki: &Pki, config: ServerConfig) -> TlsProbe {
    let mut target = target(https(config).await);
    target.roots = vec![pki.root.clone()];
    let (kind, identity) = pki.client();
    target.client_certificates.insert(kind, identity);
    probe(target)
}

fn facts(seen: &Seen) -> &ConnectionFacts {
    match &seen.facts {
        Facts::Connection(facts) => facts,
        other => panic!("no connection: {other:?}"),
    }
}

async fn connect(case: &mut TlsCase, step: Value) -> Seen {
    let step: TlsConnect = serde_json::from_value(step).unwrap();
    case.connect(&step, &names()).await.unwrap().0
}

#[tokio::test]
async fn each_mechanism_resumes_and_is_recognised() {
    let pki = pki(&["localhost"]);
    for (mechanism, version) in [
        ("session-id", "tls1.2"),
        ("ticket", "tls1.2"),
        ("tls13-psk", "tls1.3"),
    ] {
        let mut config = pki.config(&[&TLS12, &TLS13], false);
        if mechanism == "ticket" {
            config.ticketer = rustls::crypto::ring::Ticketer::new().unwrap();
        }
        let probe = https_probe(&pki, config).await;
        let mut case = case(&probe);
        let saved = connect(&mut case, json!({ "save": "s", "mechanism": mechanism })).await;
        assert!(facts(&saved).resumable, "{mechanism}");
        assert!(!facts(&saved).resumed);
        for _ in 0..3 {
            let resume = json!({ "resume": "s", "mechanism": mechanism });
            let seen = connect(&mut case, resume).await;
            let facts = facts(&seen);
            assert!(facts.completed && facts.resumed && facts.resumable);
            assert_eq!(facts.mechanism.as_deref(), Some(mechanism));
            assert_eq!(facts.version.as_deref(), Some(version));
            assert!(facts.certificate.is_some());
        }
    }
}

#[tokio::test]
async fn a_server_without_tickets_gives_nothing_to_resume() {
    let pki = pki(&["localhost"]);
    let mut config = pki.config(&[&TLS12, &TLS13], false);
    config.send_tls13_tickets = 0;
    let probe = https_probe(&pki, config).await;
    let mut case = case(&probe);
    for mechanism in ["ticket", "tls13-psk"] {
        let saved = connect(&mut case, json!({ "save": "s", "mechanism": mechanism })).await;
        assert!(facts(&saved).completed);
        assert!(!facts(&saved).resumable, "{mechanism}");
        let seen = connect(&mut case, json!({ "resume": "s" })).await;
        assert!(!facts(&seen).resumable);
    }
    let step: TlsConnect = serde_json::from_value(json!({ "resume": "other" })).unwrap();
    let unknown = case.connect(&step, &names()).await;
    assert!(matches!(unknown, Err(Trouble::Fault(_))));
}

#[tokio::test]
async fn a_session_the_server_forgot_is_not_resumed() {
    let pki = pki(&["localhost"]);
    let mut config = pki.config(&[&TLS12, &TLS13], false);
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    let probe = https_probe(&pki, config).await;
    let mut case = case(&probe);
    let saved = connect(&mut case, json!({ "save": "s", "mechanism": "session-id" })).await;
    assert!(!facts(&saved).resumable);
}

#[tokio::test]
async fn the_id_of_a_saved_session_is_echoed_to_an_offer() {
    let pki = pki(&["localhost"]);
    let probe = https_probe(&pki, pki.config(&[&TLS12, &TLS13], false)).await;
    let mut case = case(&probe);
    connect(&mut case, json!({ "save": "s", "mechanism": "session-id" })).await;
    let step = json!({ "session_id_of": "s", "expect": [{ "shall": "not-resumed" }] });
    let step: TlsOffer = serde_json::from_value(step).unwrap();
    let seen = case.offer(&step, &names()).await.unwrap();
    let Facts::Flight(facts) = &seen.facts else {
        panic!("no flight");
    };
    assert!(facts.session_id_echoed, "{}", seen.observed);
    assert!(seen.controls.iter().all(|control| control.passed));
}

#[tokio::test]
async fn a_demanded_client_certificate_is_given_or_missed() {
    let pki = pki(&["localhost"]);
    for version in [&TLS12, &TLS13] {
        let probe = https_probe(&pki, pki.config(&[version], true)).await;
        let mut case = case(&probe);
        let seen = connect(&mut case, json!({ "client_certificate": "valid" })).await;
        assert!(facts(&seen).completed && facts(&seen).certificate_requested);
        let seen = connect(&mut case, json!({ "client_certificate": "empty" })).await;
        assert_eq!(
            seen.classification,
            Classification::RefusedWithAlert,
            "{}",
            seen.observed
        );
        assert!(!facts(&seen).completed && facts(&seen).certificate_requested);
        let step: TlsConnect =
            serde_json::from_value(json!({ "client_certificate": "wrong-ca" })).unwrap();
        let missing = case.connect(&step, &names()).await;
        assert!(matches!(missing, Err(Trouble::NotProven(why)) if why.contains("wrong_ca")));
    }
}

#[tokio::test]
async fn a_connection_is_verified_only_with_path_and_name() {
    let good = pki(&["localhost"]);
    let probe = https_probe(&good, good.config(&[&TLS13], false)).await;
    let mut first = case(&probe);
    let open = first.open("localhost").await.unwrap();
    assert!(open.verified, "{:?}", open.not_verified_because);
    let certificate = open.facts.certificate.unwrap();
    assert_eq!(certificate.name_source, NameSource::SubjectAlternativeName);
    assert_eq!(certificate.lifetime_days, 365);
    let survey = probe.survey().await;
    assert_eq!(
        survey.target.certificate_sha256,
        Some(certificate.fingerprint)
    );
    assert!(!first.open("other.test").await.unwrap().verified);

    let foreign = pki(&["localhost"]);
    let probe = https_probe(&foreign, good.config(&[&TLS13], false)).await;
    let open = case(&probe).open("localhost").await.unwrap();
    assert!(!open.verified);
    assert!(open.facts.certificate.unwrap().path_problem.is_some());
}

#[tokio::test]
async fn an_absent_version_is_a_refusal_and_a_foreign_suite_is_not() {
    let pki = pki(&["localhost"]);
    let probe = https_probe(&pki, pki.config(&[&TLS12], false)).await;
    let seen = connect(&mut case(&probe), json!({ "version": "tls1.3" })).await;
    assert_eq!(seen.classification, Classification::RefusedWithAlert);

    let address = canned(|hello, _| {
        // ARIA only, which neither client has.
        if hello.offers_suite(0xC03C) {
            selecting(0xC03C)
        } else {
            Reply::Bytes(crate::wire::tls::alert::Alert::HANDSHAKE_FAILURE.encode(0x0303))
        }
    })
    .await;
    let probe = super::servers::probe(target(address));
    let step = TlsConnect::default();
    let trouble = case(&probe).connect(&step, &names()).await.unwrap_err();
    assert!(matches!(trouble, Trouble::NotProven(why) if why.contains("lab TLS engine")));
    let trouble = case(&probe).open("localhost").await.unwrap_err();
    assert!(matches!(trouble, Trouble::NotProven(why) if why.contains("lab TLS engine")));
}

#[tokio::test]
async fn a_saved_session_stays_usable_for_offers_of_another_name() {
    let pki = pki(&["localhost", "second.test"]);
    let probe = https_probe(&pki, pki.config(&[&TLS12], false)).await;
    let mut case = case(&probe);
    connect(&mut case, json!({ "save": "s", "mechanism": "session-id" })).await;
    let seen = connect(
        &mut case,
        json!({ "resume": "s", "server_name": "second.test" }),
    )
    .await;
    // The session is offered; whether it is taken is the server's choice (RFC 6066 3 says no).
    assert!(facts(&seen).completed && facts(&seen).resumable);
    assert!(!facts(&seen).resumed);
}
