//! Cases put together: by the group their id names, and by scenario and verdict.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::record::ScenarioRecord;
use crate::model::verdict::Verdict;

/// The group an id belongs to: what stands before its number, `TLSC` of `TLSC-07[version=tls1.2]`.
/// Groups follow ids and not folders, because ids are what stays the same from one version of presec to the next.
#[must_use]
pub fn group_of(id: &str) -> &str {
    let scenario = id.split_once('[').map_or(id, |(scenario, _)| scenario);
    scenario
        .rsplit_once('-')
        .map_or(scenario, |(group, _)| group)
}

/// Cases by group, in the order of groups and, within one, of the record.
#[must_use]
pub fn by_group(cases: &[ScenarioRecord]) -> BTreeMap<&str, Vec<&ScenarioRecord>> {
    let mut groups: BTreeMap<&str, Vec<&ScenarioRecord>> = BTreeMap::new();
    for case in cases {
        groups.entry(group_of(&case.id)).or_default().push(case);
    }
    groups
}

/// Cases of one scenario that ended alike.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// The first of them, which stands for all in what they share.
    pub(crate) first: &'a ScenarioRecord,
    /// All of them, in the order of the record.
    pub(crate) cases: Vec<&'a ScenarioRecord>,
    /// How many cases the scenario had in all.
    pub(crate) of: usize,
}

/// Cases with `verdict` that no waiver covers, batched by scenario and by what they rest on, in the order of the record.
pub(crate) fn batches(cases: &[ScenarioRecord], verdict: Verdict) -> Vec<Batch<'_>> {
    let mut found: Vec<Batch<'_>> = Vec::new();
    let open = |case: &&ScenarioRecord| case.verdict == verdict && case.waiver.is_none();
    for case in cases.iter().filter(open) {
        match found.iter_mut().find(|batch| alike(batch.first, case)) {
            Some(batch) => batch.cases.push(case),
            None => found.push(Batch {
                first: case,
                cases: vec![case],
                of: cases
                    .iter()
                    .filter(|other| other.scenario == case.scenario)
                    .count(),
            }),
        }
    }
    found
}

fn alike(one: &ScenarioRecord, other: &ScenarioRecord) -> bool {
    one.scenario == other.scenario
        && one.expected == other.expected
        && one.because == other.because
        && one.policy_used == other.policy_used
}

/// What the brackets of an expanded id hold: `version=tls1.2` of `TLSC-07[version=tls1.2]`.
pub(crate) fn expansion(id: &str) -> Option<&str> {
    id.split_once('[')
        .and_then(|(_, rest)| rest.strip_suffix(']'))
}

/// Expansions in few words: `version=tls1.0, tls1.2; suite=A, B` when they are every combination of these values,
/// and one by one otherwise, at most `most` of them.
pub(crate) fn compact(ids: &[&str], most: usize) -> String {
    let expansions: Vec<&str> = ids.iter().filter_map(|id| expansion(id)).collect();
    product(&expansions)
        .filter(|text| text.len() <= 400)
        .unwrap_or_else(|| one_by_one(&expansions, most))
}

fn product(expansions: &[&str]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for part in expansions.iter().flat_map(|text| text.split(',')) {
        let (name, value) = part.split_once('=')?;
        if !names.contains(&name) {
            names.push(name);
        }
        let known = values.entry(name).or_default();
        if !known.contains(&value) {
            known.push(value);
        }
    }
    let distinct: BTreeSet<&str> = expansions.iter().copied().collect();
    let combinations: usize = values.values().map(Vec::len).product();
    let complete = distinct.len() == combinations
        && expansions
            .iter()
            .all(|text| text.split(',').count() == names.len());
    complete.then(|| {
        let parts: Vec<String> = names
            .iter()
            .filter_map(|name| {
                values
                    .get(name)
                    .map(|values| format!("{name}={}", values.join(", ")))
            })
            .collect();
        parts.join("; ")
    })
}

fn one_by_one(expansions: &[&str], most: usize) -> String {
    let mut text = expansions
        .iter()
        .take(most)
        .copied()
        .collect::<Vec<_>>()
        .join("; ");
    if expansions.len() > most {
        text.push_str(&format!("; and {} more", expansions.len() - most));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_what_stands_before_the_number() {
        assert_eq!(group_of("TLSC-07[suite=TLS_RSA-X,version=tls1.2]"), "TLSC");
        assert_eq!(group_of("XC-01"), "XC");
        assert_eq!(group_of("odd"), "odd");
    }

    #[test]
    fn every_combination_is_written_by_its_values() {
        let ids = [
            "T-1[s=A,v=1]",
            "T-1[s=A,v=2]",
            "T-1[s=B,v=1]",
            "T-1[s=B,v=2]",
        ];
        assert_eq!(compact(&ids, 9), "s=A, B; v=1, 2");
        assert_eq!(compact(&ids[..3], 9), "s=A,v=1; s=A,v=2; s=B,v=1");
        assert_eq!(compact(&ids[..3], 2), "s=A,v=1; s=A,v=2; and 1 more");
    }

    #[test]
    fn a_value_that_is_no_assignment_is_written_as_it_is() {
        assert_eq!(compact(&["T-1[odd]", "T-1[v=1]"], 9), "odd; v=1");
    }
}
