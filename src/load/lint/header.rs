//! The head of a scenario: id, file, what it verifies, where it applies.

use std::collections::BTreeSet;

use crate::model::claim::ClaimLevel;
use crate::model::requirement::Role;
use crate::model::step::Step;

use super::super::place::Path;
use super::super::suggest;
use super::context::{Lint, Provenance};
use super::policy::guard_problems;

/// Longest scenario of presec's own, in lines.
const LONGEST: usize = 40;

pub(super) fn check(lint: &mut Lint<'_>) {
    identity(lint);
    verifies(lint);
    interpretation(lint);
    roles(lint);
    let found = guard_problems(&lint.scenario.applies, &Path::of("applies"), lint.source);
    lint.extend(found);
    substance(lint);
}

/// `TLSC-07`: capital letters and digits, a hyphen, two or three digits.
fn is_id(id: &str) -> bool {
    let Some((group, number)) = id.split_once('-') else {
        return false;
    };
    (2..=8).contains(&group.len())
        && group.starts_with(|c: char| c.is_ascii_uppercase())
        && group
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && (2..=3).contains(&number.len())
        && number.chars().all(|c| c.is_ascii_digit())
}

fn identity(lint: &mut Lint<'_>) {
    let id = &lint.scenario.id;
    let at = Path::of("id");
    if !is_id(id) {
        let message = format!("`{id}` is not an id");
        lint.tell(
            &at,
            message,
            "write capital letters, a hyphen and two or three digits, such as `LAB-07`",
        );
        return;
    }
    let name = lint
        .source
        .file
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default();
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"))
        .unwrap_or(name);
    let wanted = format!("{}-", id.to_lowercase());
    let phrase = stem.strip_prefix(&wanted).unwrap_or_default();
    let is_phrase = !phrase.is_empty()
        && phrase
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_phrase {
        let message = format!("the file `{name}` is not named after `{id}`");
        let help = format!(
            "name it `{wanted}` and what is done, such as `{wanted}offer-null-suites.yaml`"
        );
        lint.tell(&at, message, help);
    }
}

fn verifies(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    let at = Path::of("verifies");
    if scenario.verifies.is_empty() {
        lint.tell(
            &at,
            "the scenario verifies nothing",
            "name the requirements it judges; `presec list` and `presec explain CLAUSE` show them",
        );
    }
    let mut seen = BTreeSet::new();
    for (index, id) in scenario.verifies.iter().enumerate() {
        if !seen.insert(id) {
            lint.tell(
                &at.index(index),
                format!("`{id}` is listed twice"),
                "once is enough",
            );
        }
        if lint.vocabulary.register.requirement(id).is_none() {
            let register = &lint.vocabulary.register;
            let help = suggest::nearest(id, register.ids()).map_or_else(
                || "`presec explain CLAUSE` shows the requirements of a clause".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            lint.tell(
                &at.index(index),
                format!("there is no requirement `{id}`"),
                help,
            );
        }
    }
}

fn interpretation(lint: &mut Lint<'_>) {
    let Some(slug) = &lint.scenario.interpretation else {
        return;
    };
    let slugs: Vec<&str> = lint
        .scenario
        .verifies
        .iter()
        .filter_map(|id| lint.vocabulary.register.requirement(id))
        .flat_map(|requirement| &requirement.interpretations)
        .map(|interpretation| interpretation.slug.as_str())
        .collect();
    if !slugs.contains(&slug.as_str()) {
        let message = format!("no requirement verified here has the interpretation `{slug}`");
        let help = if slugs.is_empty() {
            "the verified requirements have none; leave the key out".to_owned()
        } else {
            suggest::help(slug, slugs, "they have")
        };
        lint.tell(&Path::of("interpretation"), message, help);
    }
}

fn roles(lint: &mut Lint<'_>) {
    let at = Path::of("roles");
    if lint.scenario.roles.is_empty() {
        lint.tell(
            &at,
            "the scenario can judge nobody",
            "list the roles it can judge, such as `authentication-proxy`",
        );
    }
    for (index, role) in lint.scenario.roles.iter().enumerate() {
        if matches!(role, Role::Ue | Role::Operator | Role::Bsf) {
            lint.tell(&at.index(index), "a scenario cannot judge this role", "a target is an authentication-proxy, presence-server, list-server or application-server");
        }
    }
}

fn substance(lint: &mut Lint<'_>) {
    let judged = lint
        .scenario
        .steps
        .iter()
        .flat_map(Step::claims)
        .any(|claim| {
            matches!(
                claim.level,
                None | Some(ClaimLevel::May | ClaimLevel::Should | ClaimLevel::Shall)
            )
        });
    if !judged {
        lint.tell(
            &Path::of("steps"),
            "no step claims anything",
            "a scenario needs a `shall`, `should` or `may` under `expect` of a step",
        );
    }
    let lines = lint.source.text.lines().count();
    if lint.provenance == Provenance::Embedded && lines > LONGEST {
        let message = format!("the scenario has {lines} lines, {LONGEST} are allowed");
        lint.tell(&Path::of("id"), message, "split it, or use `each`");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        assert!(is_id("TLSC-07") && is_id("XC-101") && is_id("H2-01"));
        assert!(!is_id("tlsc-07") && !is_id("TLSC-7") && !is_id("TLSC07") && !is_id("T-07"));
        assert!(!is_id("TLSC-07a") && !is_id("") && !is_id("-07"));
    }
}
