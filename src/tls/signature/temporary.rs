//! The temporary RSA key of an export suite: RFC 2246 clause 7.4.3 and appendix D.1.

use num_bigint::BigUint;

use super::private_key::PrivateKey;
use crate::tls::entropy::Entropy;
use crate::tls::key_exchange::prime;

/// Octets of each of the two primes.
const PRIME: usize = 32;
/// The public exponent everybody has.
const EXPONENT: u32 = 65_537;
/// Most pairs of primes that are looked at.
const TRIES: usize = 16;

/// A key of 512 bits with its numbers as they go over the wire.
pub struct TemporaryKey {
    /// The key, to decrypt with.
    pub key: PrivateKey,
    /// Its modulus, big-endian.
    pub modulus: Vec<u8>,
    /// Its public exponent, big-endian.
    pub exponent: Vec<u8>,
}

impl TemporaryKey {
    /// Bits of its modulus: the most that export allowed.
    pub const BITS: u64 = 512;

    /// A fresh key; `None` only with randomness that is none.
    #[must_use]
    pub fn new(entropy: &mut Entropy) -> Option<Self> {
        (0..TRIES).find_map(|_| {
            let (p, q) = (prime(PRIME, entropy)?, prime(PRIME, entropy)?);
            let public = BigUint::from(EXPONENT);
            let order = (&p - 1_u8) * (&q - 1_u8);
            let private = public.modinv(&order).filter(|_| p != q)?;
            let modulus = p * q;
            Some(Self {
                modulus: modulus.to_bytes_be(),
                exponent: public.to_bytes_be(),
                key: PrivateKey::of_rsa(modulus, private),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::key_exchange::{RsaPublicKey, encrypt, unpadded};

    #[test]
    fn what_is_encrypted_to_it_it_decrypts() {
        let mut entropy = Entropy::from_seed([6; 32]);
        let temporary = TemporaryKey::new(&mut entropy).unwrap();
        assert_eq!(temporary.key.rsa_bits(), Some(TemporaryKey::BITS));
        let public = RsaPublicKey::new(&temporary.modulus, &temporary.exponent).unwrap();
        let sent = encrypt(&public, &[7; 48], &mut entropy).unwrap();
        let block = temporary.key.decrypt(&sent).unwrap();
        assert_eq!(unpadded(&block), Some(&[7; 48][..]));
    }
}
