//! What is taken down of one case while it runs, within bounds.

use std::sync::{Mutex, PoisonError};

use crate::engine::ports::Recorder;
use crate::model::evidence::{Happening, WireEvent};

/// Most octets of one case that are kept, over all its connections and layers.
pub(super) const MAX_CASE: usize = 16 * 1024 * 1024;
/// Most events of one case that are kept.
pub(super) const MAX_EVENTS: usize = 100_000;

/// The events of one case.
#[derive(Debug, Default)]
pub(super) struct Notebook(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    events: Vec<WireEvent>,
    octets: usize,
    /// Octets that were too many, counted at the end of the events.
    missing: u64,
}

impl Notebook {
    /// The events so far; the book is empty afterwards.
    pub(super) fn take(&self) -> Vec<WireEvent> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notes = std::mem::take(&mut *notes);
        let mut events = notes.events;
        if notes.missing > 0 {
            let at_us = events.last().map_or(0, |event| event.at_us);
            events.push(WireEvent {
                at_us,
                connection: None,
                what: Happening::Truncated(notes.missing),
            });
        }
        events
    }
}

impl Recorder for Notebook {
    fn record(&self, event: WireEvent) {
        let octets = match &event.what {
            Happening::Octets(_, octets) | Happening::Plain(_, octets) => octets.len(),
            Happening::Origin(request) => {
                let fields = request.fields.iter();
                fields.map(|(name, value)| name.len() + value.len()).sum()
            }
            _ => 0,
        };
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.octets + octets > MAX_CASE || notes.events.len() >= MAX_EVENTS {
            let octets = u64::try_from(octets).unwrap_or(u64::MAX);
            notes.missing = notes.missing.saturating_add(octets.max(1));
            return;
        }
        notes.octets += octets;
        notes.events.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::evidence::Direction;

    #[test]
    fn a_case_is_bounded_and_says_what_is_missing() {
        let book = Notebook::default();
        for _ in 0..17 {
            book.record(WireEvent {
                at_us: 5,
                connection: Some(1),
                what: Happening::Octets(Direction::Received, vec![0; 1024 * 1024]),
            });
        }
        let events = book.take();
        assert_eq!(events.len(), 17);
        assert_eq!(events[16].what, Happening::Truncated(1024 * 1024));
        assert!(book.take().is_empty());
    }
}
