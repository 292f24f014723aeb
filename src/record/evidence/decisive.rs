//! Which of the events decided a case.

use std::ops::Range;

use crate::model::evidence::{Direction, Happening, WireEvent};
use crate::model::record::ScenarioRecord;
use crate::model::seen::Classification;

/// The event that decided, and which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decisive {
    /// Its index.
    pub(super) event: usize,
    /// Whether the first record in it decided, not its end.
    pub(super) first_record: bool,
}

/// The event that decided `record`; none when it was decided by something that did not happen.
pub(super) fn decisive(events: &[WireEvent], record: &ScenarioRecord) -> Option<Decisive> {
    let index = record.decisive_step()?;
    let step = record.steps.get(index)?;
    let within = span(events, index)?;
    let at_end = |event| Decisive {
        event,
        first_record: false,
    };
    if step.step == "origin" {
        let is_origin = |what: &Happening| matches!(what, Happening::Origin(_));
        return last(events, within, is_origin).map(at_end);
    }
    let refused = step.classification.is_refusal();
    if let Some(connection) = marked_connection(events, within.clone()) {
        let of_connection = |index: &usize| {
            let event = events.get(*index);
            event.is_some_and(|event| event.connection == Some(connection))
        };
        let mut candidates = within.filter(of_connection).filter(|index| {
            events
                .get(*index)
                .is_some_and(|event| is_received(&event.what))
        });
        let event = if refused {
            candidates.next_back()
        } else {
            candidates.next()
        };
        return event.map(|event| Decisive {
            event,
            first_record: !refused,
        });
    }
    let lost = matches!(
        step.classification,
        Classification::RefusedByClose | Classification::RefusedByReset | Classification::Silent
    );
    let is_end = |what: &Happening| matches!(what, Happening::Ended(Direction::Received, _));
    let is_sent = |what: &Happening| matches!(what, Happening::Octets(Direction::Sent, _));
    let is_answer = |what: &Happening| matches!(what, Happening::Octets(Direction::Received, _));
    let event = if lost {
        last(events, within.clone(), is_end).or_else(|| last(events, within, is_sent))
    } else {
        last(events, within, is_answer)
    };
    event.map(at_end)
}

/// The events of the step at `index`; every performed step left one event at its beginning.
fn span(events: &[WireEvent], index: usize) -> Option<Range<usize>> {
    let mut begins = events
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event.what, Happening::Step(_)))
        .map(|(at, _)| at)
        .skip(index);
    let begin = begins.next()?;
    Some(begin..begins.next().unwrap_or(events.len()))
}

/// The connection that the probe said decided the step: the newest when it said so.
fn marked_connection(events: &[WireEvent], within: Range<usize>) -> Option<u32> {
    let mark = last(events, within.clone(), |what| *what == Happening::Decisive)?;
    let opened = last(events, within.start..mark, |what| {
        matches!(what, Happening::Opened { .. })
    })?;
    events.get(opened)?.connection
}

fn last(
    events: &[WireEvent],
    mut within: Range<usize>,
    is: impl Fn(&Happening) -> bool,
) -> Option<usize> {
    within.rfind(|index| events.get(*index).is_some_and(|event| is(&event.what)))
}

fn is_received(what: &Happening) -> bool {
    matches!(
        what,
        Happening::Octets(Direction::Received, _) | Happening::Ended(Direction::Received, _)
    )
}
