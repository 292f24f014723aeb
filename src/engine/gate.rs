//! From a tally to an exit code: one function, the only one.

use crate::model::record::RunRecord;
use crate::model::verdict::{Tally, Verdict};

/// Exit codes of presec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The gate is met.
    Met,
    /// A scenario failed.
    Failed,
    /// Usage, scenario or target file error.
    Usage,
    /// Undecided: inconclusive, error, or target unreachable.
    Undecided,
    /// Nothing selected or nothing judged.
    NothingJudged,
    /// A waiver is expired, stale or unused.
    Waivers,
    /// A bug of presec.
    Bug,
    /// Interrupted; partial reports are written.
    Interrupted,
}

impl Exit {
    /// Every exit with its meaning, for documentation.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Met, "the gate is met"),
        (Self::Failed, "a scenario failed"),
        (
            Self::Usage,
            "usage, scenario or target file error; nothing was sent",
        ),
        (
            Self::Undecided,
            "undecided: inconclusive, error, or the target cannot be reached",
        ),
        (Self::NothingJudged, "nothing selected, or nothing judged"),
        (Self::Waivers, "a waiver is expired, stale or unused"),
        (Self::Bug, "a bug of presec"),
        (
            Self::Interrupted,
            "interrupted; reports of what was earned are written",
        ),
    ];

    /// What it means, for the last line of a report.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(one, _)| *one == self)
            .map_or("", |(_, meaning)| meaning)
    }

    /// The process exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Undecided => 3,
            Self::NothingJudged => 4,
            Self::Waivers => 5,
            Self::Bug => 70,
            Self::Interrupted => 130,
        }
    }
}

/// What gates: fail, inconclusive and error unless the user says otherwise.
pub const DEFAULT_GATE: [Verdict; 3] = [Verdict::Fail, Verdict::Inconclusive, Verdict::Error];

/// What `interrupted` in a run record says of a run that its deadline ended; no interruption, but part of the plan.
pub const THE_DEADLINE: &str = "the deadline";

/// What the exit of a run depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Every verdict.
    pub tally: Tally,
    /// The verdicts that no waiver covers.
    pub open: Tally,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Whether the target could not be reached.
    pub unreachable: bool,
    /// Whether a waiver is expired, stale or unused.
    pub waiver_problems: bool,
}

impl Standing {
    /// The standing of a finished run. A deadline is part of the plan and no interruption.
    #[must_use]
    pub fn of(record: &RunRecord) -> Self {
        Self {
            tally: record.tally.clone(),
            open: record
                .scenarios
                .iter()
                .filter(|case| case.waiver.is_none())
                .map(|case| case.verdict)
                .collect(),
            interrupted: record
                .interrupted
                .as_deref()
                .is_some_and(|by| by != THE_DEADLINE),
            unreachable: record.target.unreachable.is_some(),
            waiver_problems: !record.waiver_problems.is_empty(),
        }
    }
}

/// The exit of a finished run. Interruption wins over failures, failures over doubts, doubts over waivers that no longer hold, and
/// these over having judged nothing. What a waiver covers does not gate.
#[must_use]
pub fn exit(standing: &Standing, fail_on: &[Verdict]) -> Exit {
    let gates = |verdict: Verdict| fail_on.contains(&verdict) && standing.open.of(verdict) > 0;
    if standing.interrupted {
        return Exit::Interrupted;
    }
    if gates(Verdict::Fail) || gates(Verdict::Warn) || gates(Verdict::Info) {
        return Exit::Failed;
    }
    let undecided = [
        Verdict::Inconclusive,
        Verdict::Error,
        Verdict::NotApplicable,
    ];
    if standing.unreachable || undecided.into_iter().any(gates) {
        return Exit::Undecided;
    }
    if standing.waiver_problems {
        return Exit::Waivers;
    }
    if standing.tally.judged() == 0 {
        return Exit::NothingJudged;
    }
    Exit::Met
}

/// The exit of several runs in one call: the first of 70, 2, 130, 1, 3, 5, 4, 0 that one of them has; without any run, nothing was judged.
pub fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
    const WORST_FIRST: [Exit; 8] = [
        Exit::Bug,
        Exit::Usage,
        Exit::Interrupted,
        Exit::Failed,
        Exit::Undecided,
        Exit::Waivers,
        Exit::NothingJudged,
        Exit::Met,
    ];
    let exits: Vec<Exit> = exits.into_iter().collect();
    WORST_FIRST
        .into_iter()
        .find(|exit| exits.contains(exit))
        .unwrap_or(Exit::NothingJudged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(verdicts: &[Verdict]) -> Standing {
        Standing {
            tally: verdicts.iter().copied().collect(),
            open: verdicts.iter().copied().collect(),
            ..Standing::default()
        }
    }

    fn of(verdicts: &[Verdict]) -> Exit {
        exit(&standing(verdicts), &DEFAULT_GATE)
    }

    #[test]
    fn each_outcome_has_its_code() {
        assert_eq!(
            of(&[Verdict::Pass, Verdict::Warn, Verdict::Info]),
            Exit::Met
        );
        assert_eq!(
            of(&[Verdict::Pass, Verdict::Fail, Verdict::Inconclusive]),
            Exit::Failed
        );
        assert_eq!(of(&[Verdict::Pass, Verdict::Inconclusive]), Exit::Undecided);
        assert_eq!(of(&[Verdict::Pass, Verdict::Error]), Exit::Undecided);
        assert_eq!(of(&[]), Exit::NothingJudged);
        assert_eq!(of(&[Verdict::NotApplicable]), Exit::NothingJudged);
    }

    #[test]
    fn the_gate_can_be_moved() {
        let standing = standing(&[Verdict::Warn, Verdict::Inconclusive]);
        assert_eq!(exit(&standing, &[Verdict::Warn]), Exit::Failed);
        assert_eq!(exit(&standing, &[Verdict::Fail]), Exit::Met);
    }

    #[test]
    fn what_is_waived_does_not_gate_and_what_is_wrong_with_waivers_does() {
        let waived = Standing {
            tally: [Verdict::Fail].into_iter().collect(),
            ..Standing::default()
        };
        assert_eq!(exit(&waived, &DEFAULT_GATE), Exit::Met);
        let mut problems = Standing {
            waiver_problems: true,
            ..standing(&[Verdict::NotApplicable])
        };
        assert_eq!(exit(&problems, &DEFAULT_GATE), Exit::Waivers);
        problems.unreachable = true;
        assert_eq!(exit(&problems, &DEFAULT_GATE), Exit::Undecided);
        problems.open.count(Verdict::Fail);
        assert_eq!(exit(&problems, &DEFAULT_GATE), Exit::Failed);
        problems.interrupted = true;
        assert_eq!(exit(&problems, &DEFAULT_GATE), Exit::Interrupted);
    }

    #[test]
    fn the_worst_of_several_runs_follows_the_documented_order() {
        use Exit::{Bug, Failed, Interrupted, Met, NothingJudged, Undecided, Usage, Waivers};
        let order = [
            Bug,
            Usage,
            Interrupted,
            Failed,
            Undecided,
            Waivers,
            NothingJudged,
            Met,
        ];
        assert_eq!(order.map(Exit::code), [70, 2, 130, 1, 3, 5, 4, 0]);
        for (at, one) in order.into_iter().enumerate() {
            for other in order.into_iter().skip(at) {
                assert_eq!(worst([other, one]), one);
            }
        }
        assert_eq!(worst([]), NothingJudged);
    }
}
