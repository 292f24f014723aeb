//! The octets of a case as streams: each direction of each connection, on the wire and under TLS, in one piece.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::evidence::{Direction, EvidenceRole, Happening, WireEvent};

/// Which stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamKey {
    /// The connection's number.
    pub(super) connection: u32,
    /// The direction.
    pub(super) direction: Direction,
    /// Whether it is what went under TLS.
    pub(super) plain: bool,
}

/// A stream with the places at which its events begin.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// All octets.
    pub(super) octets: Vec<u8>,
    /// Index of the event and where it begins.
    pub(super) parts: Vec<(usize, usize)>,
}

/// The streams of `events`.
pub(super) fn streams(events: &[WireEvent]) -> BTreeMap<StreamKey, Stream> {
    let mut streams: BTreeMap<StreamKey, Stream> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let (direction, octets, plain) = match &event.what {
            Happening::Octets(direction, octets) => (*direction, octets, false),
            Happening::Plain(direction, octets) => (*direction, octets, true),
            _ => continue,
        };
        let key = StreamKey {
            connection: event.connection.unwrap_or(0),
            direction,
            plain,
        };
        let stream = streams.entry(key).or_default();
        stream.parts.push((index, stream.octets.len()));
        stream.octets.extend_from_slice(octets);
    }
    streams
}

/// The role of each connection.
pub(super) fn roles(events: &[WireEvent]) -> BTreeMap<u32, EvidenceRole> {
    events
        .iter()
        .filter_map(|event| match (&event.what, event.connection) {
            (Happening::Opened { role, .. }, Some(connection)) => Some((connection, *role)),
            _ => None,
        })
        .collect()
}

impl Stream {
    /// Cuts ranges of the stream into ranges of its events.
    pub(super) fn of_events(&self, ranges: &[Range<usize>]) -> Vec<(usize, Range<usize>)> {
        let mut found = Vec::new();
        for range in ranges {
            let first = self
                .parts
                .partition_point(|(_, begin)| *begin <= range.start)
                .saturating_sub(1);
            for (at, (event, begin)) in self.parts.iter().enumerate().skip(first) {
                if *begin >= range.end {
                    break;
                }
                let end = self
                    .parts
                    .get(at + 1)
                    .map_or(self.octets.len(), |(_, next)| *next);
                let from = range.start.max(*begin);
                let to = range.end.min(end);
                if from < to {
                    found.push((*event, from - begin..to - begin));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(bytes: &[u8]) -> WireEvent {
        WireEvent {
            at_us: 0,
            connection: Some(1),
            what: Happening::Octets(Direction::Sent, bytes.to_vec()),
        }
    }

    #[test]
    fn a_range_over_several_events_is_cut_to_each() {
        let events = [octets(b"abc"), octets(b"d"), octets(b"efg")];
        let streams = streams(&events);
        let stream = streams.values().next().unwrap();
        assert_eq!(stream.octets, b"abcdefg");
        assert_eq!(
            stream.of_events(&[2..3, 3..6]),
            [(0, 2..3), (1, 0..1), (2, 0..2)]
        );
        let whole = stream.of_events(&[0..2, 4..7]);
        assert_eq!(whole, [(0, 0..2), (2, 0..3)]);
    }
}
