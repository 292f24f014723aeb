use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::json;

use super::*;
use crate::engine::ports::{NoEvidence, Observer, Probe, Survey};
use crate::engine::schedule::Register;
use crate::engine::situation::Applicability;
use crate::model::names::Names;
use crate::model::requirement::{Interpretation, Requirement};
use crate::model::scenario::LoadedScenario;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_tls::ConnectionFacts;

const MADE: i64 = 1_780_000_000;
const DAY: i64 = 86_400;

/// A place for one case, a clock, and everything else a run needs.
struct World {
    now: i64,
    kept: Mutex<BTreeMap<String, ParkedCase>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.now).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn wait(&self, _: Duration) {}

    fn source(&self) -> String {
        "clock of a test".to_owned()
    }
}

impl Parking for World {
    fn keep(&self, case: &ParkedCase) -> Result<(), Trouble> {
        self.lock().insert(case.id.clone(), case.clone());
        Ok(())
    }

    fn kept(&self, id: &str) -> Option<ParkedCase> {
        self.lock().get(id).cloned()
    }

    fn release(&self, id: &str) {
        self.lock().remove(id);
    }

    fn command(&self) -> String {
        "presec resume state".to_owned()
    }
}

impl World {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ParkedCase>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for World {
    fn on(&self, _: &crate::engine::event::Event<'_>) {}
}

impl Register for World {
    fn requirement(&self, _: &str) -> Option<&Requirement> {
        None
    }

    fn interpretation(&self, _: &str) -> Option<&Interpretation> {
        None
    }
}

#[async_trait]
impl Probe for World {
    async fn survey(&self) -> Survey {
        Survey::default()
    }

    fn open(&self, _: crate::engine::ports::CaseContext) -> Box<dyn Case> {
        Box::new(Script::default())
    }
}

/// A case that has sessions, and says what it was told to do.
#[derive(Default)]
struct Script {
    resumes: bool,
    performed: Vec<&'static str>,
    restored: bool,
}

#[async_trait]
impl Case for Script {
    async fn perform(&mut self, step: &Step, _: &Names) -> Result<Seen, Trouble> {
        self.performed.push(step.keyword());
        let facts = ConnectionFacts {
            completed: true,
            resumable: true,
            // Before the pause, and after it what the target makes of an old session.
            resumed: !self.restored || self.resumes,
            ..ConnectionFacts::default()
        };
        let facts = Facts::Connection(Box::new(facts));
        Ok(Seen::new(Classification::Accepted, "a connection", facts))
    }

    fn park(&self) -> Result<CaseState, Trouble> {
        Ok(CaseState {
            since: MADE,
            sessions: Vec::new(),
        })
    }

    async fn restore(&mut self, _: &CaseState) -> Result<(), Trouble> {
        self.restored = true;
        Ok(())
    }

