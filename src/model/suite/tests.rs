use super::*;

fn registry() -> SuiteRegistry {
    let text = include_str!("../../../scenarios/sets/suites.yaml");
    SuiteRegistry::new(serde_yaml::from_str(text).unwrap()).unwrap()
}

fn sets(registry: &SuiteRegistry) -> SuiteSets {
    let text = include_str!("../../../scenarios/sets/sets.yaml");
    serde_yaml::from_str::<SuiteSetNames>(text)
        .unwrap()
        .resolve(registry)
        .unwrap()
}

/// The set holds exactly the registry's suites with the property, each once.
#[track_caller]
fn holds(set: &str, property: impl Fn(&SuiteRecord) -> bool) {
    let registry = registry();
    let sets = sets(&registry);
    let mut members: Vec<u16> = sets.get(set).unwrap().iter().map(|suite| suite.0).collect();
    members.sort_unstable();
    let expected: Vec<u16> = registry
        .iter()
        .filter(|s| property(s))
        .map(|s| s.code.0)
        .collect();
    let names = |codes: &[u16]| codes.iter().map(|&c| registry.label(c)).collect::<Vec<_>>();
    assert_eq!(names(&members), names(&expected), "{set}");
    assert!(!members.is_empty());
}

fn anonymous(suite: &SuiteRecord) -> bool {
    suite.name.to_ascii_lowercase().contains("_anon_")
}

fn by_certificate(suite: &SuiteRecord) -> bool {
    use Authentication::{Dss, Ecdsa, Rsa};
    matches!(suite.authentication, Rsa | Dss | Ecdsa)
}

fn ephemeral(suite: &SuiteRecord) -> bool {
    matches!(suite.key_exchange, KeyExchange::Dhe | KeyExchange::Ecdhe)
}

fn sound_cipher(suite: &SuiteRecord) -> bool {
    ["_AES_", "_CAMELLIA_", "_ARIA_", "_CHACHA20_"]
        .iter()
        .any(|name| suite.name.contains(name))
}

fn md5_mac(suite: &SuiteRecord) -> bool {
    suite.name.ends_with("_MD5") && !anonymous(suite)
}

fn rc2(suite: &SuiteRecord) -> bool {
    suite.name.contains("_RC2_") && !anonymous(suite)
}

fn idea(suite: &SuiteRecord) -> bool {
    suite.name.contains("_IDEA_") && !anonymous(suite)
}

fn seed(suite: &SuiteRecord) -> bool {
    suite.name.contains("_SEED_") && !anonymous(suite)
}

#[test]
fn weak_sets_are_their_properties() {
    holds("anon", anonymous);
    holds("ecdh_anon", |s| s.key_exchange == KeyExchange::EcdhAnon);
    let null = |s: &SuiteRecord| s.encryption_bits == 0 && s.mac != Mac::None;
    holds("null_enc", |s| {
        null(s) && !s.versions.contains(ProtocolVersion::Tls13)
    });
    holds("null_enc_tls13", |s| {
        null(s) && s.versions.contains(ProtocolVersion::Tls13)
    });
    holds("null_mac", |s| s.name == "TLS_NULL_WITH_NULL_NULL");
    holds("export", |s| s.name.contains("EXPORT") && !anonymous(s));
    holds("des56", |s| {
        s.name.contains("_DES_CBC_") && s.effective_bits == 56 && !s.export && !anonymous(s)
    });
    holds("rc4", |s| s.name.contains("_RC4_128_") && !anonymous(s));
    holds("3des", |s| s.name.contains("_3DES_EDE_") && !anonymous(s));
    holds("rc2", rc2);
    holds("idea", idea);
    holds("seed", seed);
    holds("md5_mac", md5_mac);
    holds("legacy_obscure", |s| {
        md5_mac(s) || rc2(s) || idea(s) || seed(s)
    });
}

#[test]
fn strong_sets_are_their_properties() {
    holds("no_pfs", |s| {
        by_certificate(s) && !s.forward_secrecy && sound_cipher(s)
    });
    holds("cbc_pfs", |s| {
        by_certificate(s) && ephemeral(s) && sound_cipher(s) && s.mode == CipherMode::Cbc
    });
    holds("aead_pfs", |s| {
        s.aead && (s.key_exchange == KeyExchange::Tls13 || by_certificate(s) && ephemeral(s))
    });
    holds("psk", |s| s.name.contains("PSK"));
    holds("psk_null_enc", |s| {
        s.name.contains("PSK") && s.encryption_bits == 0
    });
    holds("tls13", |s| (0x1301..=0x1305).contains(&s.code.0));
    holds("aes128_up", |s| {
        s.effective_bits >= 128 && s.mac != Mac::None && !anonymous(s) && !s.name.contains("PSK")
    });
    holds("scsv_only", |s| s.name.ends_with("_SCSV"));
}

#[test]
fn weak_key_sets_share_no_suite_with_sound_sets() {
    let registry = registry();
    let sets = sets(&registry);
    for weak in [
        "anon",
        "null_enc",
        "null_enc_tls13",
        "null_mac",
        "export",
        "des56",
        "3des",
    ] {
        for sound in ["aes128_up", "aead_pfs", "cbc_pfs", "no_pfs"] {
            let sound_members = sets.get(sound).unwrap();
            assert!(
                sets.get(weak)
                    .unwrap()
                    .iter()
                    .all(|s| !sound_members.contains(s)),
                "{weak} {sound}"
            );
        }
    }
}

