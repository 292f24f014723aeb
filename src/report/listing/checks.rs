//! Findings of the doctor, one below the other.

use crate::report::layout::Layout;

/// Rows of a mark (`ok`, `note`, `TROUBLE`) and a text that wraps beside it, `width` columns wide.
#[must_use]
pub fn checks(rows: &[(&str, String)], width: u16) -> String {
    Layout::new(width, false).fields(0, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_wrap_beside_their_mark() {
        let rows = [
            ("ok", "word ".repeat(30)),
            ("TROUBLE", "a\u{1b}[2Jb".to_owned()),
        ];
        let text = checks(&rows, 80);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(
            text.lines()
                .nth(1)
                .unwrap()
                .starts_with("                word"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
    }
}
