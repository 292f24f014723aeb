//! Steps over a connection of the lab engine: done again on a new connection when the loss of one proves nothing.

use super::PresecCase;
use crate::engine::ports::Trouble;
use crate::model::evidence::Happening;
use crate::model::seen::Seen;
use crate::model::step::Step;
use crate::probe::tap::PlainTap;
use crate::probe::tls::{Acted, Attempts, Next, PAUSE, SessionStream};

impl PresecCase {
    /// Performs the step in the connection of its session; on new ones made in the same way while attempts are lost.
    pub(super) async fn act(&mut self, session: &str, step: &Step) -> Result<Seen, Trouble> {
        let mut attempts = Attempts::default();
        loop {
            let stream = self.http.stream(session, &mut self.dialer).await?;
            let lab = stream.downcast_mut::<PlainTap<SessionStream>>();
            let not_lab = || {
                let what = format!("session `{session}` is no connection of the lab TLS engine");
                Trouble::NotProven(what)
            };
            let lab = lab.ok_or_else(not_lab)?;
            let acted = self.dialer.tls.act(lab, step, &self.dialer.names).await;
            let lost = match acted {
                Ok(Acted::Settled(mut seen, alive)) => {
                    self.trace.note(Happening::Decisive);
                    if !alive {
                        self.http.close(session).await?;
                    }
                    seen.lost_attempts = attempts.lines().to_vec();
                    return Ok(*seen);
                }
                Ok(Acted::Lost(lost)) => lost,
                Err(trouble) => {
                    self.http.close(session).await?;
                    return Err(trouble);
                }
            };
            self.http.close(session).await?;
            // That the next connection comes about is the control between two attempts.
            match attempts.lost(lost.loss(), lost.how()) {
                Next::Again | Next::AgainAfterControl => self.clock.wait(PAUSE).await,
                Next::Unproven(why) => return Err(Trouble::NotProven(why)),
                Next::Settled(classification) => {
                    let mut seen = lost.every_time(classification);
                    seen.lost_attempts = attempts.lines_before_last();
                    return Ok(seen);
                }
            }
        }
    }
}
