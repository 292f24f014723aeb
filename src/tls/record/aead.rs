//! AEAD ciphers by name.

use std::fmt;

use aes::{Aes128, Aes256};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, KeyInit};
use aria::{Aria128, Aria256};
use camellia::{Camellia128, Camellia256};
use ccm::Ccm;
use ccm::consts::{U8, U12, U16};
use chacha20poly1305::ChaCha20Poly1305;

use crate::tls::suite::Cipher;

/// An AEAD cipher with its key.
pub(super) enum AeadCipher {
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Gcm(Box<Aes256Gcm>),
    Camellia128Gcm(Box<AesGcm<Camellia128, U12>>),
    Camellia256Gcm(Box<AesGcm<Camellia256, U12>>),
    Aria128Gcm(Box<AesGcm<Aria128, U12>>),
    Aria256Gcm(Box<AesGcm<Aria256, U12>>),
    Aes128Ccm(Box<Ccm<Aes128, U16, U12>>),
    Aes256Ccm(Box<Ccm<Aes256, U16, U12>>),
    Aes128Ccm8(Box<Ccm<Aes128, U8, U12>>),
    Aes256Ccm8(Box<Ccm<Aes256, U8, U12>>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

/// Octets of every nonce.
pub(super) const NONCE: usize = 12;

impl AeadCipher {
    /// The cipher with this key; `None` when it is no AEAD cipher or the key has another length.
    pub(super) fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        Some(match cipher {
            Cipher::Aes128Gcm => Self::Aes128Gcm(keyed(key)?),
            Cipher::Aes256Gcm => Self::Aes256Gcm(keyed(key)?),
            Cipher::Camellia128Gcm => Self::Camellia128Gcm(keyed(key)?),
            Cipher::Camellia256Gcm => Self::Camellia256Gcm(keyed(key)?),
            Cipher::Aria128Gcm => Self::Aria128Gcm(keyed(key)?),
            Cipher::Aria256Gcm => Self::Aria256Gcm(keyed(key)?),
            Cipher::Aes128Ccm => Self::Aes128Ccm(keyed(key)?),
            Cipher::Aes256Ccm => Self::Aes256Ccm(keyed(key)?),
            Cipher::Aes128Ccm8 => Self::Aes128Ccm8(keyed(key)?),
            Cipher::Aes256Ccm8 => Self::Aes256Ccm8(keyed(key)?),
            Cipher::ChaCha20Poly1305 => Self::ChaCha20Poly1305(keyed(key)?),
            _ => return None,
        })
    }

    /// Octets of the tag.
    pub(super) const fn tag_length(&self) -> usize {
        match self {
            Self::Aes128Ccm8(_) | Self::Aes256Ccm8(_) => 8,
            _ => 16,
        }
    }

    /// Ciphertext and tag; `None` when the plaintext is too long for the cipher.
    pub(super) fn seal(&self, nonce: &[u8; NONCE], aad: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let (nonce, payload) = (nonce.into(), Payload { msg: plain, aad });
        let sealed = match self {
            Self::Aes128Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aes256Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Camellia128Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Camellia256Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aria128Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aria256Gcm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aes128Ccm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aes256Ccm(cipher) => cipher.encrypt(nonce, payload),
            Self::Aes128Ccm8(cipher) => cipher.encrypt(nonce, payload),
            Self::Aes256Ccm8(cipher) => cipher.encrypt(nonce, payload),
            Self::ChaCha20Poly1305(cipher) => cipher.encrypt(nonce, payload),
        };
        sealed.ok()
    }

    /// The plaintext; `None` when the tag is wrong.
    pub(super) fn open(&self, nonce: &[u8; NONCE], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, payload) = (nonce.into(), Payload { msg: sealed, aad });
        let opened = match self {
            Self::Aes128Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aes256Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Camellia128Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Camellia256Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aria128Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aria256Gcm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aes128Ccm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aes256Ccm(cipher) => cipher.decrypt(nonce, payload),
            Self::Aes128Ccm8(cipher) => cipher.decrypt(nonce, payload),
            Self::Aes256Ccm8(cipher) => cipher.decrypt(nonce, payload),
            Self::ChaCha20Poly1305(cipher) => cipher.decrypt(nonce, payload),
        };
        opened.ok()
    }
}

impl AeadCipher {
    /// What stands under a wrong tag. All of these ciphers are stream ciphers below the tag, so that encrypting the
    /// ciphertext gives the plaintext.
    pub(super) fn open_blindly(&self, nonce: &[u8; NONCE], sealed: &[u8]) -> Option<Vec<u8>> {
        let content = sealed.len().checked_sub(self.tag_length())?;
        let mut plain = self.seal(nonce, &[], sealed.get(..content)?)?;
        plain.truncate(content);
        Some(plain)
    }
}

impl fmt::Debug for AeadCipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AeadCipher(***)")
    }
}

fn keyed<C: KeyInit>(key: &[u8]) -> Option<Box<C>> {
    C::new_from_slice(key).ok().map(Box::new)
}
