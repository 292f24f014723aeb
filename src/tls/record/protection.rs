//! Protection of records from SSL 3.0 to TLS 1.2: RFC 5246 clause 6.2.3, RFC 7366, RFC 7905; RFC 6101 clause 5.2.3.

use std::fmt;

use rc4::{KeyInit as _, Rc4, StreamCipher as _};

use super::aead::{AeadCipher, NONCE};
use super::block::{decrypt, encrypt};
use super::damage::Damage;
use super::mac::{RecordMac, prefix};
use super::{RecordHead, RecordProblem};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::keys::DirectionKeys;
use crate::tls::quirk::RecordPart;
use crate::tls::suite::{Cipher, Suite};
use crate::wire::tls::record::MAX_PLAINTEXT;

/// What both directions of a protected connection have.
struct Keyed {
    mechanism: Mechanism,
    version: ProtocolVersion,
    sequence: u64,
    /// Whether a wrong tag is taken for right.
    tolerant: bool,
}

enum Mechanism {
    /// NULL and RC4: content and MAC, perhaps exclusive-or'ed with a key stream.
    Stream(Option<Box<Rc4>>, RecordMac),
    /// CBC.
    Block(Block),
    /// GCM, CCM and ChaCha20-Poly1305.
    Aead(AeadCipher, Secret, bool),
}

struct Block {
    cipher: Cipher,
    block: usize,
    key: Secret,
    /// TLS 1.0: the last ciphertext block.
    chain: Vec<u8>,
    mac: RecordMac,
    encrypt_then_mac: bool,
}

impl Keyed {
    fn new(
        suite: &Suite,
        version: ProtocolVersion,
        keys: &DirectionKeys,
        encrypt_then_mac: bool,
    ) -> Option<Self> {
        let mac = || {
            suite.mac.map(|hash| RecordMac {
                hash,
                key: keys.mac.clone(),
                ssl3: version <= ProtocolVersion::Ssl3,
                tolerant: false,
            })
        };
        let mechanism = if let Some(block) = suite.cipher.block_length() {
            Mechanism::Block(Block {
                cipher: suite.cipher,
                block,
                key: keys.cipher.clone(),
                chain: keys.iv.expose().to_vec(),
                mac: mac()?,
                encrypt_then_mac,
            })
        } else {
            match suite.cipher {
                Cipher::Null => Mechanism::Stream(None, mac()?),
                Cipher::Rc4 => {
                    let rc4 = Rc4::new_from_slice(keys.cipher.expose()).ok()?;
                    Mechanism::Stream(Some(Box::new(rc4)), mac()?)
                }
                cipher => {
                    let aead = AeadCipher::new(cipher, keys.cipher.expose())?;
                    let explicit = cipher != Cipher::ChaCha20Poly1305;
                    Mechanism::Aead(aead, keys.iv.clone(), explicit)
                }
            }
        };
        Some(Self {
            mechanism,
            version,
            sequence: 0,
            tolerant: false,
        })
    }

    fn count(&mut self) -> u64 {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        sequence
    }
}

/// The nonce of RFC 5288 (implicit part, then what stands in the record) or of RFC 7905 (exclusive-or).
fn nonce(iv: &[u8], explicit: Option<&[u8]>, sequence: u64) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    let tail = match explicit {
        Some(explicit) => explicit.to_vec(),
        None => sequence.to_be_bytes().to_vec(),
    };
    for (at, octet) in nonce.iter_mut().zip(iv) {
        *at = *octet;
    }
    for (at, octet) in nonce.iter_mut().rev().zip(tail.iter().rev()) {
        *at ^= octet;
    }
    nonce
}

/// Protects the records of one direction.
pub struct Sealer(Keyed);

impl Sealer {
    /// With the keys of the sender; `None` when they do not fit the suite.
    #[must_use]
    pub fn new(
        suite: &Suite,
        version: ProtocolVersion,
        keys: &DirectionKeys,
        encrypt_then_mac: bool,
    ) -> Option<Self> {
        Keyed::new(suite, version, keys, encrypt_then_mac).map(Self)
    }

