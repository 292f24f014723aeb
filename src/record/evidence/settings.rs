//! How evidence is kept, and what it says of its run.

use std::sync::Arc;

use crate::model::secret::Secret;
use crate::model::suite::SuiteRegistry;
use crate::model::verdict::Verdict;

/// Of which cases evidence is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Of none.
    None,
    /// Of those that want somebody's attention: fail, warn, inconclusive, error.
    Failed,
    /// Of all that ran.
    All,
}

impl Kept {
    /// Whether evidence of a case with this verdict is kept.
    pub(super) fn keeps(self, verdict: Verdict) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Failed => match verdict {
                Verdict::Fail | Verdict::Warn | Verdict::Inconclusive | Verdict::Error => true,
                Verdict::Pass | Verdict::Info | Verdict::NotApplicable => false,
            },
        }
    }
}

/// What evidence says of the run it is from.
pub struct RunFacts {
    /// The program and its version.
    pub program: String,
    /// Names the run.
    pub run_id: String,
    /// Seeds everything random.
    pub seed: u64,
    /// The target's name, URL and address.
    pub target: (String, String, String),
    /// The command that runs a case again, by the case's id.
    pub rerun: Box<dyn Fn(&str) -> String + Send + Sync>,
}

/// How evidence is kept.
pub struct EvidenceSettings {
    /// Of which cases.
    pub kept: Kept,
    /// The name of the folder, in the folder of the run.
    pub folder: String,
    /// Whether captures are written, which hold secrets.
    pub captures: bool,
    /// Secrets that are known from the beginning.
    pub secrets: Vec<Secret>,
    /// Names of suites.
    pub suites: Arc<SuiteRegistry>,
    /// The run.
    pub run: RunFacts,
}
