//! One case over all protocols: each step goes to the part that knows how to do it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::TcpStream;

use crate::engine::limit::Limiter;
use crate::engine::ports::{Case, CaseContext, Clock, Probe, Survey, Testbed, Trouble};
use crate::engine::trace::Trace;
use crate::model::evidence::{EvidenceRole, Happening};
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::step::{Elapse, Hook, HookName, ReadyControl, Step};
use crate::model::step_http::Http;
use crate::model::step_tls::TlsConnect;
use crate::probe::hook::{HookValues, pull};
use crate::probe::http::{Connection, Dial, HttpCase, Recipe};
use crate::probe::tap::opened;
use crate::probe::target::ResolvedTarget;
use crate::probe::tls::{OpenConnection, Tee, TlsCase, TlsProbe, TlsProbeSettings};

/// Acts as a UE towards one target.
pub struct PresecProbe {
    settings: TlsProbeSettings,
    tls: TlsProbe,
    testbed: Option<Arc<dyn Testbed>>,
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
        }
    }
}

#[async_trait]
impl Probe for PresecProbe {
    async fn survey(&self) -> Survey {
        self.tls.survey().await
    }

    fn open(&self, context: CaseContext) -> Box<dyn Case> {
        let dialer = Dialer {
            tls: self.tls.case(&context),
            target: Arc::clone(&self.settings.target),
            limiter: Arc::clone(&self.settings.limiter),
            names: Names::default(),
            trace: context.trace.clone(),
        };
        Box::new(PresecCase {
            trace: context.trace.clone(),
            http: HttpCase::new(Arc::clone(&self.settings.target), context),
            dialer,
            target: Arc::clone(&self.settings.target),
            clock: Arc::clone(&self.settings.clock),
            testbed: self.testbed.clone(),
            began: None,
            advanced: Duration::ZERO,
        })
    }
}

/// Gives connections to HTTP steps.
struct Dialer {
    tls: TlsCase,
    target: Arc<ResolvedTarget>,
    limiter: Arc<Limiter>,
    /// The names of the case, for a `tls-connect` that is done once more.
    names: Names,
    trace: Trace,
}

impl Dialer {
    async fn in_clear(&self, recipe: &Recipe) -> Result<Connection, Trouble> {
        let address = match (recipe, &self.target.clear) {
            (Recipe::ClearEndpoint, Some(clear)) => clear.address,
            (Recipe::ClearEndpoint, None) => {
                return Err(Trouble::NotProven(
                    "the target file declares no clear endpoint (ut.clear)".to_owned(),
                ));
            }
            _ => self.target.address,
        };
        self.limiter.connection().await?;
        let connecting = tokio::time::timeout(self.target.timeout, TcpStream::connect(address));
        let stream = match connecting.await {
            Ok(Ok(stream)) => {
                let role = EvidenceRole::UeInClear;
                let trace = opened(&self.trace, role, &stream, address);
                Tee::traced(stream, trace)
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                return Err(Trouble::NotApplicable(format!(
                    "nothing listens at {address} in clear"
                )));
            }
            Ok(Err(error)) => {
                return Err(Trouble::NotProven(format!(
                    "no connection to {address}: {}",
                    error.kind()
                )));
            }
            Err(_) => {
                return Err(Trouble::NotProven(format!(
                    "no connection to {address} in time"
                )));
            }
        };
        Ok(Connection {
            stream: Box::new(stream),
            not_verified_because: Some("the connection is in clear".to_owned()),
            used: false,
        })
    }

    async fn as_step(&mut self, step: &TlsConnect) -> Result<Connection, Trouble> {
        if step.resume.is_some() {
            return Err(Trouble::NotProven(
                "the connection of a resumed session was lost and is not resumed twice".to_owned(),
            ));
        }
        let mut again = step.clone();
        again.save = None;
        let (seen, open) = self.tls.connect(&again, &self.names).await?;
        let open = open.filter(|open| open.reusable).ok_or_else(|| {
            Trouble::NotProven(format!("no further connection: {}", seen.observed))
        })?;
        Ok(connection(open, true))
    }
}

fn connection(open: OpenConnection, used: bool) -> Connection {
    let problem = open
        .not_verified_because
        .unwrap_or_else(|| "the certificate did not verify".to_owned());
    Connection {
        stream: Box::new(open.stream),
        not_verified_because: (!open.verified).then_some(problem),
        used,
    }
}

#[async_trait]
impl Dial for Dialer {
    async fn dial(&mut self, recipe: &Recipe) -> Result<Connection, Trouble> {
        match recipe {
            Recipe::Tls { server_name } => {
                let open = self.tls.open(server_name).await?;
                Ok(connection(open, false))
            }
            Recipe::TlsConnect(step) => {
                let mut connection = self.as_step(step).await?;
                // It is as new as a connection of this kind can be, so that its losses are counted.
                connection.used = false;
                Ok(connection)
            }
            Recipe::ClearOnTlsPort | Recipe::ClearEndpoint => self.in_clear(recipe).await,
        }
    }
}

struct PresecCase {
    http: HttpCase,
    dialer: Dialer,
    target: Arc<ResolvedTarget>,
    clock: Arc<dyn Clock>,
    testbed: Option<Arc<dyn Testbed>>,
    /// When the first session was saved or, without one, opened.
    began: Option<Began>,
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

/// Tells the observer which header fields it adds to its answer to a request.
fn arrange(
    step: &Http,
    names: &Names,
    (http, testbed): (&HttpCase, Option<&dyn Testbed>),
) -> Result<(), Trouble> {
    if step.origin_adds.is_empty() {
        return Ok(());
    }
    let mut fields = Vec::new();
    for field in &step.origin_adds {
        fields.push((field.name.resolve(names)?, field.value.resolve(names)?));
    }
    let marker = step
        .marker
        .as_deref()
        .ok_or_else(|| Trouble::Fault("origin_adds: only to a request with a marker".to_owned()))?;
    let can = testbed.is_some_and(|testbed| testbed.arrange(&http.wire_marker(marker), &fields));
    if can {
        return Ok(());
    }
    Err(Trouble::NotProven("needs origin_observer".to_owned()))
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

    async fn finish(&mut self) -> Vec<String> {
        self.trace.note(Happening::Step("finish".to_owned()));
        if let Some(testbed) = &self.testbed {
            self.http.trace_origin(None, testbed.as_ref());
        }
        self.http.finish(&mut self.dialer).await
    }
}

#[cfg(test)]
mod tests;
