//! The whole target over sockets, spoken to by rustls, by raw hellos and by OpenSSL.

use std::io::ErrorKind;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion, version};
use time::macros::datetime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use super::*;
use crate::model::suite::ProtocolVersion as Version;
use crate::reference::certificates::FIRST_HOST;
use crate::wire::tls::flight::{FirstFlight, Progress};
use crate::wire::tls::offer::Offer;
use crate::wire::tls::server_hello::DowngradeSentinel;

mod canned;
mod lab;

const DAY_AND_FIVE_MINUTES: Duration = Duration::from_secs(24 * 3600 + 300);

async fn reference(defects: &[&str]) -> Reference {
    let now = Arc::new(|| datetime!(2026-06-01 12:00 UTC));
    let mut settings = ReferenceSettings::new(now, 7);
    settings.defects = defects.iter().map(|name| name.parse().unwrap()).collect();
    Reference::start(settings).await.unwrap()
}

/// A client whose clock stands still, so that it offers sessions however old the server finds them.
fn client(
    reference: &Reference,
    version: &'static SupportedProtocolVersion,
    tls12: Tls12Resumption,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(reference.authority_pem().as_bytes()).unwrap();
    roots.add(root).unwrap();
    let clock = VirtualClock::new(Arc::new(|| datetime!(2026-06-01 12:00 UTC)));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(clock))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(8).tls12_resumption(tls12);
    Arc::new(config)
}

/// One handshake and one request; the kind of handshake and the status line.
async fn visit(
    reference: &Reference,
    config: &Arc<ClientConfig>,
) -> std::io::Result<(HandshakeKind, String)> {
    let stream = TcpStream::connect(reference.tls_address()).await?;
    let name = ServerName::try_from(FIRST_HOST).unwrap();
    let mut stream = TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await?;
    let request = format!("GET / HTTP/1.1\r\nHost: {FIRST_HOST}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error),
        _ => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.lines().next().unwrap_or_default().to_owned();
    let kind = stream.get_ref().1.handshake_kind().unwrap();
    Ok((kind, status))
}

async fn kind(reference: &Reference, config: &Arc<ClientConfig>) -> HandshakeKind {
    let (kind, status) = visit(reference, config).await.unwrap();
    assert!(status.starts_with("HTTP/1.1 40"), "{status}");
    kind
}

/// Sends bytes and reads the first flight.
async fn first_flight(address: SocketAddr, bytes: &[u8]) -> FirstFlight {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut flight = FirstFlight::default();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return flight,
            Ok(count) => {
                if flight.feed(&buffer[..count]) == Progress::Done && flight.not_tls.is_none() {
                    return flight;
                }
            }
        }
    }
}

async fn offer(reference: &Reference, offer: &Offer) -> FirstFlight {
    first_flight(reference.tls_address(), &offer.encode([5; 32])).await
}

fn named(version: Version, suites: &[u16]) -> Offer {
    let mut offer = Offer::new(version, suites.to_vec());
    offer.server_name = Some(FIRST_HOST.to_owned());
    offer
}

fn alert(flight: &FirstFlight) -> Option<u8> {
    flight.fatal_alert().map(|alert| alert.description)
}

#[tokio::test]
async fn every_mechanism_resumes_for_a_day_and_no_longer() {
    let mechanisms = [
        (&version::TLS12, Tls12Resumption::SessionIdOnly),
        (&version::TLS12, Tls12Resumption::SessionIdOrTickets),
        (&version::TLS13, Tls12Resumption::Disabled),
    ];
    for (version, tls12) in mechanisms {
        let reference = reference(&[]).await;
        let config = client(&reference, version, tls12);
        assert_eq!(kind(&reference, &config).await, HandshakeKind::Full);
        assert_eq!(kind(&reference, &config).await, HandshakeKind::Resumed);
        // The control port moves the clock by what was asked for.
        let mut lever = TcpStream::connect(reference.control_address())
            .await
            .unwrap();
        let post = "POST /advance-clock?seconds=86700 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        lever.write_all(post.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        lever.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 204");
        assert_eq!(reference.clock().offset(), DAY_AND_FIVE_MINUTES);
        assert_eq!(kind(&reference, &config).await, HandshakeKind::Full);
        assert_eq!(kind(&reference, &config).await, HandshakeKind::Resumed);
        reference.stop().await;
    }
}

