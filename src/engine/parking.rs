//! Cases that wait for time to pass: one run parks them where they let it pass, a later one goes on with them.
//!
//! A case in which nothing but saved sessions and time matter (`Scenario::can_be_parked`) goes up to its `elapse`, is kept
//! by the [`Parking`] port, and counts as inconclusive until a run that comes late enough has taken it to its end.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::names::Names;
use crate::model::parked::{CaseState, ParkedSession};
use crate::model::scenario::Scenario;
use crate::model::step::{Elapse, Step};
use crate::model::verdict::Verdict;

use super::case::{CaseOutcome, Fold, Script, conclude, go_on, run_case};
use super::plan::PlannedCase;
use super::ports::{Case, Clock, Trouble};
use super::schedule::Run;

/// A case that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkedCase {
    /// Its id with its expansion.
    pub id: String,
    /// The scenario's id.
    pub scenario: String,
    /// SHA-256 of the scenario's text in lower-case hex.
    pub content_sha256: String,
    /// The run that parked it.
    pub run_id: String,
    /// By which clock.
    pub clock: String,
    /// When, in seconds since 1970 UTC.
    pub parked_at: i64,
    /// Whether a run has gone on with it and may have used up some of what it had.
    pub begun: bool,
    /// Where it stands.
    pub pause: Pause,
}

/// Where a case stands while it waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// The index of the `elapse` it waits at.
    step: usize,
    /// What its steps have come to up to there.
    so_far: Fold,
    /// What it had saved.
    state: CaseState,
}

/// Keeps cases that wait.
pub trait Parking: Send + Sync {
    /// Keeps a case, in place of an earlier one with its id, so that it outlives the process.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when it cannot be kept.
    fn keep(&self, case: &ParkedCase) -> Result<(), Trouble>;

    /// A case that is kept.
    fn kept(&self, id: &str) -> Option<ParkedCase>;

    /// The case was judged, or never can be, and need not be kept.
    fn release(&self, id: &str);

    /// What to type to go on with the cases.
    fn command(&self) -> String;
}

/// How far apart a parked case and now are.
enum Age {
    /// As far as it takes; in words.
    Enough(String),
    /// Not yet; the moment from when on, and why.
    Early(String, String),
    /// No run can judge it any more.
    Never(String),
    /// Nobody knows.
    Unknown(String),
}

/// Performs a case up to where it is parked, or on from there, or as a whole when nothing is parked.
pub(super) async fn perform(
    run: &Run,
    planned: &PlannedCase,
    case: &mut dyn Case,
    names: &Names,
) -> CaseOutcome {
    let scenario = &planned.loaded.scenario;
    let Some(parking) = run.parking.as_ref().filter(|_| scenario.can_be_parked()) else {
        return run_case(case, scenario, names, &run.policy).await;
    };
    let script = Script {
        scenario,
        names,
        policy: &run.policy,
    };
    let attendant = Attendant {
        run,
        planned,
        parking,
    };
    let outcome = attendant.attend(case, &script).await;
    let outcome = outcome.unwrap_or_else(|outcome| outcome);
    let judged = outcome.verdict.judges() || outcome.verdict == Verdict::NotApplicable;
    if planned.parked.is_some() && judged {
        parking.release(&planned.id);
    }
    outcome
}

/// Keeps what is left of a case that a run went on with and did not judge, also when it was interrupted.
pub(super) fn put_back(run: &Run, planned: &PlannedCase, case: &dyn Case) {
    let Some(parking) = &run.parking else { return };
    let Some(kept) = parking.kept(&planned.id).filter(|kept| kept.begun) else {
        return;
    };
    let Ok(mut left) = case.park() else { return };
    let before = &kept.pause.state.sessions;
    let was_there = |session: &ParkedSession| before.iter().any(|one| one.name == session.name);
    left.sessions.retain(was_there);
    left.since = kept.pause.state.since;
    let whole = ParkedCase {
        begun: false,
        pause: Pause {
            state: left,
            ..kept.pause.clone()
        },
        ..kept.clone()
    };
    if let Err(trouble) = parking.keep(&whole) {
        tracing::warn!(%trouble, case = planned.id, "what is left of it cannot be kept");
    }
}

