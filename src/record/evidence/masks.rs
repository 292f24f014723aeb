//! Where secrets are in what went over the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::redact::Redactor;
use super::streams::{Stream, StreamKey};

/// Where secrets are in the octets of each event.
pub(super) type Masks = BTreeMap<usize, Vec<Range<usize>>>;

/// Where secrets are in the octets of each event.
pub(super) fn masks(streams: &BTreeMap<StreamKey, Stream>, redactors: [&Redactor; 2]) -> Masks {
    let mut masks = Masks::new();
    for stream in streams.values() {
        let found: BTreeSet<(usize, usize)> = redactors
            .iter()
            .flat_map(|redactor| redactor.find(&stream.octets))
            .map(|range| (range.start, range.end))
            .collect();
        for (event, range) in stream.of_events(&merged(found)) {
            masks.entry(event).or_default().push(range);
        }
    }
    masks
}

/// Ranges in order, those that overlap put together.
fn merged(found: BTreeSet<(usize, usize)>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for (start, end) in found {
        match merged.last_mut() {
            Some(last) if last.end >= start => last.end = last.end.max(end),
            _ => merged.push(start..end),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_become_one() {
        let found = BTreeSet::from([(0, 3), (2, 5), (5, 6), (8, 9), (8, 10)]);
        assert_eq!(merged(found), [0..6, 8..10]);
    }
}
