//! What can be wrong with a protected record.

use thiserror::Error;

/// What is wrong with a protected record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecordProblem {
    /// The MAC or the tag does not match.
    #[error("the record's MAC is wrong")]
    Mac,
    /// The CBC padding is not what it must be.
    #[error("the record's padding is wrong")]
    Padding,
    /// It is shorter than IV, padding and MAC, or no multiple of the block.
    #[error("the record has a length that cannot be")]
    Length,
    /// More than 2^14 octets of plaintext.
    #[error("the record holds more than 2^14 octets")]
    Overflow,
    /// It is in clear where it must not be.
    #[error("the record is not protected")]
    Unprotected,
}
