//! Scenarios: one test case each, as written in one YAML file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::Bind;
use super::policy::Guard;
use super::requirement::Role;
use super::step::{Resource, Step};

/// What a scenario is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Judges a sentence of a specification.
    Conformance,
    /// Goes beyond the specification; never fails, only warns.
    Hardening,
    /// Tells something about the target; never gates.
    Informative,
}

/// What a scenario may do to the target. The last two are opt-in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Writes test documents and undoes it.
    Write,
    /// Loads the target or may lock an account.
    Load,
    /// Disturbs other users of the target.
    Disruptive,
}

/// What a scenario needs besides the address of the target.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A subscriber named alice with credentials.
    SubscriberAlice,
    /// A second subscriber named bob with credentials.
    SubscriberBob,
    /// A subscriber named throw_away, whose association may be lost or locked.
    SubscriberThrowAway,
    /// A subscriber named alice_before: alice with the credentials of an earlier bootstrapping.
    SubscriberAliceBefore,
    /// A subscriber named no_service, who may not use the service.
    SubscriberNoService,
    /// A second IMPU of alice.
    SecondImpu,
    /// The default IMPU of alice, declared or her only one.
    DefaultImpu,
    /// presec's origin observer behind the proxy.
    OriginObserver,
    /// An origin observer that listens at an address one can call, so that it has a canary beside it.
    OriginAddress,
    /// A hook that moves the target's clock (later: a parked session).
    ElapsedTime,
    /// The hook `force_reauth`.
    ForceReauth,
    /// The hook `expire_b_tid`.
    ExpireBTid,
    /// The hook `restart`.
    Restart,
    /// Documents that may be written.
    WritableDocument,
    /// A declared clear-text HTTP endpoint of the same service.
    ClearEndpoint,
    /// A second host behind the same proxy.
    SecondHost,
    /// The valid client certificate.
    ClientCertificate,
    /// The valid client certificate is one by which the target knows alice.
    SubscriberCertificate,
    /// A key of alice for TLS with a pre-shared key.
    PreSharedKey,
}

/// One test case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Stable id, such as `TLSC-07`.
    pub id: String,
    /// What is done, in the imperative or as the demand.
    pub title: String,
    /// The requirements it judges.
    pub verifies: Vec<String>,
    /// What it is for.
    pub kind: Kind,
    /// What it may do to the target.
    pub risk: Risk,
    /// Whom it can judge.
    pub roles: Vec<Role>,
    /// For selection.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Policy under which it judges at all.
    #[serde(default)]
    pub applies: Guard,
    /// Runs once for each combination of these values.
    #[serde(default)]
    pub each: BTreeMap<String, Vec<Bind<String>>>,
    /// What it needs.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// The reading of open wording it rests on; a slug of a requirement it verifies.
    #[serde(default)]
    pub interpretation: Option<String>,
    /// What happens.
    pub steps: Vec<Step>,
    /// What the target's owner can do about a bad verdict.
    #[serde(default)]
    pub remedy: Option<String>,
}

impl Scenario {
    /// Everything of the target it must not share, each once, strongest wins, sorted by name.
    #[must_use]
    pub fn resources(&self) -> Vec<Resource> {
        let mut all = vec![Resource {
            name: "clock".to_owned(),
            exclusive: false,
        }];
        all.extend(self.steps.iter().flat_map(Step::resources));
        let mut by_name: BTreeMap<String, bool> = BTreeMap::new();
        for resource in all {
            *by_name.entry(resource.name).or_insert(false) |= resource.exclusive;
        }
        by_name
            .into_iter()
            .map(|(name, exclusive)| Resource { name, exclusive })
            .collect()
    }

    /// Whether nothing but saved sessions and time matter where it lets time pass, so that a later run can go on there.
    #[must_use]
    pub fn can_be_parked(&self) -> bool {
        let last = self
            .steps
            .iter()
            .rposition(|step| matches!(step, Step::Elapse(_)));
        let bare = |step: &Step| match step {
            Step::Control(_) | Step::TlsOffer(_) | Step::Elapse(_) => true,
            Step::TlsConnect(connect) => connect.session.is_none(),
            _ => false,
        };
        last.is_some_and(|last| self.steps.iter().take(last).all(bare))
    }

    /// How much time its last `elapse` lets pass since its first saved session, as written, such as `24h5m`.
    #[must_use]
    pub fn elapses(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            Step::Elapse(elapse) => Some(elapse.until.as_str()),
            _ => None,
        })
    }
}

/// A scenario as loaded: with where it came from and the hash of its text.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedScenario {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file, relative to the scenario folder, such as `ut/tls/tlsc-07-null-encryption.yaml`.
    pub file: String,
    /// SHA-256 of the file's text in lower-case hex.
    pub content_sha256: String,
}
