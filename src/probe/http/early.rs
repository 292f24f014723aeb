//! A request as early data: nothing of the handshake follows it, so what takes effect does so for whoever sends it again.

use crate::engine::ports::Trouble;
use crate::model::evidence::Happening;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::HttpFacts;
use crate::model::step_http::{EarlyFlight, Http};

use super::case::HttpCase;
use super::connection::{Dial, EarlyRequest};
use super::credentials::{Sending, SentCredentials};
use super::exchange::{Exchanged, Outcome};
use super::login::AsUe;
use super::plan::RequestPlan;
use super::session::Session;

impl HttpCase {
    /// Sends the request of a step as early data, or a first flight once more.
    ///
    /// # Errors
    /// [`Trouble`] when it could not be sent, or nothing came back.
    pub(super) async fn as_early_data(
        &mut self,
        session: &mut Session,
        dial: &mut dyn Dial,
        (step, flight, plan): (&Http, &EarlyFlight, &RequestPlan),
        sending: &Sending,
    ) -> Result<Seen, Trouble> {
        let sent = match flight {
            EarlyFlight::Resume(_) => self.authorize(session, plan, sending)?,
            EarlyFlight::Again(_) => SentCredentials::default(),
        };
        let marker = plan.marker.as_deref().map(|base| self.next_try(base));
        let request = plan.request(marker.as_deref(), sent.value.as_deref());
        self.writing = plan.writes();
        let early = dial.early(EarlyRequest {
            flight,
            octets: request.encode(),
            has_credentials: sent.value.is_some(),
            save: step.save.as_deref(),
            method: &plan.method,
        });
        let reply = early.await?;
        self.context.trace.note(Happening::Decisive);
        let (accepted, how) = (reply.accepted, reply.how);
        let mut seen = match reply.response {
            Some(response) => {
                self.writing = false;
                self.answered(plan.marker.as_deref());
                let done = AsUe {
                    last: Exchanged {
                        outcome: Outcome::Answer(response, None),
                        sent,
                        lost: Vec::new(),
                        handshake_demanded: false,
                    },
                    before: Vec::new(),
                };
                let seen = self.seen(plan, &done, session.subscriber.as_deref());
                if let Some(name) = &step.save {
                    self.save(name, &seen, &done);
                }
                seen
            }
            None => {
                // What was taken may still be acted on.
                self.writing &= accepted;
                let (classification, what) = match accepted {
                    true => (
                        Classification::Silent,
                        "and not answered before the handshake ends",
                    ),
                    false => (Classification::Answered, "and so not answered"),
                };
                Seen::new(classification, what, Facts::Http(HttpFacts::default()))
            }
        };
        seen.observed = format!("{how}, {}", seen.observed);
        if let Facts::Http(facts) = &mut seen.facts {
            facts.early_data_accepted = Some(accepted);
        }
        Ok(seen)
    }
}
