use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use time::macros::datetime;

use super::names::names;
use super::*;

fn made(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 12, 31);
    change(&mut params);
    params.self_signed(&key).unwrap().der().clone()
}

fn facts(certificate: &CertificateDer<'static>, host: &str) -> CertificateFacts {
    let roots = [certificate.clone()];
    let measure = Measure {
        host,
        further_hosts: &[],
        roots: &roots,
        now: datetime!(2026-06-01 0:00 UTC),
    };
    measure.facts(std::slice::from_ref(certificate)).unwrap()
}

#[test]
fn wildcards_stand_for_one_left_most_label() {
    // Examples of RFC 2818 clause 3.1.
    assert!(names("*.a.com", "foo.a.com"));
    assert!(!names("*.a.com", "bar.foo.a.com"));
    assert!(names("f*.com", "foo.com"));
    assert!(!names("f*.com", "bar.com"));
    assert!(!names("*.a.com", "a.com"));
    assert!(!names("foo.*.com", "foo.a.com"));
    assert!(!names("*", "localhost"));
    assert!(names("PS.Example.Test", "ps.example.test."));
    assert!(!names("", ""));
}

#[test]
fn the_common_name_counts_only_without_dns_names() {
    let only_common = made(|params| {
        params
            .distinguished_name
            .push(DnType::CommonName, "ps.test");
    });
    assert_eq!(
        facts(&only_common, "ps.test").name_source,
        NameSource::CommonName
    );
    assert_eq!(facts(&only_common, "ps.test").names, ["ps.test"]);
    let both = made(|params| {
        params
            .distinguished_name
            .push(DnType::CommonName, "ps.test");
        params.subject_alt_names = vec![rcgen::SanType::DnsName("other.test".try_into().unwrap())];
    });
    assert_eq!(facts(&both, "ps.test").name_source, NameSource::None);
    assert_eq!(
        facts(&both, "other.test").name_source,
        NameSource::SubjectAlternativeName
    );
}

#[test]
fn addresses_are_named_by_addresses() {
    let certificate = made(|params| {
        params.subject_alt_names = vec![rcgen::SanType::IpAddress("127.0.0.1".parse().unwrap())];
        params
            .distinguished_name
            .push(DnType::CommonName, "127.0.0.2");
    });
    let source = |host| facts(&certificate, host).name_source;
    assert_eq!(source("127.0.0.1"), NameSource::SubjectAlternativeName);
    assert_eq!(source("127.0.0.2"), NameSource::None);
}

#[test]
fn each_fault_is_a_fact_of_its_own() {
    let expired = made(|params| params.not_after = date_time_ymd(2026, 2, 1));
    let expired = facts(&expired, "ps.test");
    assert!(!expired.valid_now && expired.path_problem.is_none());
    assert_eq!(expired.lifetime_days, 31);
    let client = made(|params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let client = facts(&client, "ps.test");
    assert!(!client.server_usage && client.not_ca && client.path_problem.is_none());
}

#[test]
fn no_root_and_garbage_are_told() {
    let certificate = made(|_| ());
    let measure = Measure {
        host: "ps.test",
        further_hosts: &[],
        roots: &[],
        now: datetime!(2026-06-01 0:00 UTC),
    };
    let facts = measure.facts(std::slice::from_ref(&certificate)).unwrap();
    assert!(!facts.root_configured);
    assert_eq!(facts.path_problem.as_deref(), Some("no root is configured"));
    assert_eq!(measure.facts(&[]), None);
    let garbage = measure
        .facts(&[CertificateDer::from(vec![0x30, 0x82])])
        .unwrap();
    assert!(!garbage.readable);
}

/// Certificates made by OpenSSL in `folder`, leaf first.
fn by_openssl(script: &str) -> (tempfile::TempDir, Vec<CertificateDer<'static>>) {
    let folder = tempfile::tempdir().unwrap();
    let made = std::process::Command::new("sh")
        .args(["-ec", script])
        .current_dir(folder.path())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "{script}");
    let mut chain = Vec::new();
    for name in ["leaf.der", "next.der"] {
        if let Ok(der) = std::fs::read(folder.path().join(name)) {
            chain.push(CertificateDer::from(der));
        }
    }
    (folder, chain)
}

/// A CA, and a leaf with `key` signed by it with `options`; `next.der` is the CA.
fn signed(key: &str, options: &str) -> Option<CertificateFacts> {
    let script = format!(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 9000
         openssl genpkey {key} -out leaf.key
         openssl req -new -key leaf.key -subj /CN=ps.test -out leaf.csr
         openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 9000 {options} -outform der -out leaf.der
         openssl x509 -in ca.pem -outform der -out next.der"
    );
    let (_folder, chain) = by_openssl(&script);
    let roots = [chain.get(1).unwrap().clone()];
    let measure = Measure {
        host: "ps.test",
        further_hosts: &["as.test".to_owned()],
        roots: &roots,
        now: OffsetDateTime::now_utc(),
    };
    measure.facts(&chain)
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn strength_is_read_from_certificates_of_openssl() {
    const RSA: &str = "-algorithm rsa -pkeyopt rsa_keygen_bits:1024";
    let serial = "-sha1 -set_serial 0x1122334455667788990011223344556677889900aabb";
    let old = signed(RSA, serial).unwrap();
    assert_eq!((old.version, old.serial_octets), (1, 22));
    assert_eq!(old.key.rsa_bits, Some(1024));
    assert_eq!(old.signature_hashes, ["sha1"]);
    assert_eq!(old.disorder, None);
    assert_eq!(old.unnamed_hosts, ["as.test"]);
    const CURVE: &str = "-algorithm ec -pkeyopt ec_paramgen_curve:secp224r1";
    let curve = signed(CURVE, "-md5").unwrap();
    assert_eq!(
        (curve.key.curve_bits, curve.key.rsa_bits),
        (Some(224), None)
    );
    assert_eq!(curve.signature_hashes, ["md5"]);
    for (options, hash) in [
        ("-sha384 -sigopt rsa_padding_mode:pss", "sha384"),
        ("-sha1 -sigopt rsa_padding_mode:pss", "sha1"),
        ("-sha512", "sha512"),
    ] {
        let facts = signed("-algorithm ed25519", options).unwrap();
        assert_eq!(facts.signature_hashes, [hash], "{options}");
        assert_eq!(
            (facts.key.curve_bits, facts.key.unknown_curve),
            (None, false)
        );
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn extensions_are_read_from_certificates_of_openssl() {
    let with = |lines: &str| {
        by_openssl(&format!(
            "printf '{lines}' > ext
             openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca
             openssl req -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=ps.test -out leaf.csr
             openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -extfile ext -outform der -out leaf.der
             openssl req -x509 -newkey rsa:2048 -nodes -keyout x.key -subj /CN=other -outform der -out next.der"
        ))
    };
    let (_folder, chain) = with("1.2.3.4=critical,DER:0500\\n");
    let measure = Measure {
        host: "ps.test",
        further_hosts: &[],
        roots: &[],
        now: OffsetDateTime::now_utc(),
    };
    let facts = measure.facts(&chain).unwrap();
    assert_eq!(facts.unknown_critical, ["1.2.3.4"]);
    assert!(facts.disorder.is_some() && !facts.ocsp_responder);
    let (_folder, chain) =
        with("keyUsage=critical,digitalSignature\\nauthorityInfoAccess=OCSP;URI:http://o.test/\\n");
    let facts = measure.facts(&chain).unwrap();
    assert!(facts.unknown_critical.is_empty() && facts.ocsp_responder && facts.version == 3);
}
