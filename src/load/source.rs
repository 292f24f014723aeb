//! One text with its name and the places of everything in it.

use super::diagnostic::{Diagnostic, Diagnostics};
use super::place::{Path, Place, Problem};
use super::position::{Limits, Positions, scan};

/// A text that is well-formed and within bounds.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) positions: Positions,
}

impl<'a> Source<'a> {
    /// Looks at the form of `text`.
    ///
    /// # Errors
    /// What cannot be read or may not be in it.
    pub(super) fn new(file: &'a str, text: &'a str, limits: Limits) -> Result<Self, Diagnostics> {
        let source = Self {
            file,
            text,
            positions: Positions::default(),
        };
        if text.len() > limits.bytes {
            let message = format!(
                "the file has {} octets, {} are allowed",
                text.len(),
                limits.bytes
            );
            return Err(Diagnostic::of_file(file, message).into());
        }
        let mut problems = unreadable(text);
        let mut positions = Positions::default();
        if problems.is_empty() {
            (positions, problems) = scan(text, limits);
        }
        if problems.is_empty() {
            return Ok(Self {
                positions,
                ..source
            });
        }
        let told = problems.into_iter().map(|problem| source.tell(problem));
        Err(Diagnostics::new(told.collect()))
    }

    /// A problem where `path` leads, or at the nearest thing above it.
    pub(super) fn at(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        self.tell(Problem::new(self.positions.place(path), message, None))
    }

    /// A problem of the key at the end of `path` rather than of its value.
    pub(super) fn at_key(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        let key = self.positions.node(path).and_then(|node| node.key);
        let place = key.unwrap_or_else(|| self.positions.place(path));
        self.tell(Problem::new(place, message, None))
    }

    pub(super) fn tell(&self, problem: Problem) -> Diagnostic {
        let Place { line, column } = problem.place;
        let source_line = self.text.lines().nth(line.saturating_sub(1));
        Diagnostic {
            file: self.file.to_owned(),
            line,
            column,
            message: problem.message,
            help: problem.help,
            source_line: source_line.unwrap_or_default().to_owned(),
        }
    }
}

/// The text of a file's octets.
///
/// # Errors
/// A place and what is wrong, when the octets are not UTF-8.
pub(super) fn decode<'a>(file: &str, octets: &'a [u8]) -> Result<&'a str, Diagnostics> {
    if octets.starts_with(&[0xff, 0xfe]) || octets.starts_with(&[0xfe, 0xff]) {
        let problem = Diagnostic::of_file(file, "the file is UTF-16");
        return Err(problem.with_help("save it as UTF-8").into());
    }
    std::str::from_utf8(octets).map_err(|error| {
        let good = octets.get(..error.valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let column = good.lines().last().filter(|_| !good.ends_with('\n'));
        let mut problem = Diagnostic::of_file(file, "the file is not UTF-8 from here on");
        problem.line = good.matches('\n').count() + 1;
        problem.column = column.map_or(0, |line| line.chars().count()) + 1;
        problem.with_help("save it as UTF-8").into()
    })
}

/// Characters on which YAML parsers disagree, or that an editor does not show.
fn unreadable(text: &str) -> Vec<Problem> {
    if text.starts_with('\u{feff}') {
        let top = Place { line: 1, column: 1 };
        let help = Some("save the file as UTF-8 without byte order mark");
        return vec![Problem::new(
            top,
            "the file begins with a byte order mark",
            help,
        )];
    }
    let mut problems = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(problem) = unreadable_line(index + 1, line) {
            problems.push(problem);
        }
    }
    problems
}

fn unreadable_line(number: usize, line: &str) -> Option<Problem> {
    let at = |column| Place {
        line: number,
        column,
    };
    let rest = line.trim_start_matches([' ', '\t']);
    let indent = line.strip_suffix(rest).unwrap_or_default();
    if let Some(column) = indent
        .chars()
        .position(|c| c == '\t')
        .filter(|_| !rest.is_empty())
    {
        return Some(Problem::new(
            at(column + 1),
            "a tab indents this line",
            Some("YAML is indented with spaces"),
        ));
    }
    let column = line.chars().position(|c| {
        (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
    })?;
    let found = line.chars().nth(column).map_or(0, u32::from);
    Some(Problem::new(
        at(column + 1),
        format!("control character U+{found:04X}"),
        Some("remove it; write `\\n` or `\\u…` in double quotes if it is meant"),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::position::WRITTEN;
    use super::*;

    fn first(text: &str) -> Diagnostic {
        let problems = Source::new("x.yaml", text, WRITTEN).unwrap_err();
        problems.iter().next().unwrap().clone()
    }

    #[test]
    fn bytes_that_are_no_text_have_a_place() {
        let problems = decode("x.yaml", b"a: 1\nb: \xff\n").unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!((problem.line, problem.column), (2, 4));
        assert!(
            decode("x.yaml", b"\xff\xfea\0")
                .unwrap_err()
                .to_string()
                .contains("UTF-16")
        );
        assert_eq!(decode("x.yaml", "ä".as_bytes()).unwrap(), "ä");
    }

    #[test]
    fn marks_tabs_and_control_characters() {
        assert!(first("\u{feff}a: 1").message.contains("byte order mark"));
        let tab = first("a:\n \tb: 1\n");
        assert_eq!((tab.line, tab.column), (2, 2));
        assert!(first("a: \u{1}").message.contains("U+0001"));
        assert!(first("a: b\rc: d").message.contains("U+000D"));
        assert!(first("a: \u{85}").message.contains("U+0085"));
        assert!(Source::new("x.yaml", "a: 1\r\nb: 2\r\n", WRITTEN).is_ok());
        assert!(first(&"#".repeat(70_000)).message.contains("65536"));
    }
}
