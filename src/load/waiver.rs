//! Waiver files.

use std::path::Path as FilePath;

use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::model::waiver::{LoadedWaiver, SHORTEST_REASON, WAIVABLE, Waiver, WaiverFile};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::folder;
use super::place::Path;
use super::position::WRITTEN;
use super::source::{Source, decode};
use super::yaml;

const DAY: &[BorrowedFormatItem<'static>] = format_description!("[year]-[month]-[day]");

/// Reads a waiver file.
///
/// # Errors
/// Everything wrong with it, each at its place.
pub fn load_waivers(path: &FilePath) -> Result<Vec<LoadedWaiver>, Diagnostics> {
    let name = path.to_string_lossy();
    let octets = folder::read(path).map_err(|error| {
        let problem = folder::unreadable(&name, &error);
        problem.with_help("`presec waive RESULTS ID … --append FILE` writes one from a result")
    })?;
    waivers_from_text(&name, decode(&name, &octets)?)
}

/// Reads the text of a waiver file. Total: no text makes it panic.
///
/// # Errors
/// As [`load_waivers`].
pub fn waivers_from_text(file: &str, text: &str) -> Result<Vec<LoadedWaiver>, Diagnostics> {
    let source = Source::new(file, text, WRITTEN)?;
    let WaiverFile { waivers } = yaml::parse(&source)?;
    let mut problems = Vec::new();
    for (index, waiver) in waivers.iter().enumerate() {
        problems.extend(wrong(&source, index, waiver));
        let same = |other: &Waiver| {
            (&other.id, &other.target, other.verdict, &other.observed)
                == (&waiver.id, &waiver.target, waiver.verdict, &waiver.observed)
        };
        if let Some(first) = waivers.iter().take(index).position(same) {
            let place = source.positions.place(&entry(first).key("id"));
            let at = entry(index).key("id");
            let message = format!("`{}` is waived twice", waiver.id);
            let help = format!("line {} waives the same; keep one of them", place.line);
            problems.push(source.at(&at, message).with_help(help));
        }
    }
    Diagnostics::none_of(problems)?;
    let placed = waivers.into_iter().enumerate().map(|(index, waiver)| {
        let line = source.positions.place(&entry(index)).line;
        LoadedWaiver {
            waiver,
            place: format!("{file}:{line}"),
        }
    });
    Ok(placed.collect())
}

fn entry(index: usize) -> Path {
    Path::of("waivers").index(index)
}

/// What is wrong with one waiver whose form is right.
fn wrong(source: &Source<'_>, index: usize, waiver: &Waiver) -> Vec<Diagnostic> {
    let at = entry(index);
    let mut problems = Vec::new();
    let mut tell = |key: &str, message: String, help: &str| {
        problems.push(source.at(&at.key(key), message).with_help(help));
    };
    if !is_id(&waiver.id) {
        let help = "write a scenario (`TLSC-07`), a case (`TLSC-07[version=tls1.2]`) or a pattern (`TLSC-*`)";
        tell(
            "id",
            format!("`{}` is not the id of a case", waiver.id),
            help,
        );
    }
    if waiver.target.trim().is_empty() {
        let help = "write the `name` of the target file";
        tell("target", "the target has no name".to_owned(), help);
    }
    if !WAIVABLE.contains(&waiver.verdict) {
        let message = format!("`{}` cannot be waived", waiver.verdict);
        let help = match waiver.verdict.judges() {
            true => "it does not gate; `fail`, `inconclusive` and `warn` can be waived",
            false => {
                "it says nothing about the target; `fail`, `inconclusive` and `warn` can be waived"
            }
        };
        tell("verdict", message, help);
    }
    if waiver
        .observed
        .as_ref()
        .is_some_and(|text| text.trim().is_empty())
    {
        let help = "leave the key out if every observation is meant";
        tell(
            "observed",
            "an empty text is in every observation".to_owned(),
            help,
        );
    }
    problems.extend(wrong_reason(source, index, waiver));
    problems
}

/// What is wrong with who waives it, why and until when.
fn wrong_reason(source: &Source<'_>, index: usize, waiver: &Waiver) -> Vec<Diagnostic> {
    let at = entry(index);
    let mut problems = Vec::new();
    let mut tell = |key: &str, message: String, help: &str| {
        problems.push(source.at(&at.key(key), message).with_help(help));
    };
    let length = waiver.because.trim().chars().count();
    if length < SHORTEST_REASON {
        let message =
            format!("the reason has {length} characters, {SHORTEST_REASON} are the least");
        tell(
            "because",
            message,
            "say what is known, what is done about it and by whom",
        );
    }
    if waiver.owner.trim().is_empty() {
        tell(
            "owner",
            "nobody answers for it".to_owned(),
            "name a person or a team",
        );
    }
    if !is_day(&waiver.expires) {
        let help = "write a day such as `2027-03-31`; it is the last on which the waiver holds";
        tell(
            "expires",
            format!("`{}` is not a day", waiver.expires),
            help,
        );
    }
    problems
}

/// Whether a text can be the id of a scenario or case, or a pattern of it.
fn is_id(text: &str) -> bool {
    let (scenario, expansion) = match text.split_once('[') {
        Some((scenario, rest)) => (scenario, rest.strip_suffix(']')),
        None => (text, Some("")),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-*".contains(c);
    !scenario.is_empty()
        && scenario.chars().all(plain)
        && expansion.is_some_and(|inside| {
            inside
                .chars()
                .all(|c| c.is_ascii_graphic() && !"[]".contains(c))
        })
}

/// Whether a text is a day of the calendar in the form `2027-03-31`.
pub fn is_day(text: &str) -> bool {
    text.len() == 10 && Date::parse(text, DAY).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RIGHT: &str = "waivers:\n  - id: TLSC-07[version=tls1.2]\n    target: lab\n    verdict: fail\n    observed: selected TLS_RSA_WITH_NULL_SHA\n    because: the vendor mends it in release 4\n    owner: jane@example.test\n    expires: 2027-01-31\n";

    #[test]
    fn a_waiver_knows_its_line() {
        let loaded = waivers_from_text("w.yaml", RIGHT).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.len(), 1);
        assert_eq!(loaded[0].place, "w.yaml:2");
        assert_eq!(loaded[0].waiver.expires, "2027-01-31");
        assert!(
            waivers_from_text("w.yaml", "waivers: []\n")
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert!(is_day("2028-02-29"));
        for wrong in [
            "2027-02-29",
            "2027-1-31",
            "31.01.2027",
            "2027-13-01",
            "+2027-01-1",
            "soon",
            "",
        ] {
            assert!(!is_day(wrong), "{wrong}");
        }
    }

    #[test]
    fn ids_are_those_of_cases_scenarios_and_patterns() {
        for right in [
            "TLSC-07",
            "TLSC-*",
            "*",
            "TLSC-07[version=tls1.2]",
            "TLSC-07[*]",
        ] {
            assert!(is_id(right), "{right}");
        }
        for wrong in [
            "",
            "TLSC 07",
            "TLSC-07[",
            "[x]",
            "TLSC-07[a]b",
            "TLSC-07\u{202e}",
        ] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(at in 0..RIGHT.len(), length in 0..20usize, put in "[-:{}\\[\\],&*!|>'\"#%@`$ \n\ta-z0-9]{0,8}") {
            let text = format!("{}{put}{}", &RIGHT[..at], RIGHT.get(at + length..).unwrap_or(""));
            let _ = waivers_from_text("w.yaml", &text);
        }
    }
}
