//! The quirks of the lab TLS engine against stacks that others wrote: each has to get the reaction its RFC demands, so that a
//! quirk that does nothing is seen. Before each the same client without it completes.
#![cfg(test)]

#[path = "lab_quirks/closing.rs"]
mod closing;
#[expect(dead_code, reason = "the interop matrix uses the rest")]
#[path = "lab_interop/matrix.rs"]
mod matrix;
#[expect(dead_code, reason = "the interop matrix uses the rest")]
#[path = "lab_interop/peer.rs"]
mod peer;
#[path = "lab_quirks/reaction.rs"]
mod reaction;
#[path = "lab_quirks/renegotiations.rs"]
mod renegotiations;
#[path = "lab_quirks/rows.rs"]
mod rows;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use peer::Peer;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::ClientConfig;
use reaction::{Reaction, react};
use rows::Row;
use support::real_servers;

const TLS10: ProtocolVersion = ProtocolVersion::Tls10;
const TLS12: ProtocolVersion = ProtocolVersion::Tls12;
const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
const SUITES: [(&str, ProtocolVersion); 4] = [
    (CBC, TLS10),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", TLS12),
    ("TLS_RSA_WITH_AES_128_CCM_8", TLS12),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", TLS12),
];

/// What the peers do where the RFC wants something else; each by the name of its row.
const DEVIATIONS: [(&str, &str, Reaction); 9] = [
    ("gnutls-serv", "extension twice", Reaction::Alert(110)),
    ("gnutls-serv", "extension emptied", Reaction::Alert(110)),
    ("gnutls-serv", "Finished cut", Reaction::Alert(51)),
    ("gnutls-serv", "Finished padded", Reaction::Alert(51)),
    ("gnutls-serv", "ChangeCipherSpec with 2", Reaction::Answered),
    // Its sample server ends at any alert once the handshake is over.
    (
        "gnutls-serv",
        "warning in clear after the handshake",
        Reaction::Alert(50),
    ),
    ("gnutls-serv", "length one less", Reaction::Alert(50)),
    (
        "openssl s_server",
        "empty handshake record",
        Reaction::Answered,
    ),
    (
        "openssl s_server",
        "another major version in the header",
        Reaction::Closed,
    ),
];

fn config(version: ProtocolVersion, suite: &str) -> ClientConfig {
    let mut config = matrix::config(version, &matrix::suite(suite));
    // Padding can only be wrong where it is not behind the MAC.
    config.encrypt_then_mac = false;
    config
}

/// Holds rows against a peer.
fn hold(peer: &Peer, base: &ClientConfig, rows: Vec<Row>) {
    let (control, _) = react(peer, base.clone());
    assert_eq!(control, Reaction::Answered, "{}: without quirks", peer.name);
    let mut wrong = Vec::new();
    for row in rows {
        let mut config = base.clone();
        config.quirks = row.quirks;
        let (reaction, facts) = react(peer, config);
        let deviation = |(name, row_name, expected): &(&str, &str, Reaction)| {
            *name == peer.name && *row_name == row.name && *expected == reaction
        };
        let known = DEVIATIONS.iter().any(deviation);
        if !known && !row.demanded.contains(&reaction) {
            wrong.push(format!("{}: {}: {reaction:?}", peer.name, row.name));
        }
        if facts.quirks.is_empty() || facts.quirks.contains(&0) {
            wrong.push(format!(
                "{}: {}: done {:?}",
                peer.name, row.name, facts.quirks
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn with_both(check: impl Fn(&Peer)) {
    if real_servers() {
        check(&Peer::openssl(&[]));
        check(&Peer::gnutls());
    }
}

#[test]
fn hellos_are_refused_as_the_rfcs_demand() {
    with_both(|peer| {
        hold(peer, &config(TLS12, CBC), rows::hellos());
        hold(peer, &config(TLS12, CBC), rows::harmless_hellos());
    });
}

#[test]
fn messages_are_refused_as_the_rfcs_demand() {
    with_both(|peer| {
        for version in [TLS10, TLS12] {
            hold(peer, &config(version, CBC), rows::messages());
        }
        hold(peer, &config(TLS12, CBC), rows::unanswered());
    });
}

#[test]
fn what_is_inserted_is_refused_as_the_rfcs_demand() {
    with_both(|peer| {
        hold(peer, &config(TLS12, CBC), rows::change_cipher_specs());
        hold(peer, &config(TLS12, CBC), rows::inserted());
    });
}

#[test]
fn malformed_premaster_secrets_are_all_answered_alike() {
    with_both(|peer| {
        for version in [TLS10, TLS12] {
            hold(peer, &config(version, CBC), rows::premaster_secrets());
        }
    });
}

#[test]
fn records_in_clear_are_refused_as_the_rfcs_demand() {
    with_both(|peer| {
        hold(peer, &config(TLS12, CBC), rows::records_in_clear());
    });
}

#[test]
fn protected_records_are_refused_as_the_rfcs_demand() {
    with_both(|peer| {
        hold(peer, &config(TLS12, CBC), rows::protected_records());
        for (suite, version) in SUITES {
            let listed = peer.listed(version);
            if listed.contains(&matrix::suite(suite).code) {
                hold(peer, &config(version, suite), rows::protected_records());
            }
        }
    });
}

#[test]
fn cbc_padding_is_refused_with_one_alert_whatever_is_wrong() {
    with_both(|peer| {
        for version in [TLS10, TLS12] {
            hold(peer, &config(version, CBC), rows::paddings());
        }
    });
}
