use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use time::macros::datetime;

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
        roots: &[],
        now: datetime!(2026-06-01 0:00 UTC),
    };
    let facts = measure.facts(std::slice::from_ref(&certificate)).unwrap();
    assert!(!facts.root_configured);
    assert_eq!(facts.path_problem.as_deref(), Some("no root is configured"));
    assert_eq!(measure.facts(&[]), None);
    assert_eq!(
        measure.facts(&[CertificateDer::from(vec![0x30, 0x82])]),
        None
    );
}
