//! The cases by scenario: what wants attention first, then every scenario, to be opened.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::case::{several, single};
use super::words::{badge, class, fragment, item, literal};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;
use crate::report::case_block::confidence;
use crate::report::clean::clean;
use crate::report::group::{expansion, group_of};
use crate::report::ladder::target_label;
use crate::report::layout::count;
use crate::report::listing::{kind_name, risk_name, role_name};

/// The cases of one scenario, in the order of the record.
pub(super) struct Scenario<'a> {
    /// One of them, for what all share.
    pub(super) first: &'a ScenarioRecord,
    /// All of them.
    pub(super) cases: Vec<&'a ScenarioRecord>,
}

impl Scenario<'_> {
    /// The first case with `verdict` that no waiver covers, when nothing worse stands open.
    fn open(&self, verdict: Verdict) -> Option<&ScenarioRecord> {
        let open = || self.cases.iter().filter(|case| case.waiver.is_none());
        let worst = open().map(|case| case.verdict).max()?;
        open()
            .copied()
            .find(|case| worst == verdict && case.verdict == verdict)
    }

    fn worst(&self) -> &ScenarioRecord {
        let worst = self.cases.iter().copied().reduce(|one, other| {
            if other.verdict > one.verdict {
                other
            } else {
                one
            }
        });
        worst.unwrap_or(self.first)
    }
}

/// Both sections; nothing when no case was selected.
pub(super) fn section(record: &RunRecord) -> Markup {
    let mut by_id: BTreeMap<&str, Scenario<'_>> = BTreeMap::new();
    for case in &record.scenarios {
        let entry = by_id.entry(&case.scenario).or_insert_with(|| Scenario {
            first: case,
            cases: Vec::new(),
        });
        entry.cases.push(case);
    }
    let scenarios: Vec<Scenario<'_>> = by_id.into_values().collect();
    html! {
        @if scenarios.is_empty() {
            section #results { h2 { "Results" } p { "No case was selected." } }
        } @else {
            (attention(&scenarios))
            section #results aria-labelledby="results-h" tabindex="-1" {
                h2 #results-h { "Results" }
                (filter(record))
                @for (index, scenario) in scenarios.iter().enumerate() {
                    @let group = group_of(&scenario.first.scenario);
                    @if index == 0 || scenarios.get(index - 1).is_some_and(|before| group_of(&before.first.scenario) != group) {
                        h3 .g { (clean(group)) }
                    }
                    (one(record, scenario))
                }
            }
        }
    }
}

fn attention(scenarios: &[Scenario<'_>]) -> Markup {
    let order = [
        Verdict::Error,
        Verdict::Fail,
        Verdict::Inconclusive,
        Verdict::Warn,
    ];
    let of = |verdict| scenarios.iter().filter_map(move |one| one.open(verdict));
    html! {
        section #attention aria-labelledby="attention-h" {
            h2 #attention-h { "What wants attention" }
            @if order.iter().all(|verdict| of(*verdict).next().is_none()) {
                p { "Nothing: no case failed, warned or stayed undecided." }
            } @else {
                ul .att {
                    @for verdict in order { @for worst in of(verdict) {
                        li {
                            (badge(verdict)) " "
                            a href=(format!("#{}", fragment("s-", &worst.scenario))) { (clean(&worst.scenario)) } " "
                            (clean(&worst.title))
                            div .m { (clean(worst.because.as_ref().unwrap_or(&worst.observed))) }
                        }
                    } }
                }
            }
        }
    }
}

/// Shown by the script alone: without it there is nothing to filter with.
fn filter(record: &RunRecord) -> Markup {
    html! {
        form #filter hidden role="search" aria-label="Filter the results" {
            label for="find" { "Search " }
            input #find type="search" autocomplete="off" placeholder="id, clause, suite, header …";
            fieldset {
                legend { "Verdicts" }
                @for verdict in Verdict::ALL.into_iter().rev() {
                    @if record.tally.of(verdict) > 0 {
                        label { input type="checkbox" value=(class(verdict)) checked; " " (badge(verdict)) }
                    }
                }
            }
            button type="button" #open { "Open all shown" } " "
            button type="button" #shut { "Close all" }
            p #shown role="status" {}
        }
    }
}

fn one(record: &RunRecord, scenario: &Scenario<'_>) -> Markup {
    let worst = scenario.worst();
    let mut verdicts: Vec<Verdict> = scenario.cases.iter().map(|case| case.verdict).collect();
    verdicts.sort_unstable();
    verdicts.dedup();
    let classes: Vec<&str> = verdicts.into_iter().map(class).collect();
    let target = target_label(record);
    html! {
        details .s id=(fragment("s-", &scenario.first.scenario)) data-v=(classes.join(" ")) {
            summary {
                (badge(worst.verdict)) " " b { (clean(&scenario.first.scenario)) } " " (clean(&scenario.first.title))
                @if scenario.cases.iter().any(|case| case.waiver.is_some()) { " " span .b .na { "waived" } }
                @if scenario.cases.len() > 1 { span .m { " " (tally_of(&scenario.cases)) } }
            }
            (shared(scenario))
            @if let [case] = scenario.cases.as_slice() {
                @if let Some(expansion) = expansion(&case.id) { p { "The only case: " code { (clean(expansion)) } } }
                (single(record, case, target))
            } @else {
                (several(record, &scenario.cases, target))
            }
        }
    }
}

fn tally_of(cases: &[&ScenarioRecord]) -> String {
    let parts: Vec<String> = Verdict::ALL
        .into_iter()
        .rev()
        .filter_map(|verdict| {
            let number = cases.iter().filter(|case| case.verdict == verdict).count();
            (number > 0).then(|| format!("{number} {}", verdict.name()))
        })
        .collect();
    format!(
        "{}: {}",
        count(cases.len(), "case", "cases"),
        parts.join(", ")
    )
}

/// What all cases of a scenario have in common.
fn shared(scenario: &Scenario<'_>) -> Markup {
    let first = scenario.first;
    let roles: Vec<&str> = first.roles.iter().map(|role| role_name(*role)).collect();
    html! {
        dl .facts {
            @for requirement in &first.requirements {
                dt { (clean(&requirement.document)) " " (clean(&requirement.clause)) }
                dd {
                    a href=(format!("#{}", fragment("q-", &requirement.id))) { (clean(&requirement.id)) }
                    " (" (requirement.level.name()) "): " (clean(&requirement.text))
                }
            }
            @if let Some(reading) = &first.interpretation { (item("interpretation", &reading.text)) }
            (item("confidence", &confidence(first).unwrap_or_default()))
            (item("remedy", first.remedy.as_deref().unwrap_or_default()))
            dt { "scenario" }
            dd {
                (kind_name(first.kind)) ", risk " (risk_name(first.risk)) ", judges " (roles.join(", ")) "; "
                code { (clean(&first.file)) } " " span .h { "SHA-256 " code { (clean(&first.content_sha256)) } }
            }
            @if let [_, _, ..] = scenario.cases.as_slice() { (literal("tags", &first.tags.join(", "))) }
        }
    }
}
