//! The step `tls-connect`.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::attempts::Attempts;
use super::case::TlsCase;
use super::certificate::further_hosts;
use super::clear::ClearHandshake;
use super::connection::OpenConnection;
use super::exchange::PAUSE;
use super::facts::alert_facts;
use super::first_request::{FirstAnswer, bare_request, first_request};
use super::handshake::{Handshake, Up};
use super::hello::version_of;
use super::identity::certified_key;
use super::lab::{self, LabClient};
use super::open::needs_lab;
use super::session::{ConnectionStore, SavedSession, seconds_up};
use super::told::line;
use crate::engine::ports::Trouble;
use crate::model::evidence::Happening;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_tls::ConnectionFacts;
use crate::model::step_tls::{ClientCertificate, Mechanism, TlsConnect};
use crate::model::suite::ProtocolVersion;

/// Tickets that a saved TLS 1.3 session should have: for a control, a later look, and one lost attempt.
const WANTED_TICKETS: usize = 3;
/// Most handshakes made only for further tickets.
const FURTHER_HANDSHAKES: usize = 2;

/// What a connect step settled on.
pub(super) enum Settled {
    /// The connection lives.
    Alive(Box<Up>, FirstAnswer, Arc<ConnectionStore>),
    /// It does not.
    Dead(
        Classification,
        String,
        Option<crate::wire::tls::alert::Alert>,
    ),
}

/// A connect step with its `$names` resolved.
pub(super) struct Plan {
    pub(super) handshake: Handshake,
    /// One version was asked for, not whatever both sides have.
    pub(super) one_version: Option<ProtocolVersion>,
    mechanism: Mechanism,
    /// The versions in which the lab engine may take over; `None` where it has no business.
    pub(super) by_lab: Option<RangeInclusive<ProtocolVersion>>,
    /// The lab engine makes the handshake as the scenario asks for it, so that its refusal is the target's answer to that.
    pub(super) as_asked: bool,
}

/// What follows from an attempt.
pub(super) enum After {
    /// It settles the step.
    Settled(Settled),
    /// It was lost and is to be made again.
    Again,
    /// rustls has nothing in common with the target: it is to be made by the lab engine.
    ByLab(LabClient),
}

impl Plan {
    /// The lab engine makes the handshake, in the versions it and the target have.
    pub(super) fn take(&mut self, lab: LabClient) {
        self.handshake.versions.clone_from(&lab.versions);
        self.one_version = match lab.versions.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        self.handshake.lab = Some(lab);
    }
}

impl TlsCase {
    /// Completes a handshake as a well-behaved client and sends one request without credentials; the connection comes
    /// back when it lives. A session saved under a name can be offered any number of times, however old it is.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when attempts were lost and prove nothing, or the ordinary client has nothing in common
    /// with the target; [`Trouble::Fault`] for values that are none or contradict each other.
    pub async fn connect(
        &mut self,
        step: &TlsConnect,
        names: &Names,
    ) -> Result<(Seen, Option<OpenConnection>), Trouble> {
        if let Some(name) = &step.resume
            && !self.saved(name)?.resumable
        {
            let why = "the target gave no session to resume by this mechanism";
            let facts = Facts::Connection(Box::default());
            return Ok((Seen::new(Classification::Unclear, why, facts), None));
        }
        let mut plan = self.planned(step, names).await?;
        let done = self.connect_by(step, &mut plan).await?;
        if !self.saved_nothing(step, &plan).await? {
            return Ok(done);
        }
        // Whoever resumes only in TLS 1.2 shows it only there.
        plan.handshake.versions = vec![ProtocolVersion::Tls12];
        plan.one_version = Some(ProtocolVersion::Tls12);
        plan.by_lab = Some(ProtocolVersion::Tls12..=ProtocolVersion::Tls12);
        plan.handshake.lab = None;
        self.connect_by(step, &mut plan).await
    }

    /// The step as it is to be done, and by which client.
    pub(super) async fn planned(&self, step: &TlsConnect, names: &Names) -> Result<Plan, Trouble> {
        let mut plan = self.plan(step, names)?;
        if step.needs_lab() {
            self.as_asked(step, names, &mut plan).await?;
        }
        if let Some(allowed) = plan.by_lab.clone()
            && plan.handshake.lab.is_none()
            && let Some(lab) = self.shared.usual_lab(&allowed, self.may_be_parked).await?
        {
            plan.take(lab);
        }
        Ok(plan)
    }

    /// Whether a session was to be saved by any mechanism, TLS 1.3 gave none, and TLS 1.2 may give one.
    async fn saved_nothing(&self, step: &TlsConnect, plan: &Plan) -> Result<bool, Trouble> {
        let Some(name) = step.save.as_ref().filter(|_| step.resume.is_none()) else {
            return Ok(false);
        };
        let saved = self.saved(name)?;
        let by_any = plan.mechanism == Mechanism::Any && plan.one_version.is_none();
        let in_tls13 = saved.version == Some(ProtocolVersion::Tls13) && !saved.resumable;
        let accepted = self.shared.accepted().await?;
        Ok(by_any && in_tls13 && accepted.has(ProtocolVersion::Tls12))
    }