/// Takes one case from stop to stop.
struct Attendant<'a> {
    run: &'a Run,
    planned: &'a PlannedCase,
    parking: &'a Arc<dyn Parking>,
}

impl Attendant<'_> {
    async fn attend(
        &self,
        case: &mut dyn Case,
        script: &Script<'_>,
    ) -> Result<CaseOutcome, CaseOutcome> {
        let steps = &script.scenario.steps;
        let (mut fold, at) = match &self.planned.parked {
            Some(parked) => self.take_up(case, script.scenario, parked).await?,
            None => (Fold::default(), 0),
        };
        let later = steps.iter().enumerate().skip(at);
        let stop = later
            .filter_map(|(index, step)| match step {
                Step::Elapse(elapse) => Some((index, step, elapse)),
                _ => None,
            })
            .next();
        if let Some((index, step, elapse)) = stop {
            fold = go_on(case, script, fold, at..index).await?;
            return Err(self.park(case, fold, (index, step, elapse)));
        }
        fold = go_on(case, script, fold, at..steps.len()).await?;
        Ok(conclude(case, script, fold).await)
    }

    /// Goes on with a case whose time has come; the outcome when it has not, or when nothing is to be gained.
    async fn take_up(
        &self,
        case: &mut dyn Case,
        scenario: &Scenario,
        parked: &ParkedCase,
    ) -> Result<(Fold, usize), CaseOutcome> {
        let Pause {
            step: index,
            so_far,
            state,
        } = &parked.pause;
        let fold = so_far.clone();
        let Some((step, elapse)) = scenario.steps.get(*index).and_then(|step| match step {
            Step::Elapse(elapse) => Some((step, elapse)),
            _ => None,
        }) else {
            return Err(self.changed(parked));
        };
        if parked.content_sha256 != self.planned.loaded.content_sha256 {
            return Err(self.changed(parked));
        }
        let observed = match age(parked, elapse, self.run.clock.as_ref()) {
            Age::Enough(observed) => observed,
            Age::Early(until, because) => {
                return Err(fold.wait_until((*index, step), &until, because));
            }
            Age::Unknown(because) => {
                return Err(fold.end(*index, step, &Trouble::NotProven(because)));
            }
            Age::Never(because) => {
                self.parking.release(&parked.id);
                return Err(fold.end(*index, step, &Trouble::NotProven(because)));
            }
        };
        if let Err(outcome) = self.begin(parked) {
            return Err(fold.end(*index, step, &outcome));
        }
        if let Err(trouble) = case.restore(state).await {
            return Err(fold.end(*index, step, &trouble));
        }
        let mut fold = fold;
        fold.note_passed(*index, step, &observed);
        Ok((fold, *index + 1))
    }

    /// Notes that what can be used up may be from now on. Whoever is killed after that cannot say what was.
    fn begin(&self, parked: &ParkedCase) -> Result<(), Trouble> {
        let sessions = &parked.pause.state.sessions;
        if !sessions.iter().any(ParkedSession::is_used_up) {
            return Ok(());
        }
        if parked.begun {
            self.parking.release(&parked.id);
            return Err(Trouble::NotProven(
                "a run that was killed may have offered its tickets, and a server may take each only once: to be refused would prove nothing; park it anew"
                    .to_owned(),
            ));
        }
        self.parking.keep(&ParkedCase {
            begun: true,
            ..parked.clone()
        })
    }

    fn changed(&self, parked: &ParkedCase) -> CaseOutcome {
        let because = format!(
            "the scenario has changed since run {} parked it: its text had SHA-256 {}, now {}; park it anew",
            parked.run_id, parked.content_sha256, self.planned.loaded.content_sha256
        );
        let trouble = Trouble::NotProven(because);
        Fold::default().verdict_after(&trouble, "nothing was sent")
    }

    fn park(
        &self,
        case: &dyn Case,
        fold: Fold,
        (index, step, elapse): (usize, &Step, &Elapse),
    ) -> CaseOutcome {
        let state = match case.park() {
            Ok(state) => state,
            Err(trouble) => return fold.end(index, step, &trouble),
        };
        let until = match wanted(elapse) {
            Ok(wanted) => moment(state.since.saturating_add(whole_seconds(wanted))),
            Err(trouble) => return fold.end(index, step, &trouble),
        };
        let sessions: Vec<String> = state.sessions.iter().map(described).collect();
        let parked = ParkedCase {
            id: self.planned.id.clone(),
            scenario: self.planned.loaded.scenario.id.clone(),
            content_sha256: self.planned.loaded.content_sha256.clone(),
            run_id: self.run.run_id.clone(),
            clock: self.run.clock.source(),
            parked_at: self.run.clock.now().unix_timestamp(),
            begun: false,
            pause: Pause {
                step: index,
                so_far: fold.clone(),
                state,
            },
        };
        if let Err(trouble) = self.parking.keep(&parked) {
            return fold.end(index, step, &trouble);
        }
        let because = format!(
            "parked until {until} ({}); `{}` judges it from then on",
            sessions.join("; "),
            self.parking.command()
        );
        fold.wait_until((index, step), &until, because)
    }
}

