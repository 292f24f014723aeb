//! Reports from a results file, later and elsewhere.

use std::path::{Path, PathBuf};

use crate::engine::gate::{Exit, Standing, exit};
use crate::model::record::RunRecord;
use crate::model::verdict::Verdict;
use crate::report::table::TableOptions;
use crate::report::{coverage, html, junit, lab_form, markdown, sarif, table};

use super::args::ReportArgs;
use super::context::{Context, say};
use super::failure::Failure;
use super::files::write_whole;
use super::results::read_results;

/// A format.
type Render = fn(&RunRecord) -> String;

/// Writes the reports asked for; without any, prints the terminal's table.
///
/// # Errors
/// Results that cannot be read or come from a newer presec; a report that cannot be written.
pub(crate) fn report(args: &ReportArgs, context: &Context) -> Result<Exit, Failure> {
    let record = read_results(&args.results)?;
    let matrix = args
        .coverage
        .as_deref()
        .map(|path| matrix(path, &record).map(|text| (path, text)))
        .transpose()?;
    let wanted: [(&Option<PathBuf>, Render); 5] = [
        (&args.html, html::render),
        (&args.sarif, sarif::render),
        (&args.junit, |record| junit::render(record, rerun(record))),
        (&args.md, markdown::render),
        (&args.lab_form, lab_form::render),
    ];
    let mut files: Vec<(&Path, String)> = matrix.into_iter().collect();
    for (path, render) in wanted {
        files.extend(path.as_deref().map(|path| (path, render(&record))));
    }
    if files.is_empty() {
        say(&table::render(
            &record,
            &options(&record, context, args.verbose),
        ));
        return Ok(Exit::Met);
    }
    for (path, text) in files {
        write_whole(path, &text).map_err(Failure::usage)?;
        say(&format!("{}\n", path.display()));
    }
    Ok(Exit::Met)
}

fn rerun(record: &RunRecord) -> &str {
    record.rerun.as_deref().unwrap_or("presec run")
}

fn matrix(path: &Path, record: &RunRecord) -> Result<String, Failure> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(coverage::csv(record)),
        Some("md") => Ok(coverage::markdown(record)),
        _ => Err(Failure::usage(format!(
            "--coverage {}: the file must end in .csv or .md",
            path.display()
        ))),
    }
}

fn options(record: &RunRecord, context: &Context, verbose: bool) -> TableOptions {
    let gate = [Verdict::Fail, Verdict::Inconclusive, Verdict::Error];
    let code = exit(&Standing::of(record), &gate);
    TableOptions {
        width: context.width,
        colour: context.colour,
        verbose,
        rerun: rerun(record).to_owned(),
        outcome: format!(
            "exit {} under the default gate: {}",
            code.code(),
            code.meaning()
        ),
    }
}
