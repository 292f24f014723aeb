//! One case: what was expected and observed, step by step, and its ladder.

use maud::{Markup, html};

use super::svg;
use super::words::{badge, class, entry, fragment, item, literal};
use crate::model::evidence::{CAPTURE, TRANSCRIPT};
use crate::model::record::{RunRecord, ScenarioRecord, StepRecord};
use crate::report::clean::clean;
use crate::report::group::expansion;
use crate::report::ladder::{Ladder, ladder};
use crate::report::layout::shell_word;
use crate::report::uri::uri;

/// The cases of a scenario that has several; an exchange that one before had in the same way is drawn only there.
pub(super) fn several(record: &RunRecord, cases: &[&ScenarioRecord], target: &str) -> Markup {
    let ladders: Vec<Option<Ladder>> = cases.iter().map(|case| ladder(case)).collect();
    let before = |index: usize| {
        let drawn = ladders.get(index)?.as_ref()?;
        let first = ladders
            .iter()
            .position(|other| other.as_ref() == Some(drawn));
        first
            .filter(|first| *first < index)
            .and_then(|first| cases.get(first))
    };
    html! {
        @for (index, (case, ladder)) in cases.iter().zip(&ladders).enumerate() {
            @let drawing = match before(index) {
                Some(first) => drawn_at(first),
                None => ladder.as_ref().map_or_else(Markup::default, |ladder| svg::draw(ladder, target)),
            };
            (one_of_many(record, case, &drawing))
        }
    }
}

fn drawn_at(case: &ScenarioRecord) -> Markup {
    html! {
        p .m {
            "The same exchange as in "
            a href=(format!("#{}", fragment("c-", &case.id))) { (clean(expansion(&case.id).unwrap_or(&case.id))) }
            "."
        }
    }
}

fn one_of_many(record: &RunRecord, case: &ScenarioRecord, drawing: &Markup) -> Markup {
    html! {
        details .c id=(fragment("c-", &case.id)) data-v=(class(case.verdict)) {
            summary {
                (badge(case.verdict)) " " code { (clean(expansion(&case.id).unwrap_or(&case.id))) }
                @if case.waiver.is_some() { " " span .b .na { "waived" } }
                span .m { " " (clean(&case.observed)) }
            }
            (contents(record, case, drawing))
        }
    }
}

/// The only case of its scenario.
pub(super) fn single(record: &RunRecord, case: &ScenarioRecord, target: &str) -> Markup {
    let drawing = ladder(case).map_or_else(Markup::default, |ladder| svg::draw(&ladder, target));
    contents(record, case, &drawing)
}

/// Everything that belongs to this case alone.
fn contents(record: &RunRecord, case: &ScenarioRecord, drawing: &Markup) -> Markup {
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
            @if let Some(folder) = &case.evidence { (evidence(record, folder)) }
        }
        @if !case.steps.is_empty() {
            div .w {
                (steps(case))
                (drawing)
            }
        }
    }
}

/// Where the evidence of a case is; relative to the folder of the run, in which this report is.
fn evidence(record: &RunRecord, folder: &str) -> Markup {
    let captures = record.evidence.as_ref().is_some_and(|kept| kept.captures);
    html! {
        dt { "evidence" }
        dd {
            a href=(format!("{}/{TRANSCRIPT}", uri(folder))) { "transcript" }
            @if captures {
                ", " a href=(format!("{}/{CAPTURE}", uri(folder))) { "capture" } span .m { " (holds secrets)" }
            }
            ", " code { (clean(folder)) }
        }
    }
}

fn steps(case: &ScenarioRecord) -> Markup {
    let decided = case.decisive_step();
    html! {
        ol { @for (index, step) in case.steps.iter().enumerate() { (one(step, decided == Some(index))) } }
    }
}

fn one(step: &StepRecord, decisive: bool) -> Markup {
    html! {
        li class=[decisive.then_some("d")] {
            (clean(step.action.as_deref().unwrap_or(&step.step)))
            @if decisive { " " b .k { "decides" } }
            @for lost in &step.lost_attempts { p { i { "lost attempt: " } (clean(lost)) } }
            p { i { (step.classification.name()) ": " } (clean(&step.observed)) }
            @if let (Some(claim), Some(expected)) = (&step.claim, &step.expected) {
                p { i { (clean(claim)) ": " } (clean(expected)) }
            }
            @for control in &step.controls {
                p { i { "control " @if control.passed { "held: " } @else { "failed: " } } (clean(&control.observed)) }
            }
        }
    }
}
