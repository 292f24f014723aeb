//! What a run says about each sentence of the register.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::layout::count;
use crate::model::record::{CoverageRow, RunRecord, ScenarioRecord};
use crate::model::requirement::State;
use crate::model::verdict::Verdict;

/// What became of a sentence in a run, what wants attention first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// A case failed on it.
    Violated,
    /// A case warned on it.
    Weak,
    /// Cases judged it and others could not.
    Partly,
    /// Cases ran and none judged it.
    Undecided,
    /// Every case that judged it passed.
    Met,
    /// Only noted.
    Noted,
    /// No case applies to this target.
    NotApplicable,
    /// There are scenarios, and the run selected none of them.
    NotSelected,
    /// No scenario yet.
    Planned,
    /// Judged by way of others.
    Covered,
    /// Cannot be seen from outside.
    NotTestable,
    /// Demands nothing.
    Informative,
    /// Belongs to something else.
    OutOfScope,
}

impl Outcome {
    /// Every outcome, in order.
    pub(crate) const ALL: [Self; 13] = [
        Self::Violated,
        Self::Weak,
        Self::Partly,
        Self::Undecided,
        Self::Met,
        Self::Noted,
        Self::NotApplicable,
        Self::NotSelected,
        Self::Planned,
        Self::Covered,
        Self::NotTestable,
        Self::Informative,
        Self::OutOfScope,
    ];

    /// The outcome as reports write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Weak => "weak",
            Self::Partly => "partly judged",
            Self::Undecided => "undecided",
            Self::Met => "met",
            Self::Noted => "noted",
            Self::NotApplicable => "not applicable",
            Self::NotSelected => "not selected",
            Self::Planned => "planned",
            Self::Covered => "covered by others",
            Self::NotTestable => "not testable",
            Self::Informative => "informative",
            Self::OutOfScope => "out of scope",
        }
    }

    /// The verdict whose colour it wears.
    pub(crate) fn colour(self) -> Verdict {
        match self {
            Self::Violated => Verdict::Fail,
            Self::Weak => Verdict::Warn,
            Self::Partly | Self::Undecided => Verdict::Inconclusive,
            Self::Met => Verdict::Pass,
            Self::Noted => Verdict::Info,
            _ => Verdict::NotApplicable,
        }
    }
}

/// The cases of one scenario that verify a sentence.
#[derive(Debug)]
pub(crate) struct Bearing<'a> {
    /// The scenario's id.
    pub(crate) scenario: &'a str,
    /// Its cases in this run; none when it was not selected.
    pub(crate) cases: Vec<&'a ScenarioRecord>,
}

impl Bearing<'_> {
    /// The strongest verdict of its cases.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.cases.iter().map(|case| case.verdict).max()
    }
}

/// A sentence of the register with what the run says about it.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    /// The sentence.
    pub(crate) row: Cow<'a, CoverageRow>,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// The scenarios that verify it, in the order of ids.
    pub(crate) bearings: Vec<Bearing<'a>>,
    /// Why it is not plainly met, where that can be said.
    pub(crate) why: Option<String>,
}

/// Every sentence of the record in the order of ids. A record without the register (from an older presec) gives what its
/// scenarios cite.
pub(crate) fn sentences(record: &RunRecord) -> Vec<Sentence<'_>> {
    let mut by_requirement: BTreeMap<&str, BTreeMap<&str, Vec<&ScenarioRecord>>> = BTreeMap::new();
    for case in &record.scenarios {
        for id in &case.verifies {
            let scenarios = by_requirement.entry(id).or_default();
            scenarios.entry(&case.scenario).or_default().push(case);
        }
    }
    rows(record)
        .into_iter()
        .map(|row| {
            let mut cases = by_requirement
                .remove(row.requirement.as_str())
                .unwrap_or_default();
            if let Cow::Borrowed(row) = &row {
                for scenario in &row.scenarios {
                    cases.entry(scenario).or_default();
                }
            }
            let bearings: Vec<Bearing<'_>> = cases
                .into_iter()
                .map(|(scenario, cases)| Bearing { scenario, cases })
                .collect();
            let outcome = outcome(&row, &bearings);
            let why = why(&row, outcome, &bearings);
            Sentence {
                row,
                outcome,
                bearings,
                why,
            }
        })
        .collect()
}

