//! Early data: taken, passed over, and how often.

use std::sync::Arc;

use super::super::{EarlyData, Laxity, ServerConfig};
use super::parties::{Memory, SUITES_13, Talk, client_config_13, offer, server_config_13, talk};
use crate::tls::client::{ClientConfig, EarlyData as Said};
use crate::tls::session::Tls13Session;

const AES: &str = SUITES_13[0];

fn server() -> ServerConfig {
    let mut config = server_config_13();
    config.tls13.max_early_data = 1000;
    config
}

fn ticket(server: &ServerConfig) -> Tls13Session {
    let talk = talk(client_config_13(&[AES]), &Arc::new(server.clone()));
    talk.client.tickets()[0].clone()
}

fn early(ticket: &Tls13Session, age: u64) -> ClientConfig {
    let mut client = client_config_13(&[AES]);
    client.tls13.resume = vec![offer(ticket, age)];
    client.tls13.early_data = vec![7; 600];
    client
}

/// Talks, holds what became of the early data, and that the connection goes on.
fn sent(client: ClientConfig, server: &ServerConfig, taken: bool) -> Talk {
    let mut talk = talk(client, &Arc::new(server.clone()));
    assert!(
        talk.is_open(),
        "{:?} {:?}",
        talk.client_said,
        talk.server_said
    );
    let (ours, theirs) = if taken {
        (EarlyData::Accepted, Said::Accepted)
    } else {
        (EarlyData::Rejected, Said::Rejected)
    };
    assert_eq!(talk.server.facts().tls13.early_data, ours);
    assert_eq!(talk.client.facts().tls13.early_data, theirs);
    let came = talk.server.take_plaintext();
    assert_eq!(came, vec![7; if taken { 600 } else { 0 }]);
    assert_eq!(talk.server.facts().tls13.early_octets, came.len());
    talk.carries_data();
    talk
}

#[test]
fn early_data_is_taken_once() {
    let config = server();
    let ticket = ticket(&config);
    assert_eq!(ticket.max_early_data, 1000);
    let talk = sent(early(&ticket, 0), &config, true);
    assert!(talk.server.facts().resumed.is_some());
    // The ticket is used up.
    let talk = sent(early(&ticket, 0), &config, false);
    assert!(talk.server.facts().resumed.is_none());
}

#[test]
fn early_data_is_passed_over_where_it_is_not_taken() {
    let config = server();
    let fresh = || ticket(&config);
    // Of a server that takes none, by a ticket that promises some.
    let mut none = config.clone();
    none.tls13.max_early_data = 0;
    let talk = sent(early(&fresh(), 0), &none, false);
    assert!(talk.server.facts().resumed.is_some());
    // After a second hello, with a cookie and for another group.
    let mut cookie = config.clone();
    cookie.tls13.cookie = true;
    assert!(
        sent(early(&fresh(), 0), &cookie, false)
            .server
            .facts()
            .tls13
            .hello_retry
    );
    let mut group = early(&fresh(), 0);
    group.tls13.key_shares = Some(Vec::new());
    assert!(sent(group, &config, false).server.facts().tls13.hello_retry);
    // With another suite, under another name, by a ticket that nobody knows or that is not as old as it says.
    let mut suite = early(&fresh(), 0);
    suite.suites = client_config_13(&[SUITES_13[2]]).suites;
    sent(suite, &config, false);
    let mut name = early(&fresh(), 0);
    name.server_name = None;
    sent(name, &config, false);
    let mut unknown = fresh();
    unknown.ticket = crate::model::secret::Secret::new([1; 32]);
    sent(early(&unknown, 0), &config, false);
    sent(early(&fresh(), 11), &config, false);
    sent(early(&fresh(), 9), &config, true);
    // In several records, more than one ticket could promise.
    let mut much = early(&fresh(), 0);
    much.tls13.early_data = vec![7; 50_000];
    sent(much, &none, false);
}

#[test]
fn too_much_early_data_ends_the_connection() {
    let config = server();
    let mut client = early(&ticket(&config), 0);
    client.tls13.early_data = vec![7; 1001];
    let refused = talk(client, &Arc::new(config.clone()));
    let why = refused.server_said.unwrap_err().to_string();
    assert!(why.contains("more early data"), "{why}");
    // What is passed over is bounded as well.
    let mut none = config.clone();
    none.tls13.max_early_data = 0;
    let mut client = early(&ticket(&config), 0);
    client.tls13.early_data = vec![7; 66_000];
    let refused = talk(client, &Arc::new(none));
    let why = refused.server_said.unwrap_err().to_string();
    assert!(why.contains("MAC is wrong"), "{why}");
}

#[test]
fn lax_servers_take_it_again_and_late() {
    let mut config = server();
    config.laxities.insert(Laxity::RepeatedEarlyData);
    let again = ticket(&config);
    for _ in 0..3 {
        sent(early(&again, 0), &config, true);
    }
    let mut config = server();
    let memory = Arc::new(Memory::default());
    config.sessions = Some(Arc::clone(&memory) as _);
    let late = ticket(&config);
    config.sessions = Some(memory.a_day_later());
    config.laxities.insert(Laxity::ResumesExpired);
    sent(early(&late, 0), &config, false);
    config.laxities.insert(Laxity::StaleEarlyData);
    sent(early(&late, 0), &config, true);
}
