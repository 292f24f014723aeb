//! DSA over numbers of any size, FIPS 186-4 clause 4. The crate `dsa` takes only the sizes of the standard, and old servers
//! have others.

use num_bigint::BigUint;

use super::der::{Der, INTEGER, SEQUENCE};
use crate::tls::entropy::Entropy;
use crate::tls::key_exchange::MAX_MODULUS;

/// Most octets of a subgroup's order that is taken.
const MAX_ORDER: usize = 128;
/// Most tries for a random number that fits.
const TRIES: usize = 64;

/// The group of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    prime: BigUint,
    order: BigUint,
    generator: BigUint,
}

impl Group {
    /// Dss-Parms of RFC 3279 clause 2.3.2.
    fn of(der: &[u8]) -> Option<Self> {
        let mut fields = Der(Der(der).take(SEQUENCE)?);
        let mut number = |most: usize| {
            let octets = fields.take(INTEGER)?;
            (octets.len() <= most + 1).then(|| BigUint::from_bytes_be(octets))
        };
        let (prime, order) = (number(MAX_MODULUS)?, number(MAX_ORDER)?);
        let generator = number(MAX_MODULUS)?;
        // Both are odd primes; more is not for us to know.
        let sane = prime.bit(0) && order.bit(0) && order.bits() > 8 && prime > order;
        sane.then_some(Self {
            prime,
            order,
            generator,
        })
    }

    /// The leftmost bits of a digest that the order has room for.
    fn number(&self, digest: &[u8]) -> BigUint {
        let bits = u64::try_from(digest.len() * 8).unwrap_or(u64::MAX);
        BigUint::from_bytes_be(digest) >> bits.saturating_sub(self.order.bits())
    }
}

/// The public key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DssPublicKey {
    group: Group,
    public: BigUint,
}

impl DssPublicKey {
    /// A key of DER parameters and a public value.
    pub(super) fn new(parameters: &[u8], public: &[u8]) -> Option<Self> {
        let group = Group::of(parameters)?;
        let public = BigUint::from_bytes_be(public);
        (public < group.prime).then_some(Self { group, public })
    }

    /// Whether this key signed the digest.
    pub(super) fn verify(&self, digest: &[u8], signature: &[u8]) -> bool {
        self.is_signed(digest, signature).unwrap_or(false)
    }

    fn is_signed(&self, digest: &[u8], signature: &[u8]) -> Option<bool> {
        let Group {
            prime,
            order,
            generator,
        } = &self.group;
        let mut outer = Der(signature);
        let mut fields = Der(outer.take(SEQUENCE)?);
        let r = BigUint::from_bytes_be(fields.take(INTEGER)?);
        let s = BigUint::from_bytes_be(fields.take(INTEGER)?);
        let zero = BigUint::ZERO;
        if !outer.0.is_empty() || !fields.0.is_empty() || r == zero || r >= *order || s >= *order {
            return None;
        }
        let inverse = s.modinv(order)?;
        let first = self.group.number(digest) * &inverse % order;
        let second = &r * &inverse % order;
        let product = generator.modpow(&first, prime) * self.public.modpow(&second, prime);
        Some(product % prime % order == r)
    }
}

/// A private key.
#[derive(Clone)]
pub(super) struct DssPrivateKey {
    group: Group,
    exponent: BigUint,
}

impl DssPrivateKey {
    /// A key of DER parameters and a DER number.
    pub(super) fn new(parameters: &[u8], exponent: &[u8]) -> Option<Self> {
        let group = Group::of(parameters)?;
        let exponent = BigUint::from_bytes_be(Der(exponent).take(INTEGER)?);
        (exponent < group.order).then_some(Self { group, exponent })
    }

    /// A signature over the digest, in DER.
    pub(super) fn sign(&self, digest: &[u8], entropy: &mut Entropy) -> Option<Vec<u8>> {
        (0..TRIES).find_map(|_| self.attempt(digest, entropy))
    }

    fn attempt(&self, digest: &[u8], entropy: &mut Entropy) -> Option<Vec<u8>> {
        let Group {
            prime,
            order,
            generator,
        } = &self.group;
        // Eight octets more than the order has leave no bias worth speaking of.
        let octets = usize::try_from(order.bits().div_ceil(8)).ok()? + 8;
        let secret = BigUint::from_bytes_be(&entropy.octets(octets)) % order;
        let inverse = secret.modinv(order)?;
        let r = generator.modpow(&secret, prime) % order;
        let s = inverse * (self.group.number(digest) + &self.exponent * &r) % order;
        if r == BigUint::ZERO || s == BigUint::ZERO {
            return None;
        }
        Some(element(SEQUENCE, &[integer(&r), integer(&s)].concat()))
    }
}

/// A DER element of less than 64 KiB.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7F) => out.push(short),
        Ok(long) => out.extend([0x81, long]),
        Err(_) => {
            out.push(0x82);
            let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
            out.extend(length.to_be_bytes());
        }
    }
    out.extend(content);
    out
}

/// A DER number; a zero goes before one that would be negative.
fn integer(number: &BigUint) -> Vec<u8> {
    let mut octets = number.to_bytes_be();
    if octets.first().is_some_and(|first| first & 0x80 != 0) {
        octets.insert(0, 0);
    }
    element(INTEGER, &octets)
}
