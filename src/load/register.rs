//! The requirement register: every sentence by its id, every interpretation by its slug.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::requirement::{Interpretation, Requirement, State};
use crate::model::scenario::LoadedScenario;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::place::Path;
use super::position::Limits;
use super::source::Source;
use super::suggest;
use super::yaml;

/// Bounds for the register's files, which come with the binary.
const REGISTER: Limits = Limits {
    bytes: 1024 * 1024,
    depth: 8,
    nodes: 200_000,
};

/// Where a requirement is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    requirement: Requirement,
    place: Diagnostic,
}

/// All requirements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    entries: BTreeMap<String, Entry>,
}

impl Register {
    /// Reads register files, given as name and text.
    ///
    /// # Errors
    /// What cannot be read; ids that occur twice; a slug with two texts; a `covered-by` that leads nowhere.
    pub fn read(files: &[(String, String)]) -> Result<Self, Diagnostics> {
        let mut register = Self::default();
        let mut problems = Vec::new();
        for (file, text) in files {
            match register.add(file, text) {
                Ok(found) => problems.extend(found),
                Err(broken) => problems.extend(broken.into_vec()),
            }
        }
        problems.extend(register.loose_ends());
        problems.extend(register.slugs_with_two_texts());
        Diagnostics::none_of(problems)?;
        Ok(register)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<Vec<Diagnostic>, Diagnostics> {
        let source = Source::new(file, text, REGISTER)?;
        let rows: Vec<Requirement> = yaml::parse(&source)?;
        let mut problems = Vec::new();
        for (index, requirement) in rows.into_iter().enumerate() {
            let path = Path::default().index(index).key("id");
            let place = source.at(&path, String::new());
            if let Some(other) = self.entries.get(&requirement.id) {
                let Diagnostic { file, line, .. } = &other.place;
                let message = format!("requirement `{}` is written twice", requirement.id);
                let help = format!("it stands first in {file}:{line}");
                problems.push(
                    Diagnostic {
                        message,
                        ..place.clone()
                    }
                    .with_help(help),
                );
                continue;
            }
            let id = requirement.id.clone();
            self.entries.insert(id, Entry { requirement, place });
        }
        Ok(problems)
    }

    fn loose_ends(&self) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for entry in self.entries.values() {
            let State::CoveredBy(ids) = &entry.requirement.state else {
                continue;
            };
            let id = &entry.requirement.id;
            if ids.is_empty() || ids.contains(id) {
                let message = format!("`{id}` is covered by nothing but itself");
                problems.push(Diagnostic {
                    message,
                    ..entry.place.clone()
                });
            }
            for cited in ids
                .iter()
                .filter(|cited| !self.entries.contains_key(*cited))
            {
                let message =
                    format!("`{id}` is covered by `{cited}`, which is not in the register");
                let help = suggest::help(cited, self.ids(), "known requirements");
                problems.push(
                    Diagnostic {
                        message,
                        ..entry.place.clone()
                    }
                    .with_help(help),
                );
            }
        }
        problems
    }

    fn slugs_with_two_texts(&self) -> Vec<Diagnostic> {
        let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
        let mut problems = Vec::new();
        for entry in self.entries.values() {
            for interpretation in &entry.requirement.interpretations {
                let first = texts
                    .entry(&interpretation.slug)
                    .or_insert(&interpretation.text);
                if *first != interpretation.text {
                    let slug = &interpretation.slug;
                    let message = format!("the interpretation `{slug}` has another text elsewhere");
                    let help = "one slug stands for one text";
                    problems.push(
                        Diagnostic {
                            message,
                            ..entry.place.clone()
                        }
                        .with_help(help),
                    );
                }
            }
        }
        problems
    }

    /// The requirement with this id.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.entries.get(id).map(|entry| &entry.requirement)
    }

    /// The interpretation with this slug.
    #[must_use]
    pub fn interpretation(&self, slug: &str) -> Option<&Interpretation> {
        self.iter()
            .flat_map(|requirement| &requirement.interpretations)
            .find(|interpretation| interpretation.slug == slug)
    }

    /// All requirements in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.entries.values().map(|entry| &entry.requirement)
    }

    /// All ids in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.entries.keys().map(String::as_str)
    }

    /// How many requirements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Requirements whose state and scenarios contradict each other: `tested` without a scenario that verifies it,
    /// or a scenario that verifies one that is said to be untested.
    #[must_use]
    pub fn contradictions(&self, scenarios: &[LoadedScenario]) -> Vec<Diagnostic> {
        let verified: BTreeSet<&str> = scenarios
            .iter()
            .flat_map(|loaded| loaded.scenario.verifies.iter().map(String::as_str))
            .collect();
        let mut problems = Vec::new();
        for (id, entry) in &self.entries {
            let is_verified = verified.contains(id.as_str());
            let message = match &entry.requirement.state {
                State::Tested if !is_verified => {
                    format!("`{id}` is said to be tested, but no scenario verifies it")
                }
                State::Planned(_) | State::NotTestable(_) | State::OutOfScope(_) if is_verified => {
                    format!("`{id}` is said not to be tested, but a scenario verifies it")
                }
                _ => continue,
            };
            problems.push(Diagnostic {
                message,
                ..entry.place.clone()
            });
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, more: &str) -> String {
        format!(
            "- id: {id}\n  document: D\n  clause: \"1\"\n  level: shall\n  roles: [authentication-proxy]\n  text: T.\n  confidence: read\n{more}"
        )
    }

    fn read(texts: &[String]) -> Result<Register, Diagnostics> {
        let files: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("{index}.yaml"), text.clone()))
            .collect();
        Register::read(&files)
    }

    #[test]
    fn ids_are_unique_over_files_and_covering_rows_exist() {
        let a = row("A-1", "  state: tested\n");
        let problems = read(&[a.clone(), a.clone()]).unwrap_err().to_string();
        assert!(problems.contains("written twice") && problems.contains("0.yaml:1"));
        let b = row("B-1", "  state: { covered-by: [A-2] }\n");
        let problems = read(&[a.clone(), b]).unwrap_err().to_string();
        assert!(
            problems.contains("`A-2`") && problems.contains("did you mean `A-1`"),
            "{problems}"
        );
    }

    #[test]
    fn a_slug_has_one_text() {
        let with = |id, text| {
            row(
                id,
                &format!("  interpretations: [{{ slug: s, text: {text} }}]\n  state: tested\n"),
            )
        };
        assert!(read(&[with("A-1", "x"), with("A-2", "x")]).is_ok());
        assert!(read(&[with("A-1", "x"), with("A-2", "y")]).is_err());
    }

    #[test]
    fn a_state_that_contradicts_the_scenarios_is_told() {
        let register = read(&[row("A-1", "  state: tested\n")]).unwrap();
        let problems = register.contradictions(&[]);
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].file.as_str(), problems[0].line), ("0.yaml", 1));
    }
}
