//! `presec cleanup`: makes documents as they were before a run that was killed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::gate::Exit;
use crate::engine::ports::Clock;
use crate::load::Library;
use crate::model::journal::JournalEntry;
use crate::report::clean::clean;

use super::args_results::CleanupArgs;
use super::asked::random_seed;
use super::clock::SystemClock;
use super::context::{Context, complain, say};
use super::failure::Failure;
use super::journal::{Head, JOURNAL, read};
use super::place::Place;

/// A journal that was found.
struct Found {
    path: PathBuf,
    head: Head,
    open: Vec<JournalEntry>,
}

/// Puts back what the journals left open, the last write first, and removes those that are done.
///
/// # Errors
/// No journal, one that cannot be read, or a target file that cannot be used.
pub(crate) async fn cleanup(args: &CleanupArgs, context: &Context) -> Result<Exit, Failure> {
    let (of, moved) = match (&args.of, &args.target) {
        (Some(of), moved) => (of, moved.as_deref()),
        (None, Some(target)) => (target, None),
        (None, None) => return Err(Failure::usage("a journal or a target file is needed")),
    };
    let found = find(of).map_err(Failure::usage)?;
    if found.is_empty() {
        say("nothing to clean up: no undo journal is left\n");
        return Ok(Exit::Met);
    }
    let library = Library::embedded()?;
    let mut left = 0;
    for journal in found {
        left += one(journal, moved, (&library, context)).await?;
    }
    Ok(if left == 0 {
        Exit::Met
    } else {
        Exit::Undecided
    })
}

async fn one(
    found: Found,
    moved: Option<&Path>,
    (library, context): (&Library, &Context),
) -> Result<usize, Failure> {
    let target = moved.unwrap_or(&found.head.target_file);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let place = Place::unwatched(target, library, context, (clock, random_seed()?))?;
    let count = found.open.len();
    let left = place.probe.put_back(&found.open).await;
    place.close().await;
    for line in &left {
        complain(&format!("error: {}", clean(line)));
    }
    let run = &found.head.run_id;
    if left.is_empty() {
        std::fs::remove_file(&found.path).map_err(|error| {
            Failure::trouble(format!(
                "{} cannot be removed: {error}",
                found.path.display()
            ))
        })?;
        say(&format!(
            "run {run}: {}; {} removed\n",
            as_before(count, count),
            found.path.display()
        ));
    } else {
        let done = count.saturating_sub(left.len());
        say(&format!(
            "run {run}: {}; {} stays\n",
            as_before(done, count),
            found.path.display()
        ));
    }
    Ok(left.len())
}

/// How many of the documents are as they were before the run.
fn as_before(done: usize, count: usize) -> String {
    match (done, count) {
        (1, 1) => "1 document is as it was".to_owned(),
        (0, 1) => "1 document is not as it was".to_owned(),
        (done, count) if done == count => format!("{count} documents are as they were"),
        (1, count) => format!("1 of {count} documents is as it was"),
        (done, count) => format!("{done} of {count} documents are as they were"),
    }
}

/// The journals that an argument means: a journal, the folder of a run, or a target file whose runs lie below `reports/`.
fn find(of: &Path) -> Result<Vec<Found>, String> {
    let path = if of.is_dir() {
        of.join(JOURNAL)
    } else {
        of.to_owned()
    };
    if of.is_dir() && !path.exists() {
        return Ok(Vec::new());
    }
    if let Some((head, open)) = read(&path)? {
        return Ok(vec![Found { path, head, open }]);
    }
    let target =
        std::path::absolute(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut found = Vec::new();
    let Ok(runs) = std::fs::read_dir("reports") else {
        return Ok(found);
    };
    let mut journals: Vec<PathBuf> = runs.flatten().map(|run| run.path().join(JOURNAL)).collect();
    journals.sort();
    for path in journals.into_iter().filter(|path| path.exists()) {
        if let Some((head, open)) = read(&path)?.filter(|(head, _)| head.target_file == target) {
            found.push(Found { path, head, open });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::as_before;

    #[test]
    fn one_document_is_and_several_are() {
        let told = [(1, 1), (0, 1), (3, 3), (0, 3), (1, 3), (2, 3)].map(|(a, b)| as_before(a, b));
        assert_eq!(
            told,
            [
                "1 document is as it was",
                "1 document is not as it was",
                "3 documents are as they were",
                "0 of 3 documents are as they were",
                "1 of 3 documents is as it was",
                "2 of 3 documents are as they were",
            ]
        );
    }
}