    async fn connect_by(
        &mut self,
        step: &TlsConnect,
        plan: &mut Plan,
    ) -> Result<(Seen, Option<OpenConnection>), Trouble> {
        let key = certified_key(&self.shared.settings.target, step.client_certificate)?;
        let mut attempts = Attempts::default();
        let settled = loop {
            plan.handshake
                .identity
                .hold(key.clone(), step.client_certificate);
            match self.attempt(step, plan, &mut attempts).await? {
                After::Settled(settled) => break settled,
                After::Again => self.shared.settings.clock.wait(PAUSE).await,
                After::ByLab(lab) => {
                    plan.take(lab);
                    attempts = Attempts::default();
                }
            }
        };
        plan.handshake.quirks_shown()?;
        // What was wrong on purpose is reason enough to refuse.
        if matches!(settled, Settled::Dead(..))
            && step.quirks.is_empty()
            && step.client_certificate == ClientCertificate::Usual
        {
            plan.handshake.identity.excuse(key.is_some())?;
        }
        let (mut seen, connection) = self.conclude(step, plan, settled);
        // A server that serves one connection at a time answers no further handshake while one is open for nothing.
        let connection = connection.filter(|_| step.session.is_some());
        if let Some(name) = step.save.as_ref().filter(|_| step.resume.is_none()) {
            self.more_tickets(name, plan).await?;
        }
        seen.lost_attempts = if seen.classification == Classification::Accepted
            || seen.classification == Classification::RefusedWithAlert
        {
            attempts.lines().to_vec()
        } else {
            attempts.lines_before_last()
        };
        Ok((seen, connection))
    }

    fn plan(&self, step: &TlsConnect, names: &Names) -> Result<Plan, Trouble> {
        let settings = &self.shared.settings;
        let mechanism = match &step.mechanism {
            Some(bind) => bind.resolve(names)?,
            None => Mechanism::Any,
        };
        let mut handshake = Handshake::fresh(settings, &settings.target.host);
        match mechanism {
            Mechanism::Any => {}
            Mechanism::SessionId | Mechanism::Ticket => {
                handshake.versions = vec![ProtocolVersion::Tls12];
                handshake.tickets = mechanism == Mechanism::Ticket;
            }
            Mechanism::Tls13Psk => handshake.versions = vec![ProtocolVersion::Tls13],
        }
        if let Some(name) = &step.resume {
            let saved = self.saved(name)?;
            handshake.server_name.clone_from(&saved.server_name);
            handshake.versions.clone_from(&saved.versions);
            handshake.tickets = saved.tickets;
            handshake.verifier = Arc::clone(&saved.verifier);
            handshake.identity = Arc::clone(&saved.identity);
            handshake.at = saved.saved_at;
            handshake.lab.clone_from(&saved.lab);
        }
        let mut by_lab = step.resume.is_none().then(|| lab::versions_with(mechanism));
        if let Some(bind) = &step.version {
            let version = version_of(&bind.resolve(names)?)?;
            by_lab = by_lab.map(|_| version..=version);
            if !Handshake::can(version) && step.resume.is_none() {
                let lab = self.shared.lab_client_in(version);
                let lab = lab.filter(|_| mechanism != Mechanism::Tls13Psk);
                handshake.lab =
                    Some(lab.ok_or_else(|| needs_lab(&format!("neither has {version}")))?);
                handshake.versions = vec![version];
            }
            handshake.versions.retain(|other| *other == version);
            if handshake.versions.is_empty() {
                return Err(Trouble::Fault(format!(
                    "this session or mechanism does not exist in {version}"
                )));
            }
        }
        if let Some(bind) = &step.server_name {
            handshake.server_name = bind.resolve(names)?;
        }
        let one_version = match handshake.versions.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        Ok(Plan {
            handshake,
            one_version,
            mechanism,
            by_lab,
            as_asked: false,
        })
    }