#[test]
fn baseline_serves_old_and_new() {
    let registry = registry();
    let sets = sets(&registry);
    let baseline = sets.get("baseline").unwrap();
    for code in [
        0x1301, 0xC02B, 0xC02F, 0x009E, 0x003C, 0x002F, 0x000A, 0x0005,
    ] {
        assert!(baseline.contains(&CipherSuite(code)), "{code:04X}");
    }
    for weak in ["anon", "null_enc", "export", "des56", "psk"] {
        assert!(
            baseline
                .iter()
                .all(|suite| !sets.get(weak).unwrap().contains(suite))
        );
    }
}

#[test]
fn grease_is_rfc_8701() {
    let sets = sets(&registry());
    let codes: Vec<u16> = sets
        .get("grease")
        .unwrap()
        .iter()
        .map(|suite| suite.0)
        .collect();
    let expected: Vec<u16> = (0..16).map(|n| n * 0x1010 + 0x0A0A).collect();
    assert_eq!(codes, expected);
}

#[test]
fn registry_is_consistent_with_its_names() {
    for suite in registry().iter() {
        let name = &suite.name;
        assert!(suite.versions.minimum <= suite.versions.maximum, "{name}");
        assert_eq!(
            suite.encryption_bits == 0,
            suite.encryption == Encryption::Null,
            "{name}"
        );
        assert_eq!(suite.aead, suite.mac == Mac::Aead, "{name}");
        assert!(suite.effective_bits <= suite.encryption_bits, "{name}");
        for bits in [128, 256] {
            if name.contains(&format!("_{bits}_")) && !name.starts_with("TLS_GOST") {
                assert_eq!(suite.effective_bits, bits, "{name}");
            }
        }
        if suite.aead {
            assert!(suite.versions.minimum >= ProtocolVersion::Tls12, "{name}");
        }
        assert_eq!(
            suite.authentication == Authentication::Anonymous,
            anonymous(suite),
            "{name}"
        );
    }
    assert!(registry().iter().count() > 350);
}

/// Points the truth review found missing in hand-written lists.
#[test]
fn often_forgotten_points_are_there() {
    let registry = registry();
    let sets = sets(&registry);
    let forgotten = [
        (
            "anon",
            &[0xC046, 0xC047, 0xC05A, 0xC05B, 0xC084, 0xC085][..],
        ),
        ("export", &[0x0060, 0x0061, 0x0063, 0x0065, 0x0026, 0x002B]),
        ("rc4", &[0x0066, 0x0020, 0x0024]),
        ("null_enc_tls13", &[0xC0B4, 0xC0B5]),
    ];
    for (set, codes) in forgotten {
        for &code in codes {
            assert!(
                sets.get(set).unwrap().contains(&CipherSuite(code)),
                "{set} {code:04X}"
            );
        }
    }
}

#[test]
fn resolves_names_and_hex() {
    let registry = registry();
    assert_eq!(
        registry.resolve("TLS_RSA_WITH_AES_128_CBC_SHA"),
        Some(0x002F)
    );
    assert_eq!(registry.resolve("0x00FF"), Some(0x00FF));
    assert_eq!(registry.resolve("0A0A"), Some(0x0A0A));
    assert_eq!(registry.resolve("c02f"), Some(0xC02F));
    for bad in ["", "0x", "FF", "0x0FF", "+0FF", "AES", "0xC02F0"] {
        assert_eq!(registry.resolve(bad), None, "{bad}");
    }
    assert_eq!(registry.label(0x0A0A), "0x0A0A");
    let three = registry.by_name("TLS_RSA_WITH_3DES_EDE_CBC_SHA").unwrap();
    assert_eq!((three.encryption_bits, three.effective_bits), (168, 112));
}

#[test]
fn faults_in_the_data_are_named() {
    let registry = registry();
    let twice = vec![registry.by_code(5).unwrap().clone(); 2];
    assert_eq!(SuiteRegistry::new(twice).unwrap_err().code, CipherSuite(5));
    let names: SuiteSetNames = serde_yaml::from_str("rc4: [TLS_RC4]").unwrap();
    let error = names.resolve(&registry).unwrap_err().to_string();
    assert!(
        error.contains("`rc4`") && error.contains("`TLS_RC4`"),
        "{error}"
    );
    assert!(serde_yaml::from_str::<Vec<SuiteRecord>>("- { code: \"0x0001\", typo: 1 }").is_err());
}

#[test]
fn versions_round_trip() {
    for version in ProtocolVersion::ALL {
        assert_eq!(version.to_string().parse(), Ok(version));
        assert_eq!(ProtocolVersion::from_wire(version.wire()), Some(version));
        let json = serde_json::to_string(&version).unwrap();
        assert_eq!(json, format!("\"{version}\""));
        assert_eq!(
            serde_json::from_str::<ProtocolVersion>(&json).unwrap(),
            version
        );
    }
    assert!("TLS1.2".parse::<ProtocolVersion>().is_err());
    assert_eq!(ProtocolVersion::from_wire(0x7F1C), None);
}
