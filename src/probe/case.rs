//! One case over all protocols: each step goes to the part that knows how to do it.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::engine::ports::{
    Case, CaseContext, Clock, Journal, NoJournal, Probe, Survey, Testbed, Trouble,
};
use crate::engine::trace::Trace;
use crate::model::evidence::Happening;
use crate::model::journal::JournalEntry;
use crate::model::names::Names;
use crate::model::parked::CaseState;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::CanaryFacts;
use crate::model::step::{Elapse, Hook, HookName, ReadyControl, Step};
use crate::model::step_tls::TlsConnect;
use crate::probe::beside::{Lanes, arrange};
use crate::probe::dialer::{Dialer, connection};
use crate::probe::hook::{HookValues, pull};
use crate::probe::http::{HttpCase, Recipe};
use crate::probe::target::ResolvedTarget;
use crate::probe::tls::{TlsProbe, TlsProbeSettings, seconds_up};
use async_trait::async_trait;

/// How long a write that was stopped may take to reach the documents.
const STILL_UNDER_WAY: Duration = Duration::from_secs(1);

/// Acts as a UE towards one target.
pub struct PresecProbe {
    settings: TlsProbeSettings,
    tls: TlsProbe,
    testbed: Option<Arc<dyn Testbed>>,
    journal: OnceLock<Arc<dyn Journal>>,
}

impl fmt::Debug for PresecProbe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PresecProbe")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl PresecProbe {
    /// A probe that has asked nothing yet; `testbed` is the observer behind the target, if there is one.
    #[must_use]
    pub fn new(settings: TlsProbeSettings, testbed: Option<Arc<dyn Testbed>>) -> Self {
        Self {
            tls: TlsProbe::new(settings.clone()),
            settings,
            testbed,
            journal: OnceLock::new(),
        }
    }

    /// Keeps this journal of what cases write; the first one counts.
    pub fn keep_journal(&self, journal: Arc<dyn Journal>) {
        let _ = self.journal.set(journal);
    }

    /// Makes documents as a journal says they were, the last one first; one line for each that is not.
    pub async fn put_back(&self, entries: &[JournalEntry]) -> Vec<String> {
        let mut case = self.case(CaseContext {
            id: "cleanup".to_owned(),
            run_id: "cleanup".to_owned(),
            seed: self.settings.seed,
            may_be_parked: false,
            trace: self.settings.trace.clone(),
        });
        case.http.remember_all(entries);
        case.finish().await
    }
}

#[async_trait]
impl Probe for PresecProbe {
    async fn survey(&self) -> Survey {
        let mut survey = self.tls.survey().await;
        let testbed = self.testbed.as_ref();
        for (name, value) in [
            ("canary", testbed.and_then(|testbed| testbed.canary())),
            (
                "origin_url",
                testbed.and_then(|testbed| testbed.origin_url()),
            ),
        ] {
            if let Some(value) = value {
                survey.names.set(name, value);
            }
        }
        survey
    }

    fn open(&self, context: CaseContext) -> Box<dyn Case> {
        Box::new(self.case(context))
    }

    fn aftermath(&self) -> Option<String> {
        self.settings.reach.gone()
    }
}

impl PresecProbe {
    fn case(&self, context: CaseContext) -> PresecCase {
        let canary_calls = self
            .testbed
            .as_ref()
            .map_or(0, |testbed| testbed.canary_calls());
        let journal = self
            .journal
            .get()
            .map_or_else(|| Arc::new(NoJournal) as _, Arc::clone);
        PresecCase {
            trace: context.trace.clone(),
            dialer: Dialer::new(&self.tls, &self.settings, &context),
            lanes: Lanes::new(&self.tls, &self.settings, &context),
            http: HttpCase::new(Arc::clone(&self.settings.target), context).with_journal(journal),
            canary_calls,
            target: Arc::clone(&self.settings.target),
            clock: Arc::clone(&self.settings.clock),
            testbed: self.testbed.clone(),
            began: None,
            since: None,
            advanced: Duration::ZERO,
        }
    }
}

