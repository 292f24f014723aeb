//! `presec plan`: what would run, and what decided about the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::policy::PolicyEntry;
use crate::report::case_block::policy;
use crate::report::group::{compact, group_of};
use crate::report::layout::{Layout, count};

/// What becomes of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Planned {
    /// It runs.
    Runs,
    /// A declared fact rules it out; the text names it and where it was set.
    NotApplicable(String),
    /// Something that must be known is not; the text names what to set.
    Unknown(String),
}

/// A case as it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its id with its expansion.
    pub id: String,
    /// The scenario's id.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// What becomes of it.
    pub planned: Planned,
    /// Policy that was looked at.
    pub policy_used: BTreeMap<String, PolicyEntry>,
}

/// The plan as text `width` columns wide: what runs by group of ids, then the rest by what decided.
#[must_use]
pub fn plan(rows: &[PlanRow], width: u16) -> String {
    let layout = Layout::new(width, false);
    let running: Vec<&PlanRow> = rows
        .iter()
        .filter(|row| row.planned == Planned::Runs)
        .collect();
    let mut out = layout.heading(&format!(
        "Would run: {}",
        count(running.len(), "case", "cases")
    ));
    let mut last_group = "";
    for scenario in scenarios(&running) {
        let Some(first) = scenario.first() else {
            continue;
        };
        let group = group_of(&first.scenario);
        if group != last_group && !last_group.is_empty() {
            out.push('\n');
        }
        last_group = group;
        out.push_str(&layout.fields(2, &lines(first, &scenario)));
    }
    out.push_str(&rest(
        rows,
        layout,
        "Not applicable",
        |planned| match planned {
            Planned::NotApplicable(reason) => Some(reason),
            Planned::Runs | Planned::Unknown(_) => None,
        },
    ));
    out.push_str(&rest(
        rows,
        layout,
        "Inconclusive until more is known",
        |planned| match planned {
            Planned::Unknown(reason) => Some(reason),
            Planned::Runs | Planned::NotApplicable(_) => None,
        },
    ));
    out
}

fn lines<'a>(first: &'a PlanRow, cases: &[&PlanRow]) -> Vec<(&'a str, String)> {
    let mut lines = vec![(first.scenario.as_str(), first.title.clone())];
    let ids: Vec<&str> = cases.iter().map(|row| row.id.as_str()).collect();
    if ids.iter().any(|id| *id != first.scenario) {
        lines.push((
            "",
            format!(
                "{}: {}",
                count(ids.len(), "case", "cases"),
                compact(&ids, 6)
            ),
        ));
    }
    lines.extend(policy(&first.policy_used).map(|text| ("", format!("because {text}"))));
    lines
}

fn scenarios<'a>(rows: &[&'a PlanRow]) -> Vec<Vec<&'a PlanRow>> {
    let mut found: Vec<Vec<&PlanRow>> = Vec::new();
    for row in rows {
        match found.last_mut() {
            Some(cases) if cases.iter().all(|case| case.scenario == row.scenario) => {
                cases.push(row);
            }
            Some(_) | None => found.push(vec![row]),
        }
    }
    found
}

fn rest<'a>(
    rows: &'a [PlanRow],
    layout: Layout,
    title: &str,
    reason: impl Fn(&'a Planned) -> Option<&'a String>,
) -> String {
    let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut number = 0;
    for row in rows {
        if let Some(reason) = reason(&row.planned) {
            number += 1;
            reasons.entry(reason).or_default().insert(&row.id);
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n{}",
        layout.heading(&format!("{title}: {}", count(number, "case", "cases")))
    );
    for (reason, ids) in reasons {
        out.push_str(&layout.paragraph(2, &format!("{reason}:")));
        let ids: Vec<&str> = ids.into_iter().collect();
        out.push_str(&layout.paragraph(6, &ids.join(", ")));
    }
    out
}
