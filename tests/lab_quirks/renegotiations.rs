//! Renegotiation by either side with `openssl s_server` and `gnutls-serv`.

use std::time::Duration;

use presec::model::suite::ProtocolVersion;
use presec::tls::client::{
    CertificateVerify, Client, ClientConfig, HelloRequestAnswer, Identity, Initiator,
    RenegotiationOutcome,
};
use presec::tls::entropy::Entropy;
use presec::tls::quirk::{MessageAt, MessageChange, Quirk, Which};
use presec::tls::signature::PrivateKey;
use presec::tls::stream::TlsStream;
use presec::wire::tls::extension::code;
use presec::wire::tls::record::handshake_type;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::peer::{Answer, Peer};

/// The longest a peer may take.
const LIMIT: Duration = Duration::from_secs(10);
const SUITES: [&str; 2] = [
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
];

fn config(version: ProtocolVersion, suite: &str) -> ClientConfig {
    crate::matrix::config(version, &crate::matrix::suite(suite))
}

async fn connect(peer: &Peer, config: ClientConfig) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(peer.address).await.expect("it listens");
    let client = Client::new(config, Entropy::from_system().expect("randomness"));
    TlsStream::connect(stream, client)
        .await
        .expect("a handshake")
}

/// A line to the peer, and what comes back.
async fn ask(stream: &mut TlsStream<TcpStream>) -> std::io::Result<String> {
    stream.write_all(b"still there\n").await?;
    stream.flush().await?;
    line(stream).await
}

async fn line(stream: &mut TlsStream<TcpStream>) -> std::io::Result<String> {
    let mut line = String::new();
    timeout(LIMIT, BufReader::new(stream).read_line(&mut line)).await??;
    Ok(line)
}

/// Types a command at the peer's console and reads until a renegotiation ended, or the connection.
async fn command(
    peer: &mut Peer,
    letter: &str,
    stream: &mut TlsStream<TcpStream>,
) -> std::io::Result<()> {
    peer.type_in(letter);
    for _ in 0..100 {
        let mut nothing = [0; 1];
        match timeout(LIMIT / 100, stream.read(&mut nothing)).await {
            Ok(Err(error)) => return Err(error),
            Ok(Ok(count)) => assert_eq!((count, nothing[0]), (0, 0), "nothing was said"),
            Err(_) => {}
        }
        if !stream.client().facts().renegotiations.is_empty() {
            return Ok(());
        }
    }
    Err(std::io::ErrorKind::TimedOut.into())
}

/// What comes back for that line.
fn answer_of(peer: &Peer) -> &'static str {
    match peer.answer {
        Answer::Reversed => "ereht llits\n",
        _ => "still there\n",
    }
}

