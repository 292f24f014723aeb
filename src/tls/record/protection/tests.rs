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

/// Nothing but its last octet is looked at: whoever changes the rest is not found out (CVE-2014-3566).
#[test]
fn padding_of_ssl3_may_hold_anything() {
    let suite = crate::tls::suite::tests::suite("TLS_RSA_WITH_AES_128_CBC_SHA");
    let mut entropy = Entropy::from_seed([4; 32]);
    let version = ProtocolVersion::Ssl3;
    let content = [7; 12];
    // 12 octets and a MAC of 20 leave a whole block of padding, whose first octets the block before it spoils.
    let (mut sealer, mut opener) = pair(&suite, version, false);
    let mut sealed = sealer.seal(HEAD, &content, &mut entropy).unwrap();
    assert_eq!(sealed.len(), 48);
    sealed[16] ^= 0xFF;
    assert_eq!(opener.open(HEAD, &sealed), Err(RecordProblem::Mac));
    let fragment = {
        let (mut sealer, _) = pair(&suite, version, false);
        let mut damage = Damage::default();
        damage.xor(
            0,
            RecordPart::Padding,
            crate::tls::quirk::Offset::Start(0),
            0xFF,
        );
        sealer.seal_with(HEAD, &content, &mut damage, &mut entropy)
    };
    let (_, mut opener) = pair(&suite, version, false);
    let opened = opener.open(HEAD, &fragment.unwrap());
    assert_eq!(opened.as_deref(), Ok(&content[..]));
    let (_, mut opener) = pair(&suite, ProtocolVersion::Tls10, false);
    assert!(opener.open(HEAD, &sealed).is_err());
}

#[test]
fn what_ssl3_seals_opens_in_order() {
    let mut entropy = Entropy::from_seed([4; 32]);
    for name in [
        "TLS_RSA_WITH_NULL_MD5",
        "TLS_RSA_WITH_RC4_128_SHA",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5",
        "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
    ] {
        let suite = crate::tls::suite::tests::suite(name);
        let (mut sealer, mut opener) = pair(&suite, ProtocolVersion::Ssl3, false);
        for length in [0, 1, 7, 8, 300] {
            let content = vec![0xA5; length];
            let fragment = sealer.seal(HEAD, &content, &mut entropy).unwrap();
            assert_eq!(opener.open(HEAD, &fragment), Ok(content), "{name} {length}");
        }
        let mut fragment = sealer.seal(HEAD, &[7; 20], &mut entropy).unwrap();
        fragment[0] ^= 1;
        assert!(opener.open(HEAD, &fragment).is_err(), "{name}");
    }
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
