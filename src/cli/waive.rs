//! `presec waive`: a waiver from a result; and the waivers of a run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::engine::gate::Exit;
use crate::engine::plan::PlannedCase;
use crate::engine::ports::Clock;
use crate::engine::waive::{Reach, fits};
use crate::load::{Library, is_day, waivers_from_text};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::scenario::LoadedScenario;
use crate::model::verdict::Verdict;
use crate::model::waiver::{SHORTEST_REASON, WAIVABLE, Waiver};
use crate::report::waiver_entry::{HEAD, entry};

use super::args_results::WaiveArgs;
use super::clock::SystemClock;
use super::context::say;
use super::failure::Failure;
use super::files::write_whole;
use super::results::read_results;

/// How much of an observation an entry repeats, in characters.
const OBSERVED: usize = 160;

/// Prints entries for what `args` names, or adds them to a waiver file.
///
/// # Errors
/// Results or a waiver file that cannot be read, an entry that would not be valid, or nothing to waive.
pub(crate) fn waive(args: &WaiveArgs) -> Result<Exit, Failure> {
    check(args)?;
    let record = read_results(&args.results)?;
    let entries: String = waivers(args, &record)?.iter().map(entry).collect();
    waivers_from_text("the entry", &format!("{HEAD}{entries}"))?;
    let Some(path) = &args.append else {
        say(&entries);
        return Ok(Exit::Met);
    };
    let text = appended(path, &entries)?;
    write_whole(path, &text).map_err(Failure::usage)?;
    say(&format!("{entries}added to {}\n", path.display()));
    Ok(Exit::Met)
}

fn check(args: &WaiveArgs) -> Result<(), Failure> {
    if args.because.trim().chars().count() < SHORTEST_REASON {
        let text = format!("--because: say why in {SHORTEST_REASON} characters or more");
        return Err(Failure::usage(text));
    }
    if !is_day(&args.expires) {
        let text = format!("--expires {}: write a day such as 2027-03-31", args.expires);
        return Err(Failure::usage(text));
    }
    let today = SystemClock::new().now().date().to_string();
    if args.expires < today {
        let text = format!("--expires {}: this day has passed", args.expires);
        return Err(Failure::usage(text));
    }
    Ok(())
}

/// One waiver for each verdict that the named cases have.
fn waivers(args: &WaiveArgs, record: &RunRecord) -> Result<Vec<Waiver>, Failure> {
    let named: Vec<&ScenarioRecord> = record
        .scenarios
        .iter()
        .filter(|case| fits(&args.id, &case.id) || fits(&args.id, &case.scenario))
        .collect();
    let mut by_verdict: BTreeMap<Verdict, Vec<&ScenarioRecord>> = BTreeMap::new();
    for case in &named {
        if WAIVABLE.contains(&case.verdict) {
            by_verdict.entry(case.verdict).or_default().push(case);
        }
    }
    if by_verdict.is_empty() {
        let text = match named.first() {
            Some(case) => format!(
                "there is nothing to waive: {} ended in {}",
                case.id, case.verdict
            ),
            None => format!("no case of these results has the id `{}`", args.id),
        };
        return Err(Failure::usage(text));
    }
    let waiver = |(verdict, cases): (Verdict, Vec<&ScenarioRecord>)| Waiver {
        id: args.id.clone(),
        target: record.target.name.clone(),
        verdict,
        observed: shared_observation(&cases).filter(|_| !args.any_observation),
        because: args.because.trim().to_owned(),
        owner: args.owner.trim().to_owned(),
        expires: args.expires.clone(),
    };
    Ok(by_verdict.into_iter().map(waiver).collect())
}

/// The beginning of the observation, when all cases share it.
fn shared_observation(cases: &[&ScenarioRecord]) -> Option<String> {
    let told = |case: &ScenarioRecord| match (&case.because, case.verdict) {
        (Some(because), Verdict::Inconclusive) => because.clone(),
        _ => case.observed.clone(),
    };
    let first = told(cases.first()?);
    let shared = !first.trim().is_empty() && cases.iter().all(|case| told(case) == first);
    shared.then(|| first.chars().take(OBSERVED).collect())
}

/// The text of the waiver file with the entries added; everything in it stays.
fn appended(path: &Path, entries: &str) -> Result<String, Failure> {
    if !path.exists() {
        return Ok(format!("{HEAD}{entries}"));
    }
    let before = crate::load::load_waivers(path)?.len();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let opened = text.replacen("waivers: []", "waivers:", usize::from(before == 0));
    let text = format!("{}\n{entries}", opened.trim_end());
    let added = entries.matches("  - id: ").count();
    match waivers_from_text(&path.to_string_lossy(), &text) {
        Ok(after) if after.len() == before + added => Ok(text),
        Err(problems) if problems.to_string().contains("is waived twice") => {
            Err(Failure::from(problems))
        }
        _ => Err(Failure::usage(format!(
            "{} does not end in its list of waivers, indented by two; add the entry by hand:\n{entries}",
            path.display()
        ))),
    }
}

/// What a run can say about waivers: the cases it planned, and what there is beside them.
pub(crate) fn reach(
    target: &str,
    library: &Library,
    selected: &[Arc<LoadedScenario>],
    (planned, dropped): (&[PlannedCase], Vec<String>),
) -> Reach {
    let is_selected = |id: &str| selected.iter().any(|loaded| loaded.scenario.id == id);
    let others = library
        .scenarios
        .iter()
        .map(|loaded| loaded.scenario.id.clone())
        .filter(|id| !is_selected(id));
    Reach {
        target: target.to_owned(),
        planned: planned.iter().map(|case| case.id.clone()).collect(),
        elsewhere: others.chain(dropped).collect(),
    }
}
