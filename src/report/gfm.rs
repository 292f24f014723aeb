//! Text as GitHub-flavoured Markdown takes it: as words of ours, or as code that nothing in it can break out of.

use std::fmt::Write as _;

use super::clean::clean;

/// Words of scenarios and registers: every mark that Markdown, HTML or mathematics would read more into is escaped.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Text of a target, a user or a machine as a code span: no markup, no mention, no link comes of it. `|` is escaped, so that
/// it may stand in a table as well.
pub(crate) fn code(text: &str) -> String {
    let text = clean(text).trim().replace('|', "\\|");
    if text.is_empty() {
        return "–".to_owned();
    }
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    if longest > 0 {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// A row of a table.
pub(crate) fn row(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// The head of a table and the line below it.
pub(crate) fn head(out: &mut String, cells: &[&str]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
    let _ = writeln!(out, "|{}", "---|".repeat(cells.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_hold_no_markup() {
        assert_eq!(
            words("a <b> *c* [d](e) |f| `$g` #1"),
            "a &lt;b&gt; \\*c\\* \\[d\\](e) \\|f\\| \\`\\$g\\` \\#1"
        );
        assert_eq!(words("one\n# two"), "one \\# two");
    }

    #[test]
    fn code_is_never_left_early() {
        assert_eq!(code("@team <b>"), "`@team <b>`");
        assert_eq!(code("a ``x`` b"), "``` a ``x`` b ```");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code(""), "–");
        assert_eq!(code("one\r\n```\nx"), "```` one  ``` x ````");
    }
}
