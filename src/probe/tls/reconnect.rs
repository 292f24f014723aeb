//! A connection as a `tls-connect` step made it, once more and with nothing sent over it.

use super::attempts::Attempts;
use super::case::TlsCase;
use super::connect::After;
use super::connection::OpenConnection;
use super::exchange::PAUSE;
use super::identity::certified_key;
use crate::engine::ports::Trouble;
use crate::model::names::Names;
use crate::model::step_tls::TlsConnect;

impl TlsCase {
    /// Completes the handshake of a step and leaves the connection to whoever sends the first request over it: a server that
    /// closes after every answer has no other to give. `None` when it was refused.
    ///
    /// # Errors
    /// As [`TlsCase::connect`].
    pub async fn connect_for_request(
        &mut self,
        step: &TlsConnect,
        names: &Names,
    ) -> Result<Option<OpenConnection>, Trouble> {
        let mut plan = self.planned(step, names).await?;
        let key = certified_key(&self.shared.settings.target, step.client_certificate)?;
        let mut attempts = Attempts::default();
        loop {
            let handshake = plan.handshake.clone();
            handshake
                .identity
                .hold(key.clone(), step.client_certificate);
            let failure = match handshake.perform(&self.shared.settings).await? {
                Ok(up) => return Ok(Some(self.shared.connection(up, &handshake))),
                Err(failure) => failure,
            };
            match self.failed(&plan, failure, &mut attempts).await? {
                After::Settled(_) => return Ok(None),
                After::Again => self.shared.settings.clock.wait(PAUSE).await,
                After::ByLab(lab) => {
                    plan.take(lab);
                    attempts = Attempts::default();
                }
            }
        }
    }
}
