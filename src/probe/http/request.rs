//! The `http` step and the ready control over HTTP.

use crate::engine::ports::Trouble;
use crate::model::answer_http::Answer;
use crate::model::bind::{Bind, resolve_all};
use crate::model::claim::Claim;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::HttpFacts;
use crate::model::step_http::{Http, Transport};
use crate::model::step_http_form::TargetForm;

use super::case::HttpCase;
use super::connection::{Dial, Recipe};
use super::credentials::Sending;
use super::documents::auid_of;
use super::exchange::{Exchanged, Outcome};
use super::facts::{challenges, observed};
use super::login::{AsUe, answerable, is_stale};
use super::plan::RequestPlan;
use super::session::{SavedExchange, Session};
use super::spelling;

impl HttpCase {
    /// Sends one request and reads the answer.
    ///
    /// # Errors
    /// [`Trouble`] when there is nothing to judge, or when what the request may change could not be undone.
    pub async fn request(
        &mut self,
        step: &Http,
        names: &Names,
        dial: &mut dyn Dial,
    ) -> Result<Seen, Trouble> {
        if let Some(seen) = self.refused(&step.session, step.save.as_ref()) {
            return Ok(seen);
        }
        let host = match &step.host {
            Some(host) => Some(host.resolve(names)?),
            None => None,
        };
        let mut session = match self.sessions.remove(&step.session) {
            Some(session) => session,
            None => Session::tls(host.as_deref().unwrap_or(&self.target.host)),
        };
        let seen = self
            .request_in(&mut session, step, (names, host.as_deref()), dial)
            .await;
        self.sessions.insert(step.session.clone(), session);
        seen
    }

    async fn request_in(
        &mut self,
        session: &mut Session,
        step: &Http,
        (names, host): (&Names, Option<&str>),
        dial: &mut dyn Dial,
    ) -> Result<Seen, Trouble> {
        let mut plan = self.plan((step, &*session), names, host.unwrap_or(&session.host))?;
        if step.writes() {
            self.before_write(&plan.target, session.subscriber.as_deref(), names, dial)
                .await?;
        }
        plan.marker = step.marker.as_deref().map(|name| self.mark(name));
        let sending = self.sending(&step.credentials, session, &plan, names)?;
        if let Some(flight) = &step.early_data {
            return self
                .as_early_data(session, dial, (step, flight, &plan), &sending)
                .await;
        }
        if let Some(times) = step.times {
            return self
                .series(session, dial, (step, &plan, times), &sending)
                .await;
        }
        let done = match clear_recipe(step.transport) {
            None => {
                self.sent_as_ue(session, dial, (step, &plan), &sending)
                    .await?
            }
            Some(recipe) => {
                let mut line = Session::new(recipe, &session.host);
                line.subscriber.clone_from(&session.subscriber);
                line.digest = session.digest.take();
                let done = self
                    .sent_as_ue(&mut line, dial, (step, &plan), &sending)
                    .await;
                session.digest = line.digest.take();
                done?
            }
        };
        if let Some(response) = done.response() {
            session.take_cookies(response);
        }
        let seen = self.seen(&plan, &done, session.subscriber.as_deref());
        if let Some(name) = &step.save {
            self.save(name, &seen, &done);
        }
        Ok(seen)
    }

    /// The path of a document that a step names, under another AUID if it says so.
    pub(super) fn path(
        &self,
        document: &Bind<String>,
        auid: Option<&Bind<String>>,
        names: &Names,
    ) -> Result<String, Trouble> {
        let path = document.resolve(names)?;
        let (Some(name), Some(auid)) = (document.name(), auid) else {
            return Ok(path);
        };
        let auid = auid.resolve(names)?;
        match names.one(&format!("{}.{auid}", own_name(name, names))) {
            Ok(other) => Ok(other.to_owned()),
            Err(_) if auid_of(&path, &self.target.root) == auid => Ok(path),
            Err(_) => Err(Trouble::NotProven(format!(
                "the target file names no document of `{auid}` (documents.names)"
            ))),
        }
    }

