//! Who watches a run: progress on standard error, and the stream of events.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::engine::ports::{Clock, Observer};
use crate::record::fan::Fan;
use crate::record::ndjson::NdJson;
use crate::record::progress::Progress;

use super::args::{ProgressMode, RunArgs};
use super::context::{Context, complain, say};
use super::failure::Failure;

/// The observers of a run, made before anything is sent.
///
/// # Errors
/// A file for events that cannot be written.
pub(crate) fn watchers(
    args: &RunArgs,
    context: &Context,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Observer>, Failure> {
    let mut observers: Vec<Arc<dyn Observer>> = vec![Arc::new(progress(args, context))];
    if let Some(path) = &args.pipeline.events {
        let out: Box<dyn Write + Send> = if to_stdout(path) {
            Box::new(std::io::stdout())
        } else {
            let file = std::fs::File::create(path).map_err(|error| {
                Failure::usage(format!("cannot write {}: {error}", path.display()))
            })?;
            Box::new(file)
        };
        observers.push(Arc::new(NdJson::new(out, Arc::clone(clock))));
    }
    Ok(Arc::new(Fan::new(observers)))
}

/// Says the report of a run where the events do not go.
pub(crate) fn say_report(args: &RunArgs, text: &str) {
    match &args.pipeline.events {
        Some(path) if to_stdout(path) => complain(text.trim_end()),
        _ => say(text),
    }
}

/// Whether this path stands for standard output.
pub(crate) fn to_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn progress(args: &RunArgs, context: &Context) -> Progress {
    if args.quiet || args.progress == ProgressMode::None {
        return Progress::none();
    }
    let progress = if args.progress == ProgressMode::Auto && context.terminal_errors {
        Progress::bar()
    } else {
        Progress::plain(Box::new(std::io::stderr()))
    };
    if args.verbose {
        progress.of_every_case()
    } else {
        progress
    }
}
