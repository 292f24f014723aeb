//! The matrix of requirements, scenarios and verdicts, for spreadsheets and for reading.

use super::clean::clean;
use super::gfm::{code, head, row, words};
use super::sentence::{Outcome, Sentence, sentences, tally};
use crate::model::record::RunRecord;
use crate::model::verdict::Verdict;

/// The columns of the CSV form.
const COLUMNS: [&str; 18] = [
    "requirement",
    "document",
    "clause",
    "level",
    "confidence",
    "outcome",
    "text",
    "why",
    "scenario",
    "verdict",
    "cases",
    "pass",
    "info",
    "warn",
    "fail",
    "inconclusive",
    "error",
    "not_applicable",
];

/// The matrix as CSV (RFC 4180): a row for each requirement and scenario that verifies it, one without a scenario where
/// there is none. A field that a spreadsheet would take for a formula starts with an apostrophe.
#[must_use]
pub fn csv(record: &RunRecord) -> String {
    let mut out = String::new();
    line(&mut out, COLUMNS.map(str::to_owned).to_vec());
    for sentence in sentences(record) {
        let start = start_of(&sentence);
        if sentence.bearings.is_empty() {
            let mut fields = start.clone();
            fields.resize(COLUMNS.len(), String::new());
            line(&mut out, fields);
        }
        for bearing in &sentence.bearings {
            let mut fields = start.clone();
            fields.push(bearing.scenario.to_owned());
            fields.push(
                bearing
                    .verdict()
                    .map_or_else(|| "not-selected".to_owned(), |it| it.name().to_owned()),
            );
            fields.push(bearing.cases.len().to_string());
            let of = |verdict| {
                let cases = bearing.cases.iter();
                cases.filter(|case| case.verdict == verdict).count()
            };
            fields.extend(
                [
                    Verdict::Pass,
                    Verdict::Info,
                    Verdict::Warn,
                    Verdict::Fail,
                    Verdict::Inconclusive,
                    Verdict::Error,
                    Verdict::NotApplicable,
                ]
                .map(|verdict| of(verdict).to_string()),
            );
            line(&mut out, fields);
        }
    }
    out
}

fn start_of(sentence: &Sentence<'_>) -> Vec<String> {
    let row = &sentence.row;
    vec![
        row.requirement.clone(),
        row.document.clone(),
        row.clause.clone(),
        row.level.name().to_owned(),
        row.confidence.name().to_owned(),
        sentence.outcome.name().to_owned(),
        row.text.clone(),
        sentence.why.clone().unwrap_or_default(),
    ]
}

fn line(out: &mut String, fields: Vec<String>) {
    let fields: Vec<String> = fields.iter().map(|text| field(text)).collect();
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}

fn field(text: &str) -> String {
    let mut text = clean(text);
    if text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// The matrix as Markdown: how many sentences ended how, then each clause with its sentences, scenarios and verdicts.
#[must_use]
pub fn markdown(record: &RunRecord) -> String {
    let sentences = sentences(record);
    let mut out = format!(
        "# Requirement coverage\n\nRun {} of {} {} against {} ({}), {}.\n\n",
        code(&record.run_id),
        words(&record.tool.name),
        words(&record.tool.version),
        code(&record.target.name),
        code(&record.target.url),
        words(&record.started),
    );
    let all = tally(&sentences, |_| true);
    let shall = tally(&sentences, |sentence| {
        sentence.row.level.name().starts_with("shall")
    });
    head(&mut out, &["outcome", "shall", "all"]);
    for outcome in Outcome::ALL
        .into_iter()
        .filter(|outcome| all.contains_key(outcome))
    {
        let number = |tally: &std::collections::BTreeMap<Outcome, usize>| {
            tally.get(&outcome).copied().unwrap_or(0).to_string()
        };
        row(
            &mut out,
            &[outcome.name().to_owned(), number(&shall), number(&all)],
        );
    }
    out.push('\n');
    head(
        &mut out,
        &[
            "requirement",
            "clause",
            "level",
            "sentence",
            "outcome",
            "scenarios",
            "why",
        ],
    );
    for sentence in &sentences {
        row(&mut out, &cells(sentence));
    }
    out
}

fn cells(sentence: &Sentence<'_>) -> [String; 7] {
    let scenarios: Vec<String> = sentence
        .bearings
        .iter()
        .map(|bearing| {
            let verdict = bearing.verdict().map_or("not selected", Verdict::name);
            let cases = match bearing.cases.len() {
                0 | 1 => String::new(),
                number => format!(" ×{number}"),
            };
            format!("{} {verdict}{cases}", words(bearing.scenario))
        })
        .collect();
    let row = &sentence.row;
    [
        words(&row.requirement),
        words(&format!("{} {}", row.document, row.clause)),
        row.level.name().to_owned(),
        words(&row.text),
        format!("**{}**", sentence.outcome.name()),
        scenarios.join(", "),
        sentence.why.as_deref().map_or_else(String::new, code),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_needed_and_never_formulas() {
        assert_eq!(field("plain"), "plain");
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(field("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(field("@x,y"), "\"'@x,y\"");
        assert_eq!(field("\t=1"), " =1".replace(" =1", "\" =1\""));
        assert_eq!(field("one\r\ntwo"), "one  two");
    }
}
