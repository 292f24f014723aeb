//! Tickets of TLS 1.3 with our own client.

use std::sync::Arc;

use super::super::ServerConfig;
use super::parties::{
    Memory, SUITES_13, Talk, client_config_13, client_identity, offer, server_config_13, talk,
};
use crate::tls::client::ClientConfig;
use crate::tls::session::Tls13Session;

const AES: &str = SUITES_13[0];

fn open(client: ClientConfig, server: &Arc<ServerConfig>) -> Talk {
    let talk = talk(client, server);
    assert!(
        talk.is_open(),
        "{:?} {:?}",
        talk.client_said,
        talk.server_said
    );
    talk
}

fn tickets(server: &Arc<ServerConfig>) -> Vec<Tls13Session> {
    open(client_config_13(&[AES]), server)
        .client
        .tickets()
        .to_vec()
}

fn resumed(server: &Arc<ServerConfig>, ticket: &Tls13Session) -> bool {
    let mut client = client_config_13(&[AES]);
    client.tls13.resume = vec![offer(ticket, 1)];
    open(client, server).server.facts().resumed.is_some()
}

#[test]
fn tickets_are_as_many_and_as_long_lived_as_configured() {
    for (count, lifetime, said) in [
        (0, 7200, None),
        (1, 7200, Some(7200)),
        (5, 604_801, Some(604_800)),
        (99, 0, Some(0)),
    ] {
        let mut config = server_config_13();
        (config.tls13.tickets, config.ticket_lifetime) = (count, lifetime);
        let tickets = tickets(&Arc::new(config));
        assert_eq!(tickets.len(), count.min(16));
        assert_eq!(tickets.first().map(|ticket| ticket.lifetime), said);
    }
    let mut config = server_config_13();
    config.tickets = false;
    assert!(tickets(&Arc::new(config)).is_empty());
    let mut config = server_config_13();
    config.sessions = None;
    assert!(tickets(&Arc::new(config)).is_empty());
    // Whoever says no mode could do nothing with one.
    let mut client = client_config_13(&[AES]);
    client.tls13.psk_modes = Vec::new();
    let talk = open(client, &Arc::new(server_config_13()));
    assert!(talk.client.tickets().is_empty());
}

#[test]
fn a_session_is_resumed_only_where_it_belongs() {
    let server = Arc::new(server_config_13());
    let ticket = tickets(&server).remove(0);
    let with = |change: &dyn Fn(&mut ClientConfig)| {
        let mut client = client_config_13(&[AES]);
        client.tls13.resume = vec![offer(&ticket, 1)];
        change(&mut client);
        open(client, &server).server.facts().resumed.is_some()
    };
    assert!(with(&|_| {}));
    // The hash is what counts, not the suite (RFC 8446 4.2.11).
    let suites = |names: &[&str]| client_config_13(names).suites;
    assert!(with(&|client| client.suites = suites(&[SUITES_13[2]])));
    assert!(!with(&|client| client.suites = suites(&[SUITES_13[1]])));
    assert!(!with(
        &|client| client.server_name = Some("other.test".to_owned())
    ));
    assert!(!with(&|client| client.server_name = None));
    let mut other = server_config_13();
    other.suites.retain(|suite| suite.code != 0x1301);
    let mut client = client_config_13(&[AES, SUITES_13[2]]);
    client.tls13.resume = vec![offer(&ticket, 1)];
    other.sessions.clone_from(&server.sessions);
    let talk = open(client, &Arc::new(other));
    assert!(
        talk.server.facts().resumed.is_none(),
        "a suite that is no more"
    );
}

#[test]
fn sessions_end_with_their_time_and_with_a_fatal_alert() {
    let mut config = server_config_13();
    let memory = Arc::new(Memory::default());
    config.sessions = Some(Arc::clone(&memory) as _);
    let ticket = tickets(&Arc::new(config.clone())).remove(0);
    assert!(resumed(&Arc::new(config.clone()), &ticket));
    config.sessions = Some(memory.a_day_later());
    assert!(!resumed(&Arc::new(config), &ticket));

    let server = Arc::new(server_config_13());
    let mut first = open(client_config_13(&[AES]), &server);
    let tickets = first.client.tickets().to_vec();
    assert!(first.server.receive(&[23, 3, 3, 0, 1, 9]).is_err());
    assert!(tickets.iter().all(|ticket| !resumed(&server, ticket)));
}

#[test]
fn who_was_known_by_a_certificate_is_known_again() {
    let mut config = server_config_13();
    config.client_certificates = super::super::ClientCertificates::Required;
    let server = Arc::new(config);
    let mut client = client_config_13(&[AES]);
    client.identity = client_identity("p256");
    let first = open(client.clone(), &server);
    client.tls13.resume = vec![offer(&first.client.tickets()[0], 1)];
    let second = open(client, &server);
    let facts = second.server.facts();
    assert!(facts.resumed.is_some() && !facts.certificate_requested);
    assert_eq!(facts.certificates, first.server.facts().certificates);
}