    /// One attempt.
    async fn attempt(
        &self,
        step: &TlsConnect,
        plan: &Plan,
        attempts: &mut Attempts,
    ) -> Result<After, Trouble> {
        let settings = &self.shared.settings;
        let mut handshake = plan.handshake.clone();
        if let Some(name) = &step.resume {
            let store = self.saved(name)?.store().ok_or_else(|| {
                Trouble::NotProven(format!(
                    "every ticket of the session saved as `{name}` has been offered already"
                ))
            })?;
            let store = if step.flip_ticket_bit {
                store.with_flipped_ticket()?
            } else {
                store
            };
            handshake.store = Arc::new(store);
        }
        if step.early_data {
            handshake.early_data = bare_request(settings, &handshake.server_name);
        }
        let performed = handshake.perform(settings).await?;
        settings.trace.note(Happening::Decisive);
        let failure = match performed {
            Err(failure) => failure,
            Ok(mut up) => {
                let answered = first_request(settings, &mut up, &handshake.server_name).await;
                handshake.note_quirks(&up);
                match answered {
                    Ok(answer) => {
                        let settled = Settled::Alive(Box::new(up), answer, handshake.store);
                        return Ok(After::Settled(settled));
                    }
                    Err(failure) => failure,
                }
            }
        };
        self.failed(plan, failure, attempts).await
    }

    fn conclude(
        &mut self,
        step: &TlsConnect,
        plan: &Plan,
        settled: Settled,
    ) -> (Seen, Option<OpenConnection>) {
        let (up, answer, store) = match settled {
            Settled::Alive(up, answer, store) => (up, answer, store),
            Settled::Dead(classification, how, alert) => {
                let facts = ConnectionFacts {
                    alert: alert.map(alert_facts),
                    resumable: step.resume.is_some(),
                    certificate_requested: plan.handshake.identity.was_asked(),
                    ..ConnectionFacts::default()
                };
                if let Some(name) = &step.save {
                    let nothing = self.session(plan, None);
                    self.saved.insert(name.clone(), nothing);
                }
                let facts = Facts::Connection(Box::new(facts));
                return (Seen::new(classification, how, facts), None);
            }
        };
        let mut resumable = step.resume.is_some();
        if let Some(name) = &step.save {
            let saved = self.session(plan, Some((&up, &store)));
            resumable |= saved.resumable;
            self.saved.insert(name.clone(), saved);
        }
        let mut connection = self.shared.connection(*up, &plan.handshake);
        connection.facts.resumable = resumable;
        connection.reusable = answer.reusable;
        let mut line = line(&connection.facts, &answer);
        line.push_str(further_hosts(step, &connection.facts));
        let facts = Facts::Connection(Box::new(connection.facts.clone()));
        let seen = Seen::new(Classification::Accepted, line, facts);
        (seen, Some(connection))
    }

    /// A session of which few tickets came gets those of further full handshakes made at the same time, so that it can
    /// be offered in a control and later again.
    async fn more_tickets(&self, name: &str, plan: &Plan) -> Result<(), Trouble> {
        let settings = &self.shared.settings;
        let saved = self.saved(name)?;
        for _ in 0..FURTHER_HANDSHAKES {
            if !(1..WANTED_TICKETS).contains(&saved.state.tickets()) {
                break;
            }
            let mut handshake = plan.handshake.clone();
            handshake.store = Arc::default();
            // A server that serves one connection at a time gives no more while the first is open.
            let Ok(mut up) = handshake.perform(settings).await? else {
                break;
            };
            let _ = first_request(settings, &mut up, &handshake.server_name).await;
            let now = settings.clock.now();
            saved
                .state
                .take_tickets_of(&up.learned(&handshake.store, now));
        }
        Ok(())
    }

    /// What is saved of a connection; of one that did not come about, that there is nothing.
    fn session(&self, plan: &Plan, live: Option<(&Up, &ConnectionStore)>) -> SavedSession {
        let handshake = &plan.handshake;
        let now = self.shared.settings.clock.now();
        let mut saved = SavedSession {
            state: live
                .map(|(up, store)| up.learned(store, now))
                .unwrap_or_default(),
            saved_at: handshake.at,
            created: seconds_up(now),
            versions: handshake.versions.clone(),
            tickets: handshake.tickets,
            lab: handshake.lab.clone(),
            session_id: Vec::new(),
            suite: None,
            version: None,
            server_name: handshake.server_name.clone(),
            resumable: false,
            verifier: Arc::clone(&handshake.verifier),
            identity: Arc::clone(&handshake.identity),
        };
        let Some((up, _)) = live else {
            return saved;
        };
        let clear = ClearHandshake::read(&up.copy.copied());
        if let Some(hello) = &clear.flight.server_hello {
            saved.suite = Some(hello.suite);
            saved.version = hello.protocol_version();
            if !hello.is_tls13() {
                saved.session_id.clone_from(&hello.session_id);
            }
        }
        let by_id = saved.state.has_tls12() && !saved.session_id.is_empty();
        let by_ticket = saved.state.has_tls12() && clear.ticket_lifetime.is_some();
        saved.resumable = match plan.mechanism {
            Mechanism::Any => saved.state.has_tls12() || saved.state.tickets() > 0,
            Mechanism::SessionId => by_id,
            Mechanism::Ticket => by_ticket,
            Mechanism::Tls13Psk => saved.state.tickets() > 0,
        };
        saved
    }
}
