//! Sessions beside each other: each a lane with connection, login and marks of its own, compared when all are through.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::engine::ports::{ArrangedAnswer, CaseContext, Testbed, Trouble};
use crate::model::answer_http::Answer;
use crate::model::bind::Bind;
use crate::model::claim::Claim;
use crate::model::names::Names;
use crate::model::policy::Guard;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::{OriginFacts, ParallelFacts};
use crate::model::step_http::{Http, Login, Origin};
use crate::model::step_proxy::{Parallel, ParallelSession};
use crate::probe::dialer::Dialer;
use crate::probe::http::HttpCase;
use crate::probe::target::ResolvedTarget;
use crate::probe::tls::{TlsProbe, TlsProbeSettings};

/// The field by which the observer says to which request its answer belongs.
const ECHO: &str = "x-presec-echo";

/// Mixed requests told in an observation; all are counted.
const TOLD: usize = 3;

/// The session of a lane.
const SESSION: &str = "lane";

/// Tells the observer how it answers a request, if the step says so.
pub(super) fn arrange(
    step: &Http,
    names: &Names,
    (http, testbed): (&HttpCase, Option<&dyn Testbed>),
) -> Result<(), Trouble> {
    if !step.arranges_answer() {
        return Ok(());
    }
    let mut answer = ArrangedAnswer {
        status: step.origin_status,
        fields: Vec::new(),
    };
    for field in &step.origin_adds {
        let field = (field.name.resolve(names)?, field.value.resolve(names)?);
        answer.fields.push(field);
    }
    let marker = step
        .marker
        .as_deref()
        .ok_or_else(|| Trouble::Fault("origin_adds: only to a request with a marker".to_owned()))?;
    let can = testbed.is_some_and(|testbed| testbed.arrange(&http.wire_marker(marker), &answer));
    if can {
        return Ok(());
    }
    Err(Trouble::NotProven("needs origin_observer".to_owned()))
}

/// What lanes are made of.
pub(super) struct Lanes {
    tls: TlsProbe,
    settings: TlsProbeSettings,
    context: CaseContext,
}

/// One session with a connection of its own.
struct Lane {
    /// For observations, such as `2 (bob at ps.example.test)`.
    name: String,
    subscriber: String,
    http: HttpCase,
    dialer: Dialer,
    /// The request that it repeats.
    request: Http,
    /// Identities that are its own.
    own: BTreeSet<String>,
    /// Identities of other lanes alone.
    foreign: BTreeSet<String>,
}

impl Lanes {
    /// For the steps of one case.
    pub(super) fn new(tls: &TlsProbe, settings: &TlsProbeSettings, context: &CaseContext) -> Self {
        Self {
            tls: tls.clone(),
            settings: settings.clone(),
            context: context.clone(),
        }
    }

    /// Logs all sessions in, one after the other, sends their requests beside each other, and compares.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when a session cannot log in, or without an observer.
    pub(super) async fn run(
        &self,
        step: &Parallel,
        names: &Names,
        testbed: Option<&Arc<dyn Testbed>>,
    ) -> Result<Seen, Trouble> {
        let testbed =
            testbed.ok_or_else(|| Trouble::NotProven("needs origin_observer".to_owned()))?;
        if !step.is_bounded() {
            return Err(Trouble::Fault(
                "too many connections or requests".to_owned(),
            ));
        }
        let mut lanes = Vec::new();
        for session in &step.sessions {
            for _ in 0..step.connections() {
                lanes.push(self.lane(session, names, lanes.len() + 1)?);
            }
        }
        let every: BTreeSet<String> = lanes.iter().flat_map(|lane| lane.own.clone()).collect();
        for lane in &mut lanes {
            lane.foreign = every.difference(&lane.own).cloned().collect();
            lane.log_in(names).await?;
        }
        let mut running = JoinSet::new();
        for lane in lanes {
            let names = names.clone();
            running.spawn(lane.run(step.requests(), names, Arc::clone(testbed)));
        }
        let mut facts = ParallelFacts::default();
        while let Some(ended) = running.join_next().await {
            let lane =
                ended.map_err(|error| Trouble::Fault(format!("a session ended: {error}")))??;
            facts.requests += lane.requests;
            facts.served += lane.served;
            facts.unclear += lane.unclear;
            facts.arrived += lane.arrived;
            facts.told += lane.told;
            facts.mixed.extend(lane.mixed);
        }
        // Lanes end in any order; equal runs say equal things.
        facts.mixed.sort_unstable();
        let observed = observed(&facts);
        Ok(Seen::new(
            Classification::Answered,
            observed,
            Facts::Parallel(facts),
        ))
    }

    fn lane(
        &self,
        session: &ParallelSession,
        names: &Names,
        number: usize,
    ) -> Result<Lane, Trouble> {
        let target = &self.settings.target;
        let context = CaseContext {
            id: format!("{} session {number}", self.context.id),
            seed: self
                .context
                .seed
                .wrapping_add(u64::try_from(number).unwrap_or_default()),
            ..self.context.clone()
        };
        let document = names.one(&format!("{}.document", session.subscriber))?;
        let mut request = Http::get(SESSION, Bind::Literal(document.to_owned()));
        let host = match &session.host {
            Some(host) => host.resolve(names)?,
            None => target.host.clone(),
        };
        let identity = match &session.intended_identity {
            Some(identity) => Some(identity.resolve(names)?),
            None => None,
        };
        let own = own_identities(target, session, identity.as_ref());
        let name = format!("{number} ({} at {host})", session.subscriber);
        request.host = Some(Bind::Literal(host));
        request.intended_identity = identity.map(Bind::Literal);
        Ok(Lane {
            name,
            subscriber: session.subscriber.clone(),
            http: HttpCase::new(Arc::clone(target), context.clone()),
            dialer: Dialer::new(&self.tls, &self.settings, &context),
            request,
            own,
            foreign: BTreeSet::new(),
        })
    }
}

