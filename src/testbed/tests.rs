//! The origin over sockets, asked by bytes that neither hyper nor our own client wrote.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::engine::ports::Testbed as _;

async fn start(settings: OriginSettings) -> OriginServer {
    OriginServer::start(OriginSettings {
        listen: "127.0.0.1:0".to_owned(),
        ..settings
    })
    .await
    .expect("origin")
}

async fn ask(origin: &OriginServer, request: &str) -> String {
    let mut stream = TcpStream::connect(origin.address())
        .await
        .expect("connection");
    stream.write_all(request.as_bytes()).await.expect("request");
    let mut answer = Vec::new();
    // The origin may reset after an answer to a request it did not read to its end.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: as.example.test\r\nConnection: close\r\n{fields}\r\n")
}

#[tokio::test]
async fn requests_are_counted_by_marker_and_answered() {
    let origin = start(OriginSettings {
        response_headers: vec![("Set-Cookie".to_owned(), "as=1".to_owned())],
        redirects: BTreeMap::from([("/away".to_owned(), "http://other.test/".to_owned())]),
        ..OriginSettings::default()
    })
    .await;
    let fields = "X-Presec-Marker: m-1\r\nX-3GPP-Asserted-Identity: \"sip:a@x\", \"sip:b@x\"\r\n";
    let answer = ask(&origin, &get("/pres-rules/users/a/index", fields)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("application/auth-policy+xml") && answer.contains("set-cookie: as=1"));
    let agent = "User-Agent: presec/0.1.0 presec-marker/m-2\r\n";
    let away = ask(&origin, &get("/away", agent)).await;
    assert!(away.starts_with("HTTP/1.1 302") && away.contains("location: http://other.test/"));
    ask(&origin, &get("/", "")).await;
    let facts = origin.received("m-1");
    assert_eq!(facts.requests, 1);
    assert_eq!(facts.asserted_identities, ["sip:a@x", "sip:b@x"]);
    assert!(facts.header_names.contains(&"x-presec-marker".to_owned()));
    assert!(origin.arrived("m-2", Duration::ZERO).await);
    assert_eq!(origin.unmarked(), 1);
    origin.stop().await;
    assert!(TcpStream::connect(origin.address()).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let origin = start(OriginSettings::default()).await;
    let again = OriginServer::start(OriginSettings {
        listen: origin.address().to_string(),
        ..OriginSettings::default()
    })
    .await;
    let error = again.expect_err("taken").to_string();
    assert!(error.contains(&origin.address().to_string()), "{error}");
    assert!(error.contains("in use"), "{error}");
}

#[tokio::test]
async fn forwarding_passes_through_and_keeps_the_marker() {
    let real = start(OriginSettings {
        response_headers: vec![("X-Real".to_owned(), "yes".to_owned())],
        ..OriginSettings::default()
    })
    .await;
    let tap = start(OriginSettings {
        forward_to: Some(format!("http://{}", real.address())),
        ..OriginSettings::default()
    })
    .await;
    let fields = "X-Presec-Marker: m\r\nKeep-Alive: timeout=5\r\n";
    let answer = ask(&tap, &get("/xcap-caps/global/index", fields)).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("x-real: yes"),
        "{answer}"
    );
    assert!(answer.contains("<auid>pres-rules</auid>"));
    assert_eq!(tap.received("m").requests, 1);
    let facts = real.received("m");
    assert_eq!(facts.requests, 1);
    assert!(!facts.header_names.contains(&"keep-alive".to_owned()));
    real.stop().await;
    let gone = ask(&tap, &get("/", "")).await;
    assert!(gone.starts_with("HTTP/1.1 502"), "{gone}");
}

#[tokio::test]
async fn hostile_requests_end_in_an_error_and_the_origin_lives() {
    let origin = start(OriginSettings::default()).await;
    let long = format!("X-Long: {}\r\n", "a".repeat(200 * 1024));
    assert!(
        !ask(&origin, &get("/", &long))
            .await
            .starts_with("HTTP/1.1 200")
    );
    let body =
        "PUT /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n";
    assert!(ask(&origin, body).await.starts_with("HTTP/1.1 413"));
    assert!(
        !ask(&origin, "\0\0\0 garbage\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(
        ask(&origin, &get("/", ""))
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn the_leg_behind_the_proxy_may_be_tls() {
    let certified = rcgen::generate_simple_self_signed(vec!["as.example.test".to_owned()])
        .expect("certificate");
    let origin = start(OriginSettings {
        tls: Some(OriginTls {
            certificate: certified.cert.pem().into_bytes(),
            key: certified.signing_key.serialize_pem().into_bytes(),
        }),
        ..OriginSettings::default()
    })
    .await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certified.cert.der().clone()).expect("root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(origin.address()).await.expect("TCP");
    let name = rustls_pki_types::ServerName::try_from("as.example.test").expect("name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.expect("TLS");
    let request = get("/", "X-Presec-Marker: m\r\n");
    stream.write_all(request.as_bytes()).await.expect("request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answer");
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(origin.received("m").requests, 1);
    let broken = OriginServer::start(OriginSettings {
        listen: "127.0.0.1:0".to_owned(),
        tls: Some(OriginTls {
            certificate: b"no".to_vec(),
            key: b"no".to_vec(),
        }),
        ..OriginSettings::default()
    })
    .await;
    assert!(matches!(broken, Err(OriginError::Tls(_))));
}
