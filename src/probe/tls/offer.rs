//! The steps `tls-offer` and `control: tls-baseline`.

use super::attempts::{Attempts, Next};
use super::case::TlsCase;
use super::certificate::Measure;
use super::exchange::{Outcome, PAUSE, exchange};
use super::facts::{FlightReader, alert_facts};
use super::hello::{ControlHello, Hello, HelloBuilder};
use super::probe::TlsProbeSettings;
use super::session::SavedSession;
use crate::engine::ports::Trouble;
use crate::model::evidence::Happening;
use crate::model::names::Names;
use crate::model::seen::{Classification, Control, Expected as _, Facts, Seen};
use crate::model::seen_tls::FlightFacts;
use crate::model::step_tls::TlsOffer;
use crate::model::suite::ProtocolVersion;

/// Most attempts for one control.
const CONTROL_ATTEMPTS: usize = 3;

/// What one control showed, before it is known what the offer showed.
struct TakenControl {
    /// The suite of the ServerHello, if one came.
    selected: Option<Option<u16>>,
    /// Whether an alert refused it.
    refused: bool,
    observed: String,
}

impl TakenControl {
    /// Passed: a hello, and the suite the target is known to select; another one is as good when the offer without the
    /// known suite was accepted too.
    fn judged(&self, control: &ControlHello, offer_accepted: bool) -> Control {
        let passed = match (self.selected, control.selects) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(selected), Some(wanted)) => offer_accepted || selected == Some(wanted),
        };
        Control {
            passed,
            observed: self.observed.clone(),
        }
    }
}

/// One offer under way: attempts, and controls around them.
struct Offering<'a> {
    settings: &'a TlsProbeSettings,
    random: [u8; 32],
    hello: Hello,
    control: Option<ControlHello>,
    taken: Vec<TakenControl>,
    attempts: Attempts,
}

impl Offering<'_> {
    async fn send(&self, hello: &Hello) -> Result<Outcome, Trouble> {
        let bytes = hello.offer.encode(self.random);
        exchange(self.settings, &bytes, hello.manner).await
    }

    async fn take_control(&mut self) -> Result<(), Trouble> {
        let Some(control) = &self.control else {
            return Ok(());
        };
        let mut taken = TakenControl {
            selected: None,
            refused: false,
            observed: String::new(),
        };
        for _ in 0..CONTROL_ATTEMPTS {
            let (observed, again) = match self.send(&control.hello).await? {
                Outcome::Hello(flight) => {
                    let facts = self.reader(&control.hello).facts(&flight);
                    taken.selected = Some(facts.suite);
                    let line = self.reader(&control.hello).line(&flight, &facts);
                    (line, false)
                }
                Outcome::Alert(_, text) => {
                    taken.refused = true;
                    (text, false)
                }
                Outcome::NotTls(text) | Outcome::Unclear(text) => (text, false),
                Outcome::Lost(_, text) => (text, true),
            };
            taken.observed = format!("{}: {observed}", control.label);
            if !again {
                break;
            }
        }
        self.taken.push(taken);
        Ok(())
    }

    fn reader<'b>(&'b self, hello: &'b Hello) -> FlightReader<'b> {
        let target = &self.settings.target;
        FlightReader {
            registry: &self.settings.registry,
            measure: Measure {
                host: hello.offer.server_name.as_deref().unwrap_or(&target.host),
                further_hosts: &target.hosts,
                roots: &target.roots,
                now: self.settings.clock.now(),
            },
            offer: &hello.offer,
        }
    }

    /// Sends the hello until what comes back counts.
    async fn settle(&mut self) -> Result<Seen, Trouble> {
        loop {
            let (loss, how) = match self.send(&self.hello).await? {
                Outcome::Lost(loss, how) => (loss, how),
                decisive => {
                    self.settings.trace.note(Happening::Decisive);
                    let mut seen = self.seen(decisive);
                    seen.lost_attempts = self.attempts.lines().to_vec();
                    return Ok(seen);
                }
            };
            match self.attempts.lost(loss, &how) {
                Next::Again => self.settings.clock.wait(PAUSE).await,
                Next::AgainAfterControl => self.take_control().await?,
                Next::Unproven(why) => return Err(Trouble::NotProven(why)),
                Next::Settled(classification) => return self.settled(classification, &how),
            }
        }
    }

    /// Every attempt was lost in the same way; as a refusal that counts only if every control in between passed.
    fn settled(&self, classification: Classification, how: &str) -> Result<Seen, Trouble> {
        let failed = self.control.as_ref().and_then(|control| {
            let judged = self.taken.iter().map(|taken| taken.judged(control, false));
            judged
                .into_iter()
                .find(|control| !control.passed)
                .map(|control| control.observed)
        });
        if let Some(observed) = failed.filter(|_| classification.is_refusal()) {
            return Err(Trouble::NotProven(format!(
                "{how} in every attempt, but a control beside it did not pass either: {observed}"
            )));
        }
        let facts = Facts::Flight(FlightFacts::default());
        let mut seen = Seen::new(classification, format!("{how} in every attempt"), facts);
        seen.lost_attempts = self.attempts.lines_before_last();
        Ok(seen)
    }

    fn seen(&self, outcome: Outcome) -> Seen {
        let mut facts = FlightFacts::default();
        match outcome {
            Outcome::Hello(flight) => {
                let reader = self.reader(&self.hello);
                let facts = reader.facts(&flight);
                let line = reader.line(&flight, &facts);
                Seen::new(Classification::Accepted, line, Facts::Flight(facts))
            }
            Outcome::Alert(alert, text) => {
                facts.alert = alert.map(alert_facts);
                let text = format!("alert {text}");
                Seen::new(Classification::RefusedWithAlert, text, Facts::Flight(facts))
            }
            Outcome::NotTls(text) => {
                facts.not_tls = true;
                Seen::new(Classification::Unclear, text, Facts::Flight(facts))
            }
            Outcome::Unclear(text) | Outcome::Lost(_, text) => {
                Seen::new(Classification::Unclear, text, Facts::Flight(facts))
            }
        }
    }

    fn controls(&self, offer_accepted: bool) -> Vec<Control> {
        let Some(control) = &self.control else {
            return Vec::new();
        };
        self.taken
            .iter()
            .map(|taken| taken.judged(control, offer_accepted))
            .collect()
    }
}

