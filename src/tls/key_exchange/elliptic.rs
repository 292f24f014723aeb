//! Elliptic-curve Diffie-Hellman on named curves: RFC 8422 clauses 5.10 and 5.11.

use std::fmt;

use x25519_dalek::{PublicKey as X25519Public, StaticSecret};

use super::ExchangeProblem;
use crate::model::secret::Secret;
use crate::tls::entropy::Entropy;
use crate::wire::tls::extension::group;

/// The groups that are offered unless told otherwise, best first.
pub const GROUPS: [u16; 3] = [group::X25519, group::SECP256R1, group::SECP384R1];
/// The groups the engine can do, best first.
pub const EVERY_GROUP: [u16; 4] = [
    group::X25519,
    group::SECP256R1,
    group::SECP384R1,
    group::SECP521R1,
];

/// A private key of a group, ephemeral but where a certificate's is used.
pub struct EphemeralKey(Kind);

enum Kind {
    X25519(StaticSecret),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
}

impl EphemeralKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`ExchangeProblem`] for a group that is not one of [`EVERY_GROUP`].
    pub fn new(named: u16, entropy: &mut Entropy) -> Result<Self, ExchangeProblem> {
        let kind = match named {
            group::X25519 => Some(Kind::X25519(StaticSecret::from(entropy.array::<32>()))),
            group::SECP256R1 => {
                scalar(|| p256::SecretKey::from_slice(&entropy.octets(32)).ok()).map(Kind::P256)
            }
            group::SECP384R1 => {
                scalar(|| p384::SecretKey::from_slice(&entropy.octets(48)).ok()).map(Kind::P384)
            }
            group::SECP521R1 => scalar(|| {
                // The order has 521 bits.
                let mut octets = entropy.octets(66);
                if let Some(first) = octets.first_mut() {
                    *first &= 1;
                }
                p521::SecretKey::from_slice(&octets).ok()
            })
            .map(Kind::P521),
            _ => None,
        };
        kind.map(Self)
            .ok_or_else(|| ExchangeProblem(format!("the engine has no group 0x{named:04X}")))
    }

    /// A key of these octets: the fixed one of a certificate, or that of a trace; `None` when they are none of the group.
    pub(in crate::tls) fn from_octets(named: u16, octets: &[u8]) -> Option<Self> {
        let kind = match named {
            group::X25519 => Kind::X25519(StaticSecret::from(<[u8; 32]>::try_from(octets).ok()?)),
            group::SECP256R1 => Kind::P256(p256::SecretKey::from_slice(octets).ok()?),
            group::SECP384R1 => Kind::P384(p384::SecretKey::from_slice(octets).ok()?),
            group::SECP521R1 => Kind::P521(p521::SecretKey::from_slice(octets).ok()?),
            _ => return None,
        };
        Some(Self(kind))
    }

    /// The public value as it goes over the wire.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        match &self.0 {
            Kind::X25519(secret) => X25519Public::from(secret).to_bytes().to_vec(),
            Kind::P256(secret) => secret.public_key().to_sec1_bytes().to_vec(),
            Kind::P384(secret) => secret.public_key().to_sec1_bytes().to_vec(),
            Kind::P521(secret) => secret.public_key().to_sec1_bytes().to_vec(),
        }
    }

    /// The secret shared with the holder of `public`.
    ///
    /// # Errors
    /// [`ExchangeProblem`] when `public` is no point of the group or gives away the secret.
    pub fn agree(&self, public: &[u8]) -> Result<Secret, ExchangeProblem> {
        let problem = || ExchangeProblem("the public value is no point of its group".to_owned());
        match &self.0 {
            Kind::X25519(secret) => {
                let octets: [u8; 32] = public.try_into().map_err(|_| problem())?;
                let shared = secret.diffie_hellman(&X25519Public::from(octets));
                if !shared.was_contributory() {
                    return Err(problem());
                }
                Ok(Secret::new(shared.as_bytes().as_slice()))
            }
            Kind::P256(secret) => {
                let public = p256::PublicKey::from_sec1_bytes(public).map_err(|_| problem())?;
                let shared = secret.diffie_hellman(&public);
                Ok(Secret::new(shared.raw_secret_bytes().as_slice()))
            }
            Kind::P384(secret) => {
                let public = p384::PublicKey::from_sec1_bytes(public).map_err(|_| problem())?;
                let shared = secret.diffie_hellman(&public);
                Ok(Secret::new(shared.raw_secret_bytes().as_slice()))
            }
            Kind::P521(secret) => {
                let public = p521::PublicKey::from_sec1_bytes(public).map_err(|_| problem())?;
                let shared = secret.diffie_hellman(&public);
                Ok(Secret::new(shared.raw_secret_bytes().as_slice()))
            }
        }
    }
}

impl fmt::Debug for EphemeralKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EphemeralKey(***)")
    }
}

/// Random octets are a scalar of the group nearly always; a few tries make it certain.
fn scalar<T>(mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    (0..16).find_map(|_| attempt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_agree_in_every_group() {
        let mut entropy = Entropy::from_seed([3; 32]);
        for named in EVERY_GROUP {
            let one = EphemeralKey::new(named, &mut entropy).unwrap();
            let other = EphemeralKey::new(named, &mut entropy).unwrap();
            let shared = one.agree(&other.public()).unwrap();
            assert_eq!(shared, other.agree(&one.public()).unwrap());
            assert!(one.agree(&[4; 65]).is_err(), "{named}");
            assert!(one.agree(&[]).is_err(), "{named}");
        }
        assert!(EphemeralKey::new(group::X448, &mut entropy).is_err());
    }

    /// RFC 7748 clause 6.1.
    #[test]
    fn x25519_is_that_of_the_rfc() {
        let private: [u8; 32] =
            hex::decode("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
                .unwrap()
                .try_into()
                .unwrap();
        let bob = EphemeralKey(Kind::X25519(StaticSecret::from(private)));
        let alice = crate::wire::tls::extension::X25519_PUBLIC;
        assert_eq!(
            hex::encode(bob.agree(&alice).unwrap().expose()),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
        );
        // The point of small order gives everybody the same secret.
        assert!(bob.agree(&[0; 32]).is_err());
    }
}
