//! The MAC of records, and what it and AEAD ciphers authenticate besides the content: RFC 5246 clause 6.2.3.1.

use super::{RecordHead, RecordProblem};
use crate::model::secret::Secret;
use crate::tls::hash::HashFunction;
use crate::tls::ssl3;

/// Where the length stands in the prefix.
const PREFIX_LENGTH: usize = 11;

/// The MAC of one direction.
pub(super) struct RecordMac {
    pub(super) hash: HashFunction,
    pub(super) key: Secret,
    /// Whether it is that of SSL 3.0.
    pub(super) ssl3: bool,
    /// Whether a wrong one is taken for right.
    pub(super) tolerant: bool,
}

impl RecordMac {
    /// The MAC of content with this sequence number and head.
    pub(super) fn of(&self, sequence: u64, head: RecordHead, content: &[u8]) -> Vec<u8> {
        let prefix = prefix(sequence, head, content.len());
        if self.ssl3 {
            // The version is not part of it.
            let (number, kind) = (sequence.to_be_bytes(), [head.content_type]);
            let length = prefix.get(PREFIX_LENGTH..).unwrap_or_default();
            let parts: [&[u8]; 4] = [&number, &kind, length, content];
            return ssl3::mac(self.hash, self.key.expose(), &parts);
        }
        self.hash.hmac(self.key.expose(), &[&prefix, content])
    }

    /// Takes a MAC from the end of `octets`, and says whether it is right for what stands before.
    pub(super) fn check(
        &self,
        sequence: u64,
        head: RecordHead,
        mut octets: Vec<u8>,
    ) -> Result<Vec<u8>, RecordProblem> {
        let length = octets.len().checked_sub(self.hash.length());
        let mac = octets.split_off(length.ok_or(RecordProblem::Length)?);
        if self.of(sequence, head, &octets) == mac || self.tolerant {
            Ok(octets)
        } else {
            Err(RecordProblem::Mac)
        }
    }
}

/// What is authenticated before the content; also the additional data of an AEAD.
pub(super) fn prefix(sequence: u64, head: RecordHead, length: usize) -> Vec<u8> {
    let mut out = sequence.to_be_bytes().to_vec();
    out.push(head.content_type);
    out.extend(head.version.to_be_bytes());
    out.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    out
}
