//! What lost connections amount to: a close is the target's answer, a reset only where the target answers something else beside it.

use crate::engine::ports::Trouble;
use crate::model::seen::Classification;

use super::case::HttpCase;
use super::connection::{Dial, Recipe};
use super::exchange::Outcome;
use super::plan::RequestPlan;
use super::session::Session;
use super::transfer::{Loss, Transferred, transfer};

/// Tries on connections of their own before a close by the target counts as its answer.
const TRIES: usize = 3;

/// Tries before resets do, with another request answered between each two. A server that closes without having read
/// everything resets, whether it means to or not.
const RESET_TRIES: usize = 4;

/// What the losses of one request amount to, if that is known yet; `lives` says whether the target answered between them.
///
/// # Errors
/// [`Trouble::NotProven`] when they prove nothing.
pub(super) fn amounts_to(losses: &[Loss], lives: bool) -> Result<Option<Outcome>, Trouble> {
    let tries = losses.len();
    if tries < TRIES {
        return Ok(None);
    }
    let last = losses.last().unwrap_or(&Loss::Silent);
    if losses.iter().all(Loss::is_close) {
        return Ok(Some(Outcome::Closed {
            how: format!("{}, {tries} of {tries} times", last.describe()),
            ended: match last {
                Loss::Alert(_) => Classification::RefusedWithAlert,
                _ => Classification::RefusedByClose,
            },
        }));
    }
    if !lives || losses.contains(&Loss::Silent) {
        return Err(Trouble::NotProven(format!(
            "no answer in {tries} tries, at last: {}",
            last.describe()
        )));
    }
    Ok((tries >= RESET_TRIES).then(|| Outcome::Closed {
        how: format!(
            "{}, {tries} of {tries} times, and another request was answered in between",
            last.describe()
        ),
        ended: Classification::RefusedByReset,
    }))
}

/// What the loss of the one connection that counts amounts to.
///
/// # Errors
/// [`Trouble::NotProven`] when the target did not end it in an orderly way.
pub(super) fn ended_for_good(loss: Loss) -> Result<Outcome, Trouble> {
    let ended = match loss {
        Loss::Alert(_) => Classification::RefusedWithAlert,
        Loss::Closed => Classification::RefusedByClose,
        Loss::Reset(_) | Loss::Silent => {
            return Err(Trouble::NotProven(format!(
                "{}; the request counts on that connection alone",
                loss.describe()
            )));
        }
    };
    Ok(Outcome::Closed {
        how: loss.describe(),
        ended,
    })
}

/// The session has no connection any more over which a request was to go.
pub(super) fn not_kept() -> Trouble {
    let what = "the session has no open connection any more, and the request counts on that alone";
    Trouble::NotProven(what.to_owned())
}

impl HttpCase {
    /// Whether the target answers an ordinary request on a new connection now, so that what was lost is due to the request.
    ///
    /// Only for ordinary TLS connections: others are what a scenario is about.
    pub(super) async fn lives(&self, session: &Session, dial: &mut dyn Dial) -> bool {
        if !matches!(session.recipe, Recipe::Tls { .. }) {
            return false;
        }
        let Ok(mut connection) = dial.dial(&session.recipe).await else {
            return false;
        };
        let host = self.target.host_field(&session.host);
        let plan = RequestPlan::new("GET", self.target.root.as_str(), host);
        let request = plan.request(None, None).encode();
        let stream = connection.stream.as_mut();
        let came = transfer(stream, &request, &plan.method, self.target.timeout).await;
        connection.close().await;
        matches!(came, Transferred::Answer(..))
    }
}
