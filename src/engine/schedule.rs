//! Runs planned cases beside each other, never two that must not share something of the target, and stops cleanly.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::model::names::Names;
use crate::model::policy::PolicyFacts;
use crate::model::record::{CitedRequirement, ScenarioRecord};
use crate::model::requirement::{Interpretation, Requirement};
use crate::model::scenario::Risk;
use crate::model::step::Resource;
use crate::model::verdict::Verdict;

use super::case::CaseOutcome;
use super::event::Event;
use super::parking::{Parking, perform, put_back};
use super::plan::PlannedCase;
use super::ports::{Case, CaseContext, Clock, Evidence, Observer, Probe};
use super::situation::Applicability;
use super::unwind::caught;

/// Looks up requirements and interpretations for the records.
pub trait Register: Send + Sync {
    /// The requirement with this id.
    fn requirement(&self, id: &str) -> Option<&Requirement>;

    /// The interpretation with this slug.
    fn interpretation(&self, slug: &str) -> Option<&Interpretation>;
}

/// Everything a run needs besides its cases.
#[derive(Clone)]
pub struct Run {
    /// Acts towards the target.
    pub probe: Arc<dyn Probe>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Sees what happens.
    pub observer: Arc<dyn Observer>,
    /// Keeps the evidence of cases, and takes secrets out of their records.
    pub evidence: Arc<dyn Evidence>,
    /// Requirements.
    pub register: Arc<dyn Register>,
    /// Operator policy and derived facts.
    pub policy: Arc<PolicyFacts>,
    /// Values of names, those of the survey included.
    pub names: Arc<Names>,
    /// Names the run.
    pub run_id: String,
    /// Seeds everything random.
    pub seed: u64,
    /// Cases at a time.
    pub concurrency: usize,
    /// Keeps cases that wait for time to pass; without it their target's clock is moved.
    pub parking: Option<Arc<dyn Parking>>,
}

impl Run {
    /// Whether a case is parked, or goes on, where it lets time pass.
    fn parks(&self, case: &PlannedCase) -> bool {
        self.parking.is_some() && case.loaded.scenario.can_be_parked()
    }
}

/// Runs `cases` and returns their records in the same order. When `stop` becomes `Some`, running cases are ended, what they wrote
/// is undone, and the others are inconclusive.
pub async fn run_all(
    run: &Run,
    cases: Vec<PlannedCase>,
    mut stop: watch::Receiver<Option<String>>,
) -> (Vec<ScenarioRecord>, Vec<String>) {
    let mut records: BTreeMap<usize, ScenarioRecord> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut waiting: VecDeque<(usize, PlannedCase)> = VecDeque::new();
    run.observer.on(&Event::RunStarted { cases: cases.len() });
    for (index, case) in cases.into_iter().enumerate() {
        match undecided_outcome(&case) {
            Some(outcome) => {
                records.insert(index, unstarted(run, &case, outcome));
            }
            None => waiting.push_back((index, case)),
        }
    }
    let mut in_use = InUse::default();
    let mut running: JoinSet<Finished> = JoinSet::new();
    loop {
        let stopped = stop.borrow().clone();
        if let Some(by) = &stopped {
            for (index, case) in waiting.drain(..) {
                let outcome = interrupted_outcome(by, Vec::new());
                records.insert(index, unstarted(run, &case, outcome));
            }
        }
        while running.len() < run.concurrency.max(1) {
            let Some((index, case)) = in_use.next(&mut waiting) else {
                break;
            };
            run.observer.on(&Event::CaseStarted {
                id: &case.id,
                elapses: case.loaded.scenario.elapses().filter(|_| !run.parks(&case)),
            });
            running.spawn(one(run.clone(), index, case, stop.clone()));
        }
        let finished = tokio::select! {
            finished = running.join_next() => finished,
            changed = stop.changed(), if stopped.is_none() => {
                if changed.is_ok() && let Some(by) = stop.borrow().as_deref() {
                    run.observer.on(&Event::Interrupted { by });
                }
                continue;
            }
        };
        match finished {
            None => break,
            Some(Ok(finished)) => {
                in_use.release(&finished.case.loaded.scenario.resources());
                run.observer.on(&Event::CaseFinished(&finished.record));
                records.insert(finished.index, finished.record);
                notes.extend(finished.notes);
            }
            // Panics are caught within the case; what remains is a task that somebody aborted.
            Some(Err(error)) => notes.push(format!("a case was lost by a bug of presec: {error}")),
        }
    }
    notes.extend(run.probe.aftermath());
    run.observer.on(&Event::RunFinished);
    (records.into_values().collect(), notes)
}

