//! A handshake of the lab engine as a scenario asks for it, instead of one that a well-behaved client makes.

use std::sync::{Arc, Mutex, PoisonError};

use super::act::quirks;
use super::case::TlsCase;
use super::code_points::{group, signature_scheme};
use super::connect::Plan;
use super::handshake::{Handshake, Up};
use super::lab::{LabClient, VERSIONS};
use super::pre_shared::Held;
use super::stream::SessionStream;
use crate::engine::ports::Trouble;
use crate::model::bind::{Bind, resolve_all};
use crate::model::names::Names;
use crate::model::step_tls::{LeftOut, TlsConnect};
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{ClientConfig, Facts};
use crate::tls::quirk::Quirk;
use crate::tls::suite::Suite;

/// What of an ordinary hello of the engine a scenario wants otherwise.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    groups: Vec<u16>,
    signature_schemes: Vec<u16>,
    without: Vec<LeftOut>,
    quirks: Vec<Quirk>,
    /// How often each quirk was done in the last attempt.
    done: Arc<Mutex<Vec<usize>>>,
    /// The pre-shared key.
    pub(super) held: Option<Held>,
}

impl Asked {
    /// Makes `config` as it was asked for.
    pub(super) fn apply(&self, config: &mut ClientConfig) {
        config.quirks.clone_from(&self.quirks);
        if let Some(held) = &self.held {
            held.apply(config);
        }
        if !self.groups.is_empty() {
            config.groups.clone_from(&self.groups);
        }
        if !self.signature_schemes.is_empty() {
            config.signature_schemes.clone_from(&self.signature_schemes);
        }
        for extension in &self.without {
            match extension {
                LeftOut::ExtendedMasterSecret => config.extended_master_secret = false,
                LeftOut::EncryptThenMac => config.encrypt_then_mac = false,
                LeftOut::SessionTicket => config.tickets = false,
                LeftOut::ServerName => config.server_name = None,
            }
        }
    }
}

impl Asked {
    /// Notes what a connection shows of the quirks.
    pub(super) fn note(&self, facts: &Facts) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.clone_from(&facts.quirks);
    }

    /// Whether a handshake that is complete was made without the pre-shared key it was to be made with.
    pub(super) fn went_without_key(&self, facts: &Facts) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| !held.was_taken(facts))
    }

    fn was_done(&self) -> bool {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        self.quirks.is_empty() || (done.len() == self.quirks.len() && !done.contains(&0))
    }
}

impl Handshake {
    /// Notes what a connection that is up shows of the quirks.
    pub(super) fn note_quirks(&self, up: &Up) {
        if let (Some(lab), SessionStream::Lab(stream)) = (&self.lab, &up.stream) {
            lab.asked.note(stream.client().facts());
        }
    }

    /// What the target did says something about the quirks only if each was really done.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when one was not.
    pub(super) fn quirks_shown(&self) -> Result<(), Trouble> {
        if self.lab.as_ref().is_none_or(|lab| lab.asked.was_done()) {
            return Ok(());
        }
        Err(Trouble::NotProven(
            "what was to be wrong has no place in this handshake, or the target ended it before"
                .to_owned(),
        ))
    }
}

impl TlsCase {
    /// Gives the handshake to the lab engine, with what the step asks for.
    ///
    /// # Errors
    /// [`Trouble::NotApplicable`] when the target accepts no version of the engine's, [`Trouble::NotProven`] when the
    /// engine does not have what is asked for, [`Trouble::Fault`] for values that are none.
    pub(super) async fn as_asked(
        &self,
        step: &TlsConnect,
        names: &Names,
        plan: &mut Plan,
    ) -> Result<(), Trouble> {
        if step.resume.is_some() && plan.handshake.lab.is_none() {
            return Err(Trouble::NotProven(
                "the session was not made by the lab TLS engine, which cannot resume it".to_owned(),
            ));
        }
        let held = self.pre_shared(step, names)?;
        if let Some(held) = held.as_ref().filter(|_| step.version.is_none()) {
            // Who takes pre-shared keys need take nothing else: what an ordinary offer shows does not matter here.
            plan.handshake.versions = held.versions();
        } else if step.version.is_none() {
            let accepted = self.shared.accepted().await?;
            let versions = &mut plan.handshake.versions;
            if step.resume.is_none() && step.mechanism.is_none() {
                *versions = ProtocolVersion::ALL.to_vec();
            }
            versions.retain(|version| VERSIONS.contains(version) && accepted.has(*version));
            if versions.is_empty() {
                return Err(Trouble::NotApplicable(
                    "the target accepts no version that the lab TLS engine has".to_owned(),
                ));
            }
        }
        let versions = plan.handshake.versions.clone();
        let missing = || {
            let what = "the lab TLS engine has none of these versions or suites";
            Trouble::NotProven(what.to_owned())
        };
        let mut lab = LabClient::of(&self.shared.settings, versions).ok_or_else(missing)?;
        if let Some(held) = &held {
            lab.suites.clone_from(&held.suites);
        } else if !step.suites.is_empty() {
            lab.suites = self.suites(&step.suites, names)?;
        }
        // A version without a suite must not be offered: a server that selects it has nothing to go on with.
        let LabClient {
            versions, suites, ..
        } = &mut lab;
        versions.retain(|version| suites.iter().any(|suite| suite.versions.contains(*version)));
        if versions.is_empty() {
            return Err(missing());
        }
        self.fits_session(step, &lab)?;
        lab.asked = Asked {
            groups: code_points(&step.groups, names, "group", group)?,
            signature_schemes: code_points(
                &step.signature_schemes,
                names,
                "signature scheme",
                signature_scheme,
            )?,
            without: step.without.clone(),
            quirks: quirks(&step.quirks),
            done: Arc::default(),
            held,
        };
        plan.take(lab);
        plan.by_lab = None;
        plan.as_asked = true;
        Ok(())
    }

    /// Whether the session to resume is of a version that is offered; else nothing of it would be.
    fn fits_session(&self, step: &TlsConnect, lab: &LabClient) -> Result<(), Trouble> {
        let Some(name) = &step.resume else {
            return Ok(());
        };
        match self.saved(name)?.version {
            Some(version) if !lab.versions.contains(&version) => Err(Trouble::NotProven(
                "the session is of a version in which nothing is offered".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// Those of the suites that the engine completes.
    pub(super) fn suites(
        &self,
        binds: &[Bind<String>],
        names: &Names,
    ) -> Result<Vec<Suite>, Trouble> {
        let registry = &self.shared.settings.registry;
        let texts = resolve_all(binds, names)?;
        let mut suites = Vec::new();
        for text in &texts {
            let code = registry.resolve(text).ok_or_else(|| {
                Trouble::Fault(format!("`{text}` is no cipher suite and no hex code point"))
            })?;
            suites.extend(registry.by_code(code).and_then(Suite::of));
        }
        Ok(suites)
    }
}

fn code_points(
    binds: &[Bind<String>],
    names: &Names,
    what: &str,
    read: fn(&str) -> Option<u16>,
) -> Result<Vec<u16>, Trouble> {
    resolve_all(binds, names)?
        .iter()
        .map(|text| read(text).ok_or_else(|| Trouble::Fault(format!("`{text}` is no {what}"))))
        .collect()
}