    async fn finish(&mut self) -> Vec<String> {
        Vec::new()
    }
}

fn planned(elapse: serde_json::Value) -> PlannedCase {
    let scenario = serde_json::from_value(json!({
        "id": "X-01", "title": "t", "verifies": ["A"], "kind": "conformance", "risk": "read",
        "roles": ["authentication-proxy"], "steps": [
            { "tls-connect": { "save": "s", "expect": [{ "control": "completes" }] } },
            { "elapse": elapse },
            { "tls-connect": { "resume": "s", "expect": [{ "shall": "not-resumed" }] } },
            { "control": "tls-baseline" },
        ]
    }));
    PlannedCase {
        id: "X-01".to_owned(),
        loaded: Arc::new(LoadedScenario {
            scenario: scenario.unwrap(),
            file: String::new(),
            content_sha256: "a".to_owned(),
        }),
        bindings: Names::default(),
        applicability: Applicability::Applies,
        policy_used: BTreeMap::new(),
        parked: None,
    }
}

fn run(world: &Arc<World>) -> Run {
    Run {
        probe: Arc::<World>::clone(world),
        clock: Arc::<World>::clone(world),
        observer: Arc::<World>::clone(world),
        evidence: Arc::new(NoEvidence),
        register: Arc::<World>::clone(world),
        policy: Arc::default(),
        names: Arc::default(),
        run_id: "r".to_owned(),
        seed: 1,
        concurrency: 1,
        parking: Some(Arc::<World>::clone(world) as _),
    }
}

async fn at(
    now: i64,
    planned: &PlannedCase,
    mut case: Script,
) -> (CaseOutcome, Option<ParkedCase>, Script) {
    let kept = planned
        .parked
        .iter()
        .map(|parked| (parked.id.clone(), ParkedCase::clone(parked)));
    let world = Arc::new(World {
        now,
        kept: Mutex::new(kept.collect()),
    });
    let run = run(&world);
    let outcome = perform(&run, planned, &mut case, &Names::default()).await;
    let left = world.lock().remove("X-01");
    (outcome, left, case)
}

async fn parked(elapse: serde_json::Value) -> PlannedCase {
    let mut planned = planned(elapse);
    let (outcome, kept, case) = at(MADE + 2, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert_eq!(case.performed, ["tls-connect"]);
    let kept = kept.unwrap();
    // As from a file.
    let text = serde_json::to_string(&kept).unwrap();
    planned.parked = Some(Arc::new(serde_json::from_str(&text).unwrap()));
    assert_eq!(planned.parked.as_deref(), Some(&kept));
    planned
}

fn day() -> serde_json::Value {
    json!({ "until": "24h5m" })
}

#[tokio::test]
async fn a_case_is_parked_and_judged_a_day_later() {
    let planned = parked(day()).await;
    for (resumes, verdict) in [(false, Verdict::Pass), (true, Verdict::Fail)] {
        let case = Script {
            resumes,
            ..Script::default()
        };
        let (outcome, left, case) = at(MADE + DAY + 300, &planned, case).await;
        assert_eq!(outcome.verdict, verdict, "{outcome:?}");
        assert_eq!(outcome.parked_until, None);
        assert_eq!(left, None);
        assert_eq!(case.performed, ["tls-connect", "control"]);
        let steps: Vec<&str> = outcome
            .steps
            .iter()
            .map(|step| step.step.as_str())
            .collect();
        assert_eq!(steps, ["tls-connect", "elapse", "tls-connect", "control"]);
        let elapsed = &outcome.steps[1].observed;
        assert!(
            elapsed.starts_with("1day 5m have passed since 2026-05-28T"),
            "{elapsed}"
        );
        assert!(elapsed.contains("by the clock of a test"), "{elapsed}");
    }
}

#[tokio::test]
async fn who_comes_too_early_is_told_when_to_come_back_and_nothing_is_sent_or_lost() {
    let planned = parked(day()).await;
    let (outcome, left, case) = at(MADE + DAY, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    let until = "2026-05-29T20:31:40Z";
    assert_eq!(outcome.parked_until.as_deref(), Some(until));
    let because = outcome.because.unwrap();
    assert_eq!(because, format!("parked until {until}: come back in 5m"));
    assert!(left.is_some() && case.performed.is_empty());
}

#[tokio::test]
async fn a_clock_that_went_back_decides_nothing() {
    let planned = parked(day()).await;
    let (outcome, left, case) = at(MADE + 1, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.because.unwrap().contains("the clock went back"));
    assert!(left.is_some() && case.performed.is_empty());
}

#[tokio::test]
async fn who_comes_too_late_for_what_is_about_a_young_session_parks_anew() {
    let planned = parked(json!({ "until": "1h", "before": "24h" })).await;
    let (outcome, left, case) = at(MADE + DAY, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(
        outcome
            .because
            .unwrap()
            .contains("too late: 1day have passed")
    );
    assert!(left.is_none() && case.performed.is_empty());
    let (outcome, ..) = at(MADE + DAY - 1, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_scenario_that_has_changed_since_is_not_gone_on_with() {
    let mut planned = parked(day()).await;
    let mut loaded = LoadedScenario::clone(&planned.loaded);
    loaded.content_sha256 = "b".to_owned();
    planned.loaded = Arc::new(loaded);
    let (outcome, left, case) = at(MADE + 2 * DAY, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.because.unwrap().contains("SHA-256 a, now b"));
    assert!(left.is_some() && case.performed.is_empty());
}

#[test]
fn only_what_rests_on_saved_sessions_alone_can_be_parked() {
    let steps = |steps: serde_json::Value| -> bool {
        let scenario: Scenario = serde_json::from_value(json!({
            "id": "X-01", "title": "t", "verifies": ["A"], "kind": "conformance", "risk": "read",
            "roles": ["authentication-proxy"], "steps": steps
        }))
        .unwrap();
        scenario.can_be_parked()
    };
    let (save, wait) = (
        json!({ "tls-connect": { "save": "s" } }),
        json!({ "elapse": day() }),
    );
    assert!(steps(json!([save, wait])));
    assert!(!steps(json!([save])));
    assert!(!steps(
        json!([{ "tls-connect": { "save": "s", "session": "open" } }, wait])
    ));
    assert!(!steps(
        json!([save, { "login": { "as": "alice", "session": "s" } }, wait])
    ));
}

fn with_tickets(planned: &mut PlannedCase, begun: bool) {
    let mut parked = ParkedCase::clone(planned.parked.as_ref().unwrap());
    parked.begun = begun;
    parked.pause.state.sessions = serde_json::from_value(json!([{
        "name": "s", "created": MADE, "version": "tls1.3", "suite": 4865, "server_name": "h", "chain": [], "proven": true,
        "means": { "tickets": [] }
    }]))
    .unwrap();
    planned.parked = Some(Arc::new(parked));
}

#[tokio::test]
async fn tickets_that_a_killed_run_may_have_offered_prove_nothing() {
    let mut planned = parked(day()).await;
    with_tickets(&mut planned, false);
    let (outcome, left, _) = at(MADE + 2 * DAY, &planned, Script::default()).await;
    assert_eq!((outcome.verdict, left), (Verdict::Pass, None));
    with_tickets(&mut planned, true);
    let (outcome, left, case) = at(MADE + 2 * DAY, &planned, Script::default()).await;
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.because.unwrap().contains("may have offered"));
    assert!(left.is_none() && case.performed.is_empty());
}

#[tokio::test]
async fn what_is_left_of_an_interrupted_case_stays_parked() {
    let mut planned = parked(day()).await;
    with_tickets(&mut planned, true);
    let begun = ParkedCase::clone(planned.parked.as_ref().unwrap());
    let world = Arc::new(World {
        now: MADE + 2 * DAY,
        kept: Mutex::new(BTreeMap::from([("X-01".to_owned(), begun)])),
    });
    put_back(&run(&world), &planned, &Script::default());
    let kept = world.lock().remove("X-01").unwrap();
    assert!(!kept.begun);
    assert_eq!(kept.pause.state.since, MADE);
}
