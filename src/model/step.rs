//! Steps: one action or expectation each, externally tagged by its keyword.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::Bind;
use super::claim::{Claim, ClaimLevel};
use super::policy::Guard;
use super::seen::Expected;
use super::step_http::{AnswerAgain, Http, Login, Origin, Prepare, Transport};
use super::step_open::{TlsAlert, TlsClose, TlsCompare, TlsPause, TlsRenegotiate, TlsSend};
use super::step_proxy::{Canary, Parallel};
use super::step_tls::{HelloQuirk, TlsConnect, TlsOffer};

/// A ready-made positive check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyControl {
    /// An ordinary offer is accepted.
    TlsBaseline,
    /// A fresh connection gets any HTTP answer.
    HttpBaseline,
}

/// A lever on the target that its operator provides.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HookName {
    /// Makes the target demand re-authentication of a subscriber.
    ForceReauth,
    /// Makes a subscriber's B-TID invalid.
    ExpireBTid,
    /// Moves the target's clock forward.
    AdvanceClock,
    /// Restarts the target.
    Restart,
}

impl HookName {
    /// The hook's key in the target file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ForceReauth => "force_reauth",
            Self::ExpireBTid => "expire_b_tid",
            Self::AdvanceClock => "advance_clock",
            Self::Restart => "restart",
        }
    }
}

/// Pulls a lever of the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Which one.
    pub call: HookName,
    /// For whom; the subscriber's name in the target file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<String>,
}

/// Lets time pass on the target's clock, by its hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elapse {
    /// How long after the scenario's first saved session, such as `24h5m`.
    pub until: String,
    /// Less than this may have passed since then, when a later run goes on; such as `24h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// Closes a session's connection; its Digest state and saved TLS session stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Close {
    /// The session.
    pub session: String,
}

/// One step of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A ready-made positive check.
    Control(ReadyControl),
    /// One ClientHello and the first flight it gets.
    TlsOffer(Box<TlsOffer>),
    /// A completed handshake.
    TlsConnect(Box<TlsConnect>),
    /// A request over an open TLS connection, with something wrong.
    TlsSend(Box<TlsSend>),
    /// An alert over an open TLS connection.
    TlsAlert(TlsAlert),
    /// Another handshake over an open TLS connection.
    TlsRenegotiate(Box<TlsRenegotiate>),
    /// An open TLS connection that rests.
    TlsPause(TlsPause),
    /// An open TLS connection closed in a certain way.
    TlsClose(TlsClose),
    /// Wrong handshakes compared.
    TlsCompare(Box<TlsCompare>),
    /// An authenticated session.
    Login(Login),
    /// One HTTP request and its answer.
    Http(Box<Http>),
    /// A document that exists.
    Prepare(Prepare),
    /// A second look at a saved answer.
    Answer(AnswerAgain),
    /// What the origin received.
    Origin(Origin),
    /// Sessions beside each other.
    Parallel(Box<Parallel>),
    /// Who called the canary.
    Canary(Canary),
    /// A lever pulled.
    Hook(Hook),
    /// Time passed.
    Elapse(Elapse),
    /// A connection closed.
    Close(Close),
}

/// A claim without its type: what the engine judges.
pub struct StatedClaim<'a> {
    /// The policy under which it counts.
    pub when: &'a Guard,
    /// Its level; `None` when not exactly one level is written, which lint refuses.
    pub level: Option<ClaimLevel>,
    /// The answer it expects; `None` likewise.
    pub answer: Option<&'a dyn Expected>,
}

fn stated<A: Expected>(claims: &[Claim<A>]) -> Vec<StatedClaim<'_>> {
    claims
        .iter()
        .map(|claim| {
            let stated = claim.stated();
            StatedClaim {
                when: &claim.when,
                level: stated.map(|(level, _)| level),
                answer: stated.map(|(_, answer)| answer as &dyn Expected),
            }
        })
        .collect()
}

