//! What a failed attempt of `tls-connect` proves: a refusal only with a control beside it and common ground.

use super::attempts::{Attempts, Next};
use super::case::TlsCase;
use super::connect::{Plan, Settled};
use super::exchange::{Outcome, exchange};
use super::handshake::Failure;
use super::hello::Hello;
use super::open::needs_lab;
use crate::engine::ports::Trouble;
use crate::model::seen::Classification;
use crate::model::suite::ProtocolVersion;

impl TlsCase {
    /// What a failed attempt came to; `None` when it is to be made again.
    pub(super) async fn failed(
        &self,
        plan: &Plan,
        failure: Failure,
        attempts: &mut Attempts,
    ) -> Result<Option<Settled>, Trouble> {
        match failure {
            Failure::Incompatible(why) => {
                let accepted = self.shared.accepted().await?;
                match plan.one_version.filter(|only| !accepted.has(*only)) {
                    Some(only) => Ok(Some(Settled::Dead(
                        Classification::Unclear,
                        format!(
                            "not offered anything but {only}, which it does not accept, the target went on otherwise ({why})"
                        ),
                        None,
                    ))),
                    None => Err(needs_lab(&why)),
                }
            }
            Failure::Unclear(why) => Ok(Some(Settled::Dead(Classification::Unclear, why, None))),
            Failure::Alert(alert, hello_seen) => {
                if !hello_seen {
                    self.blame(plan, &alert.to_string()).await?;
                }
                Ok(Some(Settled::Dead(
                    Classification::RefusedWithAlert,
                    format!("alert {alert}"),
                    Some(alert),
                )))
            }
            Failure::Lost(loss, how) => match attempts.lost(loss, &how) {
                Next::Again => Ok(None),
                Next::AgainAfterControl => self.alive_control(&how).await.map(|()| None),
                Next::Unproven(why) => Err(Trouble::NotProven(why)),
                Next::Settled(Classification::Silent) => {
                    Ok(Some(Settled::Dead(Classification::Silent, how, None)))
                }
                Next::Settled(classification) => {
                    self.alive_control(&how).await?;
                    self.blame(plan, &how).await?;
                    Ok(Some(Settled::Dead(classification, how, None)))
                }
            },
        }
    }

    /// A refusal before ServerHello says something about the target only if it accepts what rustls can offer, or if the
    /// one version asked for is known not to be accepted at all.
    async fn blame(&self, plan: &Plan, how: &str) -> Result<(), Trouble> {
        let accepted = self.shared.accepted().await?;
        if plan
            .one_version
            .is_some_and(|version| !accepted.has(version))
        {
            return Ok(());
        }
        let versions = &plan.handshake.versions;
        if self.shared.has_common_ground(versions).await? {
            Ok(())
        } else {
            Err(needs_lab(how))
        }
    }

    /// An ordinary offer beside a lost attempt; nothing is proven when it fails.
    async fn alive_control(&self, how: &str) -> Result<(), Trouble> {
        let accepted = self.shared.accepted().await?;
        let settings = &self.shared.settings;
        let version = accepted.best().unwrap_or(ProtocolVersion::Tls12);
        let suites = settings.baseline_of(version);
        let hello = Hello::ordinary(version, suites, &settings.target.host);
        let bytes = hello.offer.encode(self.shared.survey_random());
        match exchange(settings, &bytes, false).await? {
            Outcome::Hello(_) => Ok(()),
            Outcome::Alert(_, text) | Outcome::Unclear(text) | Outcome::Lost(_, text) => {
                Err(Trouble::NotProven(format!(
                    "{how}, but an ordinary offer beside it did not pass either: {text}"
                )))
            }
        }
    }
}
