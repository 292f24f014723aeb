//! `presec list`: every scenario in a row.

use comfy_table::{Attribute, Cell};
use serde::Serialize;

use super::words::{kind_name, risk_name, role_name};
use crate::model::scenario::LoadedScenario;
use crate::report::layout::{Layout, count, finished, pad};

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    title: &'a str,
    kind: &'static str,
    risk: &'static str,
    role: Vec<&'static str>,
    verifies: &'a [String],
    tags: &'a [String],
    file: &'a str,
}

impl<'a> Row<'a> {
    fn of(loaded: &'a LoadedScenario) -> Self {
        let scenario = &loaded.scenario;
        Self {
            id: &scenario.id,
            title: &scenario.title,
            kind: kind_name(scenario.kind),
            risk: risk_name(scenario.risk),
            role: scenario.roles.iter().map(|role| role_name(*role)).collect(),
            verifies: &scenario.verifies,
            tags: &scenario.tags,
            file: &loaded.file,
        }
    }
}

/// A table for a terminal `width` columns wide, in the order given.
#[must_use]
pub fn list_table(scenarios: &[&LoadedScenario], width: u16) -> String {
    let layout = Layout::new(width, false);
    let mut table = layout.table();
    let head =
        ["id", "kind", "risk", "title"].map(|text| Cell::new(text).add_attribute(Attribute::Bold));
    table.set_header(head.to_vec());
    for loaded in scenarios {
        let row = Row::of(loaded);
        table.add_row(vec![row.id, row.kind, row.risk, row.title]);
    }
    for column in 0..3 {
        pad(&mut table, column, (0, 2), None);
    }
    pad(&mut table, 3, (0, 0), None);
    format!(
        "{}{}\n",
        finished(&table),
        count(scenarios.len(), "scenario", "scenarios")
    )
}

/// A JSON array of objects with `id`, `title`, `kind`, `risk`, `role` (a list), `verifies`, `tags` and `file`,
/// ended by a line feed.
#[must_use]
pub fn list_json(scenarios: &[&LoadedScenario]) -> String {
    let rows: Vec<Row<'_>> = scenarios.iter().map(|loaded| Row::of(loaded)).collect();
    // Rows hold nothing but text, which always serialises.
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    text
}

/// A Markdown table.
#[must_use]
pub fn list_markdown(scenarios: &[&LoadedScenario]) -> String {
    let mut out =
        String::from("| id | title | kind | risk | role | verifies |\n|---|---|---|---|---|---|\n");
    for loaded in scenarios {
        let row = Row::of(loaded);
        let cells = [
            row.id.to_owned(),
            row.title.to_owned(),
            row.kind.to_owned(),
            row.risk.to_owned(),
            row.role.join(", "),
            row.verifies.join(", "),
        ]
        .map(|cell| cell.replace('|', "\\|"));
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}
