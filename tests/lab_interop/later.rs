//! Certificates of ours that httpd wants for one directory alone, and asks for when that is asked for: by renegotiation up to
//! TLS 1.2, after the handshake in TLS 1.3, which tlslite-ng does too. And one that wants them of everybody.

use std::net::SocketAddr;
use std::time::Duration;

use presec::model::suite::ProtocolVersion;
use presec::tls::client::{
    CertificateVerify, Client, ClientConfig, Facts, HelloRequestAnswer, Identity, Initiator,
    RenegotiationOutcome,
};
use presec::tls::entropy::Entropy;
use presec::tls::quirk::{MessageAt, MessageChange, Quirk, Which};
use presec::tls::session::{Mechanism, Session};
use presec::tls::stream::TlsStream;
use presec::wire::tls::extension::code;
use presec::wire::tls::record::handshake_type;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::matrix::{chain, get, suite};
use crate::peer::Peer;
use crate::support::tlslite;

/// The longest a conversation may take.
const LIMIT: Duration = Duration::from_secs(20);
const REQUIRED: &str = "/required/document";
const NOTHING: [[&str; 2]; 0] = [];
const ASKED: &str = "/asked/document";

const UP_TO_TLS12: [(ProtocolVersion, &str); 4] = [
    (ProtocolVersion::Tls10, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (ProtocolVersion::Tls11, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    (
        ProtocolVersion::Tls12,
        "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    (
        ProtocolVersion::Tls12,
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    ),
];

fn config(version: ProtocolVersion, name: &str, identity: Identity) -> ClientConfig {
    let mut config = crate::matrix::config(version, &suite(name));
    config.hello_request = HelloRequestAnswer::Renegotiate;
    config.tls13.post_handshake_auth = true;
    config.identity = identity;
    config
}

/// What became of a conversation.
struct Heard {
    /// Status and what our certificate was worth, of each request.
    answers: Vec<[String; 2]>,
    /// Why it ended early.
    error: Option<String>,
    facts: Facts,
    session: Option<Session>,
}

impl Heard {
    fn answers(&self) -> Vec<[&str; 2]> {
        let answers = self.answers.iter();
        answers.map(|[status, worth]| [&**status, worth]).collect()
    }

    fn ended_with(&self, alert: &str) -> bool {
        let expected = format!("alert fatal {alert} ");
        let error = self.error.as_ref();
        error.is_some_and(|error| error.starts_with(&expected))
    }
}

/// What no server takes of a client, and the alert it gets.
fn bad_identities(peer: &Peer, version: ProtocolVersion) -> [(Identity, &'static str); 6] {
    use CertificateVerify::{Omitted, Right, Wrong};
    // RFC 8446 clause 4.4.2.4, RFC 5246 clause 7.4.6.
    let without = if version == ProtocolVersion::Tls13 {
        "certificate_required"
    } else {
        "handshake_failure"
    };
    [
        (Identity::Empty, without),
        (Identity::Omitted, "unexpected_message"),
        (chain(peer, "client-rogue", Right), "unknown_ca"),
        (chain(peer, "client-expired", Right), "certificate_expired"),
        (chain(peer, "client-p256", Wrong), "decrypt_error"),
        (chain(peer, "client-p256", Omitted), "unexpected_message"),
    ]
}

/// Asks for documents over one connection.
fn ask(address: SocketAddr, config: ClientConfig, paths: &[&str]) -> Heard {
    let runtime = Runtime::new().expect("a runtime");
    let conversation = async {
        let stream = TcpStream::connect(address).await.expect("it listens");
        let client = Client::new(config, Entropy::from_system().expect("randomness"));
        let heard = |answers, error: Option<std::io::Error>, client: &Client| Heard {
            answers,
            error: error.map(|error| error.to_string()),
            facts: client.facts().clone(),
            session: client.session().cloned(),
        };
        let mut stream = match TlsStream::connect(stream, client).await {
            Ok(stream) => stream,
            Err(failed) => return heard(Vec::new(), Some(failed.error), &failed.connection),
        };
        let mut answers = Vec::new();
        let mut error = None;
        for path in paths {
            match get(&mut stream, path).await {
                Ok(answer) => answers.push(answer),
                Err(why) => {
                    error = Some(why);
                    break;
                }
            }
        }
        // Who was refused may be cut off.
        let _ = stream.shutdown().await;
        heard(answers, error, stream.client())
    };
    runtime
        .block_on(async { timeout(LIMIT, conversation).await })
        .expect("an end within the time")
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_renegotiates_for_a_certificate() {
    let peer = Peer::httpd();
    let later = peer.at("later");
    for (version, name) in UP_TO_TLS12 {
        let own = || chain(&peer, "client-p256", CertificateVerify::Right);
        let paths = ["/document", REQUIRED, REQUIRED, "/document"];
        let heard = ask(later, config(version, name, own()), &paths);
        let success = ["200", "SUCCESS"];
        let answers = heard.answers();
        let expected = [["200", "NONE"], success, success, success];
        assert_eq!(answers, expected, "{version} {:?}", heard.error);
        let facts = &heard.facts;
        assert!(facts.certificate_request.is_none(), "the first handshake");
        assert_eq!((facts.hello_requests, facts.renegotiations.len()), (1, 1));
        let done = &facts.renegotiations[0];
        assert_eq!(done.initiator, Initiator::Server);
        assert_eq!(done.outcome, RenegotiationOutcome::Completed);
        assert!(done.facts.secure_renegotiation && done.facts.certificate_request.is_some());
        // A resumed connection is renegotiated like any other.
        for mechanism in [Mechanism::Ticket, Mechanism::SessionId] {
            let mut first = config(version, name, Identity::Empty);
            first.tickets = mechanism == Mechanism::Ticket;
            let mut again = first.clone();
            again.resume = ask(later, first, &["/document"]).session;
            again.identity = own();
            let heard = ask(later, again, &["/document", REQUIRED]);
            assert_eq!(heard.facts.resumed, Some(mechanism), "{version}");
            let expected = [["200", "NONE"], success];
            assert_eq!(heard.answers(), expected, "{version} {:?}", heard.error);
            assert_eq!(heard.facts.renegotiations.len(), 1);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_refuses_who_has_no_certificate_when_it_renegotiates() {
    let peer = Peer::httpd();
    let later = peer.at("later");
    for (version, name) in UP_TO_TLS12 {
        let heard = ask(later, config(version, name, Identity::Empty), &[ASKED]);
        let optional = [["200", "NONE"]];
        assert_eq!(heard.answers(), optional, "{version} {:?}", heard.error);
        assert_eq!(heard.facts.renegotiations.len(), 1);

        for (identity, alert) in bad_identities(&peer, version) {
            let heard = ask(
                later,
                config(version, name, identity),
                &["/document", REQUIRED],
            );
            assert_eq!(heard.answers(), [["200", "NONE"]], "{version} {alert}");
            assert!(
                heard.ended_with(alert),
                "{version} {alert}: {:?}",
                heard.error
            );
            let outcome = heard.facts.renegotiations.first().map(|done| done.outcome);
            assert_eq!(
                outcome,
                Some(RenegotiationOutcome::Failed),
                "{version} {alert}"
            );
        }
        let mut unwilling = config(version, name, Identity::Empty);
        unwilling.hello_request = HelloRequestAnswer::Refuse;
        let heard = ask(later, unwilling, &["/document", REQUIRED]);
        assert_eq!(heard.answers(), [["200", "NONE"]], "{version}");
        assert!(
            heard.ended_with("handshake_failure"),
            "{version} {:?}",
            heard.error
        );
        assert_eq!(
            (heard.facts.hello_requests, heard.facts.renegotiations.len()),
            (1, 0)
        );
    }
}

/// A client from before RFC 5746. httpd takes up no renegotiation of a client, so that what `SSLInsecureRenegotiation` lets it do
/// is seen only where httpd itself wants one.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_renegotiates_unbound_only_when_told_to() {
    for (peer, insecure) in [(Peer::httpd(), false), (Peer::httpd_insecure(), true)] {
        for (version, name) in UP_TO_TLS12 {
            let own = chain(&peer, "client-p256", CertificateVerify::Right);
            let mut config = config(version, name, own);
            let without = |which| Quirk::Message {
                at: MessageAt {
                    kind: handshake_type::CLIENT_HELLO,
                    which,
                },
                change: MessageChange::RemoveExtension(code::RENEGOTIATION_INFO),
            };
            config.quirks = vec![without(Which::FIRST), without(Which::Nth(2))];
            let heard = ask(peer.at("later"), config, &[REQUIRED]);
            let [renegotiation] = &*heard.facts.renegotiations else {
                panic!("{version} {:?}", heard.error);
            };
            if insecure {
                assert_eq!(heard.answers(), [["200", "SUCCESS"]], "{version}");
                assert!(!renegotiation.facts.secure_renegotiation);
            } else {
                assert_eq!(heard.answers(), NOTHING, "{version}");
                assert!(heard.ended_with("handshake_failure"), "{:?}", heard.error);
            }
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_asks_for_a_certificate_after_the_handshake() {
    let peer = Peer::httpd();
    let later = peer.at("later");
    for name in ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] {
        let of = |identity| config(ProtocolVersion::Tls13, name, identity);
        let own = chain(&peer, "client-p256", CertificateVerify::Right);
        let paths = ["/document", REQUIRED, REQUIRED];
        let heard = ask(later, of(own), &paths);
        let success = ["200", "SUCCESS"];
        assert_eq!(
            heard.answers(),
            [["200", "NONE"], success, success],
            "{:?}",
            heard.error
        );
        let facts = &heard.facts;
        assert_eq!(facts.tls13.post_handshake_requests, 1);

        let heard = ask(later, of(Identity::Empty), &[ASKED]);
        assert_eq!(heard.answers(), [["200", "NONE"]], "{:?}", heard.error);
        assert_eq!(heard.facts.tls13.post_handshake_requests, 1);

        let mut without = of(Identity::Empty);
        without.tls13.post_handshake_auth = false;
        let heard = ask(later, without, &[REQUIRED]);
        assert_eq!(heard.answers(), [["403", "NONE"]], "{:?}", heard.error);
        for (identity, alert) in bad_identities(&peer, ProtocolVersion::Tls13) {
            let heard = ask(later, of(identity), &["/document", REQUIRED]);
            assert_eq!(heard.answers(), [["200", "NONE"]], "{alert}");
            assert!(heard.ended_with(alert), "{alert}: {:?}", heard.error);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tlslite_asks_for_a_certificate_after_the_handshake() {
    let Some(python) = tlslite() else {
        return;
    };
    let peer = Peer::tlslite(&python);
    let later = peer.at("later");
    for name in ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_8_SHA256"] {
        let of = |identity| config(ProtocolVersion::Tls13, name, identity);
        for own in ["client-rsa", "client-p256", "client-p384"] {
            let own = |verify| of(chain(&peer, own, verify));
            let paths = ["/document", REQUIRED, REQUIRED];
            let heard = ask(later, own(CertificateVerify::Right), &paths);
            let success = ["200", "SUCCESS"];
            let expected = [["200", "NONE"], success, success];
            assert_eq!(heard.answers(), expected, "{:?}", heard.error);
            assert_eq!(heard.facts.tls13.post_handshake_requests, 1);
            let heard = ask(later, own(CertificateVerify::Wrong), &paths);
            assert!(heard.ended_with("decrypt_error"), "{:?}", heard.error);
        }
        let heard = ask(later, of(Identity::Empty), &[REQUIRED]);
        assert_eq!(heard.answers(), [["200", "NONE"]], "{:?}", heard.error);
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_that_insists_refuses_at_the_handshake() {
    let peer = Peer::httpd();
    let insists = peer.at("insists");
    let tls13 = (ProtocolVersion::Tls13, "TLS_AES_256_GCM_SHA384");
    for (version, name) in UP_TO_TLS12.into_iter().chain([tls13]) {
        let of = |identity| ask(insists, config(version, name, identity), &["/document"]);
        let heard = of(chain(&peer, "client-p256", CertificateVerify::Right));
        let expected = [["200", "SUCCESS"]];
        assert_eq!(heard.answers(), expected, "{version} {:?}", heard.error);
        for (identity, alert) in bad_identities(&peer, version) {
            let heard = of(identity);
            assert_eq!(heard.answers(), NOTHING, "{version} {alert}");
            assert!(
                heard.ended_with(alert),
                "{version} {alert}: {:?}",
                heard.error
            );
        }
    }
}
