//! What a probe saw in one step: the observation in words and facts, and its classification. No verdicts here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{NameError, Names};
use super::seen_http::{CanaryFacts, HttpFacts, OriginFacts, ParallelFacts};
use super::seen_open::{ComparedFacts, OpenFacts};
use super::seen_tls::{ConnectionFacts, FlightFacts};

/// What an observation amounts to, before any demand is laid against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// A fatal alert, or the protocol's own refusal.
    RefusedWithAlert,
    /// An orderly close (FIN) before any acceptance.
    RefusedByClose,
    /// A reset in every one of the attempts, with a passing control between each.
    RefusedByReset,
    /// The peer went along.
    Accepted,
    /// The peer answered; whether that is acceptance is for the claim to say.
    Answered,
    /// Nothing came within the time.
    Silent,
    /// Something came that proves nothing.
    Unclear,
}

impl Classification {
    /// Whether this is one of the three kinds of refusal.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::RefusedWithAlert | Self::RefusedByClose | Self::RefusedByReset
        )
    }

    /// The classification as written in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RefusedWithAlert => "refused-with-alert",
            Self::RefusedByClose => "refused-by-close",
            Self::RefusedByReset => "refused-by-reset",
            Self::Accepted => "accepted",
            Self::Answered => "answered",
            Self::Silent => "silent",
            Self::Unclear => "unclear",
        }
    }
}

/// Facts that claims are held against, by the kind of step that saw them.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// Nothing to claim about, such as a hook or a pause.
    Nothing,
    /// The first flight of a server, or its refusal.
    Flight(FlightFacts),
    /// A completed or failed TLS connection.
    Connection(Box<ConnectionFacts>),
    /// What came of something sent over an open TLS connection.
    Open(OpenFacts),
    /// What came of TLS connections that were compared.
    Compared(ComparedFacts),
    /// An HTTP answer, or its absence.
    Http(HttpFacts),
    /// What the origin received.
    Origin(OriginFacts),
    /// What came of sessions beside each other.
    Parallel(ParallelFacts),
    /// Who called the canary.
    Canary(CanaryFacts),
}

/// The outcome of a positive check that the probe took by itself, right before or right after a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// Whether the target did what it is known to do.
    pub passed: bool,
    /// What was sent and what came.
    pub observed: String,
}

/// What one step saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What the observation amounts to.
    pub classification: Classification,
    /// The observation in one line, cleaned of control characters.
    pub observed: String,
    /// The same as facts.
    pub facts: Facts,
    /// Automatic controls around the step, in the order taken.
    pub controls: Vec<Control>,
    /// One line for each lost attempt before this observation; empty when the first one held.
    pub lost_attempts: Vec<String>,
}

impl Seen {
    /// An observation without controls or lost attempts.
    #[must_use]
    pub fn new(classification: Classification, observed: impl Into<String>, facts: Facts) -> Self {
        Self {
            classification,
            observed: observed.into(),
            facts,
            controls: Vec::new(),
            lost_attempts: Vec::new(),
        }
    }
}

/// Whether what was seen is what an answer describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Met,
    /// It is not, and that was seen.
    Unmet,
    /// What was seen proves neither; the text says why.
    Undecided(String),
}

impl Fit {
    /// Met or unmet.
    #[must_use]
    pub fn when(met: bool) -> Self {
        if met { Self::Met } else { Self::Unmet }
    }

    /// Both must be met; an unmet one decides over an undecided one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unmet, _) | (_, Self::Unmet) => Self::Unmet,
            (Self::Undecided(why), _) | (_, Self::Undecided(why)) => Self::Undecided(why),
            (Self::Met, Self::Met) => Self::Met,
        }
    }

    /// One must be met; a met one decides over an undecided one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Met, _) | (_, Self::Met) => Self::Met,
            (Self::Undecided(why), _) | (_, Self::Undecided(why)) => Self::Undecided(why),
            (Self::Unmet, Self::Unmet) => Self::Unmet,
        }
    }
}

/// An answer that a claim expects; each kind of step has its own type of answers.
pub trait Expected: Send + Sync {
    /// Whether `seen` is this answer.
    ///
    /// # Errors
    /// A `$name` in the answer has no value.
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError>;

    /// Whether the answer is a refusal or an absence, so that it proves something only between positive controls.
    fn is_negative(&self) -> bool;

    /// The answer in words, for "expected" in reports.
    fn describe(&self) -> String;

    /// What was seen instead, as far as the line of what was seen does not show it.
    fn instead(&self, seen: &Seen) -> Option<String> {
        let _ = seen;
        None
    }

    /// What the tester can provide so that a control that wants this answer holds, where that is known.
    fn to_provide(&self) -> Option<&'static str> {
        None
    }
}