    /// The path that a step asks for, in the spelling it asks for.
    fn spelled_path(
        &self,
        step: &Http,
        session: &Session,
        names: &Names,
    ) -> Result<String, Trouble> {
        let mut path = self.path(&step.document, step.auid.as_ref(), names)?;
        if let Some(spelling) = &step.path_spelling {
            let own = session
                .subscriber
                .as_ref()
                .and_then(|name| self.target.subscribers.get(name))
                .map_or("presec", |subscriber| subscriber.xui.as_str());
            path = spelling::path(&path, &self.target.root, own, spelling.resolve(names)?);
        }
        if let Some(suffix) = &step.suffix {
            path.push_str(&suffix.resolve(names)?);
        }
        Ok(path)
    }

    /// Puts in what depends on the session and on saved answers.
    fn complete(
        &self,
        mut plan: RequestPlan,
        (step, session): (&Http, &Session),
        names: &Names,
    ) -> Result<RequestPlan, Trouble> {
        let authority = match &step.authority {
            Some(authority) => authority.resolve(names)?,
            None => plan.host.clone(),
        };
        let form = match &step.target_form {
            Some(form) => Some(form.resolve(names)?),
            None => None,
        };
        plan.wire_target = form.map(|form| match form {
            TargetForm::Absolute => format!("https://{authority}{}", plan.target),
            TargetForm::AbsoluteInClear => format!("http://{authority}{}", plan.target),
            TargetForm::Authority if authority.contains(':') => authority.clone(),
            TargetForm::Authority => format!("{authority}:443"),
        });
        if let Some(fields) = &step.host_fields {
            let hosts = resolve_all(fields, names)?;
            let fields = hosts.iter().map(|host| self.target.host_field(host));
            plan.host_fields = Some(fields.collect());
        }
        if let Some(name) = &step.if_match {
            let tag = self.saved_exchange(name)?.entity_tag().ok_or_else(|| {
                Trouble::NotProven(format!("the answer saved as `{name}` has no entity tag"))
            })?;
            plan.headers.push(("If-Match".to_owned(), tag.to_owned()));
        }
        if let Some(cookies) = session.cookie_field().filter(|_| step.cookies) {
            plan.headers.push(("Cookie".to_owned(), cookies));
        }
        if let Some(field) = &step.credentials_field {
            plan.credentials_field.clone_from(field);
        }
        plan.second_authorization = step.second_authorization;
        plan.kept_connection = step.kept_connection;
        Ok(plan)
    }

    fn plan(
        &self,
        (step, session): (&Http, &Session),
        names: &Names,
        host: &str,
    ) -> Result<RequestPlan, Trouble> {
        let path = self.spelled_path(step, session, names)?;
        let host = match (step.transport, &self.target.clear) {
            (Transport::ClearEndpoint, Some(clear)) if clear.address.port() == 80 => {
                clear.host.clone()
            }
            (Transport::ClearEndpoint, Some(clear)) => {
                format!("{}:{}", clear.host, clear.address.port())
            }
            _ => self.target.host_field(host),
        };
        let plan =
            RequestPlan::new(&step.method, path, host).decorated(step, names, &self.target)?;
        let mut plan = self.complete(plan, (step, session), names)?;
        if let Some(body) = &step.body {
            plan.body = Some(self.body_named(body, &plan.target)?);
        }
        Ok(plan)
    }

    /// Sends, and follows a nonce that went stale as long as the claims are not about the challenge itself.
    async fn sent_as_ue(
        &mut self,
        session: &mut Session,
        dial: &mut dyn Dial,
        (step, plan): (&Http, &RequestPlan),
        sending: &Sending,
    ) -> Result<AsUe, Trouble> {
        let mut done = AsUe {
            last: self.exchange(session, dial, plan, sending).await?,
            before: Vec::new(),
        };
        if !sending.follows_stale() || session.digest.is_none() {
            return Ok(done);
        }
        let follow = done
            .response()
            .is_some_and(|response| is_stale(response) && !speaks_of_challenge(step));
        if follow || matches!(sending, Sending::Session) {
            self.take_over(session, &done.last);
        }
        if follow {
            let before: Vec<String> = done.response().map(observed).into_iter().collect();
            let mut lost = std::mem::take(&mut done.last.lost);
            let mut last = self.exchange(session, dial, plan, sending).await?;
            lost.append(&mut last.lost);
            last.lost = lost;
            self.take_over(session, &last);
            done = AsUe { last, before };
        }
        Ok(done)
    }