/// Both versions with both kinds of protection, where they go together.
fn each(check: impl Fn(ClientConfig)) {
    for (version, suite) in [
        (ProtocolVersion::Tls10, SUITES[0]),
        (ProtocolVersion::Tls12, SUITES[0]),
        (ProtocolVersion::Tls12, SUITES[1]),
    ] {
        check(config(version, suite));
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_client_renegotiates_where_the_server_lets_it() {
    let runtime = Runtime::new().expect("a runtime");
    for peer in [Peer::openssl(&["-client_renegotiation"]), Peer::gnutls()] {
        each(|config| {
            runtime.block_on(async {
                let mut stream = connect(&peer, config).await;
                for round in 1..=2 {
                    assert!(stream.renegotiate().await.expect("it goes on"));
                    let facts = stream.client().facts();
                    assert_eq!(facts.renegotiations.len(), round);
                    let last = facts.renegotiations.last().expect("one");
                    assert_eq!(last.initiator, Initiator::Client);
                    assert_eq!(last.outcome, RenegotiationOutcome::Completed);
                    assert!(last.facts.completed && last.facts.secure_renegotiation);
                    // Both verify data, in a vector.
                    let info = last.facts.renegotiation_info.as_ref().map(Vec::len);
                    assert_eq!(info, Some(25));
                    let said = ask(&mut stream).await.expect("an answer");
                    assert_eq!(said, answer_of(&peer));
                }
            });
        });
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_renegotiation_that_is_not_bound_to_the_connection_is_refused() {
    let runtime = Runtime::new().expect("a runtime");
    let peers = [Peer::openssl(&["-client_renegotiation"]), Peer::gnutls()];
    let second_hello = |change| Quirk::Message {
        at: MessageAt {
            kind: handshake_type::CLIENT_HELLO,
            which: Which::Nth(2),
        },
        change,
    };
    let wrong = MessageChange::Field {
        field: presec::tls::quirk::Field::Extension(code::RENEGOTIATION_INFO),
        value: [&[12][..], &[7; 12]].concat(),
    };
    for change in [
        MessageChange::RemoveExtension(code::RENEGOTIATION_INFO),
        MessageChange::EmptyExtension(code::RENEGOTIATION_INFO),
        wrong,
    ] {
        for peer in &peers {
            each(|mut config| {
                config.quirks = vec![second_hello(change.clone())];
                runtime.block_on(async {
                    let mut stream = connect(peer, config).await;
                    let error = stream.renegotiate().await.expect_err("RFC 5746 3.7");
                    let facts = stream.client().facts();
                    assert_eq!(facts.quirks, [1], "{change:?}");
                    assert!(facts.completed);
                    let last = facts.renegotiations.last().expect("one");
                    assert_eq!(last.outcome, RenegotiationOutcome::Failed, "{error}");
                    let error = error.to_string();
                    let expected = ["handshake_failure", "decode_error"];
                    assert!(
                        expected.iter().any(|alert| error.contains(alert)),
                        "{error}"
                    );
                });
            });
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_server_that_does_not_renegotiate_says_so_and_the_connection_goes_on() {
    let runtime = Runtime::new().expect("a runtime");
    let peer = Peer::openssl(&[]);
    each(|config| {
        runtime.block_on(async {
            let mut stream = connect(&peer, config).await;
            assert!(stream.renegotiate().await.expect("it goes on"));
            let facts = stream.client().facts().clone();
            assert_eq!(facts.renegotiations.len(), 1);
            assert_eq!(
                facts.renegotiations[0].outcome,
                RenegotiationOutcome::Refused
            );
            assert_eq!(facts.warnings.len(), 1, "no_renegotiation");
            assert_eq!(ask(&mut stream).await.expect("an answer"), "ereht llits\n");
        });
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_hello_request_is_answered_as_configured() {
    let runtime = Runtime::new().expect("a runtime");
    each(|mut config| {
        let mut peer = Peer::openssl_console(&[]);
        config.hello_request = HelloRequestAnswer::Renegotiate;
        runtime.block_on(async {
            let mut stream = connect(&peer, config).await;
            let renegotiated = command(&mut peer, "r", &mut stream).await;
            renegotiated.expect("it goes on");
            peer.type_in("said after it");
            let said = line(&mut stream).await.expect("a line");
            assert_eq!(said, "said after it\n");
            let facts = stream.client().facts();
            assert_eq!((facts.hello_requests, facts.renegotiations.len()), (1, 1));
            let done = &facts.renegotiations[0];
            assert_eq!(done.initiator, Initiator::Server);
            assert_eq!(done.outcome, RenegotiationOutcome::Completed);
            assert!(done.facts.secure_renegotiation);
        });
    });
    let mut peer = Peer::openssl_console(&[]);
    runtime.block_on(async {
        let mut stream = connect(&peer, config(ProtocolVersion::Tls12, SUITES[0])).await;
        // OpenSSL gives up on a client that does not renegotiate.
        let said = command(&mut peer, "r", &mut stream).await;
        let facts = stream.client().facts();
        assert_eq!((facts.hello_requests, facts.renegotiations.len()), (1, 0));
        let error = said.expect_err("the end of the connection");
        assert_ne!(error.kind(), std::io::ErrorKind::TimedOut);
    });
}

/// `gnutls-serv` asks for it when it reads a certain line.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_hello_request_of_gnutls_is_answered_as_configured() {
    let runtime = Runtime::new().expect("a runtime");
    let peer = Peer::gnutls();
    for (answer, renegotiations) in [
        (HelloRequestAnswer::Renegotiate, 1),
        (HelloRequestAnswer::Refuse, 0),
    ] {
        each(|mut config| {
            config.hello_request = answer;
            runtime.block_on(async {
                let mut stream = connect(&peer, config).await;
                let request = b"**REHANDSHAKE**\n";
                stream.write_all(request).await.expect("data");
                stream.flush().await.expect("data");
                let said = line(&mut stream).await.expect("a line");
                assert_eq!(said, "Successfully executed command\n");
                let said = ask(&mut stream).await;
                let facts = stream.client().facts();
                assert_eq!(facts.hello_requests, 1);
                assert_eq!(facts.renegotiations.len(), renegotiations);
                let Some(done) = facts.renegotiations.first() else {
                    // It ends the connection then, as OpenSSL does.
                    said.expect_err("the end of the connection");
                    return;
                };
                assert_eq!(said.expect("an answer"), "still there\n");
                assert_eq!(done.initiator, Initiator::Server);
                assert_eq!(done.outcome, RenegotiationOutcome::Completed);
                assert!(done.facts.secure_renegotiation);
            });
        });
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_certificate_is_asked_for_in_the_renegotiation_only() {
    let runtime = Runtime::new().expect("a runtime");
    for (verify, outcome) in [
        (CertificateVerify::Right, RenegotiationOutcome::Completed),
        (CertificateVerify::Wrong, RenegotiationOutcome::Failed),
    ] {
        let mut peer = Peer::openssl_console(&["-verify_return_error"]);
        let mut config = config(ProtocolVersion::Tls12, SUITES[1]);
        config.hello_request = HelloRequestAnswer::Renegotiate;
        config.identity = Identity::Chain {
            certificates: peer.certificates("client-rsa"),
            key: Box::new(PrivateKey::from_der(&peer.key("client-rsa")).expect("a key")),
            verify,
        };
        runtime.block_on(async {
            let mut stream = connect(&peer, config).await;
            assert_eq!(stream.client().facts().certificate_request, None);
            let said = command(&mut peer, "R", &mut stream).await;
            let facts = stream.client().facts();
            let done = &facts.renegotiations[0];
            assert_eq!(done.outcome, outcome, "{said:?}");
            assert!(done.facts.certificate_request.is_some());
            assert_eq!(said.is_ok(), verify == CertificateVerify::Right);
        });
    }
}
