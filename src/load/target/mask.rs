//! Keeps secrets of target files out of messages and source lines.

use crate::model::secret::SecretReference;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::place::{Place, Problem};
use super::super::position::Node;
use super::super::source::Source;

/// What stands for a secret.
const STARS: &str = "***";

/// Shortest text that is looked for in messages; anything shorter would garble them and protects nothing.
const SHORTEST: usize = 3;

/// Keys under `credentials`; anything else there may be a secret in the wrong place.
const KNOWN: [&str; 7] = [
    "b_tid",
    "ks_naf",
    "username",
    "password",
    "pre_shared_key",
    "suite",
    "ks_naf_tls13",
];

/// A stretch of the text that may hold a secret.
struct Hidden<'a> {
    text: &'a str,
    start: Place,
    end: Place,
}

/// What of a node is, or was meant to be, a secret: its value, or its key when it stands where none is known.
fn hidden<'a>(keys: &[&'a str], node: &'a Node) -> Vec<Hidden<'a>> {
    let last = keys.last().copied().unwrap_or_default();
    let below = keys
        .iter()
        .position(|key| *key == "credentials")
        .map(|at| keys.len() - at - 1);
    let text = node.scalar.as_deref().unwrap_or_default();
    let mut found = Vec::new();
    // What stands in it is looked at by itself.
    let is_known_mapping = last == "pre_shared_key" && node.scalar.is_none();
    let is_secret = matches!(last, "ks_naf" | "ks_naf_tls13" | "password")
        || (!is_known_mapping && below.is_some_and(|depth| depth > 0 || node.scalar.is_some()))
        || text.contains("lab:")
        || (matches!(last, "url" | "clear" | "forward_to" | "address") && text.contains('@'));
    if is_secret {
        let public = matches!(last, "b_tid" | "username" | "suite") && !text.contains("lab:");
        let text = if public { "" } else { text };
        found.push(Hidden {
            text,
            start: node.start,
            end: node.end,
        });
    }
    let stray =
        last.contains("lab:") || (below.is_some_and(|depth| depth > 0) && !KNOWN.contains(&last));
    if let Some(key) = node.key.filter(|_| stray) {
        found.push(Hidden {
            text: last,
            start: key,
            end: node.end,
        });
    }
    found
}

/// Secrets that are not written as references, told where they stand.
pub(super) fn unreferenced(source: &Source<'_>) -> Vec<Diagnostic> {
    let all = source.positions.all();
    all.iter()
        .filter(|(keys, _)| {
            matches!(
                keys.as_slice(),
                [.., "credentials", "ks_naf" | "password"]
                    | [.., "pre_shared_key", "ks_naf" | "ks_naf_tls13"]
            )
        })
        .filter_map(|(_, node)| {
            let text = node.scalar.as_deref()?;
            let because = text.parse::<SecretReference>().err()?;
            let help = Some("a secret never stands in the file itself, unless it protects nothing");
            Some(source.tell(Problem::new(node.start, because, help)))
        })
        .collect()
}

/// Masks what is secret in the problems of a file whose form is right.
pub(super) fn parsed(problems: Vec<Diagnostic>, source: &Source<'_>) -> Diagnostics {
    let all = source.positions.all();
    let secrets: Vec<Hidden<'_>> = all
        .iter()
        .flat_map(|(keys, node)| hidden(keys, node))
        .collect();
    let masked = problems.into_iter().map(|mut problem| {
        problem.source_line = mask_line(&problem, &secrets);
        for secret in &secrets {
            problem.message = without(&problem.message, secret.text);
            problem.help = problem.help.map(|help| without(&help, secret.text));
        }
        problem
    });
    Diagnostics::new(masked.collect())
}

fn without(message: &str, secret: &str) -> String {
    let bare = secret.split_once("lab:").map_or(secret, |(_, bare)| bare);
    let mut message = message.to_owned();
    for text in [secret, bare] {
        if text.chars().count() >= SHORTEST && !KNOWN.contains(&text) {
            message = message.replace(text, STARS);
        }
    }
    message
}

/// The source line up to the first secret on it.
fn mask_line(problem: &Diagnostic, secrets: &[Hidden<'_>]) -> String {
    let first = secrets
        .iter()
        .filter(|secret| (secret.start.line..=secret.end.line).contains(&problem.line))
        .map(|secret| {
            if secret.start.line == problem.line {
                secret.start.column - 1
            } else {
                0
            }
        })
        .min();
    match first {
        None => problem.source_line.clone(),
        Some(first) => {
            let mut shown: String = problem.source_line.chars().take(first).collect();
            shown.push_str(STARS);
            shown
        }
    }
}

/// Masks the problems of a file that could not be parsed: behind a line's first key, everything could be a secret.
pub(super) fn unparsed(problems: Diagnostics, text: &str) -> Diagnostics {
    let credentials = text.lines().position(|line| {
        ["subscribers", "credentials", "ks_naf", "password", "lab:"]
            .iter()
            .any(|word| line.contains(word))
    });
    let Some(first) = credentials else {
        return problems;
    };
    let masked = problems.into_vec().into_iter().map(|mut problem| {
        if problem.line > first {
            problem.source_line = key_only(&problem.source_line);
            problem.message = without_quotes(&problem.message);
        }
        problem
    });
    Diagnostics::new(masked.collect())
}

fn key_only(line: &str) -> String {
    let indent: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    let rest = line.trim_start();
    let known = [
        "subscribers",
        "credentials",
        "ks_naf",
        "password",
        "username",
        "b_tid",
        "impi",
        "impus",
        "default_impu",
        "xui",
    ];
    match rest.split_once(':') {
        Some((key, _)) if known.contains(&key) => format!("{indent}{key}: {STARS}"),
        _ => format!("{indent}{STARS}"),
    }
}

/// A message may repeat a key that is in truth the end of a secret.
fn without_quotes(message: &str) -> String {
    let mut parts = message.splitn(3, '`');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(_), Some(after)) => format!("{before}`{STARS}`{after}"),
        _ => message.to_owned(),
    }
}
