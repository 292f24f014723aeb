//! A second handshake on the connection, whoever begins it.

use std::sync::Arc;

use super::super::{ClientCertificates, Laxity, Possession, ServerConfig};
use super::parties::{Talk, client_config, client_identity, server_config, talk};
use crate::tls::client::{ClientConfig, HelloRequestAnswer, Identity, RenegotiationOutcome};
use crate::tls::quirk::{MessageAt, MessageChange, Quirk, Which};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::code;
use crate::wire::tls::record::handshake_type;

const RSA: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
const NO_RENEGOTIATION: u8 = 100;

fn open(client: ClientConfig, server: ServerConfig) -> Talk {
    let mut talk = talk(client, &Arc::new(server));
    assert!(
        talk.is_open(),
        "{:?} {:?}",
        talk.client_said,
        talk.server_said
    );
    talk.carries_data();
    talk
}

/// Leaves renegotiation_info out of the second hello.
fn unbound() -> Quirk {
    Quirk::Message {
        at: MessageAt {
            kind: handshake_type::CLIENT_HELLO,
            which: Which::Nth(2),
        },
        change: MessageChange::RemoveExtension(code::RENEGOTIATION_INFO),
    }
}

/// What became of a renegotiation that the client began.
fn by_client(server: ServerConfig, quirks: Vec<Quirk>) -> (Talk, Option<RenegotiationOutcome>) {
    let mut client = client_config(&[RSA]);
    client.quirks = quirks;
    let mut talk = open(client, server);
    assert!(talk.client.renegotiate());
    talk.go_on();
    let outcome = talk.client.facts().renegotiations.first();
    let outcome = outcome.map(|renegotiation| renegotiation.outcome);
    (talk, outcome)
}

#[test]
fn the_client_renegotiates_where_it_may() {
    let (mut talk, outcome) = by_client(server_config(), Vec::new());
    assert_eq!(outcome, Some(RenegotiationOutcome::Refused));
    assert_eq!(talk.server.facts().renegotiations, 0);
    talk.carries_data();

    let mut willing = server_config();
    willing.renegotiation = true;
    let (mut talk, outcome) = by_client(willing.clone(), Vec::new());
    assert_eq!(outcome, Some(RenegotiationOutcome::Completed));
    assert_eq!(talk.server.facts().renegotiations, 1);
    assert!(
        talk.client.facts().renegotiations[0]
            .facts
            .secure_renegotiation
    );
    talk.carries_data();

    let (talk, outcome) = by_client(willing.clone(), vec![unbound()]);
    assert_eq!(outcome, Some(RenegotiationOutcome::Failed));
    let why = talk.server_said.unwrap_err().to_string();
    assert!(why.contains("not bound"), "{why}");

    willing.laxities.insert(Laxity::InsecureRenegotiation);
    let (mut talk, outcome) = by_client(willing, vec![unbound()]);
    assert_eq!(outcome, Some(RenegotiationOutcome::Completed));
    assert!(!talk.server.facts().secure_renegotiation);
    talk.carries_data();
}

#[test]
fn the_server_asks_and_the_client_answers_as_it_likes() {
    let answers = |answer| {
        let mut client = client_config(&[RSA]);
        client.hello_request = answer;
        let mut talk = open(client, server_config());
        talk.server.request_renegotiation();
        talk.go_on();
        talk.carries_data();
        talk.server.facts().clone()
    };
    let refused = answers(HelloRequestAnswer::Refuse);
    assert_eq!(refused.renegotiations, 0);
    assert_eq!(refused.warnings, [Alert::warning(NO_RENEGOTIATION)]);
    let ignored = answers(HelloRequestAnswer::Ignore);
    assert_eq!((ignored.renegotiations, ignored.warnings), (0, Vec::new()));
    // Although the client may not begin one itself.
    let done = answers(HelloRequestAnswer::Renegotiate);
    assert_eq!((done.renegotiations, done.warnings), (1, Vec::new()));
}

#[test]
fn a_certificate_may_be_asked_for_in_the_second_handshake_alone() {
    let ask = |identity: Identity| {
        let mut config = server_config();
        config.renegotiated_certificates = ClientCertificates::Required;
        let mut client = client_config(&[RSA]);
        (client.hello_request, client.identity) = (HelloRequestAnswer::Renegotiate, identity);
        let mut talk = open(client, config);
        let first = talk.server.facts();
        assert!(!first.certificate_requested && first.certificates.is_empty());
        talk.server.request_renegotiation();
        talk.go_on();
        talk
    };
    let mut talk = ask(client_identity("p256"));
    let facts = talk.server.facts();
    assert_eq!(
        (facts.renegotiations, &facts.possession),
        (1, &Possession::Right)
    );
    assert_eq!(facts.certificates.len(), 1);
    talk.carries_data();
    let talk = ask(Identity::Empty);
    assert_eq!(talk.server.facts().renegotiations, 0);
    let why = talk.client_said.unwrap_err().to_string();
    assert!(why.contains("handshake_failure"), "{why}");
}

#[test]
fn a_client_cannot_renegotiate_for_ever() {
    let mut config = server_config();
    config.renegotiation = true;
    let mut talk = open(client_config(&[RSA]), config);
    for _ in 0..16 {
        assert!(talk.client.renegotiate());
        talk.go_on();
    }
    assert_eq!(talk.server.facts().renegotiations, 16);
    assert!(talk.client.renegotiate());
    talk.go_on();
    let why = talk.server_said.unwrap_err().to_string();
    assert!(why.contains("more than 16"), "{why}");
}
