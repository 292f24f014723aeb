//! The little of DER that private keys are made of.

/// A cursor over DER elements.
pub(super) struct Der<'a>(pub(super) &'a [u8]);

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

impl<'a> Der<'a> {
    /// The content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let length = match *first {
            short @ 0..=0x7F => usize::from(short),
            long => {
                let (octets, after) = rest.split_at_checked(usize::from(long & 0x7F))?;
                rest = after;
                octets.iter().take(5).try_fold(0_usize, |length, octet| {
                    length.checked_mul(256)?.checked_add(usize::from(*octet))
                })?
            }
        };
        let (content, after) = rest.split_at_checked(length)?;
        if *found != tag {
            return None;
        }
        self.0 = after;
        Some(content)
    }
}
