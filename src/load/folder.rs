//! Finding scenario files, embedded or on disk.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use include_dir::{Dir, DirEntry};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::source::decode;

/// Most files that are read from one folder.
const MOST_FILES: usize = 10_000;

/// Deepest folder below the one named.
const DEEPEST: usize = 8;

/// Most octets that are read of one file; more than any bound, so that the bound is what is told.
const MOST_OCTETS: u64 = 1024 * 1024;

/// The embedded YAML files whose path is wanted, as path and text, sorted by path.
///
/// # Errors
/// A file that is not UTF-8.
pub(super) fn embedded(
    root: &Dir<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, Diagnostics> {
    let mut files = Vec::new();
    let mut open = vec![root];
    while let Some(folder) = open.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(below) => open.push(below),
                DirEntry::File(file) => {
                    let path = file.path().to_string_lossy().replace('\\', "/");
                    if is_yaml(file.path()) && wanted(&path) {
                        let text = decode(&path, file.contents())?.to_owned();
                        files.push((path, text));
                    }
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The YAML files at `path`: itself, or all below it if it is a folder; as path and octets, sorted by path.
/// Names that begin with a dot are left out.
///
/// # Errors
/// What cannot be read, and a folder without any YAML file: a run never shrinks silently.
pub(super) fn on_disk(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Diagnostics> {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let mut open = vec![(path.to_path_buf(), 0)];
    while let Some((next, depth)) = open.pop() {
        let shown = next.to_string_lossy().into_owned();
        let is_folder = match fs::metadata(&next) {
            Ok(metadata) => metadata.is_dir(),
            Err(error) => {
                problems.push(unreadable(&shown, &error));
                continue;
            }
        };
        if !is_folder {
            match read(&next) {
                Ok(octets) => files.push((shown, octets)),
                Err(error) => problems.push(unreadable(&shown, &error)),
            }
        } else if depth > DEEPEST {
            problems.push(Diagnostic::of_file(
                shown,
                "the folders are nested too deep",
            ));
        } else {
            match entries(&next) {
                Ok(found) => open.extend(found.into_iter().map(|entry| (entry, depth + 1))),
                Err(error) => problems.push(unreadable(&shown, &error)),
            }
        }
        if files.len() > MOST_FILES {
            let message = format!("there are more than {MOST_FILES} files");
            return Err(Diagnostic::of_file(path.to_string_lossy(), message).into());
        }
    }
    if files.is_empty() && problems.is_empty() {
        let problem = Diagnostic::of_file(
            path.to_string_lossy(),
            "there is no scenario in this folder",
        );
        problems.push(problem.with_help("scenarios end in .yaml"));
    }
    Diagnostics::none_of(problems)?;
    files.sort();
    Ok(files)
}

fn entries(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && (is_yaml(&path) || path.is_dir()) {
            found.push(path);
        }
    }
    Ok(found)
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// A file's octets, as many as are ever wanted.
///
/// # Errors
/// What the operating system says.
pub(super) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    fs::File::open(path)?
        .take(MOST_OCTETS)
        .read_to_end(&mut octets)?;
    Ok(octets)
}

/// A file that cannot be read.
pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::of_file(path, format!("cannot be read: {error}"))
}
