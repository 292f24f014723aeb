//! Protection of records in TLS 1.3, for both directions: RFC 8446 clause 5.2, RFC 9150 clause 7.
//!
//! A protected record says on its outside that it is application data of TLS 1.2; what it is stands inside, behind the
//! content and before the padding.

use std::fmt;

use super::aead::{AeadCipher, NONCE};
use super::problem::RecordProblem;
use crate::model::secret::Secret;
use crate::tls::hash::HashFunction;
use crate::tls::schedule::TrafficKeys;
use crate::tls::suite::Suite;
use crate::wire::tls::record::{MAX_PLAINTEXT, content_type};

/// Most octets a protected record of TLS 1.3 may hold.
pub const MAX_RECORD_13: usize = MAX_PLAINTEXT + 256;

/// The version in the header of a protected record.
const LEGACY_VERSION: [u8; 2] = [3, 3];

struct Keyed {
    mechanism: Mechanism,
    iv: Secret,
    sequence: u64,
    /// Whether a wrong tag is taken for right.
    tolerant: bool,
}

enum Mechanism {
    Aead(AeadCipher),
    /// RFC 9150: content in clear, and a MAC.
    Integrity(HashFunction, Secret),
}

impl Keyed {
    fn new(suite: &Suite, keys: &TrafficKeys) -> Option<Self> {
        let mechanism = match suite.mac {
            Some(hash) => Mechanism::Integrity(hash, keys.key.clone()),
            None => Mechanism::Aead(AeadCipher::new(suite.cipher, keys.key.expose())?),
        };
        Some(Self {
            mechanism,
            iv: keys.iv.clone(),
            sequence: 0,
            tolerant: false,
        })
    }

    fn count(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        sequence
    }

    /// The nonce of a record: its number, exclusive-or'ed with the IV from the right.
    fn nonce(&self, sequence: u64) -> Vec<u8> {
        let sequence = sequence.to_be_bytes();
        let mut nonce = self.iv.expose().to_vec();
        for (at, octet) in nonce.iter_mut().rev().zip(sequence.iter().rev()) {
            *at ^= octet;
        }
        nonce
    }

    const fn expansion(&self) -> usize {
        match &self.mechanism {
            Mechanism::Aead(aead) => aead.tag_length(),
            Mechanism::Integrity(hash, _) => hash.length(),
        }
    }
}

/// The header of a protected record, which is authenticated with it.
fn header(length: usize) -> Vec<u8> {
    let mut header = vec![content_type::APPLICATION_DATA];
    header.extend(LEGACY_VERSION);
    header.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    header
}

fn fixed(nonce: &[u8]) -> Option<[u8; NONCE]> {
    nonce.try_into().ok()
}

/// Protects the records of one direction.
pub struct Sealer13(Keyed);

impl Sealer13 {
    /// With the keys of the sender; `None` when they do not fit the suite.
    #[must_use]
    pub fn new(suite: &Suite, keys: &TrafficKeys) -> Option<Self> {
        Keyed::new(suite, keys).map(Self)
    }

    /// The fragment of the next record, with `padding` octets of zero behind the content's type; `None` when it is too
    /// long for the cipher.
    pub fn seal(&mut self, kind: u8, content: &[u8], padding: usize) -> Option<Vec<u8>> {
        let number = self.number();
        self.seal_as(number, (kind, content), padding)
    }

    /// The number of the next record, which is then used up.
    pub(super) fn number(&mut self) -> u64 {
        self.0.count()
    }

    /// Octets that protection adds, beside those of the type.
    pub(super) const fn expansion(&self) -> usize {
        self.0.expansion()
    }

    /// The fragment of the record with this number.
    pub(super) fn seal_as(
        &self,
        number: u64,
        (kind, content): (u8, &[u8]),
        padding: usize,
    ) -> Option<Vec<u8>> {
        let mut inner = Vec::with_capacity(content.len() + padding + 1);
        inner.extend(content);
        inner.push(kind);
        inner.resize(inner.len() + padding, 0);
        let aad = header(inner.len() + self.0.expansion());
        let nonce = self.0.nonce(number);
        match &self.0.mechanism {
            Mechanism::Aead(aead) => aead.seal(&fixed(&nonce)?, &aad, &inner),
            Mechanism::Integrity(hash, key) => {
                let mac = hash.hmac(key.expose(), &[&nonce, &aad, &inner]);
                inner.extend(mac);
                Some(inner)
            }
        }
    }
}

/// Opens the records of one direction.
pub struct Opener13(Keyed);

impl Opener13 {
    /// With the keys of the peer; `None` when they do not fit the suite.
    #[must_use]
    pub fn new(suite: &Suite, keys: &TrafficKeys) -> Option<Self> {
        Keyed::new(suite, keys).map(Self)
    }

    /// The same, but blind to wrong MACs and tags.
    #[must_use]
    pub const fn tolerant(mut self) -> Self {
        self.0.tolerant = true;
        self
    }

    /// Type and content of the next record.
    ///
    /// # Errors
    /// [`RecordProblem`] says what is wrong with it.
    pub fn open(&mut self, fragment: &[u8]) -> Result<(u8, Vec<u8>), RecordProblem> {
        if fragment.len() > MAX_RECORD_13 {
            return Err(RecordProblem::Overflow);
        }
        let length = fragment.len().checked_sub(self.0.expansion());
        let length = length.ok_or(RecordProblem::Length)?;
        let aad = header(fragment.len());
        let tolerant = self.0.tolerant;
        let number = self.0.count();
        let nonce = self.0.nonce(number);
        let inner = match &self.0.mechanism {
            Mechanism::Aead(aead) => {
                let nonce = fixed(&nonce).ok_or(RecordProblem::Length)?;
                let blind = || aead.open_blindly(&nonce, fragment);
                let opened = aead.open(&nonce, &aad, fragment);
                opened.or_else(|| tolerant.then(blind).flatten())
            }
            Mechanism::Integrity(hash, key) => {
                let (inner, mac) = fragment
                    .split_at_checked(length)
                    .ok_or(RecordProblem::Length)?;
                let right = hash.hmac(key.expose(), &[&nonce, &aad, inner]) == mac;
                (right || tolerant).then(|| inner.to_vec())
            }
        };
        unpad(inner.ok_or(RecordProblem::Mac)?)
    }

    /// Whether a record would open, without counting it: how a server tells early data from what follows it.
    pub fn would_open(&mut self, fragment: &[u8]) -> bool {
        let (sequence, tolerant) = (self.0.sequence, self.0.tolerant);
        self.0.tolerant = false;
        let opens = self.open(fragment).is_ok();
        (self.0.sequence, self.0.tolerant) = (sequence, tolerant);
        opens
    }
}

/// The type is the last octet that is not zero.
fn unpad(mut inner: Vec<u8>) -> Result<(u8, Vec<u8>), RecordProblem> {
    if inner.len() > MAX_PLAINTEXT + 1 {
        return Err(RecordProblem::Overflow);
    }
    let at = inner.iter().rposition(|octet| *octet != 0);
    inner.truncate(at.ok_or(RecordProblem::Padding)? + 1);
    let kind = inner.pop().ok_or(RecordProblem::Padding)?;
    Ok((kind, inner))
}

impl fmt::Debug for Sealer13 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealer13(sequence {})", self.0.sequence)
    }
}

impl fmt::Debug for Opener13 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Opener13(sequence {})", self.0.sequence)
    }
}

#[cfg(test)]
mod tests;
