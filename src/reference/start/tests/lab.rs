//! Defects that the lab server serves: the handshake completes, and HTTP goes over it.

use super::*;
use crate::model::suite::SuiteRecord;
use crate::tls::client::{Client, ClientConfig, ServerSignature};
use crate::tls::entropy::Entropy;
use crate::tls::stream::TlsStream;
use crate::tls::suite::Suite;
use crate::wire::tls::key_exchange::KeyExchangeKind;

fn suites() -> Vec<Suite> {
    let text = include_str!("../../../../scenarios/sets/suites.yaml");
    let records: Vec<SuiteRecord> = serde_yaml::from_str(text).unwrap();
    records.iter().filter_map(Suite::of).collect()
}

async fn lab_reference(defect: &str) -> Reference {
    let now = Arc::new(|| datetime!(2026-06-01 12:00 UTC));
    let mut settings = ReferenceSettings::new(now, 7);
    settings.defects = [defect.parse().unwrap()].into();
    settings.suites = suites();
    Reference::start(settings).await.unwrap()
}

fn client_of(codes: &[u16]) -> ClientConfig {
    let all = suites();
    let suite = |code: &u16| {
        all.iter()
            .find(|suite| suite.code == *code)
            .unwrap()
            .clone()
    };
    let mut config = ClientConfig::new(codes.iter().map(suite).collect());
    config.server_name = Some(FIRST_HOST.to_owned());
    config
}

/// A handshake by the lab client and one request; the client and the status line.
async fn lab_visit(reference: &Reference, config: ClientConfig) -> (Client, String) {
    let stream = TcpStream::connect(reference.tls_address()).await.unwrap();
    let client = Client::new(config, Entropy::from_seed([5; 32]));
    let mut stream = TlsStream::connect(stream, client).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {FIRST_HOST}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default().to_owned();
    (stream.into_connection(), status)
}

#[tokio::test]
async fn weak_selections_serve_http() {
    for (defect, codes) in [
        ("selects-anonymous", &[0x0034, 0x003A][..]),
        ("selects-unencrypted", &[0x003B, 0x0002]),
        ("selects-one-unencrypted", &[0xC006]),
        ("selects-export", &[0x0003, 0x0006]),
        ("selects-des", &[0x0009, 0x0015]),
        ("selects-export-or-des", &[0x0009, 0x0003]),
        ("selects-3des", &[0x000A]),
        ("selects-rc4", &[0x0005]),
        ("selects-static-rsa", &[0x002F, 0x0035]),
        ("selects-cbc", &[0xC013]),
    ] {
        let reference = lab_reference(defect).await;
        let (client, status) = lab_visit(&reference, client_of(codes)).await;
        assert!(status.starts_with("HTTP/1.1 40"), "{defect}: {status}");
        assert_eq!(client.facts().suite, Some(codes[0]), "{defect}");
        reference.stop().await;
    }
}

/// Integrity-only suites of TLS 1.3 (RFC 9150): the document is there for everybody to read.
#[tokio::test]
async fn records_in_clear_serve_http_in_tls_1_3() {
    let reference = lab_reference("selects-integrity-only").await;
    for code in [0xC0B4, 0xC0B5] {
        let mut config = client_of(&[code]);
        (config.minimum, config.maximum) = (Version::Tls13, Version::Tls13);
        let (client, status) = lab_visit(&reference, config.clone()).await;
        assert!(status.starts_with("HTTP/1.1 40"), "{status}");
        let facts = client.facts();
        assert_eq!(facts.suite, Some(code));
        assert_eq!(facts.signature, ServerSignature::Right);
        // A ticket of it resumes, with the same suite.
        config.tls13.resume = vec![crate::tls::session::Tls13Offer {
            session: client.tickets()[0].clone(),
            age: Duration::ZERO,
        }];
        let (client, status) = lab_visit(&reference, config).await;
        assert!(status.starts_with("HTTP/1.1 40"), "{status}");
        assert!(client.facts().resumed.is_some());
    }
    reference.stop().await;
}

#[tokio::test]
async fn old_versions_weak_primes_and_weak_signatures_serve_http() {
    for (defect, version) in [
        ("speaks-ssl3", Version::Ssl3),
        ("speaks-tls10", Version::Tls10),
        ("speaks-tls11", Version::Tls11),
    ] {
        let reference = lab_reference(defect).await;
        let mut config = client_of(&[0x002F, 0xC009]);
        (config.minimum, config.maximum) = (version, version);
        let (client, status) = lab_visit(&reference, config).await;
        assert!(status.starts_with("HTTP/1.1 40"), "{defect}: {status}");
        assert_eq!(client.facts().version, Some(version));
        assert_eq!(
            client.facts().downgrade_sentinel,
            Some(DowngradeSentinel::ToTls11OrBelow)
        );
    }
    let reference = lab_reference("selects-export").await;
    let (client, _) = lab_visit(&reference, client_of(&[0x0006, 0x0003])).await;
    let exchange = client.facts().key_exchange.clone().unwrap();
    let short = matches!(
        exchange.kind,
        KeyExchangeKind::RsaExport {
            modulus_bits: 512,
            ..
        }
    );
    assert!(short && client.facts().signature == ServerSignature::Right);
    let reference = lab_reference("small-prime").await;
    let (client, _) = lab_visit(&reference, client_of(&[0x009E, 0x0033])).await;
    let exchange = client.facts().key_exchange.clone().unwrap();
    let small = matches!(
        exchange.kind,
        KeyExchangeKind::Dhe {
            prime_bits: 1024,
            ..
        }
    );
    assert!(small && client.facts().signature == ServerSignature::Right);
    let reference = lab_reference("weak-signature").await;
    let mut config = client_of(&[0xC02B]);
    config.signature_schemes = vec![0x0203];
    let (client, _) = lab_visit(&reference, config).await;
    assert_eq!(client.facts().signature, ServerSignature::Right);
}

#[tokio::test]
async fn a_lax_server_resumes_and_serves_as_a_conforming_one() {
    let reference = lab_reference("no-renegotiation-info").await;
    let mut config = client_of(&[0xC02C, 0xC02B]);
    config.maximum = Version::Tls12;
    let (client, status) = lab_visit(&reference, config.clone()).await;
    assert!(status.starts_with("HTTP/1.1 40"), "{status}");
    assert!(!client.facts().secure_renegotiation);
    assert_eq!(client.facts().suite, Some(0xC02C), "the client's order");
    config.resume = client.session().cloned();
    let (client, _) = lab_visit(&reference, config.clone()).await;
    assert!(client.facts().resumed.is_some());
    reference.clock().advance(DAY_AND_FIVE_MINUTES);
    let (client, _) = lab_visit(&reference, config).await;
    assert!(client.facts().resumed.is_none());
}
