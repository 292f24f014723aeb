//! Block ciphers in CBC mode over whole blocks, without padding.

use aes::{Aes128, Aes256};
use aria::{Aria128, Aria256};
use camellia::{Camellia128, Camellia256};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use cbc::{Decryptor, Encryptor};
use des::{Des, TdesEde3};
use rc2::Rc2;

use crate::tls::suite::Cipher;

/// Encrypts `data` in place; `None` when key, IV or data have a length that does not fit the cipher.
pub(super) fn encrypt(cipher: Cipher, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
    match cipher {
        Cipher::Aes128Cbc => encrypt_by::<Aes128>(key, iv, data),
        Cipher::Aes256Cbc => encrypt_by::<Aes256>(key, iv, data),
        Cipher::Camellia128Cbc => encrypt_by::<Camellia128>(key, iv, data),
        Cipher::Camellia256Cbc => encrypt_by::<Camellia256>(key, iv, data),
        Cipher::Aria128Cbc => encrypt_by::<Aria128>(key, iv, data),
        Cipher::Aria256Cbc => encrypt_by::<Aria256>(key, iv, data),
        Cipher::TripleDesCbc => encrypt_by::<TdesEde3>(key, iv, data),
        Cipher::Rc2Cbc => encrypt_by::<Rc2>(key, iv, data),
        Cipher::DesCbc => encrypt_by::<Des>(key, iv, data),
        _ => None,
    }
}

/// Decrypts `data` in place; `None` when key, IV or data have a length that does not fit the cipher.
pub(super) fn decrypt(cipher: Cipher, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
    match cipher {
        Cipher::Aes128Cbc => decrypt_by::<Aes128>(key, iv, data),
        Cipher::Aes256Cbc => decrypt_by::<Aes256>(key, iv, data),
        Cipher::Camellia128Cbc => decrypt_by::<Camellia128>(key, iv, data),
        Cipher::Camellia256Cbc => decrypt_by::<Camellia256>(key, iv, data),
        Cipher::Aria128Cbc => decrypt_by::<Aria128>(key, iv, data),
        Cipher::Aria256Cbc => decrypt_by::<Aria256>(key, iv, data),
        Cipher::TripleDesCbc => decrypt_by::<TdesEde3>(key, iv, data),
        Cipher::Rc2Cbc => decrypt_by::<Rc2>(key, iv, data),
        Cipher::DesCbc => decrypt_by::<Des>(key, iv, data),
        _ => None,
    }
}

fn encrypt_by<C: BlockCipherEncrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> Option<()> {
    let mode = <Encryptor<C> as KeyIvInit>::new_from_slices(key, iv).ok()?;
    let length = data.len();
    mode.encrypt_padded::<NoPadding>(data, length).ok()?;
    Some(())
}

fn decrypt_by<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> Option<()> {
    let mode = <Decryptor<C> as KeyIvInit>::new_from_slices(key, iv).ok()?;
    mode.decrypt_padded::<NoPadding>(data).ok()?;
    Some(())
}
