//! The quirks of one connection: what has been sent of what, and what was really done.

use std::collections::BTreeMap;

use super::message::MessageAt;
use super::messages::Draft;
use super::record::{RecordAt, RecordChange, RecordState};
use super::vocabulary::{
    ChangeCipherSpecChange, Closing, Inserted, Point, PremasterForm, Protection, Quirk,
};
use crate::wire::tls::handshake::Message;

/// Where a connection is; what [`Point`] says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before a message of this kind with this number.
    Before(u8, usize),
    /// After it.
    After(u8, usize),
    BeforeChangeCipherSpec,
    AfterChangeCipherSpec,
    HandshakeDone,
    /// Before a record of application data with this number.
    BeforeData(usize),
    BeforeClose,
}

impl Point {
    fn is(self, moment: Moment) -> bool {
        let meant = |at: MessageAt, kind, number| at.kind == kind && at.which.takes(number);
        match (self, moment) {
            (Self::Before(at), Moment::Before(kind, number))
            | (Self::After(at), Moment::After(kind, number)) => meant(at, kind, number),
            (Self::BeforeData(which), Moment::BeforeData(number)) => which.takes(number),
            (Self::BeforeChangeCipherSpec, Moment::BeforeChangeCipherSpec)
            | (Self::AfterChangeCipherSpec, Moment::AfterChangeCipherSpec)
            | (Self::HandshakeDone, Moment::HandshakeDone)
            | (Self::BeforeClose, Moment::BeforeClose) => true,
            _ => false,
        }
    }
}

/// What is to be done at a moment, with the place of its quirk in the list.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Insert(Inserted, Protection),
    ChangeCipherSpec,
    Pause,
    Close(Closing),
}

/// A message as it goes out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Its octets.
    pub(crate) octets: Vec<u8>,
    /// How often they are sent.
    pub(crate) copies: usize,
    /// The kind of the message after which they are sent, when not now.
    pub(crate) after: Option<u8>,
}

/// The quirks of a connection.
#[derive(Debug, Default)]
pub(crate) struct Quirks {
    list: Vec<Quirk>,
    done: Vec<usize>,
    messages: BTreeMap<u8, usize>,
    records: BTreeMap<(u8, bool), usize>,
}

impl Quirks {
    pub(crate) fn new(list: Vec<Quirk>) -> Self {
        Self {
            done: vec![0; list.len()],
            list,
            ..Self::default()
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How often each was done, in the order of the list.
    pub(crate) fn done(&self) -> &[usize] {
        &self.done
    }

    /// Notes that a quirk was done.
    pub(crate) fn note(&mut self, index: usize) {
        if let Some(done) = self.done.get_mut(index) {
            *done = done.saturating_add(1);
        }
    }

    fn indexed(&self) -> impl Iterator<Item = (usize, &Quirk)> {
        self.list.iter().enumerate()
    }

    /// Counts a message of this kind that is due; the first has number 1.
    pub(crate) fn count_message(&mut self, kind: u8) -> usize {
        let count = self.messages.entry(kind).or_default();
        *count += 1;
        *count
    }

    /// The message as it goes out.
    pub(crate) fn message(&mut self, message: Message, number: usize) -> Outgoing {
        let kind = message.kind;
        let mut draft = Draft::new(message);
        let mut noted = Vec::new();
        for (index, quirk) in self.indexed() {
            if let Quirk::Message { at, change } = quirk
                && at.kind == kind
                && at.which.takes(number)
                && draft.apply(change)
            {
                noted.push(index);
            }
        }
        noted.into_iter().for_each(|index| self.note(index));
        Outgoing {
            octets: draft.octets(),
            copies: draft.copies,
            after: draft.after,
        }
    }

    /// What is to be done now.
    pub(crate) fn effects(&self, moment: Moment) -> Vec<(usize, Effect)> {
        let effect = |quirk: &Quirk| match quirk {
            Quirk::Insert {
                at,
                what,
                protection,
            } if at.is(moment) => Some(Effect::Insert(what.clone(), *protection)),
            Quirk::Pause(at) if at.is(moment) => Some(Effect::Pause),
            Quirk::Close { at, how } if at.is(moment) => Some(Effect::Close(*how)),
            Quirk::ChangeCipherSpec(ChangeCipherSpecChange::Early(at)) if at.is(moment) => {
                Some(Effect::ChangeCipherSpec)
            }
            _ => None,
        };
        self.indexed()
            .filter_map(|(index, quirk)| Some((index, effect(quirk)?)))
            .collect()
    }

    /// Counts a record of this type and gives what happens to it.
    pub(crate) fn record(&mut self, content_type: u8, sealed: bool) -> Vec<(usize, RecordChange)> {
        if self.is_empty() {
            return Vec::new();
        }
        let count = self.records.entry((content_type, sealed)).or_default();
        *count += 1;
        let here = *count;
        let other = self.records.get(&(content_type, !sealed)).copied();
        let all = here + other.unwrap_or_default();
        let meant = |at: &RecordAt| {
            at.content_type == content_type
                && match at.state {
                    RecordState::Any => at.which.takes(all),
                    RecordState::Clear => !sealed && at.which.takes(here),
                    RecordState::Protected => sealed && at.which.takes(here),
                }
        };
        self.indexed()
            .filter_map(|(index, quirk)| match quirk {
                Quirk::Record { at, change } if meant(at) => Some((index, change.clone())),
                _ => None,
            })
            .collect()
    }

    /// What happens to the ChangeCipherSpec, with the places of the quirks.
    pub(crate) fn change_cipher_spec(&self) -> Vec<(usize, ChangeCipherSpecChange)> {
        self.indexed()
            .filter_map(|(index, quirk)| match quirk {
                Quirk::ChangeCipherSpec(change) => Some((index, *change)),
                _ => None,
            })
            .collect()
    }

    /// The form of the premaster secret, with the place of its quirk.
    pub(crate) fn premaster(&self) -> Option<(usize, PremasterForm)> {
        self.indexed().find_map(|(index, quirk)| match quirk {
            Quirk::Premaster(form) => Some((index, *form)),
            _ => None,
        })
    }

    /// Whether close_notify is left out, which is then noted.
    pub(crate) fn omits_close_notify(&mut self) -> bool {
        let found = self
            .indexed()
            .find(|(_, quirk)| **quirk == Quirk::NoCloseNotify)
            .map(|(index, _)| index);
        if let Some(index) = found {
            self.note(index);
        }
        found.is_some()
    }
}
