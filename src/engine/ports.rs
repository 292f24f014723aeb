//! The ports: what the engine needs from the world, implemented above it.

use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;
use time::OffsetDateTime;

use crate::model::evidence::{OriginRequest, WireEvent};
use crate::model::journal::JournalEntry;
use crate::model::names::Names;
use crate::model::parked::CaseState;
use crate::model::record::{ScenarioRecord, TargetRecord};
use crate::model::seen::Seen;
use crate::model::seen_http::OriginFacts;
use crate::model::step::Step;

use super::trace::Trace;

/// Why a step yielded nothing to judge. A deviation of the target is never trouble, it is something seen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Trouble {
    /// Nothing was proven: a lost connection after all retries, a failed login, a hook that did not work. Inconclusive.
    #[error("{0}")]
    NotProven(String),
    /// The target cannot be judged by this step, for a fact found on the way. Not applicable.
    #[error("{0}")]
    NotApplicable(String),
    /// presec or the scenario's author is at fault. Error.
    #[error("{0}")]
    Fault(String),
}

impl From<crate::model::names::NameError> for Trouble {
    fn from(error: crate::model::names::NameError) -> Self {
        Self::Fault(error.to_string())
    }
}

/// What the target is found to be before scenarios run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    /// For the results.
    pub target: TargetRecord,
    /// Names the survey gives values to, such as `accepted_versions`.
    pub names: Names,
}

/// What one case (a scenario after expansion) is told about itself.
#[derive(Debug, Clone)]
pub struct CaseContext {
    /// The id with its expansion.
    pub id: String,
    /// Names the run; part of every marker.
    pub run_id: String,
    /// Seeds everything random in this case, whatever runs beside it.
    pub seed: u64,
    /// Whether what it saves has to outlive the process.
    pub may_be_parked: bool,
    /// Where it leaves what it sees.
    pub trace: Trace,
}

/// Keeps what documents were until they are so again; a run that is killed leaves it behind.
pub trait Journal: Send + Sync {
    /// Notes a document before it is written.
    ///
    /// # Errors
    /// [`Trouble`] when it cannot be kept; then nothing is written.
    fn begin(&self, entry: &JournalEntry) -> Result<(), Trouble>;

    /// Notes that a document is as it was before this case.
    fn settled(&self, case: &str, path: &str);
}

/// Keeps nothing: for a target that does not outlive the run.
#[derive(Debug, Clone, Copy)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn begin(&self, _: &JournalEntry) -> Result<(), Trouble> {
        Ok(())
    }

    fn settled(&self, _: &str, _: &str) {}
}

/// Acts as a UE, a watcher or a presentity.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Finds out what scenarios need to know of the target. A target that cannot be reached is told in the record.
    async fn survey(&self) -> Survey;

    /// Begins a case: its connections, saved sessions and writes are its own.
    fn open(&self, context: CaseContext) -> Box<dyn Case>;

    /// What there is to say of the target as a whole once every case has ended.
    fn aftermath(&self) -> Option<String> {
        None
    }
}

/// One case under way.
#[async_trait]
pub trait Case: Send {
    /// Performs one step and says what was seen.
    ///
    /// # Errors
    /// [`Trouble`] when there is nothing to judge.
    async fn perform(&mut self, step: &Step, names: &Names) -> Result<Seen, Trouble>;

    /// What a later run needs to go on with this case when nothing but time has to pass.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when something it saved cannot outlive the process.
    fn park(&self) -> Result<CaseState, Trouble> {
        Err(Trouble::NotProven("this case cannot be parked".to_owned()))
    }

    /// Takes what an earlier run parked.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when it is of no use here.
    async fn restore(&mut self, state: &CaseState) -> Result<(), Trouble> {
        let _ = state;
        Err(Trouble::NotProven("this case cannot go on".to_owned()))
    }

    /// Closes connections and undoes writes; says what could not be undone. Called on every path, also when interrupted.
    async fn finish(&mut self) -> Vec<String>;
}

/// How the origin is to answer a request otherwise than usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArrangedAnswer {
    /// The status.
    pub status: Option<u16>,
    /// Header fields added, name and value.
    pub fields: Vec<(String, String)>,
}

/// The servers presec plays around the target, as far as scenarios look at them.
#[async_trait]
pub trait Testbed: Send + Sync {
    /// What the origin has received under `marker` up to now; `settled` is for the caller to decide.
    fn received(&self, marker: &str) -> OriginFacts;

    /// Waits until the origin has received something under `marker`, at most `within`; whether it has.
    async fn arrived(&self, marker: &str, within: Duration) -> bool;

    /// The requests that came under `marker` up to now, for evidence.
    fn requests(&self, marker: &str) -> Vec<OriginRequest> {
        let _ = marker;
        Vec::new()
    }

    /// Changes the answers to requests under `marker`, also to its repetitions; whether it can.
    fn arrange(&self, marker: &str, answer: &ArrangedAnswer) -> bool {
        let _ = (marker, answer);
        false
    }

    /// Where the origin is for the proxy, as `http://HOST:PORT/`, if it knows.
    fn origin_url(&self) -> Option<String> {
        None
    }

    /// Where the canary listens, as `HOST:PORT`, if there is one.
    fn canary(&self) -> Option<String> {
        None
    }

    /// How many connections the canary has taken up to now.
    fn canary_calls(&self) -> u32 {
        0
    }
}

/// Time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The date and time, UTC.
    fn now(&self) -> OffsetDateTime;

    /// Time since some fixed moment of this process; never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits.
    async fn wait(&self, duration: Duration);

    /// Where the time comes from, for the results.
    fn source(&self) -> String;
}

/// Sees what happens while a run goes on; cannot act on it.
pub trait Observer: Send + Sync {
    /// Is told of every event, in the order they happen.
    fn on(&self, event: &super::event::Event<'_>);
}

/// Takes down what goes over the wire in one case.
pub trait Recorder: Send + Sync {
    /// Is told of every event, in the order they happen; may not block.
    fn record(&self, event: WireEvent);
}

/// Keeps the evidence of cases.
pub trait Evidence: Send + Sync {
    /// A case begins; where it leaves what it sees.
    fn begin(&self, case: &str) -> Trace;

    /// A case ended. What is secret is taken out of its record and of the notes before anybody else sees them, and the
    /// record says where the evidence is, if some was kept.
    fn end(&self, record: &mut ScenarioRecord, notes: &mut [String]);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoEvidence;

impl Evidence for NoEvidence {
    fn begin(&self, _: &str) -> Trace {
        Trace::none()
    }

    fn end(&self, _: &mut ScenarioRecord, _: &mut [String]) {}
}