#[tokio::test]
async fn lifetime_and_resumption_defects_hit_their_mechanism_only() {
    let cases = [
        ("immortal-session-ids", [true, false, false]),
        ("immortal-tickets", [false, true, false]),
        ("immortal-psks", [false, false, true]),
    ];
    for (defect, outlives) in cases {
        let reference = reference(&[defect]).await;
        let configs = [
            client(&reference, &version::TLS12, Tls12Resumption::SessionIdOnly),
            client(
                &reference,
                &version::TLS12,
                Tls12Resumption::SessionIdOrTickets,
            ),
            client(&reference, &version::TLS13, Tls12Resumption::Disabled),
        ];
        for config in &configs {
            kind(&reference, config).await;
        }
        reference.clock().advance(DAY_AND_FIVE_MINUTES);
        for (config, outlives) in configs.iter().zip(outlives) {
            let resumed = kind(&reference, config).await == HandshakeKind::Resumed;
            assert_eq!(resumed, outlives, "{defect}");
        }
        reference.stop().await;
    }
    for (defect, resumes) in [
        ("no-resumption", [false, false]),
        ("no-resumption-up-to-tls12", [false, true]),
        ("no-resumption-in-tls13", [true, false]),
    ] {
        let reference = reference(&[defect]).await;
        for (version, resumes) in [&version::TLS12, &version::TLS13].into_iter().zip(resumes) {
            let config = client(&reference, version, Tls12Resumption::SessionIdOrTickets);
            kind(&reference, &config).await;
            let resumed = kind(&reference, &config).await == HandshakeKind::Resumed;
            assert_eq!(resumed, resumes, "{defect}");
        }
        reference.stop().await;
    }
}

