//! Everything presec can run: the embedded scenarios, those of the user, and what they refer to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::model::profile::TlsProfiles;
use crate::model::requirement::{Interpretation, Requirement};
use crate::model::scenario::{LoadedScenario, Scenario};
use crate::model::suite::{SuiteRegistry, SuiteSets};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::lint::Provenance;
use super::register::Register;
use super::source::decode;
use super::vocabulary::{DATA_FOLDERS, EMBEDDED, Vocabulary};
use super::{folder, scenario};

/// Scenarios and what they refer to.
#[derive(Debug, Clone)]
pub struct Library {
    /// The scenarios in the order of their ids.
    pub scenarios: Vec<LoadedScenario>,
    /// The requirements.
    pub register: Register,
    /// The known cipher suites.
    pub suites: SuiteRegistry,
    /// The named suite sets.
    pub sets: SuiteSets,
    /// The TLS profiles by release.
    pub profiles: TlsProfiles,
}

impl Library {
    /// What came with the binary.
    ///
    /// # Errors
    /// What is wrong with it; tests see to it that nothing is.
    pub fn embedded() -> Result<Self, Diagnostics> {
        Self::with_folders(&[])
    }

    /// What came with the binary and the scenarios in `folders` (or files).
    ///
    /// # Errors
    /// Everything wrong with any file, and ids that occur twice: one broken file and nothing is loaded.
    pub fn with_folders(folders: &[PathBuf]) -> Result<Self, Diagnostics> {
        let vocabulary = Vocabulary::read()?;
        let mut shelf = Shelf::new(&vocabulary);
        shelf.put_embedded();
        for folder in folders {
            shelf.put_folder(folder);
        }
        let scenarios = shelf.finish()?;
        let Vocabulary {
            register,
            suites,
            sets,
            profiles,
        } = vocabulary;
        Ok(Self {
            scenarios,
            register,
            suites,
            sets,
            profiles,
        })
    }

    /// The scenario with this id.
    #[must_use]
    pub fn scenario(&self, id: &str) -> Option<&LoadedScenario> {
        self.scenarios
            .iter()
            .find(|loaded| loaded.scenario.id == id)
    }

    /// The requirement with this id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.register.requirement(id)
    }

    /// The interpretation with this slug.
    #[must_use]
    pub fn interpretation(&self, slug: &str) -> Option<&Interpretation> {
        self.register.interpretation(slug)
    }

    /// The members of a suite set by the names results use: IANA names, else hex.
    #[must_use]
    pub fn set_members(&self, set: &str) -> Option<Vec<String>> {
        let members = self.sets.get(set)?;
        Some(
            members
                .iter()
                .map(|suite| self.suites.label(suite.0))
                .collect(),
        )
    }
}

/// Reads and lints files or folders as user scenarios, for `presec lint`; how many were found good.
///
/// # Errors
/// Everything wrong with any file, ids that occur twice among them or that presec's own scenarios have. A file
/// that is one of presec's own (same id, same text) is no duplicate.
pub fn lint_paths(paths: &[PathBuf]) -> Result<usize, Diagnostics> {
    let vocabulary = Vocabulary::shared()?;
    let mut shelf = Shelf::new(vocabulary);
    shelf.put_embedded();
    shelf.same_text_is_same = true;
    for path in paths {
        shelf.put_folder(path);
    }
    let read = shelf.read;
    shelf.finish()?;
    Ok(read)
}

/// Scenarios as they come in.
struct Shelf<'a> {
    vocabulary: &'a Vocabulary,
    by_id: BTreeMap<String, LoadedScenario>,
    problems: Vec<Diagnostic>,
    same_text_is_same: bool,
    read: usize,
}

impl<'a> Shelf<'a> {
    fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            by_id: BTreeMap::new(),
            problems: Vec::new(),
            same_text_is_same: false,
            read: 0,
        }
    }

    fn put_embedded(&mut self) {
        let is_data = |path: &str| {
            DATA_FOLDERS.iter().any(|folder| {
                path.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        match folder::embedded(&EMBEDDED, |path| !is_data(path)) {
            Ok(files) => {
                for (file, text) in files {
                    self.put(&file, &text, Provenance::Embedded);
                }
            }
            Err(problems) => self.problems.extend(problems.into_vec()),
        }
    }

    fn put_folder(&mut self, path: &std::path::Path) {
        match folder::on_disk(path) {
            Ok(files) => {
                for (file, octets) in files {
                    self.read += 1;
                    match decode(&file, &octets) {
                        Ok(text) => self.put(&file, text, Provenance::User),
                        Err(problems) => self.problems.extend(problems.into_vec()),
                    }
                }
            }
            Err(problems) => self.problems.extend(problems.into_vec()),
        }
    }

    fn put(&mut self, file: &str, text: &str, provenance: Provenance) {
        match scenario::read(file, text, self.vocabulary, provenance) {
            Ok(scenario) => self.keep(file, text, scenario),
            Err(problems) => self.problems.extend(problems.into_vec()),
        }
    }

    fn keep(&mut self, file: &str, text: &str, scenario: Scenario) {
        let content_sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        if let Some(other) = self.by_id.get(&scenario.id) {
            if self.same_text_is_same && other.content_sha256 == content_sha256 {
                return;
            }
            let message = format!("the id `{}` is taken", scenario.id);
            let help = format!(
                "{} has it; ids are never reused, take a free one",
                other.file
            );
            let line = text.lines().position(|line| line.starts_with("id:"));
            self.problems.push(Diagnostic {
                line: line.map_or(0, |line| line + 1),
                column: line.map_or(0, |_| 1),
                source_line: line
                    .and_then(|line| text.lines().nth(line))
                    .unwrap_or_default()
                    .to_owned(),
                ..Diagnostic::of_file(file, message).with_help(help)
            });
            return;
        }
        let id = scenario.id.clone();
        let loaded = LoadedScenario {
            scenario,
            file: file.to_owned(),
            content_sha256,
        };
        self.by_id.insert(id, loaded);
    }

    fn finish(self) -> Result<Vec<LoadedScenario>, Diagnostics> {
        Diagnostics::none_of(self.problems)?;
        Ok(self.by_id.into_values().collect())
    }
}
