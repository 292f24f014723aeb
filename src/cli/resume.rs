//! `presec resume`: goes on with cases that an earlier run parked.

use std::path::Path;

use crate::engine::gate::Exit;
use crate::load::load_target;

use super::args_results::ResumeArgs;
use super::context::{Context, complain};
use super::failure::Failure;
use super::parked::{FileParking, State, read};
use super::run;

/// Judges the cases of a state file whose time has come; the others stay in it.
///
/// # Errors
/// A state file that cannot be used, or another target than that of the cases.
pub(crate) async fn resume(args: &ResumeArgs, context: &Context) -> Result<Exit, Failure> {
    let mut run = args.run.clone();
    if !run.select.picks.is_empty() {
        return Err(Failure::usage(
            "resume takes its cases from the state file; all whose time has come are judged",
        ));
    }
    if run.pipeline.checkpoint.is_some() || run.pipeline.shard.is_some() {
        return Err(Failure::usage(
            "resume goes on with the cases of one state file, as a whole: --checkpoint and --shard are for `run`",
        ));
    }
    let state = read(&args.state)?;
    tell_if_open(&args.state);
    let target = match run.targets.as_slice() {
        [] => state.target.file.clone(),
        [given] => given.clone(),
        _ => return Err(Failure::usage("parked cases have one target")),
    };
    same_target(&target, &state)?;
    run.target = Some(target);
    run.select.picks = state.cases.iter().map(|case| case.id.clone()).collect();
    // What is given now comes last and wins.
    run.select.scenarios = [state.scenarios.clone(), run.select.scenarios].concat();
    run.policy = [state.policy.clone(), run.policy].concat();
    run.risks = [state.risks.clone(), run.risks].concat();
    run.pipeline.parking = Some(FileParking::resumed(&args.state, state));
    run::run(&run, context).await
}

/// A session is of no use anywhere but where it was made.
fn same_target(file: &Path, state: &State) -> Result<(), Failure> {
    if !file.is_file() {
        return Err(Failure::usage(format!(
            "the cases were parked with the target file {}, which is not there; name it with --target",
            file.display()
        )));
    }
    let target = load_target(file)?.target;
    for (what, parked, now) in [
        ("name", &state.target.name, &target.name),
        ("URL", &state.target.url, &target.ut.url),
    ] {
        if parked != now {
            return Err(Failure::usage(format!(
                "{} is another target than the cases were parked with: its {what} is {now}, theirs {parked}",
                file.display()
            )));
        }
    }
    Ok(())
}

/// Whoever else can read the file has the sessions.
fn tell_if_open(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).map(|found| found.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            let shown = path.display();
            complain(&format!(
                "note: others can read {shown}, which holds secrets of TLS sessions; `chmod 600 {shown}`"
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}
