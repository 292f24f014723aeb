//! What reports say beyond what the engine records: the register as it stood, what each step did in words, and which program ran.

use sha2::{Digest, Sha256};

use crate::load::Library;
use crate::model::record::{CoverageRow, ScenarioRecord};
use crate::report::describe_step;

/// The register with the scenarios there are for each sentence, in the order of ids.
pub(crate) fn coverage(library: &Library) -> Vec<CoverageRow> {
    let row = |requirement: &crate::model::requirement::Requirement| CoverageRow {
        requirement: requirement.id.clone(),
        document: requirement.document.clone(),
        clause: requirement.clause.clone(),
        level: requirement.level,
        text: requirement.text.clone(),
        confidence: requirement.confidence,
        state: requirement.state.clone(),
        scenarios: library
            .scenarios
            .iter()
            .filter(|loaded| loaded.scenario.verifies.contains(&requirement.id))
            .map(|loaded| loaded.scenario.id.clone())
            .collect(),
    };
    let mut rows: Vec<CoverageRow> = library.register.iter().map(row).collect();
    rows.sort_by(|one, other| one.requirement.cmp(&other.requirement));
    rows
}

/// Says of each step what it did, with the values of the expansion.
pub(crate) fn tell_actions(records: &mut [ScenarioRecord], library: &Library) {
    for record in records {
        let Some(loaded) = library.scenario(&record.scenario) else {
            continue;
        };
        for step in &mut record.steps {
            let index = step
                .place
                .and_then(|place| usize::try_from(place).ok())
                .and_then(|place| place.checked_sub(1));
            step.action = index
                .and_then(|index| loaded.scenario.steps.get(index))
                .map(|step| with_expansion(&describe_step(step), &record.id));
        }
    }
}

/// `text` with `$name` replaced where the brackets of `id` give its value.
fn with_expansion(text: &str, id: &str) -> String {
    let inside = id
        .split_once('[')
        .and_then(|(_, rest)| rest.strip_suffix(']'));
    let mut pairs: Vec<(&str, &str)> = inside
        .into_iter()
        .flat_map(|inside| inside.split(','))
        .filter_map(|pair| pair.split_once('='))
        .collect();
    // The longest name first, so that none is taken for the beginning of another.
    pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    pairs
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("${name}"), value)
        })
}

/// SHA-256 of the running program. A development build is large, changes with every build and proves nothing: it has none.
pub(crate) fn program_sha256() -> Option<String> {
    if cfg!(debug_assertions) {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    Some(hex::encode(Sha256::digest(std::fs::read(program).ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_expansion_get_their_values_and_others_stay() {
        assert_eq!(
            with_expansion(
                "offer $suite in $suite_version as $alice.impu",
                "TLSC-01[suite=A,suite_version=tls1.2]"
            ),
            "offer A in tls1.2 as $alice.impu"
        );
        assert_eq!(with_expansion("offer $suite", "TLSC-01"), "offer $suite");
    }

    #[test]
    fn every_sentence_has_a_row_and_tested_ones_name_their_scenarios() {
        let library = Library::embedded().unwrap();
        let rows = coverage(&library);
        assert_eq!(rows.len(), library.register.iter().count());
        for row in rows {
            if row.state == crate::model::requirement::State::Tested {
                assert!(!row.scenarios.is_empty(), "{}", row.requirement);
            }
        }
    }
}
