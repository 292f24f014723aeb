use super::super::public_key::{PublicKey, SignatureProblem};
use super::*;

const MESSAGE: &[u8] = b"what a handshake signs";

/// The fixture's lines: kind, name, rest.
fn lines() -> Vec<(&'static str, &'static str, &'static str)> {
    include_str!("../../../../fixtures/wire/tls/signatures/openssl.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (kind, rest) = line.split_once(' ').unwrap();
            let (name, rest) = rest.split_once(' ').unwrap();
            (kind, name, rest)
        })
        .collect()
}

fn found(kind: &str, name: &str) -> Vec<u8> {
    let line = lines()
        .into_iter()
        .find(|line| (line.0, line.1) == (kind, name));
    hex::decode(line.unwrap().2).unwrap()
}

fn scheme(text: &str) -> Scheme {
    if text == "md5sha1" {
        return Scheme::Md5Sha1;
    }
    Scheme::of(u16::from_str_radix(text, 16).unwrap()).unwrap()
}

/// Every signature of OpenSSL counts, counts no more when anything changes, and ours count as OpenSSL's do.
#[test]
fn signatures_are_those_of_openssl() {
    let mut count = 0;
    let mut entropy = Entropy::from_seed([8; 32]);
    for (_, name, rest) in lines().into_iter().filter(|line| line.0 == "signature") {
        let (scheme, signature) = rest.split_once(' ').unwrap();
        let (scheme, mut signature) = (self::scheme(scheme), hex::decode(signature).unwrap());
        let public = PublicKey::of_certificate(&found("certificate", name)).unwrap();
        assert_eq!(
            public.verify(scheme, &[MESSAGE], &signature),
            Ok(()),
            "{name} {scheme:?}"
        );
        let two_parts = MESSAGE.split_at(4);
        let parts = [two_parts.0, two_parts.1];
        assert_eq!(public.verify(scheme, &parts, &signature), Ok(()));
        assert!(public.verify(scheme, &[b"other"], &signature).is_err());
        let private = PrivateKey::from_der(&found("pkcs8", name)).unwrap();
        let ours = private.sign(scheme, &[MESSAGE], &mut entropy).unwrap();
        assert_eq!(
            public.verify(scheme, &[MESSAGE], &ours),
            Ok(()),
            "{name} {scheme:?}"
        );
        if scheme.algorithm() == Algorithm::RsaPkcs1 {
            assert_eq!(ours, signature, "{scheme:?}");
        }
        let last = signature.len() - 1;
        signature[last] ^= 1;
        let wrong = Err(SignatureProblem::Wrong);
        assert_eq!(public.verify(scheme, &[MESSAGE], &signature), wrong);
        assert_eq!(public.verify(scheme, &[MESSAGE], &[]), wrong);
        count += 1;
    }
    assert_eq!(count, 36);
}

#[test]
fn keys_are_read_in_all_three_forms() {
    let mut entropy = Entropy::from_seed([8; 32]);
    for (kind, name, code) in [("pkcs1", "rsa", 0x0401), ("sec1", "p256", 0x0403)] {
        let key = PrivateKey::from_der(&found(kind, name)).unwrap();
        let (chosen, scheme) = key.choose(Some(&[0x0807, 0x0203 ^ 0x0500, code])).unwrap();
        assert_eq!(chosen, Some(code));
        let signature = key.sign(scheme, &[MESSAGE], &mut entropy).unwrap();
        let public = PublicKey::of_certificate(&found("certificate", name)).unwrap();
        assert_eq!(public.verify(scheme, &[MESSAGE], &signature), Ok(()));
        assert!(!format!("{key:?}").contains("Rsa"));
    }
}

#[test]
fn damaged_keys_and_certificates_are_refused_without_panic() {
    for name in ["rsa", "p256", "p521", "dss", "ed25519"] {
        let (key, certificate) = (found("pkcs8", name), found("certificate", name));
        for cut in 0..key.len() {
            assert!(PrivateKey::from_der(&key[..cut]).is_none());
        }
        for at in 0..key.len() {
            let mut damaged = key.clone();
            damaged[at] ^= 0x81;
            let _ = PrivateKey::from_der(&damaged);
        }
        for cut in (0..certificate.len()).step_by(7) {
            assert!(PublicKey::of_certificate(&certificate[..cut]).is_err());
        }
    }
}

#[test]
fn a_scheme_that_does_not_go_with_the_key_is_a_mismatch() {
    let public = PublicKey::of_certificate(&found("certificate", "p256")).unwrap();
    let rsa = scheme("0401");
    let verified = public.verify(rsa, &[MESSAGE], &[1, 2, 3]);
    assert_eq!(verified, Err(SignatureProblem::Mismatch));
    let key = PrivateKey::from_der(&found("pkcs8", "p256")).unwrap();
    assert_eq!(key.choose(Some(&[0x0401, 0x0804])), None);
    let mut entropy = Entropy::from_seed([0; 32]);
    assert_eq!(key.sign(rsa, &[MESSAGE], &mut entropy), None);
}
