//! One record as the quirks want it, before it is protected.

use super::RecordHead;
use super::damage::Damage;
use crate::tls::quirk::RecordChange;

/// Most octets of content in a record that quirks made longer.
const MAX_GROWN: usize = 65_000;
/// Most copies of one record, whatever a list of quirks adds up to.
const MAX_COPIES: usize = 64;

/// A record on its way out.
pub(super) struct Shape {
    pub(super) head: RecordHead,
    pub(super) content: Vec<u8>,
    /// What goes in a record of its own behind it.
    pub(super) rest: Vec<u8>,
    /// Empty records before it.
    pub(super) empty_before: usize,
    pub(super) length_delta: i32,
    pub(super) copies: usize,
    pub(super) damage: Damage,
}

impl Shape {
    pub(super) fn new(kind: u8, version: u16, content: &[u8]) -> Self {
        Self {
            head: RecordHead {
                content_type: kind,
                version,
            },
            content: content.to_vec(),
            rest: Vec::new(),
            empty_before: 0,
            length_delta: 0,
            copies: 1,
            damage: Damage::default(),
        }
    }

    /// Applies a change, or leaves it to the protection of the record.
    pub(super) fn apply(&mut self, index: usize, change: &RecordChange) {
        let done = match change {
            RecordChange::ContentType(kind) => {
                std::mem::replace(&mut self.head.content_type, *kind) != *kind
            }
            RecordChange::Version(version) => {
                std::mem::replace(&mut self.head.version, *version) != *version
            }
            RecordChange::Length(delta) => {
                self.length_delta = self.length_delta.saturating_add(*delta);
                *delta != 0
            }
            RecordChange::Xor { part, offset, mask } => {
                self.damage.xor(index, *part, *offset, *mask);
                false
            }
            RecordChange::Padding(form) => {
                self.damage.pad(index, *form);
                false
            }
            RecordChange::SequenceNumber(delta) => {
                self.damage.move_sequence(index, *delta);
                false
            }
            RecordChange::Grow(count) => {
                let length = self.content.len() + usize::from(*count);
                self.content.resize(length.min(MAX_GROWN), 0);
                *count > 0
            }
            RecordChange::Split(at) => {
                let at = usize::from(*at).min(self.content.len());
                let rest = self.content.split_off(at);
                let done = !rest.is_empty();
                self.rest.splice(..0, rest);
                done
            }
            RecordChange::EmptyBefore => {
                self.empty_before = self.empty_before.saturating_add(1).min(MAX_COPIES);
                true
            }
            RecordChange::Omit => std::mem::take(&mut self.copies) > 0,
            RecordChange::Repeat => {
                self.copies = self.copies.saturating_add(1).min(MAX_COPIES);
                true
            }
        };
        if done {
            self.damage.done.push(index);
        }
    }
}
