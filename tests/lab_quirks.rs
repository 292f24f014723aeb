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

use std::collections::BTreeSet;

use peer::Peer;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{ClientConfig, Heartbeat};
use presec::tls::quirk::Quirk;
use reaction::{Reaction, react};
use rows::Row;

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

/// What a peer makes of rows.
struct Held<'a> {
    peer: &'a Peer,
    /// The rows that were held.
    rows: BTreeSet<&'static str>,
    /// Which deviations were seen.
    seen: BTreeSet<usize>,
}

impl Held<'_> {
    /// Holds rows.
    fn hold(&mut self, base: &ClientConfig, rows: Vec<Row>) {
        let (peer, name) = (self.peer, self.peer.name);
        let (control, _) = react(peer, base.clone());
        assert_eq!(control, Reaction::Answered, "{name}: without quirks");
        let mut wrong = Vec::new();
        for row in rows {
            let mut config = base.clone();
            config.quirks = row.quirks;
            let (reaction, facts) = react(peer, config);
            let told = (name, row.name, reaction.clone());
            let known = DEVIATIONS.iter().position(|known| *known == told);
            self.rows.insert(row.name);
            self.seen.extend(known);
            if known.is_none() && !row.demanded.contains(&reaction) {
                wrong.push(format!("{name}: {}: {reaction:?}", row.name));
            }
            if facts.quirks.is_empty() || facts.quirks.contains(&0) {
                wrong.push(format!("{name}: {}: done {:?}", row.name, facts.quirks));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Holds that each deviation told of these rows was seen: one that is gone is no longer to be told.
    fn end(&self) {
        let of_these = |(_, told): &(usize, &(&str, &str, Reaction))| {
            told.0 == self.peer.name && self.rows.contains(told.1)
        };
        let told = DEVIATIONS.iter().enumerate().filter(of_these);
        let gone: Vec<_> = told
            .filter(|(index, _)| !self.seen.contains(index))
            .collect();
        assert!(gone.is_empty(), "seen no more: {gone:?}");
    }
}

fn with_both(check: impl Fn(&mut Held<'_>)) {
    for peer in [Peer::openssl(&[]), Peer::gnutls()] {
        let mut held = Held {
            peer: &peer,
            rows: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        check(&mut held);
        held.end();
    }
}

#[test]
fn deviations_are_of_rows_that_are_held() {
    let rows: BTreeSet<&str> = rows::all().into_iter().map(|row| row.name).collect();
    let unheld = DEVIATIONS.iter().filter(|told| !rows.contains(told.1));
    assert_eq!(unheld.count(), 0);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn hellos_are_refused_as_the_rfcs_demand() {
    with_both(|held| {
        held.hold(&config(TLS12, CBC), rows::hellos());
        held.hold(&config(TLS12, CBC), rows::harmless_hellos());
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn messages_are_refused_as_the_rfcs_demand() {
    with_both(|held| {
        for version in [TLS10, TLS12] {
            held.hold(&config(version, CBC), rows::messages());
        }
        held.hold(&config(TLS12, CBC), rows::unanswered());
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn what_is_inserted_is_refused_as_the_rfcs_demand() {
    with_both(|held| {
        held.hold(&config(TLS12, CBC), rows::change_cipher_specs());
        held.hold(&config(TLS12, CBC), rows::inserted());
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn malformed_premaster_secrets_are_all_answered_alike() {
    with_both(|held| {
        for version in [TLS10, TLS12] {
            held.hold(&config(version, CBC), rows::premaster_secrets());
        }
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn records_in_clear_are_refused_as_the_rfcs_demand() {
    with_both(|held| {
        held.hold(&config(TLS12, CBC), rows::records_in_clear());
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn protected_records_are_refused_as_the_rfcs_demand() {
    with_both(|held| {
        held.hold(&config(TLS12, CBC), rows::protected_records());
        for (suite, version) in SUITES {
            let listed = held.peer.listed(version);
            if listed.contains(&matrix::suite(suite).code) {
                held.hold(&config(version, suite), rows::protected_records());
            }
        }
    });
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn cbc_padding_is_refused_with_one_alert_whatever_is_wrong() {
    with_both(|held| {
        for version in [TLS10, TLS12] {
            held.hold(&config(version, CBC), rows::paddings());
        }
    });
}

/// GnuTLS knows heartbeats when it is told to. RFC 6520 clause 4 lets an overlong one be dropped in silence; its sample server
/// ends at it.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn heartbeats_are_answered_with_what_they_hold() {
    let peer = Peer::gnutls_with(&["--heartbeat", "--disable-client-cert"]);
    let response = Heartbeat {
        kind: 2,
        declared: 4,
        received: 20,
    };
    for (suite, version) in SUITES {
        for (declared, expected, heartbeats) in [
            (4, Reaction::Answered, vec![response]),
            (400, Reaction::Alert(50), vec![]),
        ] {
            let mut config = config(version, suite);
            config.quirks = vec![
                Quirk::offer_heartbeat(),
                Quirk::heartbeat_request(b"beat", declared),
            ];
            let (reaction, facts) = react(&peer, config);
            assert_eq!((reaction, facts.heartbeat), (expected, Some(1)), "{suite}");
            assert_eq!(facts.heartbeats, heartbeats, "{suite} {declared}");
            assert_eq!(facts.quirks, [1, 1]);
        }
    }
}