struct PresecCase {
    http: HttpCase,
    dialer: Dialer,
    lanes: Lanes,
    /// Calls of the canary before this case.
    canary_calls: u32,
    target: Arc<ResolvedTarget>,
    clock: Arc<dyn Clock>,
    testbed: Option<Arc<dyn Testbed>>,
    /// When the first session was saved or, without one, opened.
    began: Option<Began>,
    /// The same by the date, in seconds since 1970, rounded up.
    since: Option<i64>,
    /// How far the target's clock was moved on by this case.
    advanced: Duration,
    trace: Trace,
}

/// The moment from which a scenario counts elapsed time, on the target's clock as far as this case moved it.
#[derive(Clone, Copy)]
struct Began {
    at: Duration,
    saved: bool,
}

impl PresecCase {
    async fn tls_connect(&mut self, step: &TlsConnect) -> Result<Seen, Trouble> {
        let (seen, open) = self.dialer.tls.connect(step, &self.dialer.names).await?;
        let Some(session) = &step.session else {
            if let Some(open) = open {
                open.end().await;
            }
            return Ok(seen);
        };
        let Some(open) = open else {
            if seen.classification.is_refusal() {
                self.http.refuse(session, &seen);
            }
            return Ok(seen);
        };
        let reusable = open.reusable;
        let recipe = Recipe::TlsConnect(Box::new(step.clone()));
        let connection = connection(open, true);
        self.http.adopt(session, connection, recipe);
        if !reusable {
            self.http.close(session).await?;
        }
        Ok(seen)
    }

    fn note_session(&mut self, saved: bool) {
        if self.began.is_none_or(|began| saved && !began.saved) {
            let at = self.clock.monotonic().saturating_add(self.advanced);
            self.began = Some(Began { at, saved });
            self.since = Some(seconds_up(self.clock.now()));
        }
    }

    async fn pull(&self, hook: HookName, values: HookValues<'_>) -> Result<(), Trouble> {
        let pulled = pull(&self.target, hook, values).await;
        let outcome = match &pulled {
            Ok(()) => "done".to_owned(),
            Err(trouble) => trouble.to_string(),
        };
        let what = Happening::Hook(hook.key().to_owned(), outcome);
        self.trace.note(what);
        pulled
    }

    async fn hook(&mut self, step: &Hook) -> Result<Seen, Trouble> {
        let subscriber = match &step.subscriber {
            Some(name) => Some(self.target.subscribers.get(name).ok_or_else(|| {
                Trouble::NotProven(format!("the target file has no subscriber `{name}`"))
            })?),
            None => None,
        };
        let values = HookValues {
            subscriber,
            seconds: None,
        };
        self.pull(step.call, values).await?;
        Ok(Seen::new(
            Classification::Answered,
            format!("hooks.{} done", step.call.key()),
            Facts::Nothing,
        ))
    }

    fn canary(&self) -> Result<Seen, Trouble> {
        let testbed = self.testbed.as_ref();
        let Some(address) = testbed.and_then(|testbed| testbed.canary()) else {
            return Err(Trouble::NotProven(
                "needs a canary (origin_observer)".to_owned(),
            ));
        };
        let all = testbed.map_or(0, |testbed| testbed.canary_calls());
        let calls = all.saturating_sub(self.canary_calls);
        let observed = match calls {
            0 => format!("nobody called the canary at {address}"),
            1 => format!("the canary at {address} was called"),
            more => format!("the canary at {address} was called {more} times"),
        };
        let facts = Facts::Canary(CanaryFacts { calls });
        Ok(Seen::new(Classification::Answered, observed, facts))
    }

