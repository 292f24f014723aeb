//! The requirement register: one record per sentence of a source document that demands, recommends or permits something.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which kind of server (or other party) a sentence binds and a scenario can judge.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The terminal.
    Ue,
    /// The reverse proxy that authenticates the UE in front of application servers.
    AuthenticationProxy,
    /// The presence server itself.
    PresenceServer,
    /// The presence list server (resource list server).
    ListServer,
    /// Any application server behind an authentication proxy.
    ApplicationServer,
    /// The operator, by configuration or architecture.
    Operator,
    /// The bootstrapping server function.
    Bsf,
}

/// How strongly a sentence binds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// States a fact or gives guidance.
    Informative,
    /// Permits.
    May,
    /// Recommends against.
    ShouldNot,
    /// Recommends.
    Should,
    /// Forbids.
    ShallNot,
    /// Demands.
    Shall,
}

impl Level {
    /// The level as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Informative => "informative",
            Self::May => "may",
            Self::ShouldNot => "should-not",
            Self::Should => "should",
            Self::ShallNot => "shall-not",
            Self::Shall => "shall",
        }
    }
}

/// How well the sentence is known; only the first three may carry a failure.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// From memory, to be re-checked against the document; may only warn.
    MemoryUnchecked,
    /// From memory, sure; the report prints this.
    MemorySure,
    /// Computed or measured.
    Measured,
    /// Read in a copy of the document.
    Read,
}

impl Confidence {
    /// Whether a verdict resting on this may be `fail`; otherwise it is at most `warn`.
    #[must_use]
    pub const fn may_fail(self) -> bool {
        !matches!(self, Self::MemoryUnchecked)
    }

    /// The mark as written in YAML.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MemoryUnchecked => "memory-unchecked",
            Self::MemorySure => "memory-sure",
            Self::Measured => "measured",
            Self::Read => "read",
        }
    }
}

/// How presec reads wording that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interpretation {
    /// What scenarios cite; kebab-case.
    pub slug: String,
    /// The reading and its reason, printed beside the verdict.
    pub text: String,
}

/// What becomes of the sentence in this tester.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// At least one scenario verifies it.
    Tested,
    /// Waits for what the text names.
    Planned(String),
    /// Holds when these other requirements hold.
    CoveredBy(Vec<String>),
    /// Cannot be seen from outside, for the reason given.
    NotTestable(String),
    /// Demands nothing, for the reason given.
    Informative(String),
    /// Belongs to something presec does not test, for the reason given.
    OutOfScope(String),
}

/// One sentence of a source document, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable id, such as `UT-7.2-03`, `RFC7616-3.4` or `HARD-small-dhe`.
    pub id: String,
    /// The document, such as `TS 33.141`.
    pub document: String,
    /// The clause, such as `7.2`.
    pub clause: String,
    /// How strongly it binds.
    pub level: Level,
    /// Whom it binds.
    pub roles: Vec<Role>,
    /// A short paraphrase.
    pub text: String,
    /// How well it is known.
    pub confidence: Confidence,
    /// Readings of open wording.
    #[serde(default)]
    pub interpretations: Vec<Interpretation>,
    /// What becomes of it here.
    pub state: State,
}

impl Requirement {
    /// The strongest claim a scenario may base on this sentence: its level, lowered to should when the sentence is unchecked.
    #[must_use]
    pub fn bound(&self) -> Level {
        match (self.level, self.confidence) {
            (Level::Shall | Level::ShallNot, Confidence::MemoryUnchecked) => Level::Should,
            (level, _) => level,
        }
    }
}
