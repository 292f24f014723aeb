//! What is wrong with a file, where, and what to do about it.

use std::fmt;

use thiserror::Error;

/// Columns of a source line that are shown around the caret.
const SHOWN_COLUMNS: usize = 160;

/// Longest message or help, in characters.
const LONGEST_TEXT: usize = 2000;

/// One problem at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file as the user named it, or relative to the embedded scenarios.
    pub file: String,
    /// The line, from 1; 0 when the problem is the file as a whole.
    pub line: usize,
    /// The column in characters, from 1; 0 when the problem is the file as a whole.
    pub column: usize,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The line itself, with secrets masked; empty when there is none to show.
    pub source_line: String,
}

impl Diagnostic {
    /// A problem of a file as a whole, such as one that cannot be read.
    #[must_use]
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: 0,
            column: 0,
            message: message.into(),
            help: None,
            source_line: String::new(),
        }
    }

    /// The same with something to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error: {}\n --> {}",
            text(&self.message),
            text(&self.file)
        )?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if self.line > 0 && !self.source_line.is_empty() {
            let number = self.line.to_string();
            let margin = " ".repeat(number.len());
            let (shown, caret) = clip(&self.source_line, self.column.saturating_sub(1));
            let shown = shown.trim_end();
            write!(f, "\n{margin} |\n{number} | {shown}\n{margin} | ")?;
            write!(f, "{}^", " ".repeat(caret))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {}", text(help))?;
        }
        Ok(())
    }
}

/// The part of a line that is shown, and the caret's column in it, both without control characters.
fn clip(line: &str, caret: usize) -> (String, usize) {
    let length = line.chars().count();
    let caret = caret.min(length);
    if length <= SHOWN_COLUMNS {
        return (clean(line), caret);
    }
    let start = caret
        .saturating_sub(SHOWN_COLUMNS / 2)
        .min(length - SHOWN_COLUMNS);
    let mut shown: String = line.chars().skip(start).take(SHOWN_COLUMNS).collect();
    let mut caret = caret - start;
    if start > 0 {
        shown.insert(0, '…');
        caret += 1;
    }
    if start + SHOWN_COLUMNS < length {
        shown.push('…');
    }
    (clean(&shown), caret)
}

fn text(message: &str) -> String {
    let mut message = clean(message);
    if message.chars().count() > LONGEST_TEXT {
        message = message.chars().take(LONGEST_TEXT).collect();
        message.push('…');
    }
    message
}

/// One visible character for every character, so that the caret stays in place.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' => ' ',
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Every problem found, sorted by file and place, each once. Never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Sorts the problems by file and place.
    #[must_use]
    pub fn new(mut problems: Vec<Diagnostic>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// The problems in order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems themselves.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }

    /// `Ok` when there is no problem.
    ///
    /// # Errors
    /// The problems.
    pub(crate) fn none_of(problems: Vec<Diagnostic>) -> Result<(), Self> {
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Self::new(problems))
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(problem: Diagnostic) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(column: usize, source_line: &str) -> Diagnostic {
        Diagnostic {
            file: "a.yaml".to_owned(),
            line: 12,
            column,
            message: "bad".to_owned(),
            help: Some("do better".to_owned()),
            source_line: source_line.to_owned(),
        }
    }

    #[test]
    fn the_caret_stands_below_the_column() {
        assert_eq!(
            at(3, "a b").to_string(),
            "error: bad\n --> a.yaml:12:3\n   |\n12 | a b\n   |   ^\nhelp: do better"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let shown = at(4, "a\u{1b}[2J\u{202e}\tb").to_string();
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
        assert!(shown.contains("a\u{fffd}[2J\u{fffd} b"));
    }

    #[test]
    fn a_long_line_is_clipped_around_the_caret() {
        let line = format!("{}X{}", "[".repeat(5000), "]".repeat(5000));
        let shown = at(5001, &line).to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[3].chars().count() < 180);
        let caret = lines[4].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[3].chars().nth(caret), Some('X'));
    }

    #[test]
    fn problems_are_sorted_and_said_once() {
        let all = Diagnostics::new(vec![at(9, ""), at(2, ""), at(9, "")]);
        let columns: Vec<usize> = all.iter().map(|problem| problem.column).collect();
        assert_eq!(columns, [2, 9]);
    }
}