impl Step {
    /// The keyword in YAML.
    #[must_use]
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Control(_) => "control",
            Self::TlsOffer(_) => "tls-offer",
            Self::TlsConnect(_) => "tls-connect",
            Self::TlsSend(_) => "tls-send",
            Self::TlsAlert(_) => "tls-alert",
            Self::TlsRenegotiate(_) => "tls-renegotiate",
            Self::TlsPause(_) => "tls-pause",
            Self::TlsClose(_) => "tls-close",
            Self::TlsCompare(_) => "tls-compare",
            Self::Login(_) => "login",
            Self::Http(_) => "http",
            Self::Prepare(_) => "prepare",
            Self::Answer(_) => "answer",
            Self::Origin(_) => "origin",
            Self::Parallel(_) => "parallel",
            Self::Canary(_) => "canary",
            Self::Hook(_) => "hook",
            Self::Elapse(_) => "elapse",
            Self::Close(_) => "close",
        }
    }

    /// The claims, in order; the first whose guard holds counts.
    #[must_use]
    pub fn claims(&self) -> Vec<StatedClaim<'_>> {
        match self {
            Self::TlsOffer(step) => stated(&step.expect),
            Self::TlsConnect(step) => stated(&step.expect),
            Self::TlsSend(step) => stated(&step.expect),
            Self::TlsAlert(step) => stated(&step.expect),
            Self::TlsRenegotiate(step) => stated(&step.expect),
            Self::TlsPause(step) => stated(&step.expect),
            Self::TlsClose(step) => stated(&step.expect),
            Self::TlsCompare(step) => stated(&step.expect),
            Self::Login(step) => stated(&step.expect),
            Self::Http(step) => stated(&step.expect),
            Self::Answer(step) => stated(&step.expect),
            Self::Origin(step) => stated(&step.expect),
            Self::Parallel(step) => stated(&step.expect),
            Self::Canary(step) => stated(&step.expect),
            Self::Control(_)
            | Self::Prepare(_)
            | Self::Hook(_)
            | Self::Elapse(_)
            | Self::Close(_) => Vec::new(),
        }
    }

    /// Whether the step is a control by its nature: it must succeed for the scenario to prove anything.
    #[must_use]
    pub fn is_control(&self) -> bool {
        match self {
            Self::Control(_) | Self::Prepare(_) | Self::Hook(_) | Self::Elapse(_) => true,
            Self::Login(step) => step.expect.is_empty(),
            _ => false,
        }
    }

    /// Whether the probe itself brackets a refusal seen in this step with positive controls.
    #[must_use]
    pub fn brackets_itself(&self) -> bool {
        matches!(self, Self::TlsOffer(_) | Self::TlsCompare(_))
    }

    /// Whether an absence seen in this step is looked at once more when the scenario ends.
    #[must_use]
    pub fn is_confirmed_at_end(&self) -> bool {
        matches!(self, Self::Origin(_) | Self::Canary(_))
    }

    /// Everything outside the scenario that the step must not share with another one running beside it.
    #[must_use]
    pub fn resources(&self) -> Vec<Resource> {
        let document = |bind: &Bind<String>| Resource::exclusive(format!("document {bind}"));
        match self {
            Self::Http(step) if step.writes() && step.transport == Transport::Tls => {
                vec![document(&step.document)]
            }
            Self::Http(step) => vec![Resource::shared(format!("document {}", step.document))],
            Self::Prepare(step) => vec![document(&step.document)],
            Self::Login(step) => vec![Resource::shared(format!("subscriber {}", step.subscriber))],
            Self::Parallel(step) => step
                .sessions
                .iter()
                .map(|session| Resource::shared(format!("subscriber {}", session.subscriber)))
                .collect(),
            // Whoever is called cannot tell on whose behalf.
            Self::Canary(_) => vec![Resource::exclusive("canary".to_owned())],
            // What an operator's lever touches besides its purpose is not known: one that forces authentication may well
            // do so by a restart.
            Self::Elapse(_) | Self::Hook(_) => vec![Resource::exclusive("clock".to_owned())],
            // Where tester and target share a clock it is moved instead of waited for.
            Self::TlsOffer(step) if step.quirk == Some(HelloQuirk::Dripped) => {
                vec![Resource::exclusive("clock".to_owned())]
            }
            Self::TlsConnect(step) => {
                let shared = step.pre_shared_key.iter();
                shared
                    .map(|shared| Resource::shared(format!("subscriber {}", shared.of)))
                    .collect()
            }
            Self::Control(_)
            | Self::TlsOffer(_)
            | Self::TlsSend(_)
            | Self::TlsAlert(_)
            | Self::TlsRenegotiate(_)
            | Self::TlsPause(_)
            | Self::TlsClose(_)
            | Self::TlsCompare(_)
            | Self::Answer(_)
            | Self::Origin(_)
            | Self::Close(_) => Vec::new(),
        }
    }
}

/// Something of the target that scenarios use together or alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource {
    /// What it is, such as `subscriber alice`.
    pub name: String,
    /// Whether it may not be shared.
    pub exclusive: bool,
}

impl Resource {
    fn shared(name: String) -> Self {
        Self {
            name,
            exclusive: false,
        }
    }

    fn exclusive(name: String) -> Self {
        Self {
            name,
            exclusive: true,
        }
    }
}