/// The record of a case that does not begin, told at once.
fn unstarted(run: &Run, case: &PlannedCase, outcome: CaseOutcome) -> ScenarioRecord {
    let record = record(run, case, outcome, Duration::ZERO);
    run.observer.on(&Event::CaseFinished(&record));
    record
}

struct Finished {
    index: usize,
    case: PlannedCase,
    record: ScenarioRecord,
    notes: Vec<String>,
}

async fn one(
    run: Run,
    index: usize,
    case: PlannedCase,
    mut stop: watch::Receiver<Option<String>>,
) -> Finished {
    tracing::debug!(case = case.id, "case begins");
    let began = run.clock.monotonic();
    let mut names = Names::clone(&run.names);
    names.extend(&case.bindings);
    let mut open: Box<dyn Case> = run.probe.open(CaseContext {
        id: case.id.clone(),
        run_id: run.run_id.clone(),
        seed: case_seed(run.seed, &case.id),
        may_be_parked: run.parks(&case),
        trace: run.evidence.begin(&case.id),
    });
    let mut outcome = tokio::select! {
        outcome = caught(perform(&run, &case, open.as_mut(), &names)) => outcome.unwrap_or_else(bug_outcome),
        by = stopped(&mut stop) => interrupted_outcome(&by, Vec::new()),
    };
    put_back(&run, &case, open.as_ref());
    let mut notes = Vec::new();
    match caught(open.finish()).await {
        Ok(left) => notes.extend(left.into_iter().map(|note| format!("{}: {note}", case.id))),
        Err(panic) => outcome = bug_outcome(panic),
    }
    let took = run.clock.monotonic().saturating_sub(began);
    tracing::debug!(case = case.id, verdict = %outcome.verdict, ?took, "case ended");
    let mut record = record(&run, &case, outcome, took);
    run.evidence.end(&mut record, &mut notes);
    Finished {
        index,
        case,
        record,
        notes,
    }
}

async fn stopped(stop: &mut watch::Receiver<Option<String>>) -> String {
    loop {
        if let Some(by) = stop.borrow_and_update().clone() {
            return by;
        }
        if stop.changed().await.is_err() {
            // Nobody can stop the run any more.
            std::future::pending::<()>().await;
        }
    }
}

/// A seed for one case that does not depend on what else runs.
fn case_seed(seed: u64, id: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(id.as_bytes());
    hash.finalize()
        .first_chunk::<8>()
        .map_or(seed, |bytes| u64::from_be_bytes(*bytes))
}

fn undecided_outcome(case: &PlannedCase) -> Option<CaseOutcome> {
    let (verdict, because) = match &case.applicability {
        Applicability::Applies => return None,
        Applicability::NotApplicable(because) => (Verdict::NotApplicable, because),
        Applicability::Unknown(because) => (Verdict::Inconclusive, because),
    };
    Some(CaseOutcome {
        verdict,
        expected: String::new(),
        observed: "nothing was sent".to_owned(),
        because: Some(because.clone()),
        policy_used: BTreeMap::new(),
        steps: Vec::new(),
        parked_until: None,
    })
}

fn bug_outcome(panic: String) -> CaseOutcome {
    CaseOutcome {
        verdict: Verdict::Error,
        expected: String::new(),
        observed: "presec failed in the middle of this case".to_owned(),
        because: Some(format!("a bug of presec: {panic}")),
        policy_used: BTreeMap::new(),
        steps: Vec::new(),
        parked_until: None,
    }
}

