//! Authentication of a conforming target, where no defect is about it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use time::OffsetDateTime;

use super::bench::{ALICE, Bench, Client, Signing, challenge, get, is_2xx, put, stale};
use crate::reference::http::{AuthenticationState, DigestAlgorithm};
use crate::wire::http::digest::{Algorithm, Authorization, Qop, check_authentication_info};
use crate::wire::http::{Request, Response};

fn proves(sent: &Request, answer: &Response) -> bool {
    let sent = Authorization::parse(sent.header("Authorization").unwrap()).unwrap();
    let value = answer.header("Authentication-Info").unwrap();
    let info = check_authentication_info(value, &sent, b"key of alice", &answer.body);
    info.rspauth_ok == Some(true) && info.echoes_match && info.flaws.is_empty()
}

async fn challenged(bench: &Bench) -> Client {
    let mut client = bench.connect();
    assert_eq!(client.anonymous(get(ALICE)).await.status, 401);
    client
}

#[tokio::test]
async fn the_server_proves_that_it_knows_the_key_too() {
    let bench = Bench::start(None, false).await;
    let mut client = challenged(&bench).await;
    for qop in [Qop::Auth, Qop::AuthInt] {
        client.session.as_mut().unwrap().qop = Some(qop);
        for request in [get(ALICE), put(ALICE)] {
            let sent = client.sign(request, Signing::default());
            let answer = client.send(&sent).await;
            assert_eq!(answer.status, 200);
            assert!(proves(&sent, &answer), "{qop:?}");
        }
    }
}

#[tokio::test]
async fn algorithms_are_offered_in_order_and_only_offered_ones_accepted() {
    let bench = Bench::with(None, false, |settings| {
        settings.algorithms = vec![DigestAlgorithm::Sha256, DigestAlgorithm::Md5];
    })
    .await;
    let mut client = challenged(&bench).await;
    assert_eq!(
        client.session.as_ref().unwrap().algorithm,
        Algorithm::Sha256
    );
    let sent = client.sign(get(ALICE), Signing::default());
    assert!(proves(&sent, &client.send(&sent).await));
    let alone = Bench::with(None, false, |settings| {
        settings.algorithms = vec![DigestAlgorithm::Sha256];
    })
    .await;
    let mut client = challenged(&alone).await;
    let md5 = Signing {
        edit: |authorization| authorization.algorithm = Some("MD5".to_owned()),
        ..Signing::default()
    };
    assert_eq!(client.signed_as(get(ALICE), md5).await.status, 401);
}

#[tokio::test]
async fn counts_may_have_gaps_and_never_repeat() {
    let bench = Bench::start(None, false).await;
    let mut client = challenged(&bench).await;
    client.session.as_mut().unwrap().nc = 1000;
    assert!(is_2xx(&client.signed(get(ALICE)).await));
    client.session.as_mut().unwrap().nc = 1000;
    let again = client.signed(get(ALICE)).await;
    assert!(again.status == 401 && stale(&again));
    client.session.as_mut().unwrap().nc = 2;
    assert!(stale(&client.signed(get(ALICE)).await));
    client.session.as_mut().unwrap().nc = 1001;
    assert!(is_2xx(&client.signed(get(ALICE)).await));
}

#[tokio::test]
async fn what_breaks_the_form_gets_400() {
    let bench = Bench::start(None, false).await;
    let edits: [fn(&mut Authorization); 5] = [
        |authorization| authorization.username = None,
        |authorization| authorization.cnonce = None,
        |authorization| authorization.nc = Some("1".to_owned()),
        |authorization| authorization.qop = Some("auth-conf".to_owned()),
        |authorization| authorization.uri = Some("/".to_owned()),
    ];
    for edit in edits {
        let signing = Signing {
            edit,
            ..Signing::default()
        };
        let answer = challenged(&bench)
            .await
            .signed_as(get(ALICE), signing)
            .await;
        assert_eq!(answer.status, 400);
    }
    let mut client = challenged(&bench).await;
    let twice = client.sign(get(ALICE), Signing::default());
    let twice = client.sign(twice, Signing::default());
    assert_eq!(client.send(&twice).await.status, 400);
    let long = get(ALICE).with_header("Authorization", "Digest ".to_owned() + &"a".repeat(9000));
    assert_eq!(client.send(&long).await.status, 400);
    let huge = get(ALICE).with_header("X", "a".repeat(200_000));
    assert_eq!(client.send(&huge).await.status, 431);
}

#[tokio::test]
async fn opaque_and_host_of_the_challenge_bind() {
    let bench = Bench::start(None, false).await;
    let opaque = Signing {
        edit: |authorization| authorization.opaque = Some("other".to_owned()),
        ..Signing::default()
    };
    let mut client = challenged(&bench).await;
    assert_eq!(client.signed_as(get(ALICE), opaque).await.status, 401);
    let elsewhere = Request::new("GET", ALICE, "as2.example.test:8443");
    assert_eq!(client.signed(elsewhere.clone()).await.status, 401);
    client.anonymous(elsewhere.clone()).await;
    assert_eq!(client.signed(elsewhere).await.status, 200);
    let absolute = Signing {
        edit: |authorization| authorization.uri = Some(format!("https://ps.example.test{ALICE}")),
        ..Signing::default()
    };
    client.anonymous(get(ALICE)).await;
    assert_eq!(client.signed_as(get(ALICE), absolute).await.status, 200);
}

