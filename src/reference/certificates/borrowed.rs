//! Public keys that the reference target shows and does not own: it signs handshakes with another key.

use rcgen::{PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use sha2::{Digest as _, Sha256};

/// Modulus of the key that Go publishes in `net/http/internal/testcert`.
const PUBLISHED: &str = "e866dae6d1d5d5d00aa2e01a5cedff79b0d4538aefc02520fc235a2763d3e712c3e0dd5571bf2b6c5496d875caabe30f\
7d577020a47fd437331280067ff2564135bb120ce55eb09ddeb95a8c45f60fbddf69625e903d14694833e6fb6b4d767dd0140bed6bd120277b1651\
19e853ce70f96e9a2c8d9b352ab701a13bef5a7755b906a25a448e8f61fa2e364c11e8d6b84f34a3e41aea51f3f41700e2cca489d175e687c83c1b\
d9adc3139237746ed5015ceb55f27a5ba43ce18a055feae9104d9254cd7b4808f2eb14325632a02ef2b69a4d316ed7dafa1d01e952bb6e63831d9a\
9e3f5f0d566e87b017179fb89c94b8000b749f594d63b9c64ac7596acf0f6d";
/// Octets of a modulus that is too short.
const SHORT: usize = 128;

/// A public RSA key without its private part.
pub(super) struct BorrowedKey {
    pkcs1: Vec<u8>,
}

impl BorrowedKey {
    /// The key that Go publishes with its private part.
    pub(super) fn published() -> Self {
        Self::of(&hex::decode(PUBLISHED).unwrap_or_default())
    }

    /// A key of 1024 bits that nobody has the private part of.
    pub(super) fn short() -> Self {
        let mut modulus = Vec::new();
        for part in 0_u8.. {
            if modulus.len() >= SHORT {
                break;
            }
            modulus.extend_from_slice(&Sha256::digest([part]));
        }
        if let Some(first) = modulus.first_mut() {
            *first |= 0x80;
        }
        if let Some(last) = modulus.last_mut() {
            *last |= 1;
        }
        Self::of(&modulus)
    }

    /// RSAPublicKey (RFC 8017 A.1.1) of a modulus whose first bit is set, with the exponent 65537.
    fn of(modulus: &[u8]) -> Self {
        let mut positive = vec![0];
        positive.extend_from_slice(modulus);
        let mut numbers = element(0x02, &positive);
        numbers.extend(element(0x02, &[1, 0, 1]));
        Self {
            pkcs1: element(0x30, &numbers),
        }
    }
}

/// A DER element of less than 65536 octets.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let mut element = match (high, low) {
        (0, 0..=127) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    element.extend_from_slice(content);
    element
}

impl PublicKeyData for BorrowedKey {
    fn der_bytes(&self) -> &[u8] {
        &self.pkcs1
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// An issuer that claims RSA with SHA-1: the claim stands in the certificate, the signature under it is no signature.
///
/// Nothing here makes SHA-1 signatures, and those who refuse them do so before they look at one.
pub(super) struct Sha1Issuer {
    key: BorrowedKey,
}

impl Sha1Issuer {
    pub(super) fn new() -> Self {
        Self {
            key: BorrowedKey::short(),
        }
    }
}

impl PublicKeyData for Sha1Issuer {
    fn der_bytes(&self) -> &[u8] {
        self.key.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.key.algorithm()
    }
}

impl rcgen::SigningKey for Sha1Issuer {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x5a; SHORT])
    }
}

/// Writes SHA-1 with RSA wherever a certificate says SHA-256 with RSA.
pub(super) fn say_sha1(der: &[u8]) -> Vec<u8> {
    const SHA256_WITH_RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    const SHA1: u8 = 0x05;
    let mut changed = der.to_vec();
    let places: Vec<usize> = der
        .windows(SHA256_WITH_RSA.len())
        .enumerate()
        .filter(|(_, part)| *part == SHA256_WITH_RSA)
        .map(|(start, part)| start + part.len() - 1)
        .collect();
    for place in places {
        if let Some(last) = changed.get_mut(place) {
            *last = SHA1;
        }
    }
    changed
}
