//! Takes secrets out of text and octets, the longest first.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::wire::http::clean::CUT;

use super::forms::forms;

/// What stands for a secret in text.
pub(super) const STARS: &str = "***";

/// Fewer octets of a secret at a place where a text was cut are not looked for.
const SHORTEST_START: usize = 6;

/// Finds secrets in all their forms.
#[derive(Debug, Clone, Default)]
pub(super) struct Redactor(Option<Known>);

#[derive(Debug, Clone)]
struct Known {
    patterns: Vec<Vec<u8>>,
    searcher: AhoCorasick,
}

impl Redactor {
    /// Knows these secrets.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let patterns: BTreeSet<Vec<u8>> = secrets.into_iter().flat_map(forms).collect();
        if patterns.is_empty() {
            return Self(None);
        }
        let patterns: Vec<Vec<u8>> = patterns.into_iter().collect();
        // Of several secrets that begin at one place the longest is taken out whole.
        let built = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns);
        Self(built.ok().map(|searcher| Known { patterns, searcher }))
    }

    /// Where secrets are in `octets`, in order.
    pub(super) fn find(&self, octets: &[u8]) -> Vec<Range<usize>> {
        self.0.as_ref().map_or_else(Vec::new, |known| {
            let found = known.searcher.find_iter(octets);
            found.map(|found| found.range()).collect()
        })
    }

    /// Takes secrets out of a text, also the beginning of one at a place where the text was cut.
    pub(super) fn text(&self, text: &mut String) {
        let Some(known) = &self.0 else {
            return;
        };
        let mut found = self.find(text.as_bytes());
        for (cut, _) in text.match_indices(CUT) {
            let before = text.as_bytes().get(..cut).unwrap_or_default();
            let begun = known.patterns.iter().filter_map(|form| begun(before, form));
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
