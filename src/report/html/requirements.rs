//! Requirement coverage: every sentence with its scenarios and verdicts, the gaps, and what cannot be tested and why.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::words::{badge, class, fragment};
use crate::model::record::RunRecord;
use crate::report::clean::clean;
use crate::report::layout::count;
use crate::report::sentence::{Outcome, Sentence, tally};

/// The section.
pub(super) fn section(record: &RunRecord, sentences: &[Sentence<'_>]) -> Markup {
    let mut clauses: BTreeMap<&str, Vec<&Sentence<'_>>> = BTreeMap::new();
    for sentence in sentences {
        clauses
            .entry(&sentence.row.document)
            .or_default()
            .push(sentence);
    }
    html! {
        section #requirements aria-labelledby="requirements-h" {
            h2 #requirements-h { "Requirements" }
            @if sentences.is_empty() {
                p { "The results cite no requirement." }
            } @else {
                (totals(sentences))
                (gaps(record))
                @for (document, sentences) in clauses { (document_table(document, &sentences)) }
            }
        }
    }
}

fn totals(sentences: &[Sentence<'_>]) -> Markup {
    let all = tally(sentences, |_| true);
    let shall = tally(sentences, |one| one.row.level.name().starts_with("shall"));
    html! {
        div .scroll tabindex="0" role="region" aria-label="How the sentences ended" { table {
            thead { tr { th scope="col" { "outcome" } th scope="col" .n { "shall" } th scope="col" .n { "all" } } }
            tbody {
                @for outcome in Outcome::ALL {
                    @if let Some(number) = all.get(&outcome) {
                        tr {
                            th scope="row" { (outcome_badge(outcome)) }
                            td .n { (shall.get(&outcome).copied().unwrap_or(0)) }
                            td .n { (number) }
                        }
                    }
                }
            }
        } }
    }
}

/// The shall requirements that were not judged, by reason.
fn gaps(record: &RunRecord) -> Markup {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in &record.not_judged {
        reasons
            .entry(&entry.because)
            .or_default()
            .push(&entry.requirement);
    }
    let number = record.not_judged.len();
    html! {
        @if number > 0 {
            details {
                summary { h3 { "Not judged: " (count(number, "shall requirement", "shall requirements")) } }
                dl .facts {
                    @for (reason, ids) in reasons {
                        dt { @for id in ids { a href=(format!("#{}", fragment("q-", id))) { (clean(id)) } " " } }
                        dd { (clean(reason)) }
                    }
                }
            }
        }
    }
}

fn document_table(document: &str, sentences: &[&Sentence<'_>]) -> Markup {
    let label = format!("Requirements of {}", clean(document));
    html! {
        details .q {
            summary { h3 { (clean(document)) } span .m { (count(sentences.len(), "sentence", "sentences")) } }
            div .scroll tabindex="0" role="region" aria-label=(label) { table {
                thead { tr {
                    th scope="col" { "clause" } th scope="col" { "requirement" } th scope="col" { "outcome" }
                    th scope="col" { "scenarios" }
                } }
                tbody { @for sentence in sentences { (row(sentence)) } }
            } }
        }
    }
}

fn row(sentence: &Sentence<'_>) -> Markup {
    let row = &sentence.row;
    html! {
        tr id=(fragment("q-", &row.requirement)) {
            td { (clean(&row.clause)) }
            td {
                b { (clean(&row.requirement)) } " " span .m { (row.level.name()) ", " (row.confidence.name()) }
                br; (clean(&row.text))
            }
            td {
                (outcome_badge(sentence.outcome))
                @if let Some(why) = &sentence.why { br; span .m { (clean(why)) } }
            }
            td {
                @for bearing in &sentence.bearings {
                    @match bearing.verdict() {
                        Some(verdict) => {
                            a href=(format!("#{}", fragment("s-", bearing.scenario))) { (clean(bearing.scenario)) }
                            " " (badge(verdict)) br;
                        }
                        None => { (clean(bearing.scenario)) " " span .m { "not selected" } br; }
                    }
                }
            }
        }
    }
}

fn outcome_badge(outcome: Outcome) -> Markup {
    html! { span class=(format!("b {}", class(outcome.colour()))) { (outcome.name()) } }
}
