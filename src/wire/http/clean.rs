//! Makes bytes of the target visible and harmless before they reach a terminal, a report or a log.

use std::fmt::Write as _;

/// Which control characters stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// None: the result is one line without tabs.
    #[default]
    Nothing,
    /// Horizontal tab, as in header values.
    Tab,
    /// Horizontal tab and line feed, as in bodies shown over several lines.
    TabAndNewline,
}

/// Marks the place where [`clean`] cut its input off.
pub const CUT: char = '…';

/// Text of `bytes` on one line: controls, bidi and invisible characters and invalid UTF-8 become escapes.
///
/// Bytes below 0x80 and invalid bytes become `\xHH`, other characters `\u{H}`. A backslash of the input stays as it is,
/// so that the result is for people and not to be unescaped. At most `max` characters, then [`CUT`].
pub fn clean(bytes: &[u8], max: usize) -> String {
    clean_keeping(bytes, max, Keep::Nothing)
}

/// Like [`clean`], but the characters of `keep` stay.
pub fn clean_keeping(bytes: &[u8], max: usize, keep: Keep) -> String {
    let mut out = Bounded {
        text: String::new(),
        left: max,
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let fits = if is_kept(character, keep) || !is_harmful(character) {
                out.push(character)
            } else if character.is_ascii() {
                out.escape(format_args!("\\x{:02x}", u32::from(character)))
            } else {
                out.escape(format_args!("\\u{{{:x}}}", u32::from(character)))
            };
            if !fits {
                return out.cut();
            }
        }
        for byte in chunk.invalid() {
            if !out.escape(format_args!("\\x{byte:02x}")) {
                return out.cut();
            }
        }
    }
    out.text
}

/// Text that takes a bounded number of characters; escapes go in whole or not at all.
struct Bounded {
    text: String,
    left: usize,
}

impl Bounded {
    fn push(&mut self, character: char) -> bool {
        let Some(left) = self.left.checked_sub(1) else {
            return false;
        };
        self.left = left;
        self.text.push(character);
        true
    }

    fn escape(&mut self, escape: std::fmt::Arguments<'_>) -> bool {
        let before = self.text.len();
        // Writing to a String cannot fail; escapes are ASCII, so bytes are characters.
        let _ = self.text.write_fmt(escape);
        let Some(left) = self.left.checked_sub(self.text.len() - before) else {
            self.text.truncate(before);
            return false;
        };
        self.left = left;
        true
    }

    fn cut(mut self) -> String {
        self.text.push(CUT);
        self.text
    }
}

fn is_kept(character: char, keep: Keep) -> bool {
    match keep {
        Keep::Nothing => false,
        Keep::Tab => character == '\t',
        Keep::TabAndNewline => matches!(character, '\t' | '\n'),
    }
}

/// Controls, characters that reorder or hide text, line separators, and what XML 1.0 cannot hold.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, proptest};

    #[test]
    fn plain_text_in_any_script_stays() {
        assert_eq!(
            clean("Jäsøn Doe 日本 \\ \"q\"".as_bytes(), 100),
            "Jäsøn Doe 日本 \\ \"q\""
        );
    }

    #[test]
    fn controls_become_visible() {
        assert_eq!(
            clean(b"\x1b[31mred\x07\0\x7f\r\n\t", 100),
            "\\x1b[31mred\\x07\\x00\\x7f\\x0d\\x0a\\x09"
        );
        assert_eq!(clean("\u{9b}31m".as_bytes(), 100), "\\u{9b}31m");
    }

    #[test]
    fn kept_characters_stay_and_others_do_not() {
        assert_eq!(clean_keeping(b"a\tb\nc\r", 9, Keep::Tab), "a\tb\\x0ac…");
        assert_eq!(
            clean_keeping(b"a\tb\nc\r", 99, Keep::TabAndNewline),
            "a\tb\nc\\x0d"
        );
    }

    #[test]
    fn reordering_and_hidden_characters_become_visible() {
        assert_eq!(
            clean(
                "a\u{202e}b\u{2066}c\u{feff}\u{200b}\u{2028}\u{ffff}".as_bytes(),
                100
            ),
            "a\\u{202e}b\\u{2066}c\\u{feff}\\u{200b}\\u{2028}\\u{ffff}"
        );
    }

    #[test]
    fn invalid_utf8_becomes_visible() {
        assert_eq!(
            clean(b"a\xff\xc3b\xed\xa0\x80", 100),
            "a\\xff\\xc3b\\xed\\xa0\\x80"
        );
    }

    #[test]
    fn length_is_bounded_and_escapes_stay_whole() {
        assert_eq!(clean(b"abcdef", 6), "abcdef");
        assert_eq!(clean(b"abcdef", 5), "abcde…");
        assert_eq!(clean(b"ab\x1b", 5), "ab…");
        assert_eq!(clean(b"", 0), "");
    }

    proptest! {
        #[test]
        fn any_bytes_become_harmless(bytes: Vec<u8>, max in 0_usize..200) {
            let text = clean(&bytes, max);
            prop_assert!(text.chars().count() <= max + 1);
            prop_assert!(!text.chars().any(is_harmful));
        }

        #[test]
        fn any_characters_become_harmless(characters in proptest::collection::vec(any::<char>(), 0..50)) {
            let text: String = characters.into_iter().collect();
            prop_assert!(!clean(text.as_bytes(), usize::MAX).chars().any(is_harmful));
        }
    }
}
