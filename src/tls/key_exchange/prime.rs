//! Prime numbers for a temporary RSA key.

use num_bigint::BigUint;

use crate::tls::entropy::Entropy;

/// Most candidates that are looked at; of 256 bits about every 90th odd one is prime.
const CANDIDATES: usize = 10_000;
/// Rounds of the test: a number that is none passes each with a chance of less than a quarter.
const ROUNDS: usize = 24;
/// Divisors that spare most candidates the test.
const SMALL: [u32; 14] = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47];

/// A number of so many octets that is prime as far as the test of Miller and Rabin sees, its two highest bits set, so that
/// the product of two has twice its length; `None` only with randomness that is none.
pub(in crate::tls) fn prime(octets: usize, entropy: &mut Entropy) -> Option<BigUint> {
    (0..CANDIDATES).find_map(|_| {
        let mut candidate = entropy.octets(octets);
        *candidate.first_mut()? |= 0xC0;
        *candidate.last_mut()? |= 1;
        let candidate = BigUint::from_bytes_be(&candidate);
        is_prime(&candidate, entropy).then_some(candidate)
    })
}

fn is_prime(candidate: &BigUint, entropy: &mut Entropy) -> bool {
    let zero = BigUint::ZERO;
    if SMALL.iter().any(|small| candidate % small == zero) {
        return false;
    }
    let one = BigUint::from(1_u8);
    let less = candidate - &one;
    let twos = less.trailing_zeros().unwrap_or_default();
    let odd = &less >> twos;
    (0..ROUNDS).all(|_| {
        let base = BigUint::from_bytes_be(&entropy.octets(16)) + 2_u8;
        let mut power = base.modpow(&odd, candidate);
        if power == one || power == less {
            return true;
        }
        (1..twos).any(|_| {
            power = &power * &power % candidate;
            power == less
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_told_from_others() {
        let mut entropy = Entropy::from_seed([2; 32]);
        let one = BigUint::from(1_u8);
        let mersenne = |bits: u32| (&one << bits) - &one;
        // 2^p - 1 is prime for these p and for none between.
        for (bits, prime) in [
            (89, true),
            (97, false),
            (107, true),
            (113, false),
            (127, true),
        ] {
            assert_eq!(is_prime(&mersenne(bits), &mut entropy), prime, "{bits}");
        }
        // A number of Carmichael without small divisors fools the test of Fermat, not this one.
        let carmichael = BigUint::from(211_u32 * 421 * 631);
        assert!(!is_prime(&carmichael, &mut entropy));
        let found = prime(32, &mut entropy).unwrap();
        assert_eq!(found.bits(), 256);
        assert!(prime(32, &mut Entropy::from_seed([3; 32])).unwrap() != found);
    }
}