    /// The fragment of the next record; `None` when the content is too long for the cipher.
    pub fn seal(
        &mut self,
        head: RecordHead,
        content: &[u8],
        entropy: &mut Entropy,
    ) -> Option<Vec<u8>> {
        self.seal_with(head, content, &mut Damage::default(), entropy)
    }

    /// The same with what is to be wrong with it.
    pub(super) fn seal_with(
        &mut self,
        head: RecordHead,
        content: &[u8],
        damage: &mut Damage,
        entropy: &mut Entropy,
    ) -> Option<Vec<u8>> {
        let sequence = damage.sequence(self.0.count());
        let version = self.0.version;
        match &mut self.0.mechanism {
            Mechanism::Stream(rc4, mac) => {
                let mut mac = mac.of(sequence, head, content);
                damage.touch(RecordPart::Mac, &mut mac);
                let mut out = [content, &mac].concat();
                if let Some(rc4) = rc4 {
                    rc4.apply_keystream(&mut out);
                }
                Some(out)
            }
            Mechanism::Block(block) => {
                let plain = block.plain(sequence, (head, content), damage);
                let mut out = block.encrypt(version, plain, damage, entropy)?;
                if block.encrypt_then_mac {
                    let mut mac = block.mac.of(sequence, head, &out);
                    damage.touch(RecordPart::Mac, &mut mac);
                    out.extend(mac);
                }
                Some(out)
            }
            Mechanism::Aead(aead, iv, explicit) => {
                let mut counter = sequence.to_be_bytes().to_vec();
                let aad = prefix(sequence, head, content.len());
                let explicit_part = explicit.then_some(&counter[..]);
                let mut nonce = nonce(iv.expose(), explicit_part, sequence);
                if *explicit {
                    damage.touch(RecordPart::Iv, &mut counter);
                } else {
                    damage.touch(RecordPart::Iv, &mut nonce);
                    counter.clear();
                }
                let mut sealed = aead.seal(&nonce, &aad, content)?;
                let tag = sealed.len().saturating_sub(aead.tag_length());
                damage.touch(RecordPart::Mac, sealed.get_mut(tag..).unwrap_or_default());
                Some([counter, sealed].concat())
            }
        }
    }
}

/// Opens the records of one direction.
pub struct Opener(Keyed);

impl Opener {
    /// With the keys of the peer; `None` when they do not fit the suite.
    #[must_use]
    pub fn new(
        suite: &Suite,
        version: ProtocolVersion,
        keys: &DirectionKeys,
        encrypt_then_mac: bool,
    ) -> Option<Self> {
        Keyed::new(suite, version, keys, encrypt_then_mac).map(Self)
    }

    /// The same, but blind to wrong MACs and tags.
    #[must_use]
    pub fn tolerant(mut self) -> Self {
        self.0.tolerant = true;
        match &mut self.0.mechanism {
            Mechanism::Stream(_, mac) => mac.tolerant = true,
            Mechanism::Block(block) => block.mac.tolerant = true,
            Mechanism::Aead(..) => {}
        }
        self
    }

    /// The content of the next record.
    ///
    /// # Errors
    /// [`RecordProblem`] says what is wrong with it.
    pub fn open(&mut self, head: RecordHead, fragment: &[u8]) -> Result<Vec<u8>, RecordProblem> {
        let sequence = self.0.count();
        let (version, tolerant) = (self.0.version, self.0.tolerant);
        let content = match &mut self.0.mechanism {
            Mechanism::Stream(rc4, mac) => {
                let mut octets = fragment.to_vec();
                if let Some(rc4) = rc4 {
                    rc4.apply_keystream(&mut octets);
                }
                mac.check(sequence, head, octets)?
            }
            Mechanism::Block(block) => block.open(version, sequence, head, fragment)?,
            Mechanism::Aead(aead, iv, explicit) => {
                let count = if *explicit { 8 } else { 0 };
                let (counter, sealed) = fragment
                    .split_at_checked(count)
                    .ok_or(RecordProblem::Length)?;
                let length = sealed
                    .len()
                    .checked_sub(aead.tag_length())
                    .ok_or(RecordProblem::Length)?;
                let aad = prefix(sequence, head, length);
                let nonce = nonce(iv.expose(), explicit.then_some(counter), sequence);
                let opened = aead.open(&nonce, &aad, sealed);
                let blind = || {
                    tolerant
                        .then(|| aead.open_blindly(&nonce, sealed))
                        .flatten()
                };
                opened.or_else(blind).ok_or(RecordProblem::Mac)?
            }
        };
        if content.len() > MAX_PLAINTEXT {
            return Err(RecordProblem::Overflow);
        }
        Ok(content)
    }
}

