//! The whole page: head, sections, style and script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{requirements, results, summary, svg};
use crate::model::record::RunRecord;
use crate::report::clean::clean;
use crate::report::sentence::sentences;

/// The only style of the page.
const STYLE: &str = include_str!("style.css");

/// The only script of the page: filter, search, and opening what an address or the printer points at.
const SCRIPT: &str = include_str!("script.js");

/// The run as one HTML file. It loads nothing: a policy in its head forbids every request and every script but its own, so
/// that what a target sent could do nothing even if it were not escaped.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    let sentences = sentences(record);
    let name = clean(&record.target.name);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "presec: " (name) ", run " (clean(&record.run_id)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#results" { "Skip to the results" }
                (svg::definitions())
                header {
                    h1 { "Conformance of " (name) }
                    p { (summary::lead(record)) }
                    (navigation(record))
                }
                main {
                    (summary::section(record))
                    (results::section(record))
                    (requirements::section(record, &sentences))
                    (summary::policy(record))
                }
                footer { p {
                    (clean(&record.tool.name)) " " (clean(&record.tool.version))
                    ", results of schema version " (record.schema_version) "."
                } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn navigation(record: &RunRecord) -> Markup {
    html! {
        nav aria-label="Sections" { ul {
            li { a href="#summary" { "Summary" } }
            @if !record.scenarios.is_empty() {
                li { a href="#attention" { "Attention" } }
                li { a href="#results" { "Results" } }
            }
            li { a href="#requirements" { "Requirements" } }
            li { a href="#policy" { "Policy" } }
        } }
    }
}

fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