    async fn elapse(&mut self, step: &Elapse) -> Result<Seen, Trouble> {
        let until = humantime::parse_duration(&step.until)
            .map_err(|error| Trouble::Fault(format!("until: {error}")))?;
        let began = self.began.map_or(Duration::ZERO, |began| began.at);
        let now = self.clock.monotonic().saturating_add(self.advanced);
        let left = until.saturating_sub(now.saturating_sub(began));
        // Whole seconds, never too few.
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        let values = HookValues {
            subscriber: None,
            seconds: Some(seconds),
        };
        self.pull(HookName::AdvanceClock, values).await?;
        self.advanced = self.advanced.saturating_add(Duration::from_secs(seconds));
        Ok(Seen::new(
            Classification::Answered,
            format!("{} have passed on the target's clock", step.until),
            Facts::Nothing,
        ))
    }
}

#[async_trait]
impl Case for PresecCase {
    async fn perform(&mut self, step: &Step, names: &Names) -> Result<Seen, Trouble> {
        let begins = Happening::Step(step.keyword().to_owned());
        self.trace.note(begins);
        self.dialer.names.clone_from(names);
        let dial = &mut self.dialer;
        let seen = match step {
            Step::Control(ReadyControl::TlsBaseline) => dial.tls.baseline(names).await,
            Step::Control(ReadyControl::HttpBaseline) => self.http.baseline(dial).await,
            Step::TlsOffer(step) => dial.tls.offer(step, names).await,
            Step::TlsConnect(step) => self.tls_connect(step).await,
            Step::TlsSend(send) => self.act(&send.session, step).await,
            Step::TlsAlert(alert) => self.act(&alert.session, step).await,
            Step::TlsRenegotiate(again) => self.act(&again.session, step).await,
            Step::TlsPause(pause) => self.act(&pause.session, step).await,
            Step::TlsClose(close) => self.act(&close.session, step).await,
            Step::TlsCompare(step) => dial.tls.compare(step, names).await,
            Step::Login(step) => self.http.login(step, names, dial).await,
            Step::Http(step) => {
                arrange(step, names, (&self.http, self.testbed.as_deref()))?;
                self.http.request(step, names, dial).await
            }
            Step::Prepare(step) => self.http.prepare(step, names, dial).await,
            Step::Answer(step) => self.http.answer_again(step),
            Step::Origin(step) => match &self.testbed {
                Some(testbed) => self.http.origin(step, names, testbed.as_ref()).await,
                None => Err(Trouble::NotProven("needs origin_observer".to_owned())),
            },
            Step::Parallel(step) => self.lanes.run(step, names, self.testbed.as_ref()).await,
            Step::Canary(_) => self.canary(),
            Step::Hook(step) => self.hook(step).await,
            Step::Elapse(step) => self.elapse(step).await,
            Step::Close(step) => self.http.close(&step.session).await,
        }?;
        match step {
            Step::TlsConnect(step) => self.note_session(step.save.is_some()),
            Step::Login(_) | Step::Http(_) => self.note_session(false),
            _ => {}
        }
        Ok(seen)
    }

    fn park(&self) -> Result<CaseState, Trouble> {
        let since = self
            .since
            .filter(|_| self.began.is_some_and(|began| began.saved));
        let since = since
            .ok_or_else(|| Trouble::Fault("`elapse` comes before any saved session".to_owned()))?;
        let sessions = self.dialer.tls.park()?;
        Ok(CaseState { since, sessions })
    }

    async fn restore(&mut self, state: &CaseState) -> Result<(), Trouble> {
        self.dialer.tls.restore(&state.sessions)?;
        let at = self.clock.monotonic();
        self.began = Some(Began { at, saved: true });
        self.since = Some(state.since);
        Ok(())
    }

    async fn finish(&mut self) -> Vec<String> {
        self.trace.note(Happening::Step("finish".to_owned()));
        if let Some(testbed) = &self.testbed {
            self.http.trace_origin(None, testbed.as_ref());
        }
        self.dialer.reserve();
        if self.http.was_writing() {
            // The target may still execute what was sent before the run was stopped; undone before that it would come back.
            self.clock.wait(STILL_UNDER_WAY).await;
        }
        self.http.finish(&mut self.dialer).await
    }
}

mod act;
#[cfg(test)]
mod tests;
