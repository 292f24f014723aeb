//! Whole cases over the real TLS side.

use std::sync::atomic::{AtomicU64, Ordering};

use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::engine::limit::Limiter;
use crate::model::suite::SuiteRegistry;
use crate::model::target::{Declared, HookAction};
use crate::probe::http::tests::server::{Mishap, Server};
use crate::probe::http::tests::{ALICE, step, target};
use crate::probe::reach::Reach;

/// A clock that moves only when it is told to.
#[derive(Default)]
struct Seconds(AtomicU64);

#[async_trait]
impl Clock for Seconds {
    fn now(&self) -> OffsetDateTime {
        datetime!(2026-06-01 0:00 UTC)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    async fn wait(&self, _: Duration) {}

    fn source(&self) -> String {
        "test".to_owned()
    }
}

struct Bench {
    server: Server,
    case: Box<dyn Case>,
    names: Names,
    clock: Arc<Seconds>,
}

async fn bench(change: impl FnOnce(&mut ResolvedTarget)) -> Bench {
    let server = Server::start(false).await;
    let documents = [(ALICE.to_owned(), b"<document/>".to_vec())];
    let state = Arc::clone(&server.state);
    state.lock().expect("state").documents.extend(documents);
    let mut target = target(&server);
    target.roots = vec![server.certificate.clone()];
    change(&mut target);
    let clock = Arc::new(Seconds::default());
    let ticking: Arc<dyn Clock> = Arc::<Seconds>::clone(&clock);
    let probe = PresecProbe::new(
        TlsProbeSettings {
            target: Arc::new(target),
            registry: Arc::new(SuiteRegistry::default()),
            baseline: Vec::new(),
            limiter: Arc::new(Limiter::new(Arc::clone(&ticking), 1_000, None)),
            pace: Arc::clone(&ticking),
            clock: ticking,
            seed: 7,
            trace: Trace::none(),
            reach: Reach::default(),
        },
        None,
    );
    let case = probe.open(CaseContext {
        id: "T-01".to_owned(),
        run_id: "run".to_owned(),
        seed: 11,
        may_be_parked: false,
        trace: Trace::none(),
    });
    let mut names = Names::default();
    names.set("alice.document", ALICE);
    Bench {
        server,
        case,
        names,
        clock,
    }
}

impl Bench {
    async fn step(&mut self, yaml: &str) -> Result<Seen, Trouble> {
        self.case.perform(&step(yaml), &self.names).await
    }
}

fn status(seen: &Seen) -> Option<u16> {
    match &seen.facts {
        Facts::Http(facts) => facts.status,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn connection_of_a_tls_connect_carries_login_and_requests() {
    let mut bench = bench(|_| {}).await;
    bench
        .step("tls-connect: { session: s, version: tls1.2 }")
        .await
        .expect("connected");
    bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    let get = "http: { session: s, method: GET, document: $alice.document }";
    assert_eq!(status(&bench.step(get).await.expect("seen")), Some(200));
    bench.step("close: { session: s }").await.expect("close");
    assert_eq!(status(&bench.step(get).await.expect("seen")), Some(200));
    let baseline = bench.step("control: http-baseline").await.expect("seen");
    assert_eq!(status(&baseline), Some(401));
    assert_eq!(bench.case.finish().await, Vec::<String>::new());
}

#[tokio::test]
async fn idle_close_between_steps_is_overcome() {
    let mut bench = bench(|_| {}).await;
    bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    let state = Arc::clone(&bench.server.state);
    state
        .lock()
        .expect("state")
        .mishaps
        .push_back(Mishap::Close);
    let get = "http: { session: s, method: GET, document: $alice.document }";
    let seen = bench.step(get).await.expect("seen");
    assert_eq!(status(&seen), Some(200));
    assert_eq!(seen.lost_attempts.len(), 1);
}

#[tokio::test]
async fn credentials_stay_home_when_no_root_is_known() {
    let mut bench = bench(|target| target.roots.clear()).await;
    let login = bench.step("login: { as: alice, session: s }").await;
    assert!(matches!(login, Err(Trouble::NotProven(_))), "{login:?}");
    let got = bench.server.got();
    assert!(got.iter().all(|got| got.field("authorization").is_none()));
}

#[tokio::test]
async fn clear_text_to_the_tls_port_is_refused_and_carries_no_credentials() {
    let mut bench = bench(|_| {}).await;
    let clear = "http: { session: s, method: GET, document: $alice.document, transport: clear-on-tls-port }";
    let seen = bench.step(clear).await.expect("seen");
    assert!(seen.classification.is_refusal(), "{seen:?}");
    bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    let with_credentials = bench.step(clear).await;
    assert!(matches!(with_credentials, Err(Trouble::NotProven(_))));
}

#[tokio::test]
async fn elapsed_time_is_counted_from_the_first_session() {
    let sum = HookAction::Command(
        ["sh", "-c", "test $0 = 90 || test $0 = 30", "{seconds}"]
            .map(str::to_owned)
            .to_vec(),
    );
    let mut bench = bench(|target| target.hooks.advance_clock = Some(Declared::Given(sum))).await;
    bench.clock.0.store(1_000, Ordering::Relaxed);
    bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    bench.clock.0.store(1_010, Ordering::Relaxed);
    let seen = bench
        .step("elapse: { until: 1m40s }")
        .await
        .expect("elapsed");
    assert_eq!(seen.observed, "1m40s have passed on the target's clock");
    bench
        .step("elapse: { until: 2m10s }")
        .await
        .expect("elapsed");
    let wrong = bench.step("elapse: { until: soon }").await;
    assert!(matches!(wrong, Err(Trouble::Fault(_))));
}

#[tokio::test]
async fn origin_steps_need_an_observer() {
    let mut bench = bench(|_| {}).await;
    let look = "origin: { marker: m, expect: [{ shall: { requests: 0 } }] }";
    let seen = bench.step(look).await;
    assert!(matches!(seen, Err(Trouble::NotProven(_))));
}