impl TlsCase {
    /// Sends one hello and reads the first flight, with the automatic controls around it: right before and right after
    /// when a claim is negative, and between attempts that were closed or reset.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the attempts were lost and prove nothing, [`Trouble::NotApplicable`] when the session
    /// whose id is to be offered has none or the target no other suite than it, [`Trouble::Fault`] for values that are none.
    pub async fn offer(&mut self, step: &TlsOffer, names: &Names) -> Result<Seen, Trouble> {
        if let Some(compared) = &step.enumerate {
            return self.enumerate((step, compared), names).await;
        }
        let random = self.random();
        let accepted = self.shared.accepted().await?;
        let saved = self.to_offer(step)?;
        let settings = &self.shared.settings;
        let builder = HelloBuilder {
            settings,
            accepted,
            names,
        };
        let hello = builder.hello(step, saved)?;
        let control = builder.control(step, &hello);
        let negative = step
            .expect
            .iter()
            .filter_map(|claim| claim.stated())
            .any(|(_, answer)| answer.is_negative());
        let mut offering = Offering {
            settings,
            random,
            hello,
            control: Some(control),
            taken: Vec::new(),
            attempts: Attempts::default(),
        };
        if negative {
            offering.take_control().await?;
            let refused = offering.taken.last().filter(|control| control.refused);
            if let Some(control) = refused.filter(|_| step.without_session_suite) {
                return Err(Trouble::NotApplicable(format!(
                    "the target has no other suite to go on with than that of the session: {}",
                    control.observed
                )));
            }
        }
        let mut seen = offering.settle().await?;
        if negative {
            offering.take_control().await?;
        }
        seen.controls = offering.controls(seen.classification == Classification::Accepted);
        Ok(seen)
    }

    /// The session of which a step offers the id or everything.
    ///
    /// # Errors
    /// [`Trouble::NotApplicable`] when the target gave nothing of the kind.
    fn to_offer(&self, step: &TlsOffer) -> Result<Option<&SavedSession>, Trouble> {
        Ok(
            match step.session_id_of.as_ref().or(step.session_of.as_ref()) {
                None => None,
                Some(name) if step.session_of.is_some() => {
                    let saved = self.saved(name)?;
                    if saved.of_lab().is_none() {
                        return Err(Trouble::NotApplicable(format!(
                            "the target gave nothing to resume in the connection saved as `{name}`"
                        )));
                    }
                    Some(saved)
                }
                Some(name) => {
                    let saved = self.saved(name)?;
                    if saved.session_id.is_empty() || saved.version == Some(ProtocolVersion::Tls13)
                    {
                        return Err(Trouble::NotApplicable(format!(
                            "the target gave no session id in the connection saved as `{name}`"
                        )));
                    }
                    Some(saved)
                }
            },
        )
    }

    /// Sends an ordinary offer in the best version the target accepts: the ready control `tls-baseline`.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the attempts were lost and prove nothing.
    pub async fn baseline(&mut self, names: &Names) -> Result<Seen, Trouble> {
        let random = self.random();
        let accepted = self.shared.accepted().await?;
        let settings = &self.shared.settings;
        let builder = HelloBuilder {
            settings,
            accepted,
            names,
        };
        let mut offering = Offering {
            settings,
            random,
            hello: builder.baseline().hello,
            control: None,
            taken: Vec::new(),
            attempts: Attempts::default(),
        };
        offering.settle().await
    }
}
