//! `presec merge`: the parts of a sharded run as one result.

use std::path::Path;

use crate::engine::gate::{Exit, Standing, exit};
use crate::engine::merge::{MergeError, merge as put_together};
use crate::load::Library;
use crate::model::record::RunRecord;
use crate::report::table::TableOptions;
use crate::report::{json, junit, table};

use super::args_results::MergeArgs;
use super::asked::gate;
use super::context::{Context, say};
use super::failure::Failure;
use super::files::write_whole;
use super::outputs::probe_writable;
use super::results::read_results;

/// A part whose evidence is named as it lies below the folder of the merged results; as it was, when it does not.
fn placed(mut part: RunRecord, path: &Path, merged: &Path) -> RunRecord {
    let folder = |path: &Path| path.canonicalize().ok()?.parent().map(Path::to_owned);
    let above = merged.parent().filter(|above| *above != Path::new(""));
    let above = above.unwrap_or_else(|| Path::new(".")).canonicalize().ok();
    let below = folder(path).zip(above).and_then(|(part, above)| {
        let below = part.strip_prefix(above).ok()?;
        Some(
            below
                .components()
                .map(|step| step.as_os_str().to_string_lossy().into_owned())
                .collect::<Vec<_>>(),
        )
    });
    if let Some(below) = below.filter(|below| !below.is_empty()) {
        for evidence in part
            .scenarios
            .iter_mut()
            .filter_map(|case| case.evidence.as_mut())
        {
            *evidence = format!("{}/{evidence}", below.join("/"));
        }
    }
    part
}

/// Puts results together, writes them, and says how the whole run ends.
///
/// # Errors
/// Results that cannot be read, that are not all parts of one run, or files that cannot be written.
pub(crate) fn merge(args: &MergeArgs, context: &Context) -> Result<Exit, Failure> {
    let gate = gate(&args.fail_on)?;
    for path in std::iter::once(&args.json).chain(&args.junit) {
        probe_writable(path)?;
    }
    let parts = args
        .parts
        .iter()
        .map(|path| Ok(placed(read_results(path)?, path, &args.json)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let library = Library::embedded()?;
    let record = put_together(parts, library.register.iter()).map_err(|error| match error {
        MergeError::Unreachable { .. } => Failure::trouble(error.to_string()),
        other => Failure::usage(other.to_string()),
    })?;
    let rerun = record
        .rerun
        .clone()
        .unwrap_or_else(|| "presec run".to_owned());
    let code = exit(&Standing::of(&record), &gate);
    let mut files = format!("results {}\n", args.json.display());
    write_whole(&args.json, &json::to_json(&record)).map_err(Failure::trouble)?;
    if let Some(path) = &args.junit {
        write_whole(path, &junit::render(&record, &rerun)).map_err(Failure::trouble)?;
        files.push_str(&format!("junit   {}\n", path.display()));
    }
    let outcome = format!("exit {}: {}", code.code(), code.meaning());
    if args.quiet {
        say(&format!("{}; {outcome}\n", table::counted(&record)));
        return Ok(code);
    }
    let options = TableOptions {
        width: context.width,
        colour: context.colour,
        verbose: args.verbose,
        rerun,
        outcome,
    };
    say(&format!("{}{files}", table::render(&record, &options)));
    Ok(code)
}
