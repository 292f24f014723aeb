//! Text of a target made safe for terminals and files, once more before any sink.

use std::fmt::Write as _;

/// The longest text that a report prints in one piece, in characters.
pub const LONGEST: usize = 600;

/// Makes `text` one line that a terminal and an XML reader cannot be fooled by: white space becomes a space,
/// control characters, bidirectional controls and other invisible or unassignable characters are spelled as `\u{…}`.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut out, c);
    }
    out
}

/// The same for what the target may have made long: what goes beyond [`LONGEST`] characters is cut off, saying how much.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST).collect();
    out = printable(&out);
    let rest = text.chars().skip(LONGEST).count();
    if rest > 0 {
        let _ = write!(out, "… ({rest} more characters)");
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '\n' | '\r' | '\t' => out.push(' '),
        _ if c.is_control() || is_deceptive(c) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
        _ => out.push(c),
    }
}

/// Characters that change the direction of text, show nothing, or may not stand in XML 1.0.
fn is_deceptive(c: char) -> bool {
    matches!(
        u32::from(c),
        0xad | 0x61c
            | 0x180e
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xfff9..=0xfffb
            | 0xe000..=0xf8ff
            | 0xe0000..=0x10_ffff
    ) || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_spelled_out() {
        assert_eq!(clean("a\u{1b}[31mred\0"), "a\\u{1b}[31mred\\u{0}");
        assert_eq!(clean("user\u{202e}gpj.exe"), "user\\u{202e}gpj.exe");
        assert_eq!(
            clean("\u{9b}1m\u{2066}\u{feff}"),
            "\\u{9b}1m\\u{2066}\\u{feff}"
        );
        assert_eq!(
            clean("\u{ffff}\u{fffe}\u{10ffff}"),
            "\\u{ffff}\\u{fffe}\\u{10ffff}"
        );
    }

    #[test]
    fn line_breaks_do_not_forge_lines() {
        assert_eq!(clean("seen\r\npass  TLSC-01"), "seen  pass  TLSC-01");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = clean(&"ä".repeat(10_000));
        assert!(text.ends_with("… (9400 more characters)"), "{text}");
        assert_eq!(clean(&"x".repeat(LONGEST)).len(), LONGEST);
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        let text = "Zürich 東京 <script> ]]> & é";
        assert_eq!(clean(text), text);
    }
}
