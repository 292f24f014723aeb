//! From selection flags to scenarios.

use std::sync::Arc;

use crate::engine::select::{Selection, select};
use crate::load::Library;
use crate::model::requirement::{Level, Role};
use crate::model::scenario::LoadedScenario;

use super::args::SelectArgs;
use super::failure::Failure;

/// Loads the library and picks scenarios.
///
/// # Errors
/// A broken file, an unknown role or level, or a pick that matches nothing.
pub(crate) fn selected(args: &SelectArgs) -> Result<(Library, Vec<Arc<LoadedScenario>>), Failure> {
    let library = library(args)?;
    let all: Vec<Arc<LoadedScenario>> = library
        .scenarios
        .iter()
        .map(|loaded| Arc::new(loaded.clone()))
        .collect();
    let selection = Selection {
        picks: args.picks.clone(),
        tags: args.tags.clone(),
        not_tags: args.not_tags.clone(),
        roles: words::<Role>(&args.roles, "--role")?,
        levels: words::<Level>(&args.levels, "--level")?,
    };
    let picked = select(&all, &selection, |id| library.requirement(id)).map_err(Failure::usage)?;
    Ok((library, picked))
}

fn library(args: &SelectArgs) -> Result<Library, Failure> {
    if args.scenarios.is_empty() {
        return Ok(Library::embedded()?);
    }
    Ok(Library::with_folders(&args.scenarios)?)
}

/// Reads words of a vocabulary that serde knows.
fn words<T: serde::de::DeserializeOwned>(texts: &[String], flag: &str) -> Result<Vec<T>, Failure> {
    let read = |text: &String| {
        serde_json::from_value(serde_json::Value::String(text.clone()))
            .map_err(|error| Failure::usage(format!("{flag} {text}: {error}")))
    };
    texts.iter().map(read).collect()
}