#[tokio::test]
async fn a_conforming_front_refuses_what_it_should() {
    let reference = reference(&[]).await;
    let good = [0xC02B];
    for version in [Version::Ssl2, Version::Ssl3, Version::Tls10, Version::Tls11] {
        let flight = offer(&reference, &named(version, &[0xC009, 0x002F])).await;
        assert_eq!(alert(&flight), Some(70), "{version:?}");
    }
    let flight = offer(&reference, &named(Version::Tls12, &[0xC02B, 0x5600])).await;
    assert_eq!(alert(&flight), Some(86));
    let flight = offer(&reference, &named(Version::Tls12, &good)).await;
    let hello = flight.server_hello.unwrap();
    assert_eq!(hello.downgrade_sentinel(), Some(DowngradeSentinel::ToTls12));
    assert!(flight.certificate_request && !flight.certificates.is_empty());
    for record_version in [0x0300, 0x0301, 0x0303] {
        let mut offered = named(Version::Tls12, &good);
        offered.record_version = Some(record_version);
        assert!(offer(&reference, &offered).await.server_hello.is_some());
    }
    let mut offered = named(Version::Tls13, &[0x1301]);
    offered.grease = true;
    assert!(offer(&reference, &offered).await.server_hello.is_some());
    let mut offered = named(Version::Tls12, &good);
    offered.client_version = Some(0x0309);
    assert!(offer(&reference, &offered).await.server_hello.is_some());
    offered = named(Version::Tls12, &good);
    offered.server_name = Some("unknown.example.test".to_owned());
    assert!(offer(&reference, &offered).await.server_hello.is_some());
    for weak in [
        0x0000, 0x0034, 0x003B, 0x0003, 0x0009, 0x000A, 0x0005, 0x0A0A, 0x00FF,
    ] {
        let flight = offer(&reference, &named(Version::Tls12, &[weak])).await;
        assert!(flight.fatal_alert().is_some(), "{weak:04X}");
    }
    let clear = first_flight(
        reference.tls_address(),
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    let clear = tokio::time::timeout(Duration::from_millis(500), clear).await;
    // The connection stays open after the answer, so that there may be no end to wait for.
    assert!(clear.is_err() || clear.is_ok_and(|flight| flight.not_tls.is_some()));
    reference.stop().await;
}

#[tokio::test]
async fn version_and_certificate_request_defects_show() {
    let tls12 = named(Version::Tls12, &[0xC02B]);
    let tls13 = named(Version::Tls13, &[0x1301]);
    let reference_of = |defect| async move { reference(&[defect]).await };
    let broken = reference_of("refuses-tls12").await;
    assert_eq!(alert(&offer(&broken, &tls12).await), Some(70));
    assert!(offer(&broken, &tls13).await.server_hello.is_some());
    let broken = reference_of("refuses-tls13").await;
    assert_eq!(alert(&offer(&broken, &tls13).await), Some(70));
    let broken = reference_of("no-downgrade-marker").await;
    let hello = offer(&broken, &tls12).await.server_hello.unwrap();
    assert_eq!(hello.downgrade_sentinel(), None);
    let broken = reference_of("ignores-fallback-scsv").await;
    let flight = offer(&broken, &named(Version::Tls12, &[0xC02B, 0x5600])).await;
    assert!(flight.server_hello_done);
    let broken = reference_of("speaks-ssl2").await;
    let flight = offer(&broken, &named(Version::Ssl2, &[])).await;
    assert!(flight.sslv2_server_hello.is_some());
    let broken = reference_of("asks-for-no-certificate").await;
    assert!(!offer(&broken, &tls12).await.certificate_request);
    let broken = reference_of("serves-uncertified").await;
    let config = client(&broken, &version::TLS13, Tls12Resumption::Disabled);
    let (_, status) = visit(&broken, &config).await.unwrap();
    assert_eq!(status, "HTTP/1.1 200 OK");
    for defect in ["demands-client-certificate"] {
        let broken = reference_of(defect).await;
        assert!(offer(&broken, &tls12).await.server_hello_done, "{defect}");
        for version in [&version::TLS12, &version::TLS13] {
            let config = client(&broken, version, Tls12Resumption::Disabled);
            assert!(visit(&broken, &config).await.is_err(), "{defect}");
        }
    }
}

#[tokio::test]
async fn a_shaken_target_refuses_once_and_recovers() {
    let reference = reference(&["shaken-by-malformed"]).await;
    let usual = named(Version::Tls12, &[0xC02B]);
    let mut malformed = named(Version::Tls12, &[0xC02B]);
    malformed.quirks.odd_suites = true;
    offer(&reference, &malformed).await;
    for answered in [true, false, true] {
        let flight = offer(&reference, &usual).await;
        assert_eq!(flight.server_hello.is_some(), answered);
    }
    reference.stop().await;
}

#[tokio::test]
async fn every_topology_asks_for_credentials_and_serves_nothing_in_clear() {
    let now = Arc::new(|| datetime!(2026-06-01 12:00 UTC));
    let mut settings = ReferenceSettings::new(now, 7);
    let store = ReferenceStore::start(&settings).await.unwrap();
    let places = [
        (Topology::Ap, OriginPlace::Forward(store.address())),
        (Topology::Ap, OriginPlace::OwnStore),
        (Topology::Direct, OriginPlace::OwnStore),
    ];
    for (topology, origin) in places {
        (settings.topology, settings.origin) = (topology, origin);
        let reference = Reference::start(settings.clone()).await.unwrap();
        let own = (topology, origin) == (Topology::Ap, OriginPlace::OwnStore);
        assert_eq!(reference.store_address().is_some(), own);
        let config = client(&reference, &version::TLS13, Tls12Resumption::Disabled);
        let (_, status) = visit(&reference, &config).await.unwrap();
        assert_eq!(status, "HTTP/1.1 401 Unauthorized");
        let mut clear = TcpStream::connect(reference.clear_address()).await.unwrap();
        let get = format!("GET / HTTP/1.1\r\nHost: {FIRST_HOST}\r\n\r\n");
        clear.write_all(get.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        clear.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 403");
        reference.stop().await;
    }
    store.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_one_clear_error() {
    let first = reference(&[]).await;
    let now = Arc::new(|| datetime!(2026-06-01 12:00 UTC));
    let mut settings = ReferenceSettings::new(now, 7);
    settings.listen.tls = first.tls_address().port();
    let error = Reference::start(settings).await.unwrap_err();
    let expected = format!("cannot listen on {} for TLS: ", first.tls_address());
    assert!(error.to_string().starts_with(&expected));
    first.stop().await;
}

/// OpenSSL's view.
fn openssl(reference: &Reference, arguments: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-servername", FIRST_HOST, "-connect"])
        .arg(reference.tls_address().to_string())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs servers that are not ours: ci/test"]
async fn openssl_agrees() {
    let conforming = reference(&[]).await;
    for (arguments, seen) in [
        (&["-tls1_2"][..], "Cipher    : ECDHE-ECDSA"),
        (
            &["-tls1_3"][..],
            "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384",
        ),
        (&["-fallback_scsv", "-tls1_2"][..], "inappropriate fallback"),
        (&["-tls1_2", "-reconnect"][..], "Reused, TLSv1.2"),
        (
            &["-tls1_2", "-reconnect", "-no_ticket"][..],
            "Reused, TLSv1.2",
        ),
        (
            &["-tls1_2", "-cipher", "NULL-SHA256:@SECLEVEL=0"][..],
            "handshake failure",
        ),
    ] {
        let text = openssl(&conforming, arguments);
        assert!(text.contains(seen), "{arguments:?}\n{text}");
    }
    let cases: [(&str, &[&str], &str); 4] = [
        (
            "selects-one-anonymous",
            &["-tls1_2", "-cipher", "ADH-AES256-SHA:@SECLEVEL=0"],
            "Cipher is ADH-AES256-SHA",
        ),
        (
            "selects-elliptic-anonymous",
            &["-tls1_2", "-cipher", "AECDH:@SECLEVEL=0"],
            "Cipher is AECDH-AES128-SHA",
        ),
        // The suite fits the key of the certificate; only the signature is filler.
        (
            "selects-one-unencrypted",
            &["-tls1_2", "-cipher", "ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"],
            "bad signature",
        ),
        (
            "speaks-tls10",
            &["-tls1", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
            "bad signature",
        ),
    ];
    for (defect, arguments, seen) in cases {
        let refused = openssl(&conforming, arguments);
        assert!(!refused.contains(seen), "{defect}\n{refused}");
        let broken = reference(&[defect]).await;
        let text = openssl(&broken, arguments);
        assert!(text.contains(seen), "{defect}\n{text}");
        broken.stop().await;
    }
    conforming.stop().await;
}