/// How many sentences ended in each outcome, of those that `keep` keeps.
pub(crate) fn tally<'a>(
    sentences: &[Sentence<'a>],
    keep: impl Fn(&Sentence<'a>) -> bool,
) -> BTreeMap<Outcome, usize> {
    let mut tally = BTreeMap::new();
    for sentence in sentences.iter().filter(|sentence| keep(sentence)) {
        *tally.entry(sentence.outcome).or_insert(0) += 1;
    }
    tally
}

fn rows(record: &RunRecord) -> Vec<Cow<'_, CoverageRow>> {
    if !record.coverage.is_empty() {
        return record.coverage.iter().map(Cow::Borrowed).collect();
    }
    let mut cited = BTreeMap::new();
    for case in &record.scenarios {
        for requirement in &case.requirements {
            cited.entry(&requirement.id).or_insert(requirement);
        }
    }
    cited
        .into_values()
        .map(|requirement| {
            Cow::Owned(CoverageRow {
                requirement: requirement.id.clone(),
                document: requirement.document.clone(),
                clause: requirement.clause.clone(),
                level: requirement.level,
                text: requirement.text.clone(),
                confidence: requirement.confidence,
                state: State::Tested,
                scenarios: Vec::new(),
            })
        })
        .collect()
}

fn outcome(row: &CoverageRow, bearings: &[Bearing<'_>]) -> Outcome {
    let verdicts: Vec<Verdict> = bearings
        .iter()
        .flat_map(|bearing| bearing.cases.iter().map(|case| case.verdict))
        .collect();
    let has = |verdict| verdicts.contains(&verdict);
    let open = has(Verdict::Inconclusive) || has(Verdict::Error);
    if has(Verdict::Fail) {
        Outcome::Violated
    } else if has(Verdict::Warn) {
        Outcome::Weak
    } else if open && verdicts.iter().any(|verdict| verdict.judges()) {
        Outcome::Partly
    } else if open {
        Outcome::Undecided
    } else if has(Verdict::Pass) {
        Outcome::Met
    } else if has(Verdict::Info) {
        Outcome::Noted
    } else if has(Verdict::NotApplicable) {
        Outcome::NotApplicable
    } else {
        match row.state {
            State::Tested => Outcome::NotSelected,
            State::Planned(_) => Outcome::Planned,
            State::CoveredBy(_) => Outcome::Covered,
            State::NotTestable(_) => Outcome::NotTestable,
            State::Informative(_) => Outcome::Informative,
            State::OutOfScope(_) => Outcome::OutOfScope,
        }
    }
}

fn why(row: &CoverageRow, outcome: Outcome, bearings: &[Bearing<'_>]) -> Option<String> {
    let reason_of = |wanted: &[Verdict]| {
        let cases: Vec<&ScenarioRecord> = bearings
            .iter()
            .flat_map(|bearing| bearing.cases.iter().copied())
            .filter(|case| wanted.contains(&case.verdict))
            .collect();
        let first = cases.first()?;
        let more = match cases.len() {
            1 => String::new(),
            number => format!(" (and {})", count(number - 1, "more case", "more cases")),
        };
        let reason = first.because.as_ref().unwrap_or(&first.observed);
        Some(format!("{}: {reason}{more}", first.id))
    };
    match outcome {
        Outcome::Violated => reason_of(&[Verdict::Fail]),
        Outcome::Weak => reason_of(&[Verdict::Warn]),
        Outcome::Partly | Outcome::Undecided => reason_of(&[Verdict::Inconclusive, Verdict::Error]),
        Outcome::NotApplicable => reason_of(&[Verdict::NotApplicable]),
        Outcome::Met | Outcome::Noted | Outcome::NotSelected => None,
        _ => match &row.state {
            State::Tested => None,
            State::CoveredBy(ids) => Some(ids.join(", ")),
            State::Planned(text)
            | State::NotTestable(text)
            | State::Informative(text)
            | State::OutOfScope(text) => Some(text.clone()),
        },
    }
}
