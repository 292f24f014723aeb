//! The finished run: everything reports are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::policy::PolicyEntry;
use super::requirement::{Confidence, Interpretation, Level, Role, State};
use super::scenario::{Kind, Risk};
use super::seen::{Classification, Control};
use super::shard::Shard;
use super::verdict::{Tally, Verdict};
use super::waiver::{AppliedWaiver, LoadedWaiver, WaiverProblem};

/// The version of the results format; readers refuse a higher one.
pub const SCHEMA_VERSION: u32 = 1;

/// The tool that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `presec`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the program in lower-case hex; a development build has none.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// The target as it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRecord {
    /// Its name in the target file; `reference` for the embedded one.
    pub name: String,
    /// Its URL.
    pub url: String,
    /// The address connected to.
    pub address: Option<String>,
    /// SHA-256 of the leaf certificate in lower-case hex.
    pub certificate_sha256: Option<String>,
    /// SHA-256 of the target file's text in lower-case hex.
    pub file_sha256: Option<String>,
    /// Accepted protocol versions and the suite each selects from an ordinary offer.
    pub accepted_versions: BTreeMap<String, String>,
    /// Protocol versions for which every attempt of the survey was lost; nothing was tried in them.
    #[serde(default)]
    pub undecided_versions: BTreeMap<String, String>,
    /// Why the target could not be surveyed, when it could not.
    pub unreachable: Option<String>,
}

/// A requirement as a scenario cites it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CitedRequirement {
    /// Its id.
    pub id: String,
    /// The document.
    pub document: String,
    /// The clause.
    pub clause: String,
    /// How strongly it binds.
    pub level: Level,
    /// The paraphrase.
    pub text: String,
    /// How well it is known.
    pub confidence: Confidence,
}

/// What one step did and saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepRecord {
    /// The step's keyword.
    pub step: String,
    /// Its place among the scenario's steps, from 1; a step that was looked at again at the end keeps its place.
    #[serde(default)]
    pub place: Option<u32>,
    /// What was done, in words, with the values of the expansion.
    #[serde(default)]
    pub action: Option<String>,
    /// What was seen, in one line.
    pub observed: String,
    /// What it amounts to.
    pub classification: Classification,
    /// The level of the claim that counted, if there was one.
    pub claim: Option<String>,
    /// What was claimed.
    pub expected: Option<String>,
    /// Automatic controls around it.
    pub controls: Vec<Control>,
    /// Lost attempts before it.
    pub lost_attempts: Vec<String>,
}

/// One scenario (after expansion) and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioRecord {
    /// The id with its expansion, such as `TLSS-06[mechanism=ticket]`; what JUnit, waivers and reruns use.
    pub id: String,
    /// The scenario's id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub kind: Kind,
    /// What it may do to the target.
    pub risk: Risk,
    /// Whom it can judge.
    pub roles: Vec<Role>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its file.
    pub file: String,
    /// SHA-256 of the file's text.
    pub content_sha256: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The waiver that covers the verdict; it never replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<AppliedWaiver>,
    /// What was expected by the claim that decided.
    pub expected: String,
    /// What was observed where it was decided.
    pub observed: String,
    /// Why the verdict is not a plain pass or fail: what is missing, unmet or unknown.
    pub because: Option<String>,
    /// The ids of the requirements it judges.
    pub verifies: Vec<String>,
    /// The same with clause, level and text.
    pub requirements: Vec<CitedRequirement>,
    /// The reading of open wording it rests on.
    pub interpretation: Option<Interpretation>,
    /// What the target's owner can do.
    pub remedy: Option<String>,
    /// Policy keys that decided, with their values.
    pub policy_used: BTreeMap<String, PolicyEntry>,
    /// What happened, step by step.
    pub steps: Vec<StepRecord>,
    /// From when on `presec resume` can judge it, RFC 3339 in UTC; absent when it does not wait for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_until: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// The folder of its evidence, relative to the folder of the run; absent when none was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

impl ScenarioRecord {
    /// The index of the step that decided the verdict: the first whose claim and observation are those of the case; the
    /// last one with its observation when the case ended before a claim decided.
    #[must_use]
    pub fn decisive_step(&self) -> Option<usize> {
        let claimed = self.steps.iter().position(|step| {
            step.observed == self.observed
                && step.expected.as_deref() == Some(self.expected.as_str())
                && !self.expected.is_empty()
        });
        claimed.or_else(|| {
            self.steps
                .iter()
                .rposition(|step| step.observed == self.observed)
        })
    }
}

/// A shall requirement that the run did not judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotJudged {
    /// Its id.
    pub requirement: String,
    /// The document and clause, such as `TS 33.141 7.2`.
    pub clause: String,
    /// Why not.
    pub because: String,
}

/// One sentence of the register as it stood for the run, and the scenarios there are for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CoverageRow {
    /// The requirement's id.
    pub requirement: String,
    /// The document.
    pub document: String,
    /// The clause.
    pub clause: String,
    /// How strongly it binds.
    pub level: Level,
    /// The paraphrase.
    pub text: String,
    /// How well it is known.
    pub confidence: Confidence,
    /// What becomes of it in presec, with the reason where it is not tested.
    pub state: State,
    /// The ids of the scenarios that verify it, whether the run selected them or not.
    pub scenarios: Vec<String>,
}

/// The evidence of a run, beside its results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRecord {
    /// Its folder, relative to the folder of the run.
    pub folder: String,
    /// Whether each case has a capture, which holds secrets, beside its transcript.
    pub captures: bool,
    /// SHA-256 of the manifest in lower-case hex; absent when it could not be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
}

/// A finished (or interrupted) run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The tool that ran.
    pub tool: Tool,
    /// Names the run and its folder; part of every marker.
    pub run_id: String,
    /// The seed of everything random.
    pub seed: u64,
    /// When it started, RFC 3339 in UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Where the time comes from.
    pub clock: String,
    /// Who authorised the test, as the target file says.
    pub authorised_by: Option<String>,
    /// What to type to run a case again, without the id, such as `presec run --target lab.yaml`.
    #[serde(default)]
    pub rerun: Option<String>,
    /// Whether it was stopped before its end, and by what.
    pub interrupted: Option<String>,
    /// The target as it was found.
    pub target: TargetRecord,
    /// Every policy value and where it was set.
    pub policy: BTreeMap<String, PolicyEntry>,
    /// How many scenarios ended in each verdict.
    pub tally: Tally,
    /// How many of them a waiver covers; they stay in the tally with the verdict they have.
    #[serde(default)]
    pub waived: u32,
    /// The waivers that concern this target and what was selected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<LoadedWaiver>,
    /// Waivers that no longer do what they were written for; they gate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiver_problems: Vec<WaiverProblem>,
    /// Which part of the plan this is, when the plan was cut for several machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The scenarios in the order of their ids.
    pub scenarios: Vec<ScenarioRecord>,
    /// The shall requirements that were not judged, and why.
    pub not_judged: Vec<NotJudged>,
    /// The register as it stood for the run, in the order of ids; what was judged of it follows from the scenarios.
    #[serde(default)]
    pub coverage: Vec<CoverageRow>,
    /// The evidence that was kept; absent when none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceRecord>,
    /// Things to know about the run as a whole, such as writes that could not be undone.
    pub notes: Vec<String>,
}
