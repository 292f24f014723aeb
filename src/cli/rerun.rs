//! `presec rerun`: what failed or was undecided, once more, against the same target.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::engine::gate::Exit;
use crate::model::record::RunRecord;
use crate::model::scenario::Risk;
use crate::model::verdict::Verdict;

use super::args::RunArgs;
use super::args_results::RerunArgs;
use super::context::{Context, complain};
use super::failure::Failure;
use super::fleet;
use super::results::read_results;

/// Runs the chosen cases of an earlier run again.
///
/// # Errors
/// Results that cannot be read, or a target that they do not name.
pub(crate) async fn rerun(args: &RerunArgs, context: &Context) -> Result<Exit, Failure> {
    if !args.run.select.picks.is_empty() {
        return Err(Failure::usage(
            "rerun takes its cases from the results; use `run` to pick others",
        ));
    }
    let record = read_results(&args.results)?;
    let wanted = |verdict: Verdict| match verdict {
        Verdict::Fail => args.failed || !args.inconclusive,
        Verdict::Inconclusive | Verdict::Error => args.inconclusive || !args.failed,
        _ => false,
    };
    let cases: Vec<_> = record
        .scenarios
        .iter()
        .filter(|case| wanted(case.verdict))
        // What is parked waits for `presec resume`.
        .filter(|case| case.parked_until.is_none())
        .collect();
    if cases.is_empty() {
        complain("error: nothing to run again: no case of these results ended so");
        return Ok(Exit::NothingJudged);
    }
    let mut run = args.run.clone();
    run.select.picks = cases.iter().map(|case| case.id.clone()).collect();
    for (risk, word) in [(Risk::Load, "load"), (Risk::Disruptive, "disruptive")] {
        if cases.iter().any(|case| case.risk == risk)
            && !run.risks.iter().any(|given| given == word)
        {
            run.risks.push(word.to_owned());
        }
    }
    let set_by_flag = record
        .policy
        .iter()
        .filter(|(_, entry)| entry.origin == "--policy");
    let before = set_by_flag.map(|(key, entry)| format!("{key}={}", entry.values.join(",")));
    // What is given now comes last and wins.
    run.policy = before.chain(run.policy).collect();
    run.seed = run.seed.or(Some(record.seed));
    run.run_id = run.run_id.or_else(|| Some(next_id(&record.run_id)));
    same_target(&mut run, &record)?;
    fleet::run(&run, context).await
}

/// `nightly` becomes `nightly-rerun`; a rerun of a rerun is counted.
fn next_id(run_id: &str) -> String {
    let (stem, next) = match run_id.rsplit_once("-rerun") {
        Some((stem, "")) => (stem, "-rerun2".to_owned()),
        Some((stem, number)) => match number.parse::<u32>() {
            Ok(number) => (stem, format!("-rerun{}", number.saturating_add(1))),
            Err(_) => (run_id, "-rerun".to_owned()),
        },
        None => (run_id, "-rerun".to_owned()),
    };
    // Run ids have at most 64 characters.
    let kept: String = stem.chars().take(64 - next.len().min(64)).collect();
    format!("{kept}{next}")
}

/// Takes the target from the results unless one is given.
fn same_target(run: &mut RunArgs, record: &RunRecord) -> Result<(), Failure> {
    let given = !run.targets.is_empty()
        || !run.defects.is_empty()
        || run.topology.is_some()
        || run.client_certificate.is_some()
        || run.auth_mode.is_some();
    let command = record.rerun.as_deref().unwrap_or_default();
    let path = command.strip_prefix("presec run --target ");
    match (&record.target.file_sha256, path) {
        _ if given => {}
        (None, _) => embedded(run, command),
        (Some(_), Some(path)) => run.targets.push(PathBuf::from(path)),
        (Some(_), None) => {
            return Err(Failure::usage(
                "these results do not name their target file; name it with --target",
            ));
        }
    }
    for path in &run.targets {
        let text = std::fs::read(path).map_err(|error| {
            let path = path.display();
            Failure::usage(format!(
                "cannot read {path}: {error}; name the target file with --target"
            ))
        })?;
        if record.target.file_sha256.as_ref() != Some(&hex::encode(Sha256::digest(text))) {
            complain(&format!(
                "note: {} is not the target file of these results, or has changed since",
                path.display()
            ));
        }
    }
    Ok(())
}

/// Takes the shape of the embedded target from the command of the earlier run.
fn embedded(run: &mut RunArgs, command: &str) {
    let mut words = command.split(' ');
    while let Some(word) = words.next() {
        let value = match word {
            "--defect" | "--topology" | "--client-certificate" | "--auth-mode" => {
                words.next().map(str::to_owned)
            }
            _ => None,
        };
        match word {
            "--defect" => run.defects.extend(value),
            "--topology" => run.topology = value,
            "--client-certificate" => run.client_certificate = value,
            "--auth-mode" => run.auth_mode = value,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rerun_has_an_id_of_its_own() {
        assert_eq!(next_id("nightly"), "nightly-rerun");
        assert_eq!(next_id("nightly-rerun"), "nightly-rerun2");
        assert_eq!(next_id("nightly-rerun9"), "nightly-rerun10");
        assert_eq!(next_id("nightly-rerunX"), "nightly-rerunX-rerun");
        assert_eq!(next_id(&"x".repeat(64)).len(), 64);
    }
}
