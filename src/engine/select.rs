//! Selection of scenarios by id, pattern, clause, tag, role, level and kind.

use std::sync::Arc;

use globset::{Glob, GlobMatcher};

use crate::model::requirement::{Level, Requirement, Role};
use crate::model::scenario::LoadedScenario;

/// What the user picked; empty lists pick everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Ids, patterns such as `TLSC-*`, expanded ids such as `TLSC-02[…]`, or clauses such as `33.141/7.2`.
    pub picks: Vec<String>,
    /// One of these tags.
    pub tags: Vec<String>,
    /// None of these tags.
    pub not_tags: Vec<String>,
    /// One of these roles.
    pub roles: Vec<Role>,
    /// A verified requirement of one of these levels.
    pub levels: Vec<Level>,
}

enum Pick {
    Clause { document: String, clause: String },
    Pattern(Box<GlobMatcher>),
}

/// Picks scenarios. `requirement` looks a requirement up by id.
///
/// # Errors
/// A pick that is not a valid pattern, or that matches nothing: a misspelled id must not shrink the run silently.
pub fn select<'a>(
    scenarios: &[Arc<LoadedScenario>],
    selection: &Selection,
    requirement: impl Fn(&str) -> Option<&'a Requirement>,
) -> Result<Vec<Arc<LoadedScenario>>, String> {
    let cited = |loaded: &LoadedScenario| -> Vec<&'a Requirement> {
        loaded
            .scenario
            .verifies
            .iter()
            .filter_map(|id| requirement(id))
            .collect()
    };
    let mut picks = Vec::new();
    for text in &selection.picks {
        let pick = read_pick(text)?;
        if !scenarios
            .iter()
            .any(|loaded| pick.matches(loaded, &cited(loaded)))
        {
            return Err(format!(
                "nothing matches `{text}`; `presec list` shows every scenario"
            ));
        }
        picks.push(pick);
    }
    Ok(scenarios
        .iter()
        .filter(|loaded| {
            let cited = cited(loaded);
            let scenario = &loaded.scenario;
            let tagged = |tags: &[String]| tags.iter().any(|tag| scenario.tags.contains(tag));
            (picks.is_empty() || picks.iter().any(|pick| pick.matches(loaded, &cited)))
                && (selection.tags.is_empty() || tagged(&selection.tags))
                && !tagged(&selection.not_tags)
                && (selection.roles.is_empty()
                    || selection
                        .roles
                        .iter()
                        .any(|role| scenario.roles.contains(role)))
                && (selection.levels.is_empty()
                    || cited
                        .iter()
                        .any(|requirement| selection.levels.contains(&requirement.level)))
        })
        .cloned()
        .collect())
}

/// The scenario part of an expanded id: `TLSS-06` of `TLSS-06[mechanism=ticket]`.
#[must_use]
pub fn scenario_part(pick: &str) -> &str {
    pick.split_once('[').map_or(pick, |(id, _)| id)
}

fn read_pick(text: &str) -> Result<Pick, String> {
    if let Some((document, clause)) = text.split_once('/') {
        return Ok(Pick::Clause {
            document: document.to_owned(),
            clause: clause.to_owned(),
        });
    }
    Glob::new(scenario_part(text))
        .map(|glob| Pick::Pattern(Box::new(glob.compile_matcher())))
        .map_err(|error| {
            format!(
                "`{text}` is not an id, a pattern or a clause: {}",
                error.kind()
            )
        })
}

impl Pick {
    fn matches(&self, loaded: &LoadedScenario, cited: &[&Requirement]) -> bool {
        match self {
            Self::Pattern(glob) => glob.is_match(&loaded.scenario.id),
            Self::Clause { document, clause } => cited
                .iter()
                .any(|requirement| is_clause(requirement, document, clause)),
        }
    }
}

/// Whether a requirement stands in `clause` (or below it) of `document`, such as `33.141` and `7.2`.
#[must_use]
pub fn is_clause(requirement: &Requirement, document: &str, clause: &str) -> bool {
    let named = requirement
        .document
        .split(' ')
        .any(|word| word.eq_ignore_ascii_case(document))
        || requirement
            .document
            .replace(' ', "")
            .eq_ignore_ascii_case(&document.replace(' ', ""));
    let below = requirement
        .clause
        .strip_prefix(clause)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    named && (clause.is_empty() || below)
}
