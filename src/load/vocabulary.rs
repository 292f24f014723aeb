//! The words scenarios may use: requirements, suites, sets and profiles that come with the binary.

use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

use crate::model::profile::TlsProfiles;
use crate::model::suite::{SuiteRecord, SuiteRegistry, SuiteSetNames, SuiteSets};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::register::Register;
use super::{folder, yaml};

/// Scenarios, register, sets and profiles.
pub(super) static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// Folders of [`EMBEDDED`] that hold no scenarios.
pub(super) const DATA_FOLDERS: [&str; 3] = ["requirements", "sets", "profiles"];

/// Everything a scenario may refer to.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    pub(super) register: Register,
    pub(super) suites: SuiteRegistry,
    pub(super) sets: SuiteSets,
    pub(super) profiles: TlsProfiles,
}

impl Vocabulary {
    /// Reads what came with the binary.
    ///
    /// # Errors
    /// What is wrong with it; tests see to it that nothing is.
    pub(super) fn read() -> Result<Self, Diagnostics> {
        let records: Vec<SuiteRecord> = data("sets/suites.yaml")?;
        let suites = SuiteRegistry::new(records)
            .map_err(|error| Diagnostic::of_file("sets/suites.yaml", error.to_string()))?;
        let names: SuiteSetNames = data("sets/sets.yaml")?;
        let sets = names
            .resolve(&suites)
            .map_err(|error| Diagnostic::of_file("sets/sets.yaml", error.to_string()))?;
        let profiles = data("profiles/releases.yaml")?;
        let files = folder::embedded(&EMBEDDED, |path| path.starts_with("requirements/"))?;
        let register = Register::read(&files)?;
        Ok(Self {
            register,
            suites,
            sets,
            profiles,
        })
    }

    /// The same, read once for the life of the process.
    ///
    /// # Errors
    /// As [`Vocabulary::read`].
    pub(super) fn shared() -> Result<&'static Self, Diagnostics> {
        static READ: OnceLock<Result<Vocabulary, Diagnostics>> = OnceLock::new();
        READ.get_or_init(Self::read).as_ref().map_err(Clone::clone)
    }
}

fn data<T: serde::de::DeserializeOwned>(file: &str) -> Result<T, Diagnostics> {
    let text = EMBEDDED
        .get_file(file)
        .and_then(include_dir::File::contents_utf8)
        .ok_or_else(|| Diagnostic::of_file(file, "is not part of this binary"))?;
    Ok(yaml::parse_data(file, text)?)
}
