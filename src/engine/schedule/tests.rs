use super::*;
use crate::model::scenario::{LoadedScenario, Scenario};

fn case(id: &str, steps: serde_json::Value) -> PlannedCase {
    let scenario: Scenario = serde_json::from_value(serde_json::json!({
        "id": id, "title": "t", "verifies": ["A"], "kind": "conformance", "risk": "write",
        "roles": ["authentication-proxy"], "steps": steps
    }))
    .unwrap();
    PlannedCase {
        id: id.to_owned(),
        loaded: Arc::new(LoadedScenario {
            scenario,
            file: String::new(),
            content_sha256: String::new(),
        }),
        bindings: Names::default(),
        applicability: Applicability::Applies,
        policy_used: BTreeMap::new(),
        parked: None,
    }
}

fn put() -> serde_json::Value {
    serde_json::json!([{ "http": { "session": "s", "method": "PUT", "document": "$own_document" } }])
}

fn elapse() -> serde_json::Value {
    serde_json::json!([{ "elapse": { "until": "24h" } }])
}

#[test]
fn writers_of_one_document_never_run_beside_each_other() {
    let mut in_use = InUse::default();
    let mut waiting = VecDeque::from([(0, case("A", put())), (1, case("B", put()))]);
    let (_, first) = in_use.next(&mut waiting).unwrap();
    assert!(in_use.next(&mut waiting).is_none());
    in_use.release(&first.loaded.scenario.resources());
    assert_eq!(in_use.next(&mut waiting).unwrap().1.id, "B");
}

#[test]
fn whoever_moves_the_clock_runs_alone() {
    let mut in_use = InUse::default();
    let mut waiting = VecDeque::from([
        (0, case("A", put())),
        (1, case("B", elapse())),
        (2, case("C", serde_json::json!([]))),
    ]);
    let (_, first) = in_use.next(&mut waiting).unwrap();
    assert_eq!(in_use.next(&mut waiting).unwrap().1.id, "C");
    assert!(in_use.next(&mut waiting).is_none());
    in_use.release(&first.loaded.scenario.resources());
    assert!(in_use.next(&mut waiting).is_none());
    in_use.release(&case("C", serde_json::json!([])).loaded.scenario.resources());
    assert_eq!(in_use.next(&mut waiting).unwrap().1.id, "B");
}

#[test]
fn what_disrupts_runs_when_nothing_else_waits() {
    let mut disruptive = case("A", serde_json::json!([]));
    if let Some(loaded) = Arc::get_mut(&mut disruptive.loaded) {
        loaded.scenario.risk = Risk::Disruptive;
    }
    let mut in_use = InUse::default();
    let mut waiting = VecDeque::from([
        (0, disruptive),
        (1, case("B", put())),
        (2, case("C", put())),
    ]);
    let (_, first) = in_use.next(&mut waiting).unwrap();
    assert_eq!(first.id, "B");
    assert!(
        in_use.next(&mut waiting).is_none(),
        "C waits for B, and A for C"
    );
    in_use.release(&first.loaded.scenario.resources());
    assert_eq!(in_use.next(&mut waiting).unwrap().1.id, "C");
    assert_eq!(in_use.next(&mut waiting).unwrap().1.id, "A");
}

#[test]
fn the_seed_of_a_case_depends_on_nothing_but_run_and_id() {
    assert_eq!(case_seed(7, "A"), case_seed(7, "A"));
    assert_ne!(case_seed(7, "A"), case_seed(7, "B"));
    assert_ne!(case_seed(7, "A"), case_seed(8, "A"));
}

/// A probe whose cases panic: in a step, or when they are to undo what they did.
struct Broken {
    in_step: bool,
}

struct BrokenCase {
    in_step: bool,
}

#[async_trait::async_trait]
impl Probe for Broken {
    async fn survey(&self) -> crate::engine::ports::Survey {
        crate::engine::ports::Survey::default()
    }

    fn open(&self, _: CaseContext) -> Box<dyn Case> {
        Box::new(BrokenCase {
            in_step: self.in_step,
        })
    }
}

#[async_trait::async_trait]
impl Case for BrokenCase {
    async fn perform(
        &mut self,
        _: &crate::model::step::Step,
        _: &Names,
    ) -> Result<crate::model::seen::Seen, crate::engine::ports::Trouble> {
        assert!(!self.in_step, "the step broke");
        Err(crate::engine::ports::Trouble::NotProven(
            "nothing".to_owned(),
        ))
    }

    async fn finish(&mut self) -> Vec<String> {
        assert!(self.in_step, "the undo broke");
        vec!["was undone".to_owned()]
    }
}

struct Still;

#[async_trait::async_trait]
impl Clock for Still {
    fn now(&self) -> time::OffsetDateTime {
        time::OffsetDateTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn wait(&self, _: Duration) {}

    fn source(&self) -> String {
        "still".to_owned()
    }
}

impl Observer for Still {
    fn on(&self, _: &Event<'_>) {}
}

impl Register for Still {
    fn requirement(&self, _: &str) -> Option<&Requirement> {
        None
    }

    fn interpretation(&self, _: &str) -> Option<&Interpretation> {
        None
    }
}

async fn run_broken(in_step: bool) -> (Vec<ScenarioRecord>, Vec<String>) {
    let run = Run {
        probe: Arc::new(Broken { in_step }),
        clock: Arc::new(Still),
        observer: Arc::new(Still),
        register: Arc::new(Still),
        policy: Arc::default(),
        names: Arc::default(),
        evidence: Arc::new(crate::engine::ports::NoEvidence),
        run_id: "r".to_owned(),
        seed: 1,
        concurrency: 2,
        parking: None,
    };
    let (_keep, stop) = watch::channel(None);
    // The second needs alone what the first has: it runs only if the first gave it back.
    run_all(&run, vec![case("A", put()), case("B", put())], stop).await
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_case_and_what_was_written_is_still_undone() {
    let (records, notes) = run_broken(true).await;
    let verdicts: Vec<_> = records
        .iter()
        .map(|one| (one.id.as_str(), one.verdict))
        .collect();
    assert_eq!(verdicts, [("A", Verdict::Error), ("B", Verdict::Error)]);
    let because = records[0].because.as_deref();
    assert_eq!(because, Some("a bug of presec: the step broke"));
    assert_eq!(notes, ["A: was undone", "B: was undone"]);
}

#[tokio::test]
async fn a_panic_while_undoing_is_an_error_too() {
    let (records, _) = run_broken(false).await;
    assert!(records.iter().all(|one| one.verdict == Verdict::Error));
    assert_eq!(records.len(), 2);
}
