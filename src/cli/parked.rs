//! The state file of parked cases: whoever can read it has the sessions in it.
//!
//! Two lines: a head with the format and the SHA-256 of the rest, and the rest. A bit that flipped in a ticket would make
//! a target look as if it forgot its sessions, so that nothing is taken from a file that is not as it was written.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::engine::parking::{ParkedCase, Parking};
use crate::engine::plan::PlannedCase;
use crate::engine::ports::Trouble;
use crate::engine::situation::Applicability;
use crate::load::LoadedTarget;
use crate::report::layout::shell_word;

use super::args::RunArgs;
use super::context::complain;
use super::failure::Failure;
use super::files::write_private;
use super::outputs::probe_writable;
use super::place::Place;

/// What the head calls a state file.
const KIND: &str = "parked cases";
/// The format that is written; a higher one is not read.
const FORMAT: u32 = 1;
/// The largest state file that is read, in octets.
const LARGEST: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
struct Head {
    presec: String,
    format: u32,
    sha256: String,
}

/// Everything a later run needs besides the target file and the scenarios.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// The version of presec that wrote it.
    pub(crate) version: String,
    /// The target.
    pub(crate) target: StateTarget,
    /// Folders with scenarios of the user.
    pub(crate) scenarios: Vec<PathBuf>,
    /// Policy set for the run, over the target file.
    pub(crate) policy: Vec<String>,
    /// Further risks.
    pub(crate) risks: Vec<String>,
    /// The cases, in the order in which they were parked.
    pub(crate) cases: Vec<ParkedCase>,
}

/// The target of parked cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateTarget {
    /// The target file.
    pub(crate) file: PathBuf,
    /// SHA-256 of its text in lower-case hex.
    pub(crate) file_sha256: String,
    /// The target's name.
    pub(crate) name: String,
    /// Its URL.
    pub(crate) url: String,
    /// The address that was connected to.
    pub(crate) address: String,
}

/// Parked cases in a file, which is there only while there are any.
#[derive(Debug)]
pub(crate) struct FileParking {
    path: PathBuf,
    /// What an earlier run parked; these go on now.
    waiting: Vec<Arc<ParkedCase>>,
    state: Mutex<State>,
}

impl FileParking {
    /// Where a run parks what has to wait; `None` unless it was asked to. Made before anything is sent.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn of(args: &RunArgs, place: &Place) -> Result<Option<Arc<Self>>, Failure> {
        if let Some(resumed) = &args.pipeline.parking {
            return Ok(Some(Arc::clone(resumed)));
        }
        let (Some(path), Some(file)) = (&args.pipeline.checkpoint, &args.target) else {
            return Ok(None);
        };
        probe_writable(path)?;
        let folders = args.select.scenarios.iter();
        let state = State {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: StateTarget {
                file: absolute(file),
                file_sha256: place.loaded.file_sha256.clone(),
                name: place.target.name.clone(),
                url: place.target.url.clone(),
                address: place.target.address.to_string(),
            },
            scenarios: folders.map(|folder| absolute(folder)).collect(),
            policy: args.policy.clone(),
            risks: args.risks.clone(),
            cases: Vec::new(),
        };
        Ok(Some(Arc::new(Self {
            path: path.clone(),
            waiting: Vec::new(),
            state: Mutex::new(state),
        })))
    }

    /// The cases of a state file, which go on now.
    pub(crate) fn resumed(path: &Path, state: State) -> Arc<Self> {
        Arc::new(Self {
            path: path.to_owned(),
            waiting: state.cases.iter().cloned().map(Arc::new).collect(),
            state: Mutex::new(state),
        })
    }

    /// Gives cases what was parked of them; those of which nothing was are dropped from a run that resumes. One made at
    /// another address stays undecided: another node need not know the session, whatever its age.
    pub(crate) fn hand_out(&self, cases: &mut Vec<PlannedCase>, address: &str) {
        if self.waiting.is_empty() {
            return;
        }
        let parked_at = self.state().target.address.clone();
        cases.retain_mut(|case| {
            let of_this = |parked: &&Arc<ParkedCase>| parked.id == case.id;
            case.parked = self.waiting.iter().find(of_this).cloned();
            if case.parked.is_some()
                && case.applicability == Applicability::Applies
                && parked_at != address
            {
                case.applicability = Applicability::Unknown(format!(
                    "its sessions were made at {parked_at} and the target is now at {address}; `ut.address` in the target file pins it"
                ));
            }
            case.parked.is_some() || case.applicability != Applicability::Applies
        });
    }

    /// What has changed since cases were parked, for the notes of the run that resumes them.
    pub(crate) fn changes(&self, loaded: &LoadedTarget) -> Vec<String> {
        let state = self.state();
        let before = &state.target.file_sha256;
        if self.waiting.is_empty() || *before == loaded.file_sha256 {
            return Vec::new();
        }
        vec![format!(
            "the target file has changed since the cases were parked (SHA-256 {before} then, {} now)",
            loaded.file_sha256
        )]
    }

    /// Says what is parked when a run ends.
    pub(crate) fn tell(&self) {
        let shown = self.path.display();
        let state = self.state();
        match (state.cases.len(), self.waiting.is_empty()) {
            (0, true) => complain(&format!(
                "note: nothing was parked; {shown} was not written"
            )),
            (0, false) => complain(&format!(
                "note: nothing is parked any more; {shown} is gone"
            )),
            (count, _) => complain(&format!(
                "note: {count} {} parked in {shown}, which holds secrets; `{}` goes on with {}",
                if count == 1 { "case is" } else { "cases are" },
                self.command(),
                if count == 1 { "it" } else { "them" },
            )),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the file whole, or removes it when nothing is parked any more.
    fn write(&self, state: &State) -> Result<(), String> {
        if state.cases.is_empty() {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(format!("cannot remove {}: {error}", self.path.display()))
                }
                _ => Ok(()),
            };
        }
        let text = encode(state).map_err(|error| error.to_string())?;
        write_private(&self.path, &text)
    }
}

