use super::*;
use crate::tls::keys::{KeyBlock, Randoms};
use crate::tls::suite::tests::registry;

const HEAD: RecordHead = RecordHead {
    content_type: 23,
    version: 0x0303,
};

fn pair(suite: &Suite, version: ProtocolVersion, etm: bool) -> (Sealer, Opener) {
    let randoms = Randoms {
        client: [1; 32],
        server: [2; 32],
    };
    let keys = KeyBlock::derive(suite, version, &Secret::new([3; 48]), &randoms);
    let sealer = Sealer::new(suite, version, &keys.client, etm).unwrap();
    let opener = Opener::new(suite, version, &keys.client, etm).unwrap();
    (sealer, opener)
}

/// Every kind of protection the registry knows, in every version it is defined in.
fn each(mut check: impl FnMut(&str, &Suite, ProtocolVersion, bool)) {
    let mut seen = Vec::new();
    for record in registry() {
        let Some(suite) = Suite::of(&record) else {
            continue;
        };
        for version in [
            ProtocolVersion::Tls10,
            ProtocolVersion::Tls11,
            ProtocolVersion::Tls12,
        ] {
            let kind = (suite.cipher, suite.mac, version);
            if !suite.versions.contains(version) || seen.contains(&kind) {
                continue;
            }
            seen.push(kind);
            check(&record.name, &suite, version, false);
            if suite.cipher.block_length().is_some() {
                check(&record.name, &suite, version, true);
            }
        }
    }
    assert!(seen.len() > 25, "{}", seen.len());
}

#[test]
fn what_is_sealed_opens_in_order() {
    let mut entropy = Entropy::from_seed([4; 32]);
    each(|name, suite, version, etm| {
        let (mut sealer, mut opener) = pair(suite, version, etm);
        for length in [0, 1, 15, 16, 17, 300, MAX_PLAINTEXT] {
            let content = vec![0xA5; length];
            let fragment = sealer.seal(HEAD, &content, &mut entropy).unwrap();
            let opened = opener.open(HEAD, &fragment);
            assert_eq!(opened, Ok(content), "{name} {version} {etm} {length}");
        }
    });
}

#[test]
fn any_flipped_bit_is_seen() {
    let mut entropy = Entropy::from_seed([5; 32]);
    each(|name, suite, version, etm| {
        let content = [7; 20];
        let length = {
            let (mut sealer, _) = pair(suite, version, etm);
            sealer.seal(HEAD, &content, &mut entropy).unwrap().len()
        };
        for at in 0..length {
            let (mut sealer, mut opener) = pair(suite, version, etm);
            let mut fragment = sealer.seal(HEAD, &content, &mut entropy).unwrap();
            fragment[at] ^= 0x10;
            let opened = opener.open(HEAD, &fragment);
            assert!(opened.is_err(), "{name} {version} {etm} octet {at}");
        }
        let (mut sealer, mut opener) = pair(suite, version, etm);
        let fragment = sealer.seal(HEAD, &content, &mut entropy).unwrap();
        let other = RecordHead {
            content_type: 22,
            ..HEAD
        };
        assert!(opener.open(other, &fragment).is_err(), "{name} {version}");
        // Repeated: the sequence number has moved on.
        let (_, mut opener) = pair(suite, version, etm);
        opener.open(HEAD, &fragment).unwrap();
        assert!(opener.open(HEAD, &fragment).is_err(), "{name} {version}");
    });
}

#[test]
fn short_and_uneven_records_are_refused_without_panic() {
    each(|_, suite, version, etm| {
        for length in 0..80 {
            let (_, mut opener) = pair(suite, version, etm);
            assert!(opener.open(HEAD, &vec![0; length]).is_err());
        }
    });
}

#[test]
fn too_much_plaintext_is_an_overflow() {
    let suite = crate::tls::suite::tests::suite("TLS_RSA_WITH_NULL_SHA");
    let (mut sealer, mut opener) = pair(&suite, ProtocolVersion::Tls12, false);
    let content = vec![0; MAX_PLAINTEXT + 1];
    let mut entropy = Entropy::from_seed([0; 32]);
    let fragment = sealer.seal(HEAD, &content, &mut entropy).unwrap();
    assert_eq!(opener.open(HEAD, &fragment), Err(RecordProblem::Overflow));
}

#[test]
fn a_tolerant_opener_gives_what_stands_under_a_wrong_mac() {
    let mut entropy = Entropy::from_seed([4; 32]);
    each(|name, suite, version, etm| {
        let (mut sealer, opener) = pair(suite, version, etm);
        let mut opener = opener.tolerant();
        for round in 0..2 {
            let mut sealed = sealer.seal(HEAD, b"content", &mut entropy).unwrap();
            // The last octet is of the MAC or the tag, but in CBC without encrypt-then-MAC, whose MAC the header spoils.
            if suite.cipher.block_length().is_none() || etm {
                *sealed.last_mut().unwrap() ^= 1;
            }
            let opened = opener.open(HEAD, &sealed);
            assert_eq!(opened.as_deref(), Ok(&b"content"[..]), "{name} {round}");
        }
        if suite.cipher.block_length().is_some() && !etm {
            let other = RecordHead {
                content_type: 21,
                ..HEAD
            };
            let sealed = sealer.seal(other, b"content", &mut entropy).unwrap();
            let opened = opener.open(HEAD, &sealed);
            assert_eq!(opened.as_deref(), Ok(&b"content"[..]), "{name}");
        }
    });
}
