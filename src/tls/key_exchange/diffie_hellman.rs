//! Diffie-Hellman over a prime field, RFC 5246 clause 8.1.2.

use std::fmt;

use num_bigint::BigUint;

use super::ExchangeProblem;
use crate::model::secret::Secret;
use crate::tls::entropy::Entropy;

/// Most octets of a prime that is taken; more would only cost time.
pub const MAX_PRIME: usize = 2048;
/// Octets of our private exponent: twice the strength of the strongest cipher.
const EXPONENT: usize = 64;

/// A private exponent with the group it belongs to.
pub struct DiffieHellmanKey {
    prime: BigUint,
    generator: BigUint,
    exponent: BigUint,
}

impl DiffieHellmanKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`ExchangeProblem`] for a prime that is none at first sight or too long.
    pub fn new(
        prime: &[u8],
        generator: &[u8],
        entropy: &mut Entropy,
    ) -> Result<Self, ExchangeProblem> {
        if prime.len() > MAX_PRIME {
            return Err(problem("the prime is longer than 16,384 bits"));
        }
        let number = BigUint::from_bytes_be(prime);
        if number <= BigUint::from(3_u8) || !number.bit(0) {
            return Err(problem("the prime is even or too small"));
        }
        Ok(Self {
            prime: number,
            generator: BigUint::from_bytes_be(generator),
            exponent: BigUint::from_bytes_be(&entropy.octets(EXPONENT.min(prime.len()))),
        })
    }

    /// The public value, without leading zeros.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        let public = self.generator.modpow(&self.exponent, &self.prime);
        public.to_bytes_be()
    }

    /// The secret shared with the holder of `public`, its leading zeros taken off.
    ///
    /// # Errors
    /// [`ExchangeProblem`] for a public value outside 2 to p-2.
    pub fn agree(&self, public: &[u8]) -> Result<Secret, ExchangeProblem> {
        let one = BigUint::from(1_u8);
        let public = BigUint::from_bytes_be(public);
        if public <= one || public >= &self.prime - &one {
            return Err(problem("the public value is not between 2 and p-2"));
        }
        let shared = public.modpow(&self.exponent, &self.prime);
        Ok(Secret::new(shared.to_bytes_be()))
    }
}

impl fmt::Debug for DiffieHellmanKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DiffieHellmanKey(***)")
    }
}

fn problem(what: &str) -> ExchangeProblem {
    ExchangeProblem(format!("Diffie-Hellman: {what}"))
}

/// Our public value and the shared secret, as a client needs them.
///
/// # Errors
/// [`ExchangeProblem`] for parameters with which there is no secret.
pub fn diffie_hellman(
    prime: &[u8],
    generator: &[u8],
    public: &[u8],
    entropy: &mut Entropy,
) -> Result<(Vec<u8>, Secret), ExchangeProblem> {
    let key = DiffieHellmanKey::new(prime, generator, entropy)?;
    let shared = key.agree(public)?;
    Ok((key.public(), shared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree() {
        // p = 2^127 - 1 is prime; the other side is played with exponent 5.
        let prime: BigUint = (BigUint::from(1_u8) << 127_u32) - BigUint::from(1_u8);
        let octets = prime.to_bytes_be();
        let exponent = BigUint::from(5_u8);
        let theirs = BigUint::from(3_u8).modpow(&exponent, &prime);
        let mut entropy = Entropy::from_seed([1; 32]);
        let (ours, shared) =
            diffie_hellman(&octets, &[3], &theirs.to_bytes_be(), &mut entropy).unwrap();
        let expected = BigUint::from_bytes_be(&ours).modpow(&exponent, &prime);
        assert_eq!(shared.expose(), expected.to_bytes_be());
    }

    #[test]
    fn hostile_parameters_are_refused() {
        let mut entropy = Entropy::from_seed([1; 32]);
        let mut refused = |prime: &[u8], public: &[u8]| {
            diffie_hellman(prime, &[2], public, &mut entropy).is_err()
        };
        assert!(refused(&[], &[2]));
        assert!(refused(&[0, 0], &[2]));
        assert!(refused(&[16], &[2]));
        assert!(refused(&[23], &[1]));
        assert!(refused(&[23], &[22]));
        assert!(refused(&[23], &[24]));
        assert!(refused(&[0xFF; MAX_PRIME + 1], &[2]));
        assert!(!refused(&[23], &[5]));
    }
}
