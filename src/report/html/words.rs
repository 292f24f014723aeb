//! Small pieces that every part of the page uses.

use maud::{Markup, html};

use crate::model::policy::PolicyEntry;
use crate::model::verdict::Verdict;
use crate::report::clean::{clean, printable};

/// The class that colours a verdict.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Info => "info",
        Verdict::Warn => "warn",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inc",
        Verdict::Error => "err",
        Verdict::NotApplicable => "na",
    }
}

/// A verdict as a badge.
pub(super) fn badge(verdict: Verdict) -> Markup {
    html! { span class=(format!("b {}", class(verdict))) { (verdict.name()) } }
}

/// A row of a description list; nothing for an empty text.
pub(super) fn item(label: &str, text: &str) -> Markup {
    html! {
        @if !text.is_empty() {
            dt { (label) } dd { (clean(text)) }
        }
    }
}

/// The same with text to be typed or compared, in fixed width.
pub(super) fn literal(label: &str, text: &str) -> Markup {
    html! {
        @if !text.is_empty() {
            dt { (label) } dd { code { (clean(text)) } }
        }
    }
}

/// A policy entry in words.
pub(super) fn entry(entry: &PolicyEntry) -> String {
    format!("{} ({})", entry.values.join(", "), entry.origin)
}

/// An id as the fragment of an address: letters, digits, `-`, `_` and `.` stay, anything else becomes its code in hex, so that
/// two ids never meet.
pub(super) fn fragment(prefix: &str, id: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from(prefix);
    for c in printable(id).chars() {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, ":{:x}:", u32::from(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_are_distinct_and_plain() {
        assert_eq!(
            fragment("c-", "TLSC-07[version=tls1.2]"),
            "c-TLSC-07:5b:version:3d:tls1.2:5d:"
        );
        assert_ne!(fragment("", "a[b"), fragment("", "a]b"));
    }
}
