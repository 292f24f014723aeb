//! `presec show`: one scenario, explained.

use super::words::{kind_name, need_text, risk_name, role_name};
use crate::model::requirement::{Confidence, Requirement};
use crate::model::scenario::{LoadedScenario, Scenario};
use crate::report::describe::{answers, condition, step};
use crate::report::layout::Layout;

/// Explains a scenario: what it is for, what it demands and by which sentences, what is sent step by step and what is
/// expected under which policy, what it needs, and what to do about a bad verdict. `register` holds the requirements.
#[must_use]
pub fn show(loaded: &LoadedScenario, register: &[&Requirement], width: u16) -> String {
    let layout = Layout::new(width, false);
    let scenario = &loaded.scenario;
    let mut out = layout.heading(&format!("{}  {}", scenario.id, scenario.title));
    out.push_str(&layout.fields(2, &facts(loaded)));
    out.push('\n');
    out.push_str(&layout.heading("It verifies"));
    out.push_str(&layout.fields(2, &sentences(scenario, register)));
    out.push('\n');
    out.push_str(&layout.heading("What happens"));
    let mut lines: Vec<(String, String)> = Vec::new();
    for (number, each) in (1..).zip(&scenario.steps) {
        lines.push((format!("{number}."), step(each)));
        let claims = answers(each);
        lines.extend(claims.into_iter().map(|claim| ("-".to_owned(), claim)));
    }
    out.push_str(&layout.marked(&lines));
    if scenario.steps.iter().any(|step| step.brackets_itself()) {
        out.push_str(&layout.paragraph(
            2,
            "A refused offer counts only between two controls that were accepted.",
        ));
    }
    if let Some(remedy) = &scenario.remedy {
        out.push('\n');
        out.push_str(&layout.heading("What to do about a bad verdict"));
        out.push_str(&layout.paragraph(2, remedy));
    }
    out
}

fn facts(loaded: &LoadedScenario) -> Vec<(&'static str, String)> {
    let scenario = &loaded.scenario;
    let roles: Vec<&str> = scenario.roles.iter().map(|role| role_name(*role)).collect();
    let mut rows = vec![
        (
            "kind",
            match kind_name(scenario.kind) {
                "hardening" => {
                    "hardening: goes beyond the specification, warns and never fails".to_owned()
                }
                "informative" => "informative: tells something, never gates".to_owned(),
                kind => format!("{kind}: judges sentences of a specification"),
            },
        ),
        ("risk", risk_name(scenario.risk).to_owned()),
        ("judges", roles.join(", ")),
        ("file", loaded.file.clone()),
    ];
    if !scenario.tags.is_empty() {
        rows.push(("tags", scenario.tags.join(", ")));
    }
    if !scenario.applies.is_empty() {
        rows.push(("applies when", condition(&scenario.applies)));
    }
    for (name, values) in &scenario.each {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        rows.push(("once for each", format!("{name} of {}", values.join(", "))));
    }
    if !scenario.needs.is_empty() {
        let needs: Vec<&str> = scenario.needs.iter().map(|need| need_text(*need)).collect();
        rows.push(("needs", needs.join("; ")));
    }
    rows
}

fn sentences<'a>(scenario: &'a Scenario, register: &[&Requirement]) -> Vec<(&'a str, String)> {
    let mut rows = Vec::new();
    for id in &scenario.verifies {
        let Some(requirement) = register.iter().find(|requirement| requirement.id == *id) else {
            rows.push((id.as_str(), "not in the register".to_owned()));
            continue;
        };
        let mark = match requirement.confidence {
            Confidence::Read => String::new(),
            other => format!(" [{}]", other.name()),
        };
        rows.push((
            id.as_str(),
            format!(
                "{} {} ({}){mark}: {}",
                requirement.document,
                requirement.clause,
                requirement.level.name(),
                requirement.text
            ),
        ));
    }
    if let Some(slug) = &scenario.interpretation {
        let text = register
            .iter()
            .filter(|requirement| scenario.verifies.contains(&requirement.id))
            .flat_map(|requirement| &requirement.interpretations)
            .find(|reading| reading.slug == *slug)
            .map_or_else(
                || slug.clone(),
                |reading| format!("{slug}: {}", reading.text),
            );
        rows.push(("reading", text));
    }
    rows
}
