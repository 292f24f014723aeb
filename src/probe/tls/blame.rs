//! What a failed attempt of `tls-connect` proves: a refusal only with a control beside it and common ground.

use super::attempts::{Attempts, Next};
use super::case::TlsCase;
use super::connect::{After, Plan, Settled};
use super::exchange::{Manner, Outcome, exchange};
use super::handshake::Failure;
use super::hello::Hello;
use super::lab::LabClient;
use super::open::needs_lab;
use crate::engine::ports::Trouble;
use crate::model::seen::Classification;
use crate::model::suite::ProtocolVersion;

impl TlsCase {
    /// What a failed attempt came to.
    pub(super) async fn failed(
        &self,
        plan: &Plan,
        failure: Failure,
        attempts: &mut Attempts,
    ) -> Result<After, Trouble> {
        let (classification, how, alert) = match failure {
            Failure::Incompatible(why) => return self.incompatible(plan, why).await,
            Failure::Unclear(why) => (Classification::Unclear, why, None),
            Failure::Alert(alert, hello_seen) => {
                if !hello_seen && let Some(after) = self.blame(plan, &alert.to_string()).await? {
                    return Ok(after);
                }
                let how = format!("alert {alert}");
                (Classification::RefusedWithAlert, how, Some(alert))
            }
            Failure::Lost(loss, how) => match attempts.lost(loss, &how) {
                Next::Again => return Ok(After::Again),
                Next::AgainAfterControl => {
                    self.alive_control(&how).await?;
                    return Ok(After::Again);
                }
                Next::Unproven(why) => return Err(Trouble::NotProven(why)),
                Next::Settled(Classification::Silent) => (Classification::Silent, how, None),
                Next::Settled(classification) => {
                    self.alive_control(&how).await?;
                    if let Some(after) = self.blame(plan, &how).await? {
                        return Ok(after);
                    }
                    (classification, how, None)
                }
            },
        };
        let settled = Settled::Dead(classification, how, alert);
        Ok(After::Settled(settled))
    }

    /// The target selected what rustls cannot go on with.
    async fn incompatible(&self, plan: &Plan, why: String) -> Result<After, Trouble> {
        let accepted = self.shared.accepted().await?;
        if let Some(only) = plan.one_version.filter(|only| !accepted.has(*only)) {
            let how = format!(
                "not offered anything but {only}, which it does not accept, the target went on otherwise ({why})"
            );
            let settled = Settled::Dead(Classification::Unclear, how, None);
            return Ok(After::Settled(settled));
        }
        let lab = self.lab_for(plan).await?;
        let lab = lab.ok_or_else(|| needs_lab(&why))?;
        if self
            .shared
            .has_common_ground(&plan.handshake.versions)
            .await?
        {
            return Err(needs_lab(&why));
        }
        self.shared.remember_lab(&plan.handshake.versions);
        Ok(After::ByLab(lab))
    }

    /// A refusal before ServerHello says something about the target only if it accepts what the client can offer, or if
    /// the one version asked for is known not to be accepted at all. What else follows from it, if something does.
    async fn blame(&self, plan: &Plan, how: &str) -> Result<Option<After>, Trouble> {
        if plan.as_asked {
            return Ok(None);
        }
        let accepted = self.shared.accepted().await?;
        let instead = self.lab_for(plan).await?;
        let absent = plan.one_version.is_some_and(|only| !accepted.has(only));
        if absent && instead.is_none() {
            return Ok(None);
        }
        let versions = &plan.handshake.versions;
        let common = match &plan.handshake.lab {
            Some(lab) => self.shared.lab_has_common_ground(lab).await?,
            None => self.shared.has_common_ground(versions).await?,
        };
        if common {
            return Ok(None);
        }
        let lab = instead.ok_or_else(|| needs_lab(how))?;
        self.shared.remember_lab(versions);
        Ok(Some(After::ByLab(lab)))
    }

    /// What the lab engine would offer, where it may take over.
    async fn lab_for(&self, plan: &Plan) -> Result<Option<LabClient>, Trouble> {
        match &plan.by_lab {
            Some(allowed) if plan.handshake.lab.is_none() => self.shared.lab_client(allowed).await,
            _ => Ok(None),
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
        match exchange(settings, &bytes, Manner::Whole).await? {
            Outcome::Hello(_) => Ok(()),
            Outcome::Alert(_, text)
            | Outcome::NotTls(text)
            | Outcome::Unclear(text)
            | Outcome::Lost(_, text) => Err(Trouble::NotProven(format!(
                "{how}, but an ordinary offer beside it did not pass either: {text}"
            ))),
        }
    }
}