impl Parking for FileParking {
    fn keep(&self, case: &ParkedCase) -> Result<(), Trouble> {
        let mut state = self.state();
        let mut changed = state.clone();
        changed.cases.retain(|other| other.id != case.id);
        changed.cases.push(case.clone());
        self.write(&changed).map_err(Trouble::NotProven)?;
        *state = changed;
        Ok(())
    }

    fn kept(&self, id: &str) -> Option<ParkedCase> {
        let state = self.state();
        state.cases.iter().find(|case| case.id == id).cloned()
    }

    fn release(&self, id: &str) {
        let mut state = self.state();
        state.cases.retain(|case| case.id != id);
        if let Err(problem) = self.write(&state) {
            // It would be judged once more, which harms nobody.
            complain(&format!("error: {problem}"));
        }
    }

    fn command(&self) -> String {
        let path = self.path.display().to_string();
        format!("presec resume {}", shell_word(&path))
    }
}

/// Whether `--checkpoint` makes sense, before anything is started.
///
/// # Errors
/// A target that ends with the run, or a file that is there already: somebody may wait for what it holds.
pub(crate) fn check_checkpoint(args: &RunArgs) -> Result<(), Failure> {
    let Some(path) = &args.pipeline.checkpoint else {
        return Ok(());
    };
    if args.target.is_none() {
        return Err(Failure::usage(
            "--checkpoint needs a --target: the embedded target ends with the run (`presec serve` starts one that stays)",
        ));
    }
    if path.exists() {
        let shown = path.display();
        return Err(Failure::usage(format!(
            "{shown} exists already and may hold cases that wait; name another file, or go on with it by `presec resume {shown}`"
        )));
    }
    Ok(())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn encode(state: &State) -> serde_json::Result<String> {
    let body = serde_json::to_string(state)?;
    let head = serde_json::to_string(&Head {
        presec: KIND.to_owned(),
        format: FORMAT,
        sha256: hex::encode(Sha256::digest(&body)),
    })?;
    Ok(format!("{head}\n{body}\n"))
}

/// Reads a state file. No message repeats any of it: it may be a secret.
///
/// # Errors
/// A file that cannot be read, is another kind of file, of a newer format, or not as it was written.
pub(crate) fn read(path: &Path) -> Result<State, Failure> {
    let shown = path.display();
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("cannot read {shown}: {error}"));
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > LARGEST {
        return Err(Failure::usage(format!(
            "{shown} is no file of parked cases: it is larger than {LARGEST} octets"
        )));
    }
    let octets = std::fs::read(path).map_err(unreadable)?;
    decode(&octets).map_err(|what| Failure::usage(format!("{shown} {what}")))
}

fn decode(octets: &[u8]) -> Result<State, String> {
    let text = String::from_utf8_lossy(octets);
    let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
    let foreign = "is no file of parked cases; `presec run --checkpoint FILE` writes one";
    let head: Head = serde_json::from_str(head).map_err(|_| foreign.to_owned())?;
    if head.presec != KIND {
        return Err(foreign.to_owned());
    }
    if head.format > FORMAT {
        return Err(format!(
            "was written by a newer presec (format {}, and this one knows {FORMAT}); resume it with that one",
            head.format
        ));
    }
    let body = body.trim_end_matches('\n');
    let damaged = "is damaged: it is not as it was written, and nothing in it can be trusted; park the cases anew";
    if hex::encode(Sha256::digest(body)) != head.sha256 {
        return Err(damaged.to_owned());
    }
    serde_json::from_str(body).map_err(|_| damaged.to_owned())
}

#[cfg(test)]
mod tests;