fn own_identities(
    target: &ResolvedTarget,
    session: &ParallelSession,
    intended: Option<&String>,
) -> BTreeSet<String> {
    if let Some(intended) = intended {
        return [intended.clone()].into();
    }
    let subscriber = target.subscribers.get(&session.subscriber);
    subscriber
        .into_iter()
        .flat_map(|known| known.impus.iter().chain([&known.username, &known.xui]))
        .cloned()
        .collect()
}

impl Lane {
    async fn log_in(&mut self, names: &Names) -> Result<(), Trouble> {
        let login = Login {
            subscriber: self.subscriber.clone(),
            session: SESSION.to_owned(),
            host: self.request.host.clone(),
            // Whatever comes from behind the authentication will do: the server of this host may have no document for her.
            expect: vec![Claim {
                when: Guard::default(),
                control: Some(Answer::NotStatus(vec![401])),
                shall: None,
                should: None,
                may: None,
                otherwise: None,
            }],
        };
        let named = |why: String| Trouble::NotProven(format!("session {}: {why}", self.name));
        let logged_in = self.http.login(&login, names, &mut self.dialer).await;
        let seen = logged_in.map_err(|trouble| match trouble {
            Trouble::NotProven(why) => named(why),
            other => other,
        })?;
        match &seen.facts {
            Facts::Http(answer) if answer.status.is_some_and(|status| status != 401) => Ok(()),
            _ => Err(named(format!("the login failed: {}", seen.observed))),
        }
    }

    async fn run(
        mut self,
        requests: u32,
        names: Names,
        testbed: Arc<dyn Testbed>,
    ) -> Result<ParallelFacts, Trouble> {
        let mut facts = ParallelFacts::default();
        for number in 1..=requests {
            let told = self.one(number, (&names, &testbed), &mut facts).await?;
            facts.requests += 1;
            facts.told += u32::from(told);
        }
        self.http.close(SESSION).await?;
        Ok(facts)
    }

    /// Sends one request and looks at what came of it; whether that shows whose it is.
    async fn one(
        &mut self,
        number: u32,
        (names, testbed): (&Names, &Arc<dyn Testbed>),
        facts: &mut ParallelFacts,
    ) -> Result<bool, Trouble> {
        let marker = format!("r{number}");
        let mark = self.http.wire_marker(&marker);
        let answer = ArrangedAnswer {
            status: None,
            fields: vec![(ECHO.to_owned(), mark.clone())],
        };
        if !testbed.arrange(&mark, &answer) {
            return Err(Trouble::NotProven("the observer is full".to_owned()));
        }
        self.request.marker = Some(marker.clone());
        let request = self.request.clone();
        let seen = self.http.request(&request, names, &mut self.dialer).await;
        let (mut status, mut closed, mut told) = (None, false, false);
        match seen.map(|seen| seen.facts) {
            Ok(Facts::Http(answer)) => {
                status = answer.status;
                closed = answer.closed_instead;
                let echo = answer.headers.iter().find(|(name, _)| name == ECHO);
                if let Some((_, echo)) = echo {
                    told = true;
                    if *echo != mark {
                        let what = format!(
                            "request {number} of session {} got the answer to {echo}",
                            self.name
                        );
                        facts.mixed.push(what);
                    }
                }
            }
            Ok(_) | Err(Trouble::NotProven(_)) => {}
            Err(other) => return Err(other),
        }
        let look = Origin {
            marker,
            within: None,
            expect: Vec::new(),
        };
        let seen = self.http.origin(&look, names, testbed.as_ref()).await?;
        if let Facts::Origin(received) = &seen.facts {
            let arrived = received.requests > 0;
            facts.arrived += u32::from(arrived);
            match status {
                Some(401) => {}
                // What the application server made of it is its own affair.
                Some(_) if arrived => facts.served += 1,
                Some(200..=299 | 404) => facts.served += 1,
                Some(500..) => facts.unclear += 1,
                None if !closed => facts.unclear += 1,
                Some(_) | None => {}
            }
            told |= !received.asserted_identities.is_empty();
            facts.mixed.extend(self.under_another(received, number));
        }
        Ok(told)
    }

    /// What the origin received of a request under an identity of another session.
    fn under_another(&self, received: &OriginFacts, number: u32) -> Option<String> {
        let found = received
            .asserted_identities
            .iter()
            .find(|identity| self.foreign.contains(*identity))?;
        Some(format!(
            "request {number} of session {} reached the origin as that of {found}",
            self.name
        ))
    }
}

fn observed(facts: &ParallelFacts) -> String {
    let mut text = format!(
        "{} of {} requests served, {} received by the origin",
        facts.served, facts.requests, facts.arrived
    );
    if facts.unclear > 0 {
        text.push_str(&format!(", {} without a clear answer", facts.unclear));
    }
    if !facts.mixed.is_empty() {
        let some: Vec<&str> = facts.mixed.iter().take(TOLD).map(String::as_str).collect();
        text.push_str(&format!(
            ", {} mixed up: {}",
            facts.mixed.len(),
            some.join("; ")
        ));
    }
    text
}
