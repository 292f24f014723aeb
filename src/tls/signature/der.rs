//! The little of DER that keys are made of.

/// A cursor over DER elements.
pub(super) struct Der<'a>(pub(super) &'a [u8]);

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// rsaEncryption, RFC 8017 appendix A.1.
pub(super) const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// id-dsa, RFC 3279 clause 2.3.2.
pub(super) const DSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04, 0x01];
/// id-Ed25519, RFC 8410 clause 3.
pub(super) const ED25519: &[u8] = &[0x2B, 0x65, 0x70];

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
