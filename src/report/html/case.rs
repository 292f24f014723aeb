//! One case: what was expected and observed, step by step, and its ladder.

use maud::{Markup, html};

use super::svg;
use super::words::{badge, class, entry, fragment, item, literal};
use crate::model::record::{RunRecord, ScenarioRecord, StepRecord};
use crate::report::clean::clean;
use crate::report::group::expansion;
use crate::report::ladder::{decisive, ladder};
use crate::report::layout::shell_word;
use crate::report::uri::uri;

/// A case among others of its scenario.
pub(super) fn one_of_many(record: &RunRecord, case: &ScenarioRecord, target: &str) -> Markup {
    html! {
        details .c id=(fragment("c-", &case.id)) data-v=(class(case.verdict)) {
            summary {
                (badge(case.verdict)) " " code { (clean(expansion(&case.id).unwrap_or(&case.id))) }
                @if case.waiver.is_some() { " " span .b .na { "waived" } }
                span .m { " " (clean(&case.observed)) }
            }
            (contents(record, case, target))
        }
    }
}

/// Everything that belongs to this case alone.
pub(super) fn contents(record: &RunRecord, case: &ScenarioRecord, target: &str) -> Markup {
    let rerun = record.rerun.as_deref().unwrap_or("presec run");
    let command = format!("{rerun} {}", shell_word(&case.id));
    html! {
        dl .facts {
            (item("expected", &case.expected))
            (item("observed", &case.observed))
            (item("because", case.because.as_deref().unwrap_or_default()))
            @if let Some(waiver) = &case.waiver { (item("waiver", &waiver.told())) }
            @for (key, value) in &case.policy_used { (literal(&clean(key), &entry(value))) }
            (literal("rerun", &command))
            @if let Some(folder) = &case.evidence {
                dt { "evidence" } dd { a href=(uri(folder)) { (clean(folder)) } }
            }
        }
        @if !case.steps.is_empty() {
            div .w {
                (steps(case))
                @if let Some(ladder) = ladder(case) { (svg::draw(&ladder, target)) }
            }
        }
    }
}

fn steps(case: &ScenarioRecord) -> Markup {
    let decided = decisive(case);
    html! {
        ol { @for (index, step) in case.steps.iter().enumerate() { (one(step, decided == Some(index))) } }
    }
}

fn one(step: &StepRecord, decisive: bool) -> Markup {
    html! {
        li .d[decisive] {
            (clean(step.action.as_deref().unwrap_or(&step.step)))
            @if decisive { " " b .k { "decides" } }
            @for lost in &step.lost_attempts { div { span .m { "lost attempt: " } (clean(lost)) } }
            div { span .m { (step.classification.name()) ": " } (clean(&step.observed)) }
            @if let (Some(claim), Some(expected)) = (&step.claim, &step.expected) {
                div { span .m { (clean(claim)) ": " } (clean(expected)) }
            }
            @for control in &step.controls {
                div { span .m { "control " @if control.passed { "held: " } @else { "failed: " } } (clean(&control.observed)) }
            }
        }
    }
}
