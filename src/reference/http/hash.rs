//! The Digest computation of the server (RFC 7616, 3.4), written apart from the client's.

use md5::Md5;
use sha2::{Digest, Sha256};

/// An algorithm that the proxy can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// MD5, the one of TS 24.109.
    Md5,
    /// SHA-256.
    Sha256,
}

impl DigestAlgorithm {
    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hex_of(self, text: &[u8]) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

/// The part of a computation that depends on the quality of protection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) nc: &'a str,
    pub(super) cnonce: &'a str,
    pub(super) qop: &'a str,
}

/// What goes into a digest; it borrows the password and has no `Debug`.
#[derive(Clone, Copy)]
pub(super) struct Computation<'a> {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) username: &'a str,
    pub(super) realm: &'a str,
    pub(super) password: &'a [u8],
    pub(super) nonce: &'a str,
    pub(super) uri: &'a str,
    /// `None` is the form of RFC 2069.
    pub(super) counted: Option<Counted<'a>>,
}

impl Computation<'_> {
    /// The digest for a method and body; the empty method gives `rspauth`.
    pub(super) fn digest(&self, method: &str, body: &[u8]) -> String {
        let hash = |text: &[u8]| self.algorithm.hex_of(text);
        let mut secret = format!("{}:{}:", self.username, self.realm).into_bytes();
        secret.extend_from_slice(self.password);
        let secret = hash(&secret);
        let mut message = format!("{method}:{}", self.uri);
        if self
            .counted
            .is_some_and(|counted| counted.qop.eq_ignore_ascii_case("auth-int"))
        {
            message = format!("{message}:{}", hash(body));
        }
        let message = hash(message.as_bytes());
        let nonce = self.nonce;
        let whole = match self.counted {
            None => format!("{secret}:{nonce}:{message}"),
            Some(Counted { nc, cnonce, qop }) => {
                format!("{secret}:{nonce}:{nc}:{cnonce}:{qop}:{message}")
            }
        };
        hash(whole.as_bytes())
    }
}

/// Compares without telling by time where the texts differ.
pub(super) fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left
            .iter()
            .zip(right)
            .fold(0, |difference, (one, other)| difference | (one ^ other))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Example of RFC 2617, 3.5.
    #[test]
    fn md5_of_rfc_2617() {
        let mut computation = Computation {
            algorithm: DigestAlgorithm::Md5,
            username: "Mufasa",
            realm: "testrealm@host.com",
            password: b"Circle Of Life",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            uri: "/dir/index.html",
            counted: Some(Counted {
                nc: "00000001",
                cnonce: "0a4f113b",
                qop: "auth",
            }),
        };
        assert_eq!(
            computation.digest("GET", b""),
            "6629fae49393a05397450978507c4ef1"
        );
        // RFC 2069's own example is in error; this is what its formula gives for the data of RFC 2617.
        computation.counted = None;
        assert_eq!(
            computation.digest("GET", b""),
            "670fd8c2df070c60b045671b8b24ff02"
        );
    }

    /// Examples of RFC 7616, 3.9.1.
    #[test]
    fn both_algorithms_of_rfc_7616() {
        let computation = |algorithm| Computation {
            algorithm,
            username: "Mufasa",
            realm: "http-auth@example.org",
            password: b"Circle of Life",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            uri: "/dir/index.html",
            counted: Some(Counted {
                nc: "00000001",
                cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                qop: "auth",
            }),
        };
        assert_eq!(
            computation(DigestAlgorithm::Md5).digest("GET", b""),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        assert_eq!(
            computation(DigestAlgorithm::Sha256).digest("GET", b""),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn comparison_needs_equal_length_and_octets() {
        assert!(equal_in_constant_time(b"ab", b"ab"));
        assert!(!equal_in_constant_time(b"ab", b"ac"));
        assert!(!equal_in_constant_time(b"ab", b"abc"));
    }
}
