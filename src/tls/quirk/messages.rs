//! Handshake messages as the quirks want them.

use super::field::{Part, dissect, encode, find, length_octets};
use super::message::{Field, MessageChange};
use crate::wire::tls::handshake::Message;

/// A message on its way out.
#[derive(Debug)]
pub(super) struct Draft {
    kind: u8,
    body: Vec<u8>,
    length_delta: i32,
    /// How often it is sent.
    pub(super) copies: usize,
    /// The kind of the message after which it is sent, when not now.
    pub(super) after: Option<u8>,
}

impl Draft {
    pub(super) fn new(message: Message) -> Self {
        Self {
            kind: message.kind,
            body: message.body,
            length_delta: 0,
            copies: 1,
            after: None,
        }
    }

    /// Applies a change; whether it changed anything.
    pub(super) fn apply(&mut self, change: &MessageChange) -> bool {
        match change {
            MessageChange::Field { field, value } => self.edit(*field, |part| part.set(value)),
            MessageChange::FieldLength { field, delta } => self.edit(*field, |part| {
                part.delta = part.delta.saturating_add(*delta);
                part.has_length() && *delta != 0
            }),
            MessageChange::AddExtension(extension) => self.edit(Field::Extensions, |block| {
                block.add_extension(extension);
                true
            }),
            MessageChange::RemoveExtension(code) => {
                self.edit(Field::Extensions, |block| block.remove_extension(*code))
            }
            MessageChange::DuplicateExtension(code) => {
                self.edit(Field::Extensions, |block| block.duplicate_extension(*code))
            }
            MessageChange::EmptyExtension(code) => {
                self.edit(Field::Extension(*code), |part| part.set(&[]))
            }
            MessageChange::Kind(kind) => std::mem::replace(&mut self.kind, *kind) != *kind,
            MessageChange::Xor { offset, mask } => offset.xor(&mut self.body, *mask),
            MessageChange::Truncate(count) => {
                let count = usize::from(*count);
                let left = self.body.len().checked_sub(count).filter(|_| count > 0);
                self.body.truncate(left.unwrap_or(self.body.len()));
                left.is_some()
            }
            MessageChange::Pad { count, octet } => {
                let length = self.body.len() + usize::from(*count);
                self.body.resize(length, *octet);
                *count > 0
            }
            MessageChange::Length(delta) => {
                self.length_delta = self.length_delta.saturating_add(*delta);
                *delta != 0
            }
            MessageChange::Omit => std::mem::take(&mut self.copies) > 0,
            MessageChange::Repeat(more) => {
                self.copies = self
                    .copies
                    .saturating_add(usize::from(*more))
                    .min(MAX_COPIES);
                *more > 0
            }
            MessageChange::After(kind) => {
                self.after = Some(*kind);
                true
            }
        }
    }

    /// What is sent of it once.
    pub(super) fn octets(&self) -> Vec<u8> {
        let mut out = vec![self.kind];
        out.extend(length_octets(self.body.len(), self.length_delta, 3));
        out.extend(&self.body);
        out
    }

    fn edit(&mut self, field: Field, change: impl FnOnce(&mut Part) -> bool) -> bool {
        let Some(mut parts) = dissect(self.kind, &self.body, field) else {
            return false;
        };
        let changed = find(&mut parts, field).is_some_and(change);
        if changed {
            self.body = encode(&parts);
        }
        changed
    }
}

/// Most copies of one message, whatever a list of quirks adds up to.
const MAX_COPIES: usize = 256;
