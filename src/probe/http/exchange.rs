//! A request until it is answered: connection, credentials and marker of each try, and what several losses amount to.

use crate::engine::ports::Trouble;
use crate::model::seen::Classification;
use crate::model::target::Verify;
use crate::wire::http::{Request, Response};

use super::case::HttpCase;
use super::connection::{Connection, Dial};
use super::credentials::{Sending, SentCredentials};
use super::lost::{amounts_to, ended_for_good, not_kept};
use super::plan::RequestPlan;
use super::session::Session;
use super::transfer::{Loss, Transferred, transfer};

/// What came in the end.
#[derive(Debug)]
pub(super) enum Outcome {
    /// An answer; the text says what cut it short, if something did.
    Answer(Box<Response>, Option<String>),
    /// The target closed the connection instead, every time.
    Closed {
        /// In words.
        how: String,
        /// By alert, by close or by reset.
        ended: Classification,
    },
    /// Octets that are no answer.
    Unreadable(String),
}

/// A request that was sent until something decided it.
pub(super) struct Exchanged {
    /// What came.
    pub(super) outcome: Outcome,
    /// What the deciding try authenticated with.
    pub(super) sent: SentCredentials,
    /// One line for each try before it.
    pub(super) lost: Vec<String>,
    /// Whether the target asked for another TLS handshake meanwhile.
    pub(super) handshake_demanded: bool,
}

impl HttpCase {
    /// Sends a request over the session's connection, over a new one when that is gone, and reads the answer.
    ///
    /// Only what may be repeated is repeated (RFC 9110, 9.2.2), and only when no octet of an answer came.
    /// A close by the target counts after three tries on new connections, a reset after four between which the target answers
    /// another request; silence proves nothing.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when no connection came about, when credentials may not go over it, or when nothing is proven.
    pub(super) async fn exchange(
        &mut self,
        session: &mut Session,
        dial: &mut dyn Dial,
        plan: &RequestPlan,
        sending: &Sending,
    ) -> Result<Exchanged, Trouble> {
        let mut lost = Vec::new();
        let mut losses: Vec<Loss> = Vec::new();
        let mut lives = true;
        loop {
            let mut connection = connected(session, dial, plan).await?;
            let sent = self.authorize(session, plan, sending)?;
            if sent.value.is_some()
                && let Err(trouble) = self.may_carry_credentials(&connection)
            {
                session.connection = Some(connection);
                return Err(trouble);
            }
            let marker = plan.marker.as_deref().map(|base| self.next_try(base));
            let request = plan.request(marker.as_deref(), sent.value.as_deref());
            let was_used = std::mem::replace(&mut connection.used, true);
            let (transferred, handshake_demanded) =
                self.transferred(&mut connection, &request, plan).await;
            let loss = match transferred {
                Transferred::Lost(loss) => loss,
                transferred => {
                    let outcome = keep_or_close(transferred, session, connection);
                    self.answered(plan.marker.as_deref());
                    return Ok(Exchanged {
                        outcome,
                        sent,
                        lost,
                        handshake_demanded,
                    });
                }
            };
            if plan.kept_connection {
                return Ok(Exchanged {
                    outcome: ended_for_good(loss)?,
                    sent,
                    lost,
                    handshake_demanded,
                });
            }
            lost.push(self.may_repeat(plan, &loss)?);
            // An idle connection may be closed at any time; its loss says nothing about this request.
            if was_used {
                continue;
            }
            losses.push(loss);
            if let Some(outcome) = amounts_to(&losses, lives)? {
                lost.pop();
                return Ok(Exchanged {
                    outcome,
                    sent,
                    lost,
                    handshake_demanded,
                });
            }
            let reset = losses.iter().any(Loss::is_reset);
            if reset && !losses.contains(&Loss::Silent) {
                lives &= self.lives(session, dial).await;
            }
        }
    }

    /// What was lost, when the request may be sent again.
    fn may_repeat(&self, plan: &RequestPlan, loss: &Loss) -> Result<String, Trouble> {
        let (method, loss) = (&plan.method, loss.describe());
        tracing::debug!(case = self.context.id, method, loss, "request lost");
        if plan.is_repeatable() {
            Ok(loss)
        } else {
            Err(Trouble::NotProven(format!(
                "{loss}; a {method} is not repeated"
            )))
        }
    }

    /// Sends once, and knows whether a write is under way meanwhile, and whether another TLS handshake was asked for.
    async fn transferred(
        &mut self,
        connection: &mut Connection,
        request: &Request,
        plan: &RequestPlan,
    ) -> (Transferred, bool) {
        let before = connection.handshakes_demanded();
        self.writing = plan.writes();
        let timeout = self.target.timeout;
        let stream = connection.stream.as_mut();
        let done = transfer(stream, &request.encode(), &plan.method, timeout).await;
        // A loss is no answer: what was sent may still be executed.
        self.writing &= matches!(done, Transferred::Lost(_));
        (done, connection.handshakes_demanded() > before)
    }

    fn may_carry_credentials(&self, connection: &Connection) -> Result<(), Trouble> {
        match &connection.not_verified_because {
            Some(problem) if self.target.verify == Verify::Full => Err(Trouble::NotProven(
                format!("credentials were not sent, the server did not prove who it is: {problem}"),
            )),
            _ => Ok(()),
        }
    }
}

/// The session's connection, or another one when that is gone and another one will do.
async fn connected(
    session: &mut Session,
    dial: &mut dyn Dial,
    plan: &RequestPlan,
) -> Result<Connection, Trouble> {
    match session.connection.take() {
        Some(connection) => Ok(connection),
        None if plan.kept_connection => Err(not_kept()),
        None => dial.dial(&session.recipe).await,
    }
}

/// Gives the connection back to the session if it may carry another request.
fn keep_or_close(
    transferred: Transferred,
    session: &mut Session,
    connection: Connection,
) -> Outcome {
    match transferred {
        Transferred::Answer(response, None) => {
            let surplus = response.surplus.len();
            if response.keep_alive && surplus == 0 {
                session.connection = Some(connection);
            }
            let note = (surplus > 0).then(|| format!("{surplus} octets follow the answer"));
            Outcome::Answer(response, note)
        }
        Transferred::Answer(response, note) => Outcome::Answer(response, note),
        Transferred::Unreadable(what) => Outcome::Unreadable(what),
        Transferred::Lost(loss) => Outcome::Unreadable(loss.describe()),
    }
}
