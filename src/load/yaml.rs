//! Typed reading of YAML, and the library's errors in an author's words. The only file that names `serde_yaml`.

use serde::de::DeserializeOwned;

use super::diagnostic::Diagnostic;
use super::place::{Path, Place, Problem, Segment};
use super::source::Source;
use super::suggest;

/// Reads the text as `T`.
///
/// # Errors
/// The first thing that does not fit the type, at its place.
pub(super) fn parse<T: DeserializeOwned>(source: &Source<'_>) -> Result<T, Diagnostic> {
    let deserializer = serde_yaml::Deserializer::from_str(source.text);
    serde_yaml::with::singleton_map_recursive::deserialize(deserializer)
        .map_err(|error| translate(&error, source))
}

/// Reads data that came with the binary and was looked at by tests; no bounds, no places.
///
/// # Errors
/// The library's own words.
pub(super) fn parse_data<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Diagnostic> {
    serde_yaml::from_str(text).map_err(|error| Diagnostic::of_file(file, error.to_string()))
}

/// An error of the library taken apart.
struct Parts {
    path: Path,
    message: String,
    place: Place,
}

fn translate(error: &serde_yaml::Error, source: &Source<'_>) -> Diagnostic {
    let parts = take_apart(error, source);
    let problem = unknown_key(&parts, source)
        .or_else(|| unknown_word(&parts, source))
        .or_else(|| missing_key(&parts, source))
        .unwrap_or_else(|| misfit(&parts, source));
    source.tell(problem)
}

fn take_apart(error: &serde_yaml::Error, source: &Source<'_>) -> Parts {
    let text = error.to_string();
    let mut message = match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    };
    let mut path = Path::default();
    if let Some((before, rest)) = message.split_once(": ")
        && let Some(found) = resolve(before, source)
    {
        path = found;
        message = rest.to_owned();
    }
    let place = error.location().map_or_else(
        || source.positions.place(&path),
        |location| Place {
            line: location.line(),
            column: location.column(),
        },
    );
    Parts {
        path,
        message,
        place,
    }
}

/// Reads the library's `steps[1].http.expect[0]`; `None` when it does not lead anywhere.
fn resolve(text: &str, source: &Source<'_>) -> Option<Path> {
    let mut path = Path::default();
    let mut rest = text;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(index) = rest.strip_prefix('[') {
            let (number, after) = index.split_once(']')?;
            path = path.index(number.parse().ok()?);
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at_checked(end)?;
            path = path.key(key);
            rest = after;
        }
        source.positions.node(&path)?;
    }
    Some(path)
}

/// The first text in backticks behind `prefix`, and the rest.
fn quoted<'a>(text: &'a str, prefix: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(prefix)?
        .strip_prefix('`')?
        .split_once('`')
}

fn expected(rest: &str) -> Vec<&str> {
    let list = rest.split_once("expected").map_or("", |(_, list)| list);
    list.split('`').skip(1).step_by(2).collect()
}

fn unknown_key(parts: &Parts, source: &Source<'_>) -> Option<Problem> {
    let (key, rest) = quoted(&parts.message, "unknown field ")?;
    let path = parts.path.key(key);
    let place = source.positions.node(&path).and_then(|node| node.key);
    let known = expected(rest);
    let help = suggest::help(key, known.iter().copied(), "known keys here");
    Some(Problem::new(
        place.unwrap_or(parts.place),
        format!("unknown key `{key}`"),
        Some(&help),
    ))
}

fn unknown_word(parts: &Parts, source: &Source<'_>) -> Option<Problem> {
    let (word, rest) = quoted(&parts.message, "unknown variant ")?;
    let as_key = source
        .positions
        .node(&parts.path.key(word))
        .and_then(|node| node.key);
    let known = expected(rest);
    let help = suggest::help(word, known.iter().copied(), "known here");
    Some(Problem::new(
        as_key.unwrap_or(parts.place),
        format!("`{word}` is not known here"),
        Some(&help),
    ))
}

fn missing_key(parts: &Parts, source: &Source<'_>) -> Option<Problem> {
    let (key, _) = quoted(&parts.message, "missing field ")?;
    let place = source
        .positions
        .node(&parts.path)
        .map_or(parts.place, |node| node.key.unwrap_or(node.start));
    let owner = match parts.path.0.last() {
        Some(Segment::Key(owner)) => format!(" in `{owner}`"),
        _ => String::new(),
    };
    let help = format!("write `{key}:` with its value");
    Some(Problem::new(
        place,
        format!("the key `{key}` is missing{owner}"),
        Some(&help),
    ))
}

fn misfit(parts: &Parts, source: &Source<'_>) -> Problem {
    let plain = source
        .positions
        .node(&parts.path)
        .is_some_and(|node| node.plain);
    let found_other = ["integer", "floating point", "boolean", "unit value"]
        .iter()
        .any(|kind| parts.message.contains(&format!("invalid type: {kind}")));
    let wants_text =
        parts.message.contains("expected text") || parts.message.contains("expected a string");
    let help = if plain && found_other && wants_text {
        Some("put it in quotes")
    } else if parts.message.contains("expected a list")
        || parts.message.contains("expected a sequence")
    {
        Some("write a list: `[one, another]`")
    } else if parts.message.contains("not a $name") {
        Some("what begins with `$` is a name: lower-case letters, digits, `_` and `.`")
    } else if parts.message.contains("map with a single key") {
        Some("write one list item, beginning with `-`, for each")
    } else {
        None
    };
    Problem::new(parts.place, in_plain_words(&parts.message), help)
}

/// Replaces the words of the library's users by those of YAML authors.
fn in_plain_words(message: &str) -> String {
    let mut text = message.to_owned();
    for (library, plain) in [
        ("invalid type: ", "does not fit: "),
        ("invalid value: ", "does not fit: "),
        ("invalid length ", "does not fit: length "),
        ("unit value", "nothing"),
        ("unit variant", "a word"),
        ("newtype variant", "a mapping"),
        ("struct variant", "a mapping"),
        ("tuple variant", "a list"),
        ("a sequence", "a list"),
        ("sequence", "a list"),
        ("found map", "found a mapping"),
        ("type: map", "type: a mapping"),
        ("fit: map", "fit: a mapping"),
        (
            "a mapping, expected map with a single key",
            "several keywords, expected exactly one",
        ),
        ("map with a single key", "exactly one keyword"),
        ("floating point", "the number"),
        ("integer", "the number"),
        ("boolean", "truth value"),
    ] {
        if !text.contains(plain) || plain.len() < library.len() {
            text = text.replace(library, plain);
        }
    }
    without_type_names(&text)
}

/// `struct Claim` and `enum Step` say nothing to an author.
fn without_type_names(text: &str) -> String {
    let mut words = Vec::new();
    let mut skip = false;
    for word in text.split(' ') {
        if std::mem::take(&mut skip) {
            continue;
        }
        match word {
            "struct" => {
                words.push("a mapping");
                skip = true;
            }
            "enum" => {
                words.push("a keyword");
                skip = true;
            }
            _ => words.push(word),
        }
    }
    words.join(" ")
}