fn interrupted_outcome(by: &str, steps: Vec<crate::model::record::StepRecord>) -> CaseOutcome {
    CaseOutcome {
        verdict: Verdict::Inconclusive,
        expected: String::new(),
        observed: "the run was stopped before this was decided".to_owned(),
        because: Some(format!("stopped by {by}")),
        policy_used: BTreeMap::new(),
        steps,
        parked_until: None,
    }
}

fn record(run: &Run, case: &PlannedCase, outcome: CaseOutcome, took: Duration) -> ScenarioRecord {
    let scenario = &case.loaded.scenario;
    let requirements = scenario
        .verifies
        .iter()
        .filter_map(|id| run.register.requirement(id));
    let interpretation = scenario
        .interpretation
        .as_deref()
        .and_then(|slug| run.register.interpretation(slug));
    let mut policy_used = case.policy_used.clone();
    policy_used.extend(outcome.policy_used);
    ScenarioRecord {
        id: case.id.clone(),
        scenario: scenario.id.clone(),
        title: scenario.title.clone(),
        kind: scenario.kind,
        risk: scenario.risk,
        roles: scenario.roles.clone(),
        tags: scenario.tags.clone(),
        file: case.loaded.file.clone(),
        content_sha256: case.loaded.content_sha256.clone(),
        verdict: outcome.verdict,
        waiver: None,
        expected: outcome.expected,
        observed: outcome.observed,
        because: outcome.because,
        verifies: scenario.verifies.clone(),
        requirements: requirements.map(cite).collect(),
        interpretation: interpretation.cloned(),
        remedy: scenario.remedy.clone(),
        policy_used,
        steps: outcome.steps,
        parked_until: outcome.parked_until,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        evidence: None,
    }
}

fn cite(requirement: &Requirement) -> CitedRequirement {
    CitedRequirement {
        id: requirement.id.clone(),
        document: requirement.document.clone(),
        clause: requirement.clause.clone(),
        level: requirement.level,
        text: requirement.text.clone(),
        confidence: requirement.confidence,
    }
}

/// What of the target is in use, and by how many.
#[derive(Default)]
struct InUse(BTreeMap<String, u32>);

/// Stands for an exclusive use.
const ALONE: u32 = u32::MAX;

impl InUse {
    /// Takes the first waiting case whose resources are free. A case that needs something alone waits until the others are through,
    /// and disruptive ones until nothing else waits: what they use up (an association, say) others may need.
    fn next(
        &mut self,
        waiting: &mut VecDeque<(usize, PlannedCase)>,
    ) -> Option<(usize, PlannedCase)> {
        let disrupts = |case: &PlannedCase| case.loaded.scenario.risk == Risk::Disruptive;
        let others_wait = waiting.iter().any(|(_, case)| !disrupts(case));
        let at = waiting.iter().position(|(_, case)| {
            let resources = case.loaded.scenario.resources();
            !(others_wait && disrupts(case))
                && resources.iter().all(|resource| self.is_free(resource))
        })?;
        let (index, case) = waiting.remove(at)?;
        for resource in case.loaded.scenario.resources() {
            let uses = self.0.entry(resource.name).or_insert(0);
            *uses = if resource.exclusive { ALONE } else { *uses + 1 };
        }
        Some((index, case))
    }

    fn is_free(&self, resource: &Resource) -> bool {
        match self.0.get(&resource.name) {
            None | Some(0) => true,
            Some(&ALONE) => false,
            Some(_) => !resource.exclusive,
        }
    }

    fn release(&mut self, resources: &[Resource]) {
        for resource in resources {
            if let Some(uses) = self.0.get_mut(&resource.name) {
                *uses = if resource.exclusive {
                    0
                } else {
                    uses.saturating_sub(1)
                };
            }
        }
    }
}

#[cfg(test)]
mod tests;
