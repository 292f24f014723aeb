//! Hash functions and HMAC by name, so that a suite can carry them as data.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A hash function of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the functions' names")]
pub enum HashFunction {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl HashFunction {
    /// Octets of its output.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The hash of the parts, one after the other.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => digest::<Md5>(parts),
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha224 => digest::<Sha224>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// The HMAC (RFC 2104) of the parts, one after the other, with a key of any length.
    #[must_use]
    pub fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => authenticate::<Hmac<Md5>>(key, parts),
            Self::Sha1 => authenticate::<Hmac<Sha1>>(key, parts),
            Self::Sha224 => authenticate::<Hmac<Sha224>>(key, parts),
            Self::Sha256 => authenticate::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => authenticate::<Hmac<Sha384>>(key, parts),
            Self::Sha512 => authenticate::<Hmac<Sha512>>(key, parts),
        }
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

fn authenticate<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length, so there is no error to pass on; an empty result equals no MAC.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2.
    #[test]
    fn hmac_is_that_of_the_rfcs() {
        let data: &[&[u8]] = &[b"what do ya want ", b"for nothing?"];
        let hex = |hash: HashFunction| hex::encode(hash.hmac(b"Jefe", data));
        assert_eq!(hex(HashFunction::Md5), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(
            hex(HashFunction::Sha1),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        assert_eq!(
            hex(HashFunction::Sha256),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn lengths_are_those_of_the_outputs() {
        use HashFunction as H;
        for hash in [H::Md5, H::Sha1, H::Sha224, H::Sha256, H::Sha384, H::Sha512] {
            assert_eq!(hash.digest(&[]).len(), hash.length());
            assert_eq!(hash.hmac(&[], &[]).len(), hash.length());
        }
    }
}
