//! Heartbeats of tlslite-ng, also such as say they are longer than they are, and what it makes of certificates.

use presec::model::suite::ProtocolVersion;
use presec::tls::client::{CertificateVerify, Client, ClientConfig, Facts, Heartbeat, Identity};
use presec::tls::entropy::Entropy;
use presec::tls::quirk::Quirk;
use presec::tls::stream::TlsStream;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::matrix::{chain, config, get, suite};
use crate::peer::Peer;
use crate::support::tlslite;

/// Octets of padding behind the payload of a heartbeat, RFC 6520 clause 4.
const PADDING: usize = 16;

const EACH: [(ProtocolVersion, &str); 4] = [
    (ProtocolVersion::Tls10, "TLS_RSA_WITH_RC4_128_SHA"),
    (ProtocolVersion::Tls11, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    (ProtocolVersion::Tls12, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    (ProtocolVersion::Tls12, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),
];

/// Asks for a document once the handshake is over: what came of it, and what the handshake showed.
fn ask(peer: &Peer, config: ClientConfig) -> (Result<[String; 2], String>, Facts) {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let stream = TcpStream::connect(peer.address).await.expect("it listens");
        let client = Client::new(config, Entropy::from_system().expect("randomness"));
        match TlsStream::connect(stream, client).await {
            Ok(mut stream) => {
                let answer = get(&mut stream, "/document").await;
                let answer = answer.map_err(|error| error.to_string());
                (answer, stream.client().facts().clone())
            }
            Err(failed) => (
                Err(failed.error.to_string()),
                failed.connection.facts().clone(),
            ),
        }
    })
}

/// What a heartbeat of four octets gets that says it has this many.
fn heartbeats(peer: &Peer, declared: u16) -> Vec<Vec<Heartbeat>> {
    let of = |(version, name): (ProtocolVersion, &str)| {
        let mut config = config(version, &suite(name));
        config.quirks = vec![
            Quirk::offer_heartbeat(),
            Quirk::heartbeat_request(b"beat", declared),
        ];
        let (answer, facts) = ask(peer, config);
        assert_eq!(answer.expect("it goes on")[0], "200", "{version} {name}");
        assert_eq!(facts.quirks, [1, 1]);
        assert_eq!(facts.heartbeat, Some(1), "it takes requests");
        facts.heartbeats
    };
    EACH.into_iter().map(of).collect()
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn heartbeats_are_answered_and_overlong_ones_are_not() {
    let Some(python) = tlslite() else {
        return;
    };
    let peer = Peer::tlslite(&python);
    let answer = |declared: usize| Heartbeat {
        kind: 2,
        declared,
        received: declared + PADDING,
    };
    for answers in heartbeats(&peer, 4) {
        assert_eq!(answers, [answer(4)]);
    }
    for answers in heartbeats(&peer, 400) {
        assert_eq!(answers, []);
    }
    let bleeding = Peer::tlslite_with(&python, &["--bleeding"]);
    for answers in heartbeats(&bleeding, 400) {
        assert_eq!(answers, [answer(400)]);
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn what_the_client_says_of_itself_is_verified() {
    let Some(python) = tlslite() else {
        return;
    };
    use CertificateVerify::{Omitted, Right, Wrong};
    let peer = Peer::tlslite(&python);
    let tls13 = (ProtocolVersion::Tls13, "TLS_AES_128_CCM_SHA256");
    for (version, name) in EACH.into_iter().chain([tls13]) {
        let of = |identity| {
            let mut config = config(version, &suite(name));
            config.identity = identity;
            ask(&peer, config).0
        };
        for own in ["client-rsa", "client-p256", "client-p384"] {
            let right = of(chain(&peer, own, Right)).expect("an answer");
            assert_eq!(right, ["200", "SUCCESS"], "{version} {name} {own}");
            for (verify, alert) in [(Wrong, "decrypt_error"), (Omitted, "unexpected_message")] {
                let why = of(chain(&peer, own, verify)).expect_err("a refusal");
                assert!(
                    why.contains(alert),
                    "{version} {name} {own} {verify:?}: {why}"
                );
            }
        }
        let empty = of(Identity::Empty).expect("an answer");
        assert_eq!(empty, ["200", "NONE"], "{version} {name}");
        let why = of(Identity::Omitted).expect_err("a refusal");
        assert!(
            why.contains("unexpected_message"),
            "{version} {name}: {why}"
        );
    }
}
