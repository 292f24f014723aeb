//! What is to be wrong with one record while it is protected.

use crate::tls::quirk::{Offset, PaddingForm, RecordPart};

/// What is to be wrong, each with the place of its quirk in the list.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    xors: Vec<(usize, RecordPart, Offset, u8)>,
    padding: Option<(usize, PaddingForm)>,
    sequence: Vec<(usize, i32)>,
    /// The quirks that were really done.
    pub(super) done: Vec<usize>,
}

impl Damage {
    /// Flips bits of a part.
    pub(super) fn xor(&mut self, index: usize, part: RecordPart, offset: Offset, mask: u8) {
        self.xors.push((index, part, offset, mask));
    }

    /// Pads in another form; the first one named counts.
    pub(super) fn pad(&mut self, index: usize, form: PaddingForm) {
        self.padding.get_or_insert((index, form));
    }

    /// Moves the sequence number.
    pub(super) fn move_sequence(&mut self, index: usize, delta: i32) {
        self.sequence.push((index, delta));
    }

    /// The sequence number with which the record is protected.
    pub(super) fn sequence(&mut self, right: u64) -> u64 {
        let moved = self.sequence.iter().filter(|(_, delta)| *delta != 0);
        self.done.extend(moved.map(|(index, _)| *index));
        let add = |sum: u64, (_, delta): &(usize, i32)| sum.wrapping_add_signed((*delta).into());
        self.sequence.iter().fold(right, add)
    }

    /// Does to a part what is to be done to it.
    pub(super) fn touch(&mut self, part: RecordPart, octets: &mut [u8]) {
        for (index, wanted, offset, mask) in &self.xors {
            if *wanted == part && offset.xor(octets, *mask) {
                self.done.push(*index);
            }
        }
    }

    /// Pads what is to be encrypted in blocks; `mac` is whether a MAC stands at its end.
    ///
    /// What is not right padding is made of right padding, so that nothing else is wrong with it.
    pub(super) fn padded(&mut self, plain: &mut Vec<u8>, block: usize, mac: bool) {
        let least = block - 1 - plain.len() % block;
        let (index, form) = match self.padding {
            Some((index, form)) => (Some(index), Some(form)),
            None => (None, None),
        };
        let longest = least + (usize::from(u8::MAX) - least) / block * block;
        let extra = match form {
            Some(PaddingForm::Longest | PaddingForm::FirstOctetWrong) => longest,
            Some(PaddingForm::Filled(_)) if least == 0 => block,
            _ => least,
        };
        let value = u8::try_from(extra).unwrap_or(u8::MAX);
        let content = plain.len();
        plain.resize(content + extra + 1, value);
        let done = form.is_some_and(|form| spoil(form, plain, content, mac));
        self.done.extend(index.filter(|_| done));
        let padding = plain.get_mut(content..).unwrap_or_default();
        self.touch(RecordPart::Padding, padding);
    }
}

/// Spoils right padding behind `content` octets; whether it is another than the shortest right one now.
fn spoil(form: PaddingForm, plain: &mut Vec<u8>, content: usize, mac: bool) -> bool {
    let total = plain.len();
    match form {
        PaddingForm::Longest => true,
        PaddingForm::FirstOctetWrong => {
            Offset::Start(0).xor(plain.get_mut(content..).unwrap_or_default(), 1)
        }
        PaddingForm::Filled(value) => {
            let before = plain.get_mut(content..total - 1).unwrap_or_default();
            let changed = before.iter().any(|octet| *octet != value);
            before.fill(value);
            changed
        }
        PaddingForm::Overlong => {
            let last = plain.last_mut().filter(|_| total < 256);
            last.map(|octet| *octet = u8::MAX).is_some()
        }
        PaddingForm::Whole => {
            if !mac {
                return false;
            }
            let whole = total.min(256);
            plain.truncate(whole);
            plain.fill(u8::try_from(whole - 1).unwrap_or(u8::MAX));
            true
        }
    }
}
