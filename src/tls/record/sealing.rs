//! Protection of what is sent, whatever the version.

use super::damage::Damage;
use super::{RecordHead, Sealer, Sealer13};
use crate::tls::entropy::Entropy;
use crate::tls::quirk::RecordPart;
use crate::wire::tls::record::{MAX_PLAINTEXT, content_type};

/// The version in the header of what TLS 1.3 protects.
const TLS12: u16 = 0x0303;

/// What protects what is sent.
#[derive(Debug)]
pub(super) enum Sealing {
    /// Up to TLS 1.2.
    Legacy(Sealer),
    /// TLS 1.3, with so many octets of padding in each record.
    Tls13(Sealer13, usize),
}

impl Sealing {
    /// Header and fragment of the next record; without a fragment when the content is too long for the cipher.
    pub(super) fn seal(
        &mut self,
        head: RecordHead,
        content: &[u8],
        damage: &mut Damage,
        entropy: &mut Entropy,
    ) -> (RecordHead, Vec<u8>) {
        match self {
            Self::Legacy(sealer) => {
                let sealed = sealer.seal_with(head, content, damage, entropy);
                (head, sealed.unwrap_or_default())
            }
            // In TLS 1.3 it means nothing and is always in clear.
            Self::Tls13(..) if head.content_type == content_type::CHANGE_CIPHER_SPEC => {
                (head, content.to_vec())
            }
            Self::Tls13(sealer, padding) => {
                let padding = MAX_PLAINTEXT.saturating_sub(content.len()).min(*padding);
                let outside = RecordHead {
                    content_type: content_type::APPLICATION_DATA,
                    version: TLS12,
                };
                let sealed = sealer.seal_with(head.content_type, content, padding, damage);
                (outside, sealed.unwrap_or_default())
            }
        }
    }
}

impl Sealer13 {
    /// A record with what is to be wrong with it.
    fn seal_with(
        &mut self,
        kind: u8,
        content: &[u8],
        padding: usize,
        damage: &mut Damage,
    ) -> Option<Vec<u8>> {
        let number = self.number();
        let mut sealed = self.seal_as(damage.sequence(number), (kind, content), padding)?;
        let tag = sealed.len().saturating_sub(self.expansion());
        let tag = sealed.get_mut(tag..).unwrap_or_default();
        damage.touch(RecordPart::Mac, tag);
        Some(sealed)
    }
}
