//! RSA as key transport: RFC 5246 clause 7.4.7.1 with RFC 8017 clause 7.2.1.

use num_bigint::BigUint;

use super::ExchangeProblem;
use crate::tls::entropy::Entropy;

/// Most octets of a modulus that is taken; more would only cost time.
pub const MAX_MODULUS: usize = 2048;
/// Most octets of a public exponent.
const MAX_EXPONENT: usize = 32;

/// A public key as big-endian numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: BigUint,
    exponent: BigUint,
    length: usize,
}

impl RsaPublicKey {
    /// A key of these numbers.
    ///
    /// # Errors
    /// [`ExchangeProblem`] for numbers that are no key, or too long.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, ExchangeProblem> {
        let number = BigUint::from_bytes_be(modulus);
        let length = usize::try_from(number.bits().div_ceil(8)).unwrap_or(usize::MAX);
        if length > MAX_MODULUS || exponent.len() > MAX_EXPONENT || !number.bit(0) || length < 16 {
            return Err(ExchangeProblem(
                "RSA: modulus or exponent that no key has".to_owned(),
            ));
        }
        Ok(Self {
            modulus: number,
            exponent: BigUint::from_bytes_be(exponent),
            length,
        })
    }

    /// Octets of the modulus.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Bits of the modulus.
    #[must_use]
    pub fn bits(&self) -> u64 {
        self.modulus.bits()
    }

    /// The public operation; the result has the length of the modulus. `None` when the input is not below the modulus.
    #[must_use]
    pub fn apply(&self, input: &[u8]) -> Option<Vec<u8>> {
        let number = BigUint::from_bytes_be(input);
        if number >= self.modulus {
            return None;
        }
        let out = number.modpow(&self.exponent, &self.modulus);
        Some(padded(&out, self.length))
    }
}

/// A number in exactly `length` octets, as far as it fits.
pub(in crate::tls) fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    let mut out = vec![0; length.saturating_sub(octets.len())];
    out.extend(octets);
    out
}

/// Encrypts with PKCS #1 v1.5 padding.
///
/// # Errors
/// [`ExchangeProblem`] when the key is too short for the content.
pub fn encrypt(
    key: &RsaPublicKey,
    content: &[u8],
    entropy: &mut Entropy,
) -> Result<Vec<u8>, ExchangeProblem> {
    let block = pkcs1_block(key, content, entropy)?;
    key.apply(&block).ok_or_else(|| too_short(key))
}

fn too_short(key: &RsaPublicKey) -> ExchangeProblem {
    ExchangeProblem(format!("RSA: a key of {} bits is too short", key.bits()))
}

/// What [`encrypt`] encrypts: content behind padding.
///
/// # Errors
/// [`ExchangeProblem`] when the key is too short for the content.
pub(in crate::tls) fn pkcs1_block(
    key: &RsaPublicKey,
    content: &[u8],
    entropy: &mut Entropy,
) -> Result<Vec<u8>, ExchangeProblem> {
    let short = || too_short(key);
    let padding = key.length.checked_sub(content.len() + 3);
    let padding = padding.filter(|count| *count >= 8).ok_or_else(short)?;
    let mut block = vec![0, 2];
    // Padding has no zeros in it.
    block.extend(
        entropy
            .octets(padding)
            .into_iter()
            .map(|octet| octet.max(1)),
    );
    block.push(0);
    block.extend(content);
    Ok(block)
}

/// The content of a decrypted block of PKCS #1 v1.5; `None` when it has not that form.
///
/// Nothing here is constant-time: whoever measures learns which it was.
#[must_use]
pub fn unpadded(block: &[u8]) -> Option<&[u8]> {
    let (&[0, 2], rest) = block.split_first_chunk::<2>()? else {
        return None;
    };
    let padding = rest.iter().position(|octet| *octet == 0)?;
    rest.get(padding + 1..).filter(|_| padding >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_none_are_refused() {
        assert!(RsaPublicKey::new(&[], &[3]).is_err());
        assert!(RsaPublicKey::new(&[2; 128], &[3]).is_err());
        assert!(RsaPublicKey::new(&[0xFF; MAX_MODULUS + 1], &[3]).is_err());
        let key = RsaPublicKey::new(&[0xFF; 32], &[1, 0, 1]).unwrap();
        let mut entropy = Entropy::from_seed([0; 32]);
        assert!(encrypt(&key, &[0; 48], &mut entropy).is_err());
        assert!(key.apply(&[0xFF; 33]).is_none());
    }

    #[test]
    fn the_block_has_the_form_of_pkcs1() {
        // With exponent 1 the ciphertext is the padded block itself.
        let key = RsaPublicKey::new(&[0xFF; 128], &[1]).unwrap();
        let mut entropy = Entropy::from_seed([9; 32]);
        let block = encrypt(&key, &[7; 48], &mut entropy).unwrap();
        assert_eq!((block.len(), &block[..2]), (128, &[0, 2][..]));
        assert!(block[2..79].iter().all(|octet| *octet != 0));
        assert_eq!(&block[79..], [&[0][..], &[7; 48]].concat());
        assert_eq!(unpadded(&block), Some(&[7; 48][..]));
        for wrong in [&block[1..], &[0, 2, 1, 1, 0, 7], &[0, 2, 1], &[]] {
            assert_eq!(unpadded(wrong), None);
        }
    }
}
