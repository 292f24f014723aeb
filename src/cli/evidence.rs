//! The folder of evidence, and what a run is told to keep.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::{Args, ValueEnum};

use crate::engine::ports::Clock;
use crate::load::Library;
use crate::model::secret::Secret;
use crate::probe::target::ResolvedTarget;
use crate::record::evidence::{EvidenceBook, EvidenceSettings, Kept, Parcel, RunFacts, Storage};
use crate::report::layout::shell_word;

use super::args::RunArgs;
use super::failure::Failure;
use super::outputs::rerun_command;

/// The folder of evidence, in the folder of the run; a later run into the same folder has a number behind it.
const FOLDER: &str = "evidence";
/// Most folders of evidence in the folder of a run.
const MOST: u32 = 100;

/// Flags of `run` about evidence.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct EvidenceArgs {
    /// Of which cases to keep what went over the wire, in the folder `evidence` of the run's folder.
    #[arg(long, default_value = "failed", value_name = "WHICH")]
    evidence: Which,
    /// Whether evidence has captures that decrypt, which hold keys and credentials; on for a loopback target unless given. Off: transcripts without secrets only.
    #[arg(long, value_name = "WHETHER")]
    evidence_secrets: Option<Switch>,
}

/// Of which cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Which {
    /// Of none.
    None,
    /// Of those that failed, warned, were inconclusive or ended in an error.
    #[default]
    Failed,
    /// Of all that ran.
    All,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// What names a run.
pub(crate) struct Named<'a> {
    /// The run's id.
    pub(crate) run_id: &'a str,
    /// The seed.
    pub(crate) seed: u64,
    /// The folder of the run.
    pub(crate) folder: &'a Path,
}

/// The book in which the evidence of a run is kept.
///
/// # Errors
/// A folder that holds evidence already, or cannot be written to.
pub(crate) fn book(
    args: &RunArgs,
    named: &Named<'_>,
    (target, library): (&ResolvedTarget, &Library),
    clock: &Arc<dyn Clock>,
) -> Result<EvidenceBook, Failure> {
    let kept = match args.evidence.evidence {
        Which::None => Kept::None,
        Which::Failed => Kept::Failed,
        Which::All => Kept::All,
    };
    let name = match kept {
        Kept::None => FOLDER.to_owned(),
        Kept::Failed | Kept::All => free(named.folder)?,
    };
    let folder = named.folder.join(&name);
    let loopback = target.address.ip().is_loopback();
    let captures = match args.evidence.evidence_secrets {
        Some(switch) => switch == Switch::On,
        None => loopback,
    };
    let secrets = target.subscribers.values();
    let again = again(args, named.seed);
    let settings = EvidenceSettings {
        kept,
        folder: name,
        captures,
        secrets: secrets
            .flat_map(|subscriber| {
                let shared = subscriber.pre_shared_key.iter();
                let shared = shared
                    .flat_map(|shared| [Some(shared.key.clone()), shared.of_tls13.clone()])
                    .flatten();
                std::iter::once(subscriber.password.clone()).chain(shared)
            })
            .collect::<Vec<Secret>>(),
        suites: Arc::new(library.suites.clone()),
        run: RunFacts {
            program: concat!("presec ", env!("CARGO_PKG_VERSION")).to_owned(),
            run_id: named.run_id.to_owned(),
            seed: named.seed,
            target: (
                target.name.clone(),
                target.url.clone(),
                target.address.to_string(),
            ),
            rerun: Box::new(move |id| format!("{again} {}", shell_word(id))),
        },
    };
    let storage = Arc::new(EvidenceFolder::new(folder));
    Ok(EvidenceBook::new(settings, storage, Arc::clone(clock)))
}

/// The command that does the same again with one case, without the case's id.
fn again(args: &RunArgs, seed: u64) -> String {
    let mut command = rerun_command(args);
    let mut add = |flag: &str, value: &str| {
        command.push_str(&format!(" --{flag} {}", shell_word(value)));
    };
    add("seed", &seed.to_string());
    add("evidence", "all");
    command
}

/// A name below `above` under which nothing lies yet: evidence of two runs is never mixed, and none is lost.
fn free(above: &Path) -> Result<String, Failure> {
    let refuse = |error: &dyn std::fmt::Display| {
        let shown = above.join(FOLDER);
        Failure::usage(format!("cannot write {}: {error}", shown.display()))
    };
    // What cannot be written must not cost a run.
    fs::create_dir_all(above).map_err(|error| refuse(&error))?;
    tempfile::NamedTempFile::new_in(above).map_err(|error| refuse(&error))?;
    let names = (2..=MOST).map(|number| format!("{FOLDER}-{number}"));
    std::iter::once(FOLDER.to_owned())
        .chain(names)
        .find(|name| above.join(name).symlink_metadata().is_err())
        .ok_or_else(|| {
            refuse(&format!(
                "{MOST} runs left evidence there; name another folder with --out or --run-id, or take --evidence none"
            ))
        })
}

/// A folder in which the evidence of each case appears at once.
struct EvidenceFolder {
    folder: PathBuf,
    begun: AtomicU64,
}

impl EvidenceFolder {
    fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            begun: AtomicU64::new(0),
        }
    }
}

impl Storage for EvidenceFolder {
    fn begin(&self) -> io::Result<Box<dyn Parcel>> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        // By every case: the first to begin need not be the first to get here.
        fs::create_dir_all(&self.folder)?;
        let unfinished = self.folder.join(format!(".unfinished-{number}"));
        fs::create_dir(&unfinished)?;
        Ok(Box::new(CaseFolder {
            unfinished,
            folder: self.folder.clone(),
            kept: false,
        }))
    }

    fn whole(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        restrict(file.path(), false)?;
        file.as_file().sync_all()?;
        file.persist(self.folder.join(name))
            .map_err(|error| error.error)?;
        Ok(())
    }
}

/// The evidence of one case, under a name that nobody takes for finished.
struct CaseFolder {
    unfinished: PathBuf,
    folder: PathBuf,
    kept: bool,
}

impl Parcel for CaseFolder {
    fn file(&mut self, name: &str, secret: bool) -> io::Result<Box<dyn Write>> {
        let path = self.unfinished.join(name);
        Ok(Box::new(create(&path, secret)?))
    }

    fn keep(mut self: Box<Self>, name: &str) -> io::Result<()> {
        fs::rename(&self.unfinished, self.folder.join(name))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for CaseFolder {
    fn drop(&mut self) {
        if !self.kept {
            // There is nobody to tell; what stays has a name that says it is unfinished.
            let _ = fs::remove_dir_all(&self.unfinished);
        }
    }
}

/// A new file; one with secrets is its owner's alone from the beginning.
fn create(path: &Path, secret: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = secret;
    options.open(path)
}

/// Temporary files are private; what holds no secret is meant to be read by the next CI step.
fn restrict(path: &Path, secret: bool) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if secret { 0o600 } else { 0o644 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, secret);
        Ok(())
    }
}