impl Block {
    /// What is encrypted: content, MAC unless it comes later, padding.
    fn plain(
        &self,
        sequence: u64,
        (head, content): (RecordHead, &[u8]),
        damage: &mut Damage,
    ) -> Vec<u8> {
        let mut plain = content.to_vec();
        if !self.encrypt_then_mac {
            let mut mac = self.mac.of(sequence, head, content);
            damage.touch(RecordPart::Mac, &mut mac);
            plain.extend(mac);
        }
        damage.padded(&mut plain, self.block, !self.encrypt_then_mac);
        plain
    }

    fn encrypt(
        &mut self,
        version: ProtocolVersion,
        mut plain: Vec<u8>,
        damage: &mut Damage,
        entropy: &mut Entropy,
    ) -> Option<Vec<u8>> {
        let explicit = version >= ProtocolVersion::Tls11;
        if explicit {
            self.chain = entropy.octets(self.block);
        } else {
            damage.touch(RecordPart::Iv, &mut self.chain);
        }
        encrypt(self.cipher, self.key.expose(), &self.chain, &mut plain)?;
        let mut out = Vec::new();
        if explicit {
            damage.touch(RecordPart::Iv, &mut self.chain);
            out.extend(&self.chain);
        }
        self.chain = plain.rchunks(self.block).next()?.to_vec();
        out.extend(plain);
        Some(out)
    }

    fn open(
        &mut self,
        version: ProtocolVersion,
        sequence: u64,
        head: RecordHead,
        fragment: &[u8],
    ) -> Result<Vec<u8>, RecordProblem> {
        let mut octets = fragment.to_vec();
        if self.encrypt_then_mac {
            octets = self.mac.check(sequence, head, octets)?;
        }
        if version >= ProtocolVersion::Tls11 {
            if octets.len() < self.block {
                return Err(RecordProblem::Length);
            }
            let body = octets.split_off(self.block);
            self.chain = std::mem::replace(&mut octets, body);
        }
        let last = octets.rchunks(self.block).next().map(<[u8]>::to_vec);
        let last = last.ok_or(RecordProblem::Length)?;
        decrypt(self.cipher, self.key.expose(), &self.chain, &mut octets)
            .ok_or(RecordProblem::Length)?;
        self.chain = last;
        let content = if version <= ProtocolVersion::Ssl3 {
            unpad_ssl3(octets, self.block)?
        } else {
            unpad(octets)?
        };
        if self.encrypt_then_mac {
            Ok(content)
        } else {
            self.mac.check(sequence, head, content)
        }
    }
}

/// Takes the padding off: its length, and that many octets of the same value before it.
fn unpad(mut octets: Vec<u8>) -> Result<Vec<u8>, RecordProblem> {
    let last = *octets.last().ok_or(RecordProblem::Length)?;
    let content = octets.len().checked_sub(usize::from(last) + 1);
    let padding = octets.split_off(content.ok_or(RecordProblem::Padding)?);
    if padding.iter().all(|octet| *octet == last) {
        Ok(octets)
    } else {
        Err(RecordProblem::Padding)
    }
}

/// The same in SSL 3.0, where only the length of the padding counts and is less than a block (RFC 6101 5.2.3.2).
fn unpad_ssl3(mut octets: Vec<u8>, block: usize) -> Result<Vec<u8>, RecordProblem> {
    let last = usize::from(*octets.last().ok_or(RecordProblem::Length)?);
    let content = octets.len().checked_sub(last + 1);
    let content = content.filter(|_| last < block);
    octets.truncate(content.ok_or(RecordProblem::Padding)?);
    Ok(octets)
}

impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sealer(sequence {})", self.0.sequence)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Opener(sequence {})", self.0.sequence)
    }
}

#[cfg(test)]
mod tests;