    /// Takes the newest nonce over into the session: the next challenge or nextnonce (RFC 7616, 3.5).
    fn take_over(&mut self, session: &mut Session, exchanged: &Exchanged) {
        let Outcome::Answer(response, _) = &exchanged.outcome else {
            return;
        };
        match answerable(&challenges(response)) {
            Some(state) => session.digest = Some(state),
            None => self.follow_next_nonce(session, response, exchanged),
        }
    }

    pub(super) fn seen(
        &mut self,
        plan: &RequestPlan,
        done: &AsUe,
        subscriber: Option<&str>,
    ) -> Seen {
        let path = plan.target.as_str();
        let (classification, mut facts) = match &done.last.outcome {
            Outcome::Answer(response, _) => {
                let info = self.authentication_info(response, &done.last.sent, subscriber);
                let facts = self.facts(response, path, info.as_ref());
                if facts.is_success() {
                    self.note_effect(plan, response);
                }
                (Classification::Answered, facts)
            }
            Outcome::Closed { ended, .. } => {
                let facts = HttpFacts {
                    closed_instead: true,
                    ..HttpFacts::default()
                };
                (*ended, facts)
            }
            Outcome::Unreadable(_) => (Classification::Unclear, HttpFacts::default()),
        };
        facts.handshake_demanded = done.last.handshake_demanded;
        let mut line = done.describe();
        if facts.handshake_demanded {
            line.push_str(", after it asked for another TLS handshake");
        }
        let mut seen = Seen::new(classification, line, Facts::Http(facts));
        seen.lost_attempts.clone_from(&done.last.lost);
        seen
    }

    pub(super) fn save(&mut self, name: &str, seen: &Seen, done: &AsUe) {
        let Facts::Http(facts) = &seen.facts else {
            return;
        };
        let sent = &done.last.sent;
        let saved = SavedExchange {
            authorization: sent.value.clone(),
            digest: sent.digest.clone(),
            facts: facts.clone(),
            body: done.response().map(|response| response.body.clone()),
            observed: seen.observed.clone(),
        };
        self.saved.insert(name.to_owned(), saved);
    }

    /// Asks for the root on a new connection, without credentials; any HTTP answer shows that the target is alive.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when no answer comes.
    pub async fn baseline(&mut self, dial: &mut dyn Dial) -> Result<Seen, Trouble> {
        let mut session = Session::tls(&self.target.host);
        let host = self.target.host_field(&self.target.host);
        let plan = RequestPlan::new("GET", &self.target.root, host);
        let done = AsUe {
            last: self
                .exchange(&mut session, dial, &plan, &Sending::Nothing)
                .await?,
            before: Vec::new(),
        };
        if let Some(connection) = session.connection.take() {
            connection.close().await;
        }
        if done.response().is_none() {
            return Err(Trouble::NotProven(format!(
                "a fresh connection got no HTTP answer: {}",
                done.describe()
            )));
        }
        Ok(self.seen(&plan, &done, None))
    }
}

/// `alice.document` for `alice.document` and for `alice.document.pres-rules`; `own_document` is alice's.
fn own_name(name: &str, names: &Names) -> String {
    let owned = if name == "own_document" {
        "alice.document"
    } else {
        name
    };
    match owned.split_once(".document.") {
        Some((owner, _)) if names.knows(&format!("{owner}.document")) => {
            format!("{owner}.document")
        }
        _ => owned.to_owned(),
    }
}

fn clear_recipe(transport: Transport) -> Option<Recipe> {
    match transport {
        Transport::Tls => None,
        Transport::ClearOnTlsPort => Some(Recipe::ClearOnTlsPort),
        Transport::ClearEndpoint => Some(Recipe::ClearEndpoint),
    }
}

/// Whether a claim is about a 401, so that the answer to judge is the challenge and not what follows it.
fn speaks_of_challenge(step: &Http) -> bool {
    fn speaks(answer: &Answer) -> bool {
        match answer {
            Answer::Challenge(_) | Answer::ChallengeAbsent(_) => true,
            Answer::Status(codes) => codes.contains(&401),
            Answer::AnyOf(answers) => answers.iter().any(speaks),
            _ => false,
        }
    }
    step.expect
        .iter()
        .filter_map(Claim::stated)
        .any(|(_, answer)| speaks(answer))
}
