//! The pseudorandom function of TLS 1.0 to 1.2: RFC 2246 clause 5, RFC 5246 clause 5; and what SSL 3.0 has in its place.

use super::hash::HashFunction;
use super::ssl3;
use crate::model::suite::ProtocolVersion;

/// The function of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prf {
    /// SSL 3.0: MD5 over salted SHA-1, without labels.
    Ssl3,
    /// TLS 1.0 and 1.1: MD5 and SHA-1, exclusive-or'ed.
    Md5Sha1,
    /// TLS 1.2: the hash of the suite.
    Hash(HashFunction),
}

impl Prf {
    /// The function of a version, with the suite's hash where the version lets the suite choose.
    #[must_use]
    pub fn of(version: ProtocolVersion, hash: HashFunction) -> Self {
        if version >= ProtocolVersion::Tls12 {
            Self::Hash(hash)
        } else if version >= ProtocolVersion::Tls10 {
            Self::Md5Sha1
        } else {
            Self::Ssl3
        }
    }

    /// `length` octets from a secret, a label and a seed in parts.
    #[must_use]
    pub fn derive(self, secret: &[u8], label: &str, seed: &[&[u8]], length: usize) -> Vec<u8> {
        if self == Self::Ssl3 {
            return ssl3::expand(secret, seed, length);
        }
        let seed = [&[label.as_bytes()], seed].concat();
        match self {
            Self::Hash(hash) => expand(hash, secret, &seed, length),
            Self::Md5Sha1 | Self::Ssl3 => {
                // The halves share the middle octet of a secret of odd length.
                let half = secret.len().div_ceil(2);
                let first = secret.get(..half).unwrap_or_default();
                let second = secret.get(secret.len() - half..).unwrap_or_default();
                let md5 = expand(HashFunction::Md5, first, &seed, length);
                let sha1 = expand(HashFunction::Sha1, second, &seed, length);
                md5.iter().zip(&sha1).map(|(a, b)| a ^ b).collect()
            }
        }
    }

    /// The hash of the handshake messages as the Finished and the extended master secret take it.
    #[must_use]
    pub fn transcript_hash(self, messages: &[u8]) -> Vec<u8> {
        match self {
            Self::Hash(hash) => hash.digest(&[messages]),
            Self::Md5Sha1 | Self::Ssl3 => [HashFunction::Md5, HashFunction::Sha1]
                .map(|hash| hash.digest(&[messages]))
                .concat(),
        }
    }
}

/// `P_hash` of RFC 5246 clause 5.
fn expand(hash: HashFunction, secret: &[u8], seed: &[&[u8]], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + hash.length());
    let mut chain = hash.hmac(secret, seed);
    while out.len() < length {
        let parts = [&[chain.as_slice()], seed].concat();
        out.extend(hash.hmac(secret, &parts));
        chain = hash.hmac(secret, &[&chain]);
    }
    out.truncate(length);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prf: Prf, secret: &str, seed: &str, expected: &str) {
        let (secret, seed) = (hex::decode(secret).unwrap(), hex::decode(seed).unwrap());
        // The seed in two parts says the same as in one.
        let (head, tail) = seed.split_at(5);
        let out = prf.derive(&secret, "test label", &[head, tail], expected.len() / 2);
        assert_eq!(hex::encode(out), expected);
    }

    /// The vectors published on the TLS working group's list in 2009; `openssl kdf TLS1-PRF` gives the same.
    #[test]
    fn tls12_prf_is_that_of_others() {
        check(
            Prf::Hash(HashFunction::Sha256),
            "9bbe436ba940f017b17652849a71db35",
            "a0ba9f936cda311827a6f796ffd5198c",
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
        );
    }

    /// From `openssl kdf -kdfopt digest:... TLS1-PRF` of OpenSSL 3.0.22; the secret has an odd length.
    #[test]
    fn sha384_and_the_old_prf_are_those_of_openssl() {
        let (secret, seed) = (
            "b80b733d6ceefcdc71566ea48e5567df01",
            "cd665cf6a8447dd6ff8b27555edb7465",
        );
        check(
            Prf::Hash(HashFunction::Sha384),
            secret,
            seed,
            "017ebf29b92224bb8e2832107e8acaf04334529ef1cdf643e684d602fcbf110d0a6fa9e38f952f90d56feb11f0c76832cd327c35957c3750947d2162",
        );
        check(
            Prf::Md5Sha1,
            secret,
            seed,
            "e834e50f574a4f570451f73407ca73639a5a1115f95876a9815e539821b465a1af1c7afa78f6c08c31911007c77ea98d537001d4f75870dd3a2cab8e",
        );
    }
}
