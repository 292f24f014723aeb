//! What SSL 3.0 computes in a way of its own, before there was HMAC: RFC 6101.

use super::hash::HashFunction;
use crate::wire::tls::alert::Alert;

/// Description of the warning of a client that has no certificate (clause 5.6.6).
pub(super) const NO_CERTIFICATE: u8 = 41;
/// Description of the alert handshake_failure.
const HANDSHAKE_FAILURE: u8 = 40;
/// Every description SSL 3.0 has (clause 5.4).
const ALERTS: [u8; 12] = [0, 10, 20, 30, 40, 41, 42, 43, 44, 45, 46, 47];

/// What is put around a key, as often as the hash wants it (clause 5.2.3.1).
fn padding(hash: HashFunction) -> ([u8; 48], [u8; 48], usize) {
    let count = if hash == HashFunction::Md5 { 48 } else { 40 };
    ([0x36; 48], [0x5C; 48], count)
}

/// Octets from a secret and a seed in parts, without a label: clauses 6.1 and 6.2.2. At most 416 octets.
pub(super) fn expand(secret: &[u8], seed: &[&[u8]], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + HashFunction::Md5.length());
    for (count, letter) in (1..).zip(b'A'..=b'Z') {
        if out.len() >= length {
            break;
        }
        let salt = vec![letter; count];
        let parts = [&[salt.as_slice(), secret], seed].concat();
        let inner = HashFunction::Sha1.digest(&parts);
        out.extend(HashFunction::Md5.digest(&[secret, &inner]));
    }
    out.truncate(length);
    out
}

/// The MAC of the parts with a key, clause 5.2.3.1.
pub(super) fn mac(hash: HashFunction, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let (first, second, count) = padding(hash);
    let first = first.get(..count).unwrap_or_default();
    let second = second.get(..count).unwrap_or_default();
    let inner = hash.digest(&[&[key, first], parts].concat());
    hash.digest(&[key, second, &inner])
}

/// The hash of the handshake messages with the master secret: of a CertificateVerify (clause 5.6.8), or with who sends it of
/// a Finished (clause 5.6.9).
pub(super) fn handshake_hash(
    hash: HashFunction,
    master: &[u8],
    messages: &[u8],
    sender: &[u8],
) -> Vec<u8> {
    let (first, second, count) = padding(hash);
    let first = first.get(..count).unwrap_or_default();
    let second = second.get(..count).unwrap_or_default();
    let inner = hash.digest(&[messages, sender, master, first]);
    hash.digest(&[master, second, &inner])
}

/// The alert as SSL 3.0 can say it.
pub(super) fn alert(alert: Alert) -> Alert {
    let known = ALERTS.contains(&alert.description) || alert.level == 1;
    if known {
        alert
    } else {
        Alert::fatal(HANDSHAKE_FAILURE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula of clause 6.2.2, written out for the first two blocks.
    #[test]
    fn keys_are_md5_over_salted_sha1() {
        let (secret, seed) = ([1; 48], [[2; 32], [3; 32]]);
        let parts: [&[u8]; 2] = [&seed[0], &seed[1]];
        let block = |salt: &[u8]| {
            let inner = HashFunction::Sha1.digest(&[salt, &secret, &seed.concat()]);
            HashFunction::Md5.digest(&[&secret, &inner])
        };
        let expected = [block(b"A"), block(b"BB")].concat();
        assert_eq!(expand(&secret, &parts, 32), expected);
        assert_eq!(expand(&secret, &parts, 20), expected[..20]);
        assert_eq!(expand(&secret, &parts, 10_000).len(), 416);
    }

    #[test]
    fn alerts_of_later_versions_are_said_as_handshake_failure() {
        assert_eq!(alert(Alert::fatal(51)), Alert::fatal(40));
        assert_eq!(alert(Alert::fatal(20)), Alert::fatal(20));
        assert_eq!(alert(Alert::warning(100)), Alert::warning(100));
    }
}
