//! `presec explain`: clauses, requirements, verdicts and exit codes.

use crate::model::requirement::{Confidence, Requirement, State};
use crate::model::scenario::LoadedScenario;
use crate::model::verdict::Verdict;
use crate::report::layout::Layout;

use super::words::role_name;

/// Explains a clause (`33.141/7.2`, `TS 33.141 7.2`, `7.2`) or a requirement (`UT-7.2-03`): its sentences in our words,
/// what becomes of each, how open wording is read, and which scenarios judge it. `None` when nothing is known of it.
#[must_use]
pub fn explain_clause(
    query: &str,
    register: &[&Requirement],
    scenarios: &[&LoadedScenario],
    width: u16,
) -> Option<String> {
    let layout = Layout::new(width, false);
    let exact: Vec<&Requirement> = register
        .iter()
        .copied()
        .filter(|requirement| requirement.id.eq_ignore_ascii_case(query))
        .collect();
    let found = if exact.is_empty() {
        register
            .iter()
            .copied()
            .filter(|requirement| is_clause(query, requirement))
            .collect()
    } else {
        exact
    };
    if found.is_empty() {
        return None;
    }
    let blocks: Vec<String> = found
        .iter()
        .map(|requirement| sentence(requirement, scenarios, layout))
        .collect();
    Some(blocks.join("\n"))
}

/// Whether `query` names the requirement's clause: with its document by number or in full, or the clause alone.
fn is_clause(query: &str, requirement: &Requirement) -> bool {
    let Some((document, clause)) = query.rsplit_once(['/', ' ']) else {
        return query.eq_ignore_ascii_case(&requirement.clause);
    };
    let wanted = document.trim();
    let number = requirement
        .document
        .rsplit(' ')
        .next()
        .unwrap_or(&requirement.document);
    clause.eq_ignore_ascii_case(&requirement.clause)
        && (wanted.eq_ignore_ascii_case(&requirement.document)
            || wanted.eq_ignore_ascii_case(number))
}

fn sentence(requirement: &Requirement, scenarios: &[&LoadedScenario], layout: Layout) -> String {
    let mut out = layout.heading(&format!(
        "{}  {} {} ({})",
        requirement.id,
        requirement.document,
        requirement.clause,
        requirement.level.name()
    ));
    let roles: Vec<&str> = requirement
        .roles
        .iter()
        .map(|role| role_name(*role))
        .collect();
    let mut rows = vec![
        ("says", requirement.text.clone()),
        ("binds", roles.join(", ")),
        ("known", confidence(requirement.confidence).to_owned()),
        ("state", state(&requirement.state)),
    ];
    for reading in &requirement.interpretations {
        rows.push(("reading", format!("{}: {}", reading.slug, reading.text)));
    }
    let judges = scenarios
        .iter()
        .filter(|loaded| loaded.scenario.verifies.contains(&requirement.id));
    let labels = std::iter::once("scenarios").chain(std::iter::repeat(""));
    for (label, loaded) in labels.zip(judges) {
        let scenario = &loaded.scenario;
        rows.push((label, format!("{}  {}", scenario.id, scenario.title)));
    }
    out.push_str(&layout.fields(2, &rows));
    out
}

fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::MemoryUnchecked => "from memory, unchecked: may only warn",
        Confidence::MemorySure => "from memory, sure",
        Confidence::Measured => "computed or measured",
        Confidence::Read => "read in a copy of the document",
    }
}

fn state(state: &State) -> String {
    match state {
        State::Tested => "tested".to_owned(),
        State::Planned(what) => format!("planned: {what}"),
        State::CoveredBy(ids) => format!("holds when these hold: {}", ids.join(", ")),
        State::NotTestable(reason) => format!("not testable from outside: {reason}"),
        State::Informative(reason) => format!("demands nothing: {reason}"),
        State::OutOfScope(reason) => format!("out of scope: {reason}"),
    }
}

/// Explains a verdict by its name; `None` for a word that is none.
#[must_use]
pub fn explain_verdict(name: &str, width: u16) -> Option<String> {
    let verdict = Verdict::ALL
        .into_iter()
        .find(|verdict| verdict.name().eq_ignore_ascii_case(name))?;
    let (meaning, proof, todo) = meaning(verdict);
    let layout = Layout::new(width, false);
    let mut out = layout.heading(verdict.name());
    out.push_str(&layout.fields(
        2,
        &[
            ("means", meaning.to_owned()),
            ("rests on", proof.to_owned()),
            ("what to do", todo.to_owned()),
            ("JUnit", junit(verdict).to_owned()),
        ],
    ));
    Some(out)
}

/// What a verdict means, what it rests on, and what to do about it.
fn meaning(verdict: Verdict) -> (&'static str, &'static str, &'static str) {
    match verdict {
        Verdict::Pass => (
            "The demanded behaviour was seen.",
            "What came over the wire; for a refusal also a positive control right before and right after it. Silence alone is never a pass.",
            "Nothing.",
        ),
        Verdict::Info => (
            "Something worth knowing about the target; it never gates.",
            "What came over the wire.",
            "Read it; a release or a policy may make more of it.",
        ),
        Verdict::Warn => (
            "A recommendation or a hardening expectation is unmet, or a sentence that is known only from memory.",
            "Positive evidence, as for fail.",
            "Decide whether the recommendation holds for this deployment; `--fail-on warn` lets it gate.",
        ),
        Verdict::Fail => (
            "A demand is unmet.",
            "Positive evidence: the server accepted, the origin received, the document leaked.",
            "Follow the remedy of the scenario, then run the case again as the report says.",
        ),
        Verdict::Inconclusive => (
            "Nothing was proven, in either direction.",
            "A control that did not hold, a connection lost in every attempt, or something that is not known of the target.",
            "The reason names what is missing: a policy key to set, a lever to give, or a target that was not well.",
        ),
        Verdict::NotApplicable => (
            "The scenario cannot judge this target.",
            "A declared fact of policy, topology or equipment; the reason names it and where it was set.",
            "Nothing, if the fact is right.",
        ),
        Verdict::Error => (
            "presec or the author of the scenario is at fault; it says nothing about the target.",
            "An error in our own work.",
            "Correct the scenario, or report it.",
        ),
    }
}

fn junit(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass | Verdict::Info | Verdict::Warn => {
            "passed; the property `verdict` tells more"
        }
        Verdict::Fail => "failure of type `shall`",
        Verdict::Inconclusive => "error of type `inconclusive`",
        Verdict::Error => "error of type `error`",
        Verdict::NotApplicable => "skipped, with the reason",
    }
}

/// The table of exit codes: each code with its meaning, in the order given.
#[must_use]
pub fn explain_exit_codes(codes: &[(u8, &str)], width: u16) -> String {
    let layout = Layout::new(width, false);
    let codes: Vec<(String, String)> = codes
        .iter()
        .map(|(code, meaning)| (code.to_string(), (*meaning).to_owned()))
        .collect();
    let rows: Vec<(&str, String)> = codes
        .iter()
        .map(|(code, meaning)| (code.as_str(), meaning.clone()))
        .collect();
    layout.fields(0, &rows)
}
