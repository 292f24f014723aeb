//! What the arguments of a run ask for, read and checked.

use std::time::Duration;

use crate::engine::plan::PlannedCase;
use crate::engine::select::scenario_part;
use crate::model::verdict::Verdict;

use super::args::RunArgs;
use super::failure::Failure;

/// Picks such as `TLSS-06[mechanism=ticket]` keep only that expansion of their scenario.
pub(super) fn keep_picked(cases: &mut Vec<PlannedCase>, picks: &[String]) {
    let expanded: Vec<&String> = picks.iter().filter(|pick| pick.contains('[')).collect();
    cases.retain(|case| {
        let scenario = &case.loaded.scenario.id;
        let of_this: Vec<_> = expanded
            .iter()
            .filter(|pick| scenario_part(pick) == scenario)
            .collect();
        let whole = picks
            .iter()
            .any(|pick| !pick.contains('[') && pick == scenario);
        of_this.is_empty()
            || whole
            || of_this.iter().any(|pick| **pick == &case.id)
            || case.id == *scenario
    });
}

pub(crate) fn gate(words: &[String]) -> Result<Vec<Verdict>, Failure> {
    let read = |word: &String| {
        Verdict::ALL
            .into_iter()
            .find(|verdict| verdict.name() == word)
            .ok_or_else(|| {
                let known: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
                Failure::usage(format!(
                    "--fail-on {word}: known verdicts are {}",
                    known.join(", ")
                ))
            })
    };
    words.iter().map(read).collect()
}

pub(super) fn deadline(args: &RunArgs) -> Result<Option<Duration>, Failure> {
    let read = |text: &String| {
        humantime::parse_duration(text)
            .map_err(|error| Failure::usage(format!("--deadline {text}: {error}")))
    };
    args.deadline.as_ref().map(read).transpose()
}

/// What names a run; from its seed unless given.
///
/// # Errors
/// A name that is no good for a folder.
pub(crate) fn run_id(args: &RunArgs, seed: u64) -> Result<String, Failure> {
    let given = args.run_id.clone();
    let run_id = given.unwrap_or_else(|| format!("{seed:016x}"));
    check_run_id(&run_id)?;
    Ok(run_id)
}

fn check_run_id(run_id: &str) -> Result<(), Failure> {
    let usable = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if run_id.is_empty()
        || run_id.len() > 64
        || run_id.starts_with('.')
        || !run_id.chars().all(usable)
    {
        return Err(Failure::usage(
            "--run-id takes 1 to 64 letters, digits, `-`, `_` and `.`",
        ));
    }
    Ok(())
}

pub(crate) fn random_seed() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::trouble(format!("no randomness for a seed: {error}")))?;
    Ok(u64::from_be_bytes(bytes))
}
