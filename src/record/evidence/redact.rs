//! Takes secrets out of text and octets, the longest first.

use std::collections::HashMap;
use std::ops::Range;

use crate::wire::http::clean::CUT;

use super::forms::{SHORTEST, forms};

/// What stands for a secret in text.
pub(super) const STARS: &str = "***";

/// Fewer octets of a secret at a place where a text was cut are not looked for.
const SHORTEST_START: usize = 6;

/// Bits of the filter.
const FILTER: usize = 1 << 15;

/// Finds secrets in all their forms.
///
/// Made anew for every case, so it must be made quickly: patterns are found by their first four octets. (An Aho-Corasick
/// automaton searches as fast, but building one for each case took a tenth of a run.)
#[derive(Debug, Clone, Default)]
pub(super) struct Redactor {
    /// First four octets to the patterns that begin so, the longest first.
    patterns: HashMap<[u8; SHORTEST], Vec<Vec<u8>>>,
    /// Which first four octets there may be; spares most look-ups.
    filter: Vec<u64>,
}

impl Redactor {
    /// Knows these secrets.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut redactor = Self::default();
        for form in secrets.into_iter().flat_map(forms) {
            if let Some(first) = form.first_chunk::<SHORTEST>() {
                redactor.filter.resize(FILTER / 64, 0);
                let (word, bit) = place(*first);
                if let Some(word) = redactor.filter.get_mut(word) {
                    *word |= bit;
                }
                redactor.patterns.entry(*first).or_default().push(form);
            }
        }
        for patterns in redactor.patterns.values_mut() {
            patterns.sort_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        }
        redactor
    }

    /// Where secrets are in `octets`, in order.
    pub(super) fn find(&self, octets: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.patterns.is_empty() {
            return found;
        }
        for (at, window) in octets.windows(SHORTEST).enumerate() {
            let Ok(first) = <[u8; SHORTEST]>::try_from(window) else {
                continue;
            };
            let (word, bit) = place(first);
            if self.filter.get(word).is_none_or(|word| word & bit == 0) {
                continue;
            }
            let rest = octets.get(at..).unwrap_or_default();
            let begun = self.patterns.get(&first).into_iter().flatten();
            if let Some(pattern) = begun.into_iter().find(|form| rest.starts_with(form)) {
                let end = at + pattern.len();
                match found.last_mut() {
                    // Of secrets that overlap nothing stays.
                    Some(last) if last.end > at => last.end = last.end.max(end),
                    _ => found.push(at..end),
                }
            }
        }
        found
    }

    /// Takes secrets out of a text, also the beginning of one at a place where the text was cut.
    pub(super) fn text(&self, text: &mut String) {
        let mut found = self.find(text.as_bytes());
        for (cut, _) in text.match_indices(CUT) {
            let before = text.as_bytes().get(..cut).unwrap_or_default();
            let forms = self.patterns.values().flatten();
            let begun = forms.filter_map(|form| begun(before, form));
            if let Some(length) = begun.max() {
                found.push(cut - length..cut);
            }
        }
        if !found.is_empty() {
            found.sort_by_key(|range| range.start);
            *text = starred(text.as_bytes(), &found);
        }
    }
}

/// Word and bit of the filter.
fn place(first: [u8; SHORTEST]) -> (usize, u64) {
    let mixed = u32::from_le_bytes(first).wrapping_mul(0x9E37_79B1) >> 17;
    let at = usize::try_from(mixed).unwrap_or(0) % FILTER;
    (at / 64, 1 << (at % 64))
}

/// How many octets of `form` stand at the end of `text`, when they are enough and not all.
fn begun(text: &[u8], form: &[u8]) -> Option<usize> {
    (SHORTEST_START..form.len()).rev().find(|length| {
        form.get(..*length)
            .is_some_and(|start| text.ends_with(start))
    })
}

/// `octets` as text with stars in place of the `masked` ranges, which are in order.
fn starred(octets: &[u8], found: &[Range<usize>]) -> String {
    String::from_utf8_lossy(&masked(octets, found)).into_owned()
}

/// `octets` with stars in place of the `masked` ranges, which are in order.
pub(super) fn masked(octets: &[u8], masked: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut at = 0;
    for range in masked {
        if range.end <= at {
            continue;
        }
        out.extend_from_slice(octets.get(at..range.start).unwrap_or_default());
        out.extend_from_slice(STARS.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(octets.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(secrets: &[&str], text: &str) -> String {
        let mut text = text.to_owned();
        Redactor::new(secrets.iter().map(|secret| secret.as_bytes())).text(&mut text);
        text
    }

    #[test]
    fn the_longest_secret_goes_first() {
        let text = redacted(&["sesame", "sesame-street"], "at sesame-street, sesame!");
        assert_eq!(text, "at ***, ***!");
        assert_eq!(redacted(&[], "text"), "text");
        assert_eq!(redacted(&["abcdef", "efghij"], "-abcdefghij-"), "-***-");
    }

    #[test]
    fn the_beginning_of_a_secret_before_a_cut_is_one() {
        assert_eq!(redacted(&["open sesame"], "say open se…"), "say ***…");
        assert_eq!(redacted(&["open sesame"], "say open…"), "say open…");
        assert_eq!(redacted(&["open sesame"], "say open sesame…"), "say ***…");
    }

    proptest::proptest! {
        #[test]
        fn no_form_of_a_secret_survives(secret in "[a-zA-Z0-9+/ ]{8,40}", before in "[a-z]{0,5}", after in "[a-z]{0,5}") {
            let redactor = Redactor::new([secret.as_bytes()]);
            for form in forms(secret.as_bytes()) {
                let mut octets = before.clone().into_bytes();
                octets.extend(&form);
                octets.extend(after.bytes());
                proptest::prop_assert!(redactor.find(&octets).iter().any(|range| range.start <= before.len() && range.end >= before.len() + form.len()));
            }
        }
    }
}
