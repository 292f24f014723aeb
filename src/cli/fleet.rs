//! One call, any number of targets: each gets a run, a folder and results of its own; one exit code stands for all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::engine::gate::{Exit, worst};
use crate::load::{Diagnostics, load_target};

use super::args::RunArgs;
use super::asked::{random_seed, run_id};
use super::context::{Context, complain, say};
use super::failure::Failure;
use super::run::run as run_one;
use super::shard::part;
use super::watch::to_stdout;

/// Runs against the target, the targets, or the embedded reference target.
///
/// # Errors
/// Anything that is wrong before a target is touched.
pub(crate) async fn run(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let mut args = args.clone();
    args.pipeline.part = part(&args, context)?;
    let files = target_files(&args.targets)?;
    let alone = files.len() <= 1 && !args.targets.iter().any(|path| path.is_dir());
    let seed = args.seed.map_or_else(random_seed, Ok)?;
    args.seed = Some(seed);
    let run_id = run_id(&args, seed)?;
    if alone {
        args.target = files.first().cloned();
        if args.pipeline.part.is_some() {
            let base = base_folder(&args, &run_id);
            args.out = Some(part_folder(base, args.pipeline.part));
        }
        return run_one(&args, context).await;
    }
    args.run_id = Some(run_id.clone());
    run_each(&args, &files, &run_id, context).await
}

/// Runs against several targets one after the other, each with its own folder; one exit code for all.
async fn run_each(
    args: &RunArgs,
    files: &[PathBuf],
    run_id: &str,
    context: &Context,
) -> Result<Exit, Failure> {
    refuse_single_files(args)?;
    let folders = folders(files)?;
    let base = base_folder(args, run_id);
    let mut exits = Vec::new();
    let mut lines = Vec::new();
    for (file, folder) in files.iter().zip(&folders) {
        if exits.contains(&Exit::Interrupted) {
            lines.push(format!("{folder}: not run"));
            continue;
        }
        let one = RunArgs {
            target: Some(file.clone()),
            out: Some(part_folder(base.join(folder), args.pipeline.part)),
            ..args.clone()
        };
        let exit = run_one(&one, context).await.unwrap_or_else(|failure| {
            complain(failure.text.trim_end());
            failure.exit
        });
        lines.push(format!(
            "{folder}: exit {}, {}",
            exit.code(),
            exit.meaning()
        ));
        exits.push(exit);
        if !args.quiet && !events_on_stdout(args) {
            say("\n");
        }
    }
    let exit = worst(exits);
    lines.push(format!(
        "{} targets; exit {}: {}",
        files.len(),
        exit.code(),
        exit.meaning()
    ));
    let text = lines.join("\n");
    if events_on_stdout(args) {
        complain(&text);
    } else {
        say(&format!("{text}\n"));
    }
    Ok(exit)
}

fn events_on_stdout(args: &RunArgs) -> bool {
    args.pipeline.events.as_deref().is_some_and(to_stdout)
}

fn base_folder(args: &RunArgs, run_id: &str) -> PathBuf {
    args.out
        .clone()
        .unwrap_or_else(|| PathBuf::from("reports").join(format!("run-{run_id}")))
}

/// Parts of one run never write over each other.
fn part_folder(folder: PathBuf, part: Option<(u32, u32)>) -> PathBuf {
    match part {
        Some((index, total)) => folder.join(format!("shard-{index}-of-{total}")),
        None => folder,
    }
}

/// One file cannot hold the results of several targets.
fn refuse_single_files(args: &RunArgs) -> Result<(), Failure> {
    let events = args
        .pipeline
        .events
        .as_ref()
        .filter(|path| !to_stdout(path))
        .cloned();
    let given = [
        ("--json", &args.json),
        ("--junit", &args.junit),
        ("--html", &args.html),
        ("--sarif", &args.sarif),
        ("--md", &args.md),
        ("--events", &events),
        ("--checkpoint", &args.pipeline.checkpoint),
    ]
    .into_iter()
    .find(|(_, path)| path.is_some());
    match given {
        None => Ok(()),
        Some((flag, _)) => Err(Failure::usage(format!(
            "{flag} names one file, and there are several targets; --out names a folder, in which each target gets its own"
        ))),
    }
}

/// The target files, those of folders in the order of their names.
fn target_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let found = if path.is_dir() {
            in_folder(path)?
        } else {
            vec![path.clone()]
        };
        for file in found {
            if files.contains(&file) {
                let text = format!("--target {} is there twice", file.display());
                return Err(Failure::usage(text));
            }
            files.push(file);
        }
    }
    Ok(files)
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    let is_target = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.')
            && (name.ends_with(".yaml") || name.ends_with(".yml"))
            && path.is_file()
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(is_target)
        .collect();
    if files.is_empty() {
        let text = format!("there is no target file (.yaml) in {shown}");
        return Err(Failure::usage(text));
    }
    files.sort();
    Ok(files)
}

/// A folder for each target, by its name. Every file is read before the first target is touched.
fn folders(files: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let mut problems = Vec::new();
    let mut folders = Vec::new();
    for file in files {
        match load_target(file) {
            Ok(loaded) => folders.push(loaded.target.name.trim().replace([' ', '/'], "-")),
            Err(found) => problems.extend(found.into_vec()),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::from(Diagnostics::new(problems)));
    }
    let mut seen: BTreeMap<&str, &PathBuf> = BTreeMap::new();
    for (folder, file) in folders.iter().zip(files) {
        if let Some(other) = seen.insert(folder, file) {
            return Err(Failure::usage(format!(
                "{} and {} have the same name; each target needs its own",
                other.display(),
                file.display()
            )));
        }
        if folder.trim_matches('.').is_empty() {
            let text = format!("{}: the name cannot stand for a folder", file.display());
            return Err(Failure::usage(text));
        }
    }
    Ok(folders)
}
