//! Connections that are closed, reset, silent or replaced.

use super::*;

#[tokio::test]
async fn close_by_the_target_counts_after_three_tries() {
    let mut bench = Bench::new().await;
    bench.login().await;
    // The first loss is that of a connection that was used before and does not count.
    bench.state(|state| state.mishaps.extend([Mishap::Close; 4]));
    let seen = bench.get(", marker: m").await;
    assert!(facts(&seen).closed_instead);
    assert_eq!(seen.classification, Classification::RefusedByClose);
    assert_eq!(seen.lost_attempts.len(), 3);
    let markers: BTreeSet<String> = bench
        .server
        .got()
        .iter()
        .filter_map(|got| got.field("x-presec-marker").map(str::to_owned))
        .collect();
    assert_eq!(markers.len(), 4);
}

#[tokio::test]
async fn lost_connection_is_replaced_and_recorded() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.state(|state| state.mishaps.extend([Mishap::Reset, Mishap::Reset]));
    let seen = bench.get("").await;
    assert_eq!(status(&seen), Some(200));
    assert_eq!(seen.lost_attempts.len(), 2);
}

#[tokio::test]
async fn resets_count_where_another_request_is_answered_between_each_two() {
    let mut bench = Bench::with(Server::start(false).await, |_| {});
    let yaml = "http: { session: x, method: GET, document: /, credentials: none }";
    let pair = [Mishap::Reset, Mishap::Answer];
    bench.state(|state| state.mishaps.extend(pair.repeat(4)));
    let seen = bench.step(yaml).await.expect("seen");
    assert!(facts(&seen).closed_instead);
    assert_eq!(seen.classification, Classification::RefusedByReset);
    assert_eq!(seen.lost_attempts.len(), 3);
    bench.state(|state| {
        state.mishaps.clear();
        state
            .mishaps
            .extend([Mishap::Reset, Mishap::Answer, Mishap::Reset, Mishap::Reset]);
        state.mishaps.extend(pair.repeat(2));
    });
    let reset = bench.step(yaml).await;
    assert!(matches!(reset, Err(Trouble::NotProven(_))), "{reset:?}");
}

#[tokio::test]
async fn resets_silence_and_garbage_prove_nothing() {
    let mut bench = Bench::with(Server::start(false).await, |target| {
        target.timeout = Duration::from_millis(200);
    });
    bench.state(|state| state.mishaps.extend([Mishap::Reset; 5]));
    let yaml = "http: { session: x, method: GET, document: /, credentials: none }";
    let reset = bench.step(yaml).await;
    assert!(matches!(reset, Err(Trouble::NotProven(_))), "{reset:?}");
    bench.state(|state| state.mishaps.extend([Mishap::Silent; 3]));
    let silent = bench.step(yaml).await;
    assert!(matches!(silent, Err(Trouble::NotProven(_))), "{silent:?}");
    bench.state(|state| state.mishaps.push_back(Mishap::Garbage));
    let garbage = bench.step(yaml).await.expect("seen");
    assert_eq!(garbage.classification, Classification::Unclear);
    assert!(!facts(&garbage).closed_instead);
    bench.state(|state| state.mishaps.push_back(Mishap::Close));
    let post = bench.step(&yaml.replace("GET", "POST")).await;
    assert!(matches!(post, Err(Trouble::NotProven(_))), "{post:?}");
}

#[tokio::test]
async fn late_alert_of_tls13_is_a_refusal_with_alert() {
    let mut bench = Bench::with(Server::start(true).await, |_| {});
    let seen = bench
        .step("http: { session: x, method: GET, document: /, credentials: none }")
        .await
        .expect("seen");
    assert_eq!(seen.classification, Classification::RefusedWithAlert);
    assert!(
        seen.observed.contains("certificate_required (116)"),
        "{}",
        seen.observed
    );
}

#[tokio::test]
async fn closed_session_opens_again_with_its_digest_state() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.step("close: { session: s }").await.expect("close");
    assert_eq!(status(&bench.get("").await), Some(200));
    assert_eq!(bench.server.dialed, 2);
    let unknown = bench.step("close: { session: other }").await;
    assert!(matches!(unknown, Err(Trouble::Fault(_))));
}

#[tokio::test]
async fn on_the_kept_connection_the_first_loss_counts_and_nothing_is_dialed() {
    const KEPT: &str = ", kept_connection: true";
    let mut bench = Bench::new().await;
    bench.login().await;
    let dialed = bench.server.dialed;
    assert_eq!(status(&bench.get(KEPT).await), Some(200));
    bench.state(|state| state.mishaps.push_back(Mishap::Close));
    let seen = bench.get(KEPT).await;
    assert_eq!(seen.classification, Classification::RefusedByClose);
    assert!(facts(&seen).closed_instead && seen.lost_attempts.is_empty());
    // Nothing is open any more; another connection would be another thing.
    let yaml =
        "http: { session: s, method: GET, document: /, credentials: none, kept_connection: true }";
    let gone = bench.step(yaml).await;
    assert!(matches!(gone, Err(Trouble::NotProven(_))), "{gone:?}");
    assert_eq!(bench.server.dialed, dialed);
}

#[tokio::test]
async fn a_reset_of_the_kept_connection_proves_nothing() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.state(|state| state.mishaps.push_back(Mishap::Reset));
    let yaml =
        "http: { session: s, method: GET, document: /, credentials: none, kept_connection: true }";
    let reset = bench.step(yaml).await;
    assert!(matches!(reset, Err(Trouble::NotProven(_))), "{reset:?}");
}
