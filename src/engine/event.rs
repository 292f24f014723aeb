//! What observers are told while a run goes on.

use crate::model::record::{ScenarioRecord, TargetRecord};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// The run begins with this many cases.
    RunStarted {
        /// Cases there are, after expansion; those that cannot run finish at once, without a start.
        cases: usize,
    },
    /// The target was surveyed.
    TargetSurveyed(&'a TargetRecord),
    /// A case begins.
    CaseStarted {
        /// Its id with expansion.
        id: &'a str,
        /// How much time it lets pass on the target's clock, as written, such as `24h5m`.
        elapses: Option<&'a str>,
    },
    /// A case ended.
    CaseFinished(&'a ScenarioRecord),
    /// The run was told to stop, and why.
    Interrupted {
        /// `Ctrl-C` or `deadline`.
        by: &'a str,
    },
    /// The run is over.
    RunFinished,
}