fn age(parked: &ParkedCase, elapse: &Elapse, clock: &dyn Clock) -> Age {
    let now = clock.now().unix_timestamp();
    let source = clock.source();
    if now < parked.parked_at {
        return Age::Unknown(format!(
            "the clock went back: it was {} when this was parked (by the {}) and is {} now (by the {source}), so nobody knows how much time has passed",
            moment(parked.parked_at),
            parked.clock,
            moment(now)
        ));
    }
    let since = parked.pause.state.since;
    let bounds = wanted(elapse).and_then(|least| Ok((least, bound(elapse)?)));
    let (least, most) = match bounds {
        Ok(bounds) => bounds,
        Err(trouble) => return Age::Unknown(trouble.to_string()),
    };
    let passed = Duration::from_secs(u64::try_from(now.saturating_sub(since)).unwrap_or(0));
    if passed < least {
        let until = moment(since.saturating_add(whole_seconds(least)));
        let left = humantime::format_duration(least.saturating_sub(passed));
        let because = format!("parked until {until}: come back in {left}");
        return Age::Early(until, because);
    }
    let passed = humantime::format_duration(passed);
    if let Some(most) = most.filter(|most| now.saturating_sub(since) >= whole_seconds(*most)) {
        return Age::Never(format!(
            "too late: {passed} have passed since {}, and this is about less than {}; park it anew",
            moment(since),
            humantime::format_duration(most)
        ));
    }
    Age::Enough(format!(
        "{passed} have passed since {}, by the {source}; parked by run {} by the {}",
        moment(since),
        parked.run_id,
        parked.clock
    ))
}

fn wanted(elapse: &Elapse) -> Result<Duration, Trouble> {
    humantime::parse_duration(&elapse.until)
        .map_err(|error| Trouble::Fault(format!("until: {error}")))
}

fn bound(elapse: &Elapse) -> Result<Option<Duration>, Trouble> {
    let read = |text: &String| {
        humantime::parse_duration(text).map_err(|error| Trouble::Fault(format!("before: {error}")))
    };
    elapse.before.as_ref().map(read).transpose()
}

/// Never too few.
fn whole_seconds(duration: Duration) -> i64 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn moment(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("second {seconds} since 1970"))
}

fn described(session: &ParkedSession) -> String {
    let lifetime = session
        .advertised_lifetime()
        .filter(|lifetime| *lifetime > 0)
        .map_or_else(String::new, |seconds| format!(", said to live {seconds} s"));
    format!(
        "session `{}` of {} to be resumed by {}, made {}{lifetime}",
        session.name,
        session.version,
        session.mechanism(),
        moment(session.created)
    )
}

#[cfg(test)]
mod tests;
