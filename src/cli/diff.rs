//! `presec diff`: what changed between two runs.

use crate::engine::gate::Exit;
use crate::report::comparison;

use super::args_results::{DiffArgs, DiffFormat};
use super::context::{Context, say};
use super::failure::Failure;
use super::results::read_results;

/// Compares two runs.
///
/// # Errors
/// Results that cannot be read.
pub(crate) fn diff(args: &DiffArgs, context: &Context) -> Result<Exit, Failure> {
    let (old, new) = (read_results(&args.old)?, read_results(&args.new)?);
    let found = comparison::compare(&old, &new, args.only_common);
    say(&match args.format {
        DiffFormat::Text => comparison::text(&found, context.width, context.colour),
        DiffFormat::Markdown => comparison::markdown(&found),
        DiffFormat::Json => {
            let text = serde_json::to_string_pretty(&found)
                .map_err(|error| Failure::trouble(error.to_string()))?;
            format!("{text}\n")
        }
    });
    Ok(if found.regression {
        Exit::Failed
    } else {
        Exit::Met
    })
}
