//! A comparison as text and as Markdown.

use super::{Change, Comparison, Difference, Side};
use crate::report::clean::clean;
use crate::report::layout::{Layout, count};

/// For a terminal of `width` columns.
#[must_use]
pub fn text(comparison: &Comparison, width: u16, colour: bool) -> String {
    let layout = Layout::new(width, colour);
    let (old, new) = (&comparison.old, &comparison.new);
    let run = |run: &super::Compared| {
        format!(
            "{}, {}, {}",
            run.run_id,
            run.started,
            count(run.cases, "case", "cases")
        )
    };
    let mut rows = vec![
        ("target", new.target.clone()),
        ("old", run(old)),
        ("new", run(new)),
    ];
    rows.extend(comparison.notes.iter().map(|note| ("note", clean(note))));
    let mut out = layout.fields(0, &rows);
    out.push('\n');
    for change in Change::ALL {
        let of_kind: Vec<&Difference> = of_kind(comparison, change).collect();
        if of_kind.is_empty() {
            continue;
        }
        let number = count(of_kind.len(), "case", "cases");
        out.push_str(&layout.heading(&format!("{}: {number}", change.heading())));
        for difference in of_kind {
            let line = format!("{}  {}", difference.id, moved(difference));
            out.push_str(&layout.paragraph(2, &line));
            for (label, observed) in observations(difference) {
                let label = if label.is_empty() {
                    String::new()
                } else {
                    format!("{label}: ")
                };
                out.push_str(&layout.paragraph(6, &format!("{label}{observed}")));
            }
        }
        out.push('\n');
    }
    out.push_str(&layout.paragraph(0, &summary(comparison)));
    out
}

/// For the page of a CI job.
#[must_use]
pub fn markdown(comparison: &Comparison) -> String {
    let mut out = format!("**{}**\n", cell(&summary(comparison)));
    for note in &comparison.notes {
        out.push_str(&format!("\n- {}", cell(note)));
    }
    if !comparison.differences.is_empty() {
        out.push_str("\n| change | case | verdict | observed |\n|---|---|---|---|\n");
    }
    for change in Change::ALL {
        for difference in of_kind(comparison, change) {
            let told: Vec<String> = observations(difference)
                .into_iter()
                .map(|(label, text)| match label {
                    "" => cell(&text),
                    label => format!("{label}: {}", cell(&text)),
                })
                .collect();
            out.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                change.heading(),
                cell(&difference.id),
                moved(difference),
                told.join("<br>")
            ));
        }
    }
    out
}

fn of_kind(comparison: &Comparison, change: Change) -> impl Iterator<Item = &Difference> {
    comparison
        .differences
        .iter()
        .filter(move |difference| difference.change == change)
}

fn moved(difference: &Difference) -> String {
    let word = |side: &Side| match side.waived {
        true => format!("{} (waived)", side.verdict),
        false => side.verdict.to_string(),
    };
    match (&difference.old, &difference.new) {
        (Some(old), Some(new)) if word(old) == word(new) => word(new),
        (Some(old), Some(new)) => format!("{} → {}", word(old), word(new)),
        (Some(one), None) | (None, Some(one)) => word(one),
        (None, None) => String::new(),
    }
}

/// What was seen on each side, once where it is the same.
fn observations(difference: &Difference) -> Vec<(&'static str, String)> {
    let told = |side: &Option<Side>| side.as_ref().map(|side| clean(&side.observed));
    match (told(&difference.old), told(&difference.new)) {
        (Some(old), Some(new)) if old != new => vec![("old", old), ("new", new)],
        (_, Some(one)) | (Some(one), None) => vec![("", one)],
        (None, None) => Vec::new(),
    }
}

fn summary(comparison: &Comparison) -> String {
    let mut parts: Vec<String> = Change::ALL
        .into_iter()
        .map(|change| {
            (
                of_kind(comparison, change).count(),
                change.heading().to_lowercase(),
            )
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, heading)| format!("{number} {heading}"))
        .collect();
    parts.push(format!("{} the same", comparison.same));
    let verdict = if comparison.regression {
        "regression"
    } else {
        "no regression"
    };
    format!("{verdict}: {}", parts.join("; "))
}

/// A text that cannot end a cell, begin a tag or a link.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '@' | '#' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
