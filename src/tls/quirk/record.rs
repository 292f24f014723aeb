//! What can be wrong with a record.

use super::vocabulary::{Offset, Which};

/// Which record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordAt {
    /// One of `record::content_type`: that of the content, not the one TLS 1.3 shows outside.
    pub content_type: u8,
    /// Under which protection.
    pub state: RecordState,
    /// Which of this content type under this protection.
    pub which: Which,
}

/// The protection of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// Any.
    Any,
    /// None.
    Clear,
    /// Some: of handshake records, the first is that of the Finished up to TLS 1.2.
    Protected,
}

/// What happens to a record. What is changed before protection is protected as changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// Another content type, authenticated as such where records are.
    ContentType(u8),
    /// Another version, authenticated as such where records are.
    Version(u16),
    /// The length in the header is this much off; no octets are added or taken.
    Length(i32),
    /// An octet of a part with flipped bits.
    Xor {
        /// Which part.
        part: RecordPart,
        /// Where in it.
        offset: Offset,
        /// The bits.
        mask: u8,
    },
    /// The CBC padding is not the shortest right one.
    Padding(PaddingForm),
    /// The sequence number with which this record is protected is this much off; the next one's is right again.
    SequenceNumber(i32),
    /// So many zero octets follow the content, however long the record becomes (BoGo SendLargeRecords).
    Grow(u16),
    /// The content is cut after so many octets, the rest being in a record of its own.
    Split(u16),
    /// An empty record of the same type goes before it.
    EmptyBefore,
    /// It is not sent; its sequence number is used up.
    Omit,
    /// The same octets are sent once more.
    Repeat,
}

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordPart {
    /// The five octets of the header as sent: changed after protection.
    Header,
    /// The content before protection.
    Content,
    /// The MAC before encryption, or the tag of an AEAD cipher, or the MAC over the ciphertext.
    Mac,
    /// The IV or nonce that is sent; where none is, the implied one with which the record is encrypted.
    Iv,
    /// The CBC padding before encryption, its length octet being the last.
    Padding,
    /// The octets behind the header as sent (tlsfuzzer fuzz_encrypted_message).
    Ciphertext,
}

/// CBC padding other than the shortest right one. Content and MAC are right in all of them but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaddingForm {
    /// The longest right one (RFC 5246 6.2.3.2): to be accepted.
    Longest,
    /// Right but for the octets before its length, which all have this value: POODLE on TLS.
    Filled(u8),
    /// As long as `Longest`, the first octet of which is wrong: what Lucky 13 and the early checks of 16 octets miss.
    FirstOctetWrong,
    /// A length that says there are more octets than the record has.
    Overlong,
    /// Right padding over the whole record, without room for a MAC.
    Whole,
}
