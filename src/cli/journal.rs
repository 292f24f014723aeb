//! The undo journal of a run: a file that says what documents were, before they are written.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::engine::ports::{Journal, Trouble};
use crate::model::journal::JournalEntry;

/// Name of the journal in the folder of a run.
pub(crate) const JOURNAL: &str = "undo-journal.ndjson";
/// Longest journal that is read.
const MAX_JOURNAL: u64 = 64 * 1024 * 1024;

/// One line of a journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first one.
    Journal(Head),
    /// A document is about to be written.
    Begin(JournalEntry),
    /// It is as it was.
    Settled { case: String, path: String },
}

/// Whose journal it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// Of this form.
    format: u8,
    /// The run.
    pub(crate) run_id: String,
    /// The target file.
    pub(crate) target_file: PathBuf,
}

/// A journal in a file, which is there only while something is not as it was.
pub(crate) struct FileJournal {
    path: PathBuf,
    head: Head,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    file: Option<File>,
    open: BTreeMap<(String, String), u32>,
}

impl FileJournal {
    /// A journal for a run; the file is made with the first entry.
    pub(crate) fn new(folder: &Path, run_id: &str, target_file: &Path) -> Self {
        let absolute = std::path::absolute(target_file);
        Self {
            path: folder.join(JOURNAL),
            head: Head {
                format: 1,
                run_id: run_id.to_owned(),
                target_file: absolute.unwrap_or_else(|_| target_file.to_owned()),
            },
            state: Mutex::default(),
        }
    }

    /// Removes the file when everything is as it was; else where it is.
    pub(crate) fn close(&self) -> Option<&Path> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let was_there = state.file.take().is_some();
        if !was_there {
            return None;
        }
        if state.open.is_empty() {
            let _ = std::fs::remove_file(&self.path);
            return None;
        }
        Some(&self.path)
    }

    fn append(&self, state: &mut State, line: &Line) -> std::io::Result<()> {
        let file = match &mut state.file {
            Some(file) => file,
            none => {
                let mut file = private(&self.path)?;
                put(&mut file, &Line::Journal(self.head.clone()))?;
                none.insert(file)
            }
        };
        put(file, line)
    }
}

fn put(file: &mut File, line: &Line) -> std::io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    file.write_all(text.as_bytes())?;
    // What is not on the disk does not outlive the machine; what is in the kernel outlives the process.
    file.sync_data()
}

/// Opens a file for appending that only its owner can read: it holds documents of the target.
fn private(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Journal for FileJournal {
    fn begin(&self, entry: &JournalEntry) -> Result<(), Trouble> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.append(&mut state, &Line::Begin(entry.clone()))
            .map_err(|error| {
                Trouble::NotProven(format!(
                    "nothing is written to {}, the undo journal {} cannot be kept: {error}",
                    entry.path,
                    self.path.display()
                ))
            })?;
        let key = (entry.case.clone(), entry.path.clone());
        *state.open.entry(key).or_default() += 1;
        Ok(())
    }

    fn settled(&self, case: &str, path: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (case, path) = (case.to_owned(), path.to_owned());
        state.open.remove(&(case.clone(), path.clone()));
        if let Err(error) = self.append(&mut state, &Line::Settled { case, path }) {
            // The document is as it was; cleanup would find that out by itself.
            tracing::warn!(%error, "the undo journal cannot be kept");
        }
    }
}

/// What a journal left open, oldest first; `None` when the file is no journal.
///
/// # Errors
/// A file that cannot be read, or lines in its middle that say nothing.
pub(crate) fn read(path: &Path) -> Result<Option<(Head, Vec<JournalEntry>)>, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let length = std::fs::metadata(path).map_err(|error| told(&error))?.len();
    if length > MAX_JOURNAL {
        return Err(told(&"the file is too long for an undo journal"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
    let mut lines = text.lines();
    let first = lines.next().map(serde_json::from_str::<Line>);
    let Some(Ok(Line::Journal(head))) = first else {
        return Ok(None);
    };
    let mut open: Vec<JournalEntry> = Vec::new();
    let count = text.lines().count();
    for (number, line) in lines.enumerate() {
        match serde_json::from_str::<Line>(line) {
            Ok(Line::Begin(entry)) => open.push(entry),
            Ok(Line::Settled { case, path }) => {
                open.retain(|entry| entry.case != case || entry.path != path);
            }
            // The last line may be cut by what ended the run; nothing was written for it yet.
            Err(_) if number + 2 == count => {}
            Ok(Line::Journal(_)) | Err(_) => {
                return Err(told(&format!("line {} is none of a journal", number + 2)));
            }
        }
    }
    Ok(Some((head, open)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::journal::DocumentBefore;

    fn entry(case: &str, path: &str) -> JournalEntry {
        JournalEntry {
            case: case.to_owned(),
            path: path.to_owned(),
            owner: Some("alice".to_owned()),
            before: DocumentBefore::Absent,
        }
    }

    #[test]
    fn what_was_not_settled_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::new(folder.path(), "r", Path::new("target.yaml"));
        let path = folder.path().join(JOURNAL);
        assert!(!path.exists());
        journal.begin(&entry("XC-02", "/a")).unwrap();
        journal.begin(&entry("XC-04", "/b")).unwrap();
        journal.settled("XC-02", "/a");
        let (head, open) = read(&path).unwrap().unwrap();
        assert_eq!(head.run_id, "r");
        assert!(head.target_file.is_absolute());
        assert_eq!(open, [entry("XC-04", "/b")]);
        assert_eq!(journal.close(), Some(path.as_path()));
        // A line that was cut.
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"begin\":{\"case\":\"XC");
        std::fs::write(&path, &text).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().1.len(), 1);
        std::fs::write(&path, format!("{text}\n{{}}\n{{}}\n")).unwrap();
        assert!(read(&path).is_err());
    }

    #[test]
    fn a_journal_without_anything_open_goes() {
        let folder = tempfile::tempdir().unwrap();
        let journal = FileJournal::new(folder.path(), "r", Path::new("target.yaml"));
        assert_eq!(journal.close(), None);
        journal.begin(&entry("XC-02", "/a")).unwrap();
        journal.settled("XC-02", "/a");
        assert_eq!(journal.close(), None);
        assert!(!folder.path().join(JOURNAL).exists());
        let other = folder.path().join("target.yaml");
        std::fs::write(&other, "name: x\n").unwrap();
        assert!(read(&other).unwrap().is_none());
    }
}