#[tokio::test]
async fn an_ended_key_asks_for_bootstrapping() {
    let bench = Bench::with(None, false, |settings| {
        let end = OffsetDateTime::from_unix_timestamp(1_800_000_100).unwrap();
        settings.subscribers[0].key_expiry = Some(end);
    })
    .await;
    let mut client = challenged(&bench).await;
    assert!(is_2xx(&client.signed(get(ALICE)).await));
    assert_eq!(bench.lever("/advance-clock?seconds=100").await, 204);
    let answer = client.signed(get(ALICE)).await;
    let realm = challenge(&answer).unwrap().realm().unwrap().to_owned();
    assert_eq!(realm, "3GPP-bootstrapping@ps.example.test");
    assert!(!stale(&answer));

    let bench = Bench::start(None, false).await;
    let mut client = challenged(&bench).await;
    assert_eq!(bench.lever("/expire-b-tid?subscriber=alice").await, 204);
    assert_eq!(client.signed(get(ALICE)).await.status, 401);
    assert_eq!(bench.lever("/restart").await, 204);
    let forgotten = client.signed(get(ALICE)).await;
    assert!(forgotten.status == 401 && !stale(&forgotten));
    client.login().await.unwrap();
}

#[tokio::test]
async fn unanswered_reauthentication_fails_and_can_still_be_answered() {
    let bench = Bench::start(None, false).await;
    let state = || bench.app.authentication_state("alice").unwrap();
    let mut client = challenged(&bench).await;
    assert!(is_2xx(&client.signed(get(ALICE)).await));
    assert_eq!(state(), AuthenticationState::Running);
    assert_eq!(bench.lever("/force-reauth?subscriber=alice").await, 204);
    assert_eq!(state(), AuthenticationState::Demanded);
    assert!(stale(&client.signed(get(ALICE)).await));
    let limit = bench.app.settings().reauthentication;
    assert_eq!(limit.time_limit * limit.attempts, Duration::from_secs(180));
    bench.clock.fetch_add(181, Ordering::SeqCst);
    assert_eq!(state(), AuthenticationState::Failed);
    assert_eq!(client.signed(get(ALICE)).await.status, 401);
    assert_eq!(bench.resumed().send(&get(ALICE)).await.status, 401);
    client.login().await.unwrap();
    assert_eq!(state(), AuthenticationState::Running);
    assert_eq!(bench.app.authentication_state("nobody"), None);
}

#[tokio::test]
async fn control_port_refuses_what_it_does_not_know() {
    let bench = Bench::start(None, false).await;
    for (target, status) in [
        ("/force-reauth", 400),
        ("/force-reauth?subscriber=nobody", 404),
        (
            "/expire-b-tid?b_tid=Ym9iJ3MgQi1USUQ%3D@bsf.example.test",
            204,
        ),
        ("/advance-clock", 400),
        ("/advance-clock?seconds=-1", 400),
        ("/advance-clock?seconds=999999999999", 400),
        ("/other", 404),
    ] {
        assert_eq!(bench.lever(target).await, status, "{target}");
    }
}

#[tokio::test]
async fn a_certificate_authenticates_its_subscriber_where_certificates_do() {
    let certified = |bench: &Bench| {
        bench.client(|info| info.client_certificate_subject = Some("CN=alice".to_owned()))
    };
    let bench = Bench::start(None, false).await;
    assert_eq!(certified(&bench).send(&get(ALICE)).await.status, 401);
    let bench = Bench::with(None, false, |settings| {
        settings.certificates_authenticate = true;
    })
    .await;
    let mut client = certified(&bench);
    assert!(is_2xx(&client.send(&get(ALICE)).await));
    assert!(
        bench
            .seen()
            .contains("x-3gpp-asserted-identity: \"sip:alice@example.test\"")
    );
    let as_bob = get(ALICE).with_header("X-3GPP-Intended-Identity", "\"sip:bob@example.test\"");
    assert_eq!(client.send(&as_bob).await.status, 403);
    let mut stranger =
        bench.client(|info| info.client_certificate_subject = Some("CN=mallory".to_owned()));
    assert_eq!(stranger.send(&get(ALICE)).await.status, 401);
}

#[tokio::test]
async fn a_demand_is_answered_by_a_full_handshake_after_it() {
    let bench = Bench::with(None, false, |settings| {
        settings.certificates_authenticate = true;
    })
    .await;
    let certified = |resumed: bool| {
        bench.client(|info| {
            info.client_certificate_subject = Some("CN=alice".to_owned());
            info.resumed = resumed;
        })
    };
    let mut before = certified(false);
    assert!(is_2xx(&before.send(&get(ALICE)).await));
    assert_eq!(bench.lever("/force-reauth?subscriber=alice").await, 204);
    assert_eq!(before.send(&get(ALICE)).await.status, 401);
    assert_eq!(certified(true).send(&get(ALICE)).await.status, 401);
    assert!(is_2xx(&certified(false).send(&get(ALICE)).await));
    assert_eq!(before.send(&get(ALICE)).await.status, 401);
}
