//! Lines, labels and columns that fit a width.

use comfy_table::presets::NOTHING;
use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width as ColumnWidth,
};

use super::clean::printable;
use crate::model::verdict::Verdict;

/// The narrowest text that is laid out.
const NARROWEST: u16 = 60;

/// How text is laid out: columns of the terminal, and whether colours may be used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    width: u16,
    colour: bool,
}

/// The width of the label column when the labels of several blocks shall line up.
pub(crate) const LABEL: u16 = 14;

impl Layout {
    /// A layout `width` columns wide, 60 at least.
    pub(crate) fn new(width: u16, colour: bool) -> Self {
        Self {
            width: width.max(NARROWEST),
            colour,
        }
    }

    /// The columns there are.
    pub(crate) fn width(self) -> u16 {
        self.width
    }

    /// An empty table without lines that fits this layout.
    pub(crate) fn table(self) -> Table {
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.width);
        if self.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        table
    }

    /// Rows of a label and a text that wraps beside it, `indent` columns from the left.
    pub(crate) fn fields(self, indent: u16, rows: &[(&str, String)]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let mut table = self.table();
        for (label, text) in rows {
            table.add_row(vec![Cell::new(label), Cell::new(printable(text))]);
        }
        let longest = rows.iter().map(|(label, _)| label.chars().count()).max();
        let longest = u16::try_from(longest.unwrap_or_default()).unwrap_or(u16::MAX);
        // A longer label widens the column for all, up to a third of the line; only then it breaks.
        let label = longest.min(self.width / 3).max(LABEL);
        pad(&mut table, 0, (indent, 2), Some(indent + label + 2));
        pad(&mut table, 1, (0, 0), None);
        finished(&table)
    }

    /// Numbered or marked lines that wrap beside their mark, two columns from the left.
    pub(crate) fn marked(self, rows: &[(String, String)]) -> String {
        let mut table = self.table();
        for (mark, text) in rows {
            table.add_row(vec![Cell::new(mark), Cell::new(printable(text))]);
        }
        pad(&mut table, 0, (2, 1), None);
        pad(&mut table, 1, (0, 0), None);
        finished(&table)
    }

    /// A text that wraps, `indent` columns from the left.
    pub(crate) fn paragraph(self, indent: u16, text: &str) -> String {
        let mut table = self.table();
        table.add_row(vec![Cell::new(printable(text))]);
        pad(&mut table, 0, (indent, 0), None);
        finished(&table)
    }

    /// A bold line.
    pub(crate) fn heading(self, text: &str) -> String {
        let mut table = self.table();
        table.add_row(vec![
            Cell::new(printable(text)).add_attribute(Attribute::Bold),
        ]);
        pad(&mut table, 0, (0, 0), None);
        finished(&table)
    }

    /// A verdict, an id and a title.
    pub(crate) fn verdict_line(self, verdict: Verdict, text: &str) -> String {
        let mut table = self.table();
        table.add_row(vec![
            Cell::new(verdict.name().to_uppercase())
                .fg(colour(verdict))
                .add_attribute(Attribute::Bold),
            Cell::new(printable(text)).add_attribute(Attribute::Bold),
        ]);
        pad(&mut table, 0, (0, 2), None);
        pad(&mut table, 1, (0, 0), None);
        finished(&table)
    }
}

/// Sets the padding of a column, and its width in all where it is fixed.
pub(crate) fn pad(table: &mut Table, column: usize, padding: (u16, u16), fixed: Option<u16>) {
    if let Some(column) = table.column_mut(column) {
        column.set_padding(padding);
        if let Some(width) = fixed {
            column.set_constraint(ColumnConstraint::Absolute(ColumnWidth::Fixed(width)));
        }
    }
}

/// The table as lines without trailing blanks, each ended by a line feed.
pub(crate) fn finished(table: &Table) -> String {
    let mut out = String::new();
    for line in table.trim_fmt().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The colour of a verdict.
pub(crate) fn colour(verdict: Verdict) -> Color {
    match verdict {
        Verdict::NotApplicable => Color::DarkGrey,
        Verdict::Info => Color::Cyan,
        Verdict::Pass => Color::Green,
        Verdict::Warn => Color::Yellow,
        Verdict::Inconclusive => Color::Magenta,
        Verdict::Fail | Verdict::Error => Color::Red,
    }
}

/// A number with its noun: `1 case`, `2 cases`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A word as a shell takes it: quoted when it holds anything but letters, digits and plain marks.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(1, "case", "cases"), "1 case");
        assert_eq!(count(0, "case", "cases"), "0 cases");
    }

    #[test]
    fn words_are_quoted_only_where_a_shell_would_read_more_into_them() {
        assert_eq!(shell_word("TLSC-07"), "TLSC-07");
        assert_eq!(
            shell_word("TLSC-07[version=tls1.2]"),
            "'TLSC-07[version=tls1.2]'"
        );
        assert_eq!(shell_word("it's"), "'it'\\''s'");
    }

    #[test]
    fn text_wraps_at_words_beside_its_label() {
        let layout = Layout::new(60, false);
        let text = layout.fields(2, &[("expected", "word ".repeat(20))]);
        assert!(text.lines().count() > 1);
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("                  word")),
            "{text}"
        );
    }

    #[test]
    fn colour_comes_only_when_asked_for() {
        let plain = Layout::new(80, false).verdict_line(Verdict::Fail, "TLSC-07");
        assert_eq!(plain, "FAIL  TLSC-07\n");
        let coloured = Layout::new(80, true).verdict_line(Verdict::Fail, "TLSC-07");
        assert!(coloured.contains("\u{1b}["));
    }
}
