//! Captures of the lab TLS engine's own traffic decrypt in tshark with its key log, for every version and kind of cipher.
#![cfg(test)]

#[expect(dead_code, reason = "the tests of the server use the rest")]
#[path = "lab_interop_server/caller.rs"]
mod caller;
#[path = "lab_interop/capture.rs"]
mod capture;
#[expect(dead_code, reason = "the tests of TLS 1.3 use the rest")]
#[path = "lab_interop/console.rs"]
mod console;
#[expect(dead_code, reason = "the other tests of the lab engine use the rest")]
#[path = "lab_interop/matrix.rs"]
mod matrix;
#[expect(dead_code, reason = "the other tests of the lab engine use the rest")]
#[path = "lab_interop/peer.rs"]
mod peer;
#[expect(dead_code, reason = "the tests of the server use the rest")]
#[path = "lab_interop_server/server.rs"]
mod server;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use caller::Caller;
use capture::{Captured, Secrets, missed};
use console::{Console, Talk};
use matrix::{chain, config};
use peer::{Answer, Peer};
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{
    CertificateVerify, Client, ClientConfig, EarlyData, ExternalPsk, PSK_DHE_KE, PSK_KE,
    SelectedPsk,
};
use presec::tls::hash::HashFunction;
use presec::tls::server::ClientCertificates;
use presec::tls::session::Tls13Offer;
use presec::tls::suite::{Cipher, Exchange, Suite};
use presec::wire::tls::extension::group;
use server::LabServer;

const SSL3: ProtocolVersion = ProtocolVersion::Ssl3;
const TLS10: ProtocolVersion = ProtocolVersion::Tls10;
const TLS11: ProtocolVersion = ProtocolVersion::Tls11;
const TLS12: ProtocolVersion = ProtocolVersion::Tls12;
const TLS13: ProtocolVersion = ProtocolVersion::Tls13;

/// Whether tshark has the cipher: that of Debian 12 has no ARIA and no integrity-only suites of TLS 1.3 (RFC 9150).
fn is_known(suite: &Suite) -> bool {
    let integrity_only = suite.cipher == Cipher::Null && suite.exchange == Exchange::Tls13;
    !integrity_only && !format!("{:?}", suite.cipher).starts_with("Aria")
}

/// One suite of each kind of cipher and MAC: the first, as tshark has not the latest of each.
fn kinds(suites: Vec<Suite>) -> BTreeMap<String, Suite> {
    let known = suites.into_iter().filter(is_known);
    let mut kinds = BTreeMap::new();
    for suite in known {
        let export = if suite.export { " export" } else { "" };
        let kind = format!("{:?} {:?}{export}", suite.cipher, suite.mac);
        kinds.entry(kind).or_insert(suite);
    }
    kinds
}

/// A line to a peer and back.
fn converse(peer: &Peer, what: String, config: ClientConfig) -> (Captured, Client) {
    line(peer.address, peer.answer, what, config)
}

fn line(
    address: SocketAddr,
    answer: Answer,
    what: String,
    config: ClientConfig,
) -> (Captured, Client) {
    let open = Talk::open(address, config);
    let mut talk = open.unwrap_or_else(|why| panic!("{what}: {why}"));
    let line = format!("what is written to {what}");
    let back = match answer {
        Answer::Reversed => line.chars().rev().collect(),
        _ => line.clone(),
    };
    talk.write(&format!("{line}\n")).expect("data");
    talk.hears(&back).expect("data");
    talk.end().expect("an end");
    let captured = Captured {
        what,
        octets: talk.octets,
        said: vec![line, back],
    };
    (captured, talk.client)
}

/// The tickets of a connection.
fn offers(client: &Client) -> Vec<Tls13Offer> {
    let offer = |session: &_| Tls13Offer {
        session: Clone::clone(session),
        age: Duration::from_millis(2),
    };
    client.tickets().iter().map(offer).collect()
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn every_kind_of_cipher_decrypts_up_to_tls12() {
    let secrets = Arc::new(Secrets::default());
    let mut captured = Vec::new();
    for peer in [Peer::openssl(&[]), Peer::gnutls()] {
        for version in [TLS10, TLS11, TLS12] {
            let both = matrix::both(&peer.listed(version), version);
            for (kind, suite) in kinds(both) {
                for encrypt_then_mac in [false, true] {
                    // It changes CBC alone.
                    if encrypt_then_mac && suite.cipher.block_length().is_none() {
                        continue;
                    }
                    let mut config = config(version, &suite);
                    config.encrypt_then_mac = encrypt_then_mac;
                    config.extended_master_secret = encrypt_then_mac;
                    config.key_log = Some(secrets.clone());
                    let what = format!("{} {version} {kind} {encrypt_then_mac}", peer.name);
                    let (full, client) = converse(&peer, what.clone(), config.clone());
                    config.resume = client.session().cloned();
                    let (again, client) = converse(&peer, format!("{what} again"), config);
                    assert!(client.facts().resumed.is_some(), "{what}");
                    captured.extend([full, again]);
                }
            }
        }
    }
    assert!(captured.len() > 200, "{}", captured.len());
    let missed = missed(&captured, &secrets);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Both ends are ours here, so that it is every kind of cipher there is; the key log is the server's.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn every_kind_of_cipher_decrypts_with_the_key_log_of_the_server() {
    let secrets = Arc::new(Secrets::default());
    let all: BTreeSet<u16> = (0..=u16::MAX).collect();
    let caller = Caller::openssl();
    let mut captured = Vec::new();
    for version in [SSL3, TLS10, TLS11, TLS12, TLS13] {
        let of_version =
            |suite: &Suite| suite.versions.minimum <= version && version <= suite.versions.maximum;
        let mut both = matrix::both(&all, version);
        both.retain(of_version);
        for (kind, suite) in kinds(both) {
            let mut config = caller.config(version, &suite);
            config.client_certificates = ClientCertificates::None;
            config.key_log = Some(secrets.clone());
            let server = LabServer::start(config);
            let what = format!("{version} {kind}");
            let config = matrix::config(version, &suite);
            captured.push(line(server.address, Answer::Same, what, config).0);
        }
    }
    assert!(captured.len() > 60, "{}", captured.len());
    let missed = missed(&captured, &secrets);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

const ALL_SUITES: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tls13_decrypts_with_early_data_and_updated_keys() {
    let secrets = Arc::new(Secrets::default());
    let mut captured = Vec::new();
    let mut server = Console::start(&["-early_data", "-ciphersuites", ALL_SUITES]);
    for suite in ALL_SUITES.split(':') {
        let mut offers_of_it = Vec::new();
        for resumed in [false, true] {
            let mut config = config(TLS13, &matrix::suite(suite));
            config.key_log = Some(secrets.clone());
            config.tls13.resume = std::mem::take(&mut offers_of_it);
            let mut said = vec!["what is written".to_owned(), format!("{suite} {resumed}")];
            if resumed {
                config.tls13.early_data = b"said before anything".to_vec();
                said.push("said before anything".to_owned());
            }
            let mut talk = Talk::open(server.address, config).expect("a handshake");
            talk.client.update_keys(false);
            talk.write("what is written\n").expect("data");
            server.says("what is written");
            server.types(&said[1]);
            talk.hears(&said[1]).expect("data");
            offers_of_it = offers(&talk.client);
            talk.end().expect("an end");
            let early_data = talk.client.facts().tls13.early_data;
            assert_eq!(early_data == EarlyData::Accepted, resumed);
            captured.push(Captured {
                what: format!("{suite} {resumed}"),
                octets: talk.octets,
                said,
            });
        }
    }
    let missed = missed(&captured, &secrets);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tls13_decrypts_with_certificates_second_hellos_and_external_keys() {
    let secrets = Arc::new(Secrets::default());
    let mut captured = Vec::new();
    let peer = Peer::openssl(&["-verify", "1", "-verify_return_error"]);
    for suite in ALL_SUITES.split(':') {
        for own in peer.owns() {
            for share in [vec![], vec![group::X25519]] {
                let mut config = config(TLS13, &matrix::suite(suite));
                config.key_log = Some(secrets.clone());
                config.identity = chain(&peer, own, CertificateVerify::Right);
                config.groups = vec![group::X25519];
                config.tls13.record_padding = share.len() * 100;
                config.tls13.key_shares = Some(share.clone());
                let what = format!("{suite} {own} {share:?}");
                let (one, client) = converse(&peer, what, config);
                let facts = client.facts();
                assert!(facts.certificate_request.is_some());
                assert_eq!(facts.tls13.hello_retry.is_some(), share.is_empty());
                captured.push(one);
            }
        }
    }
    for mode in [PSK_DHE_KE, PSK_KE] {
        let peer = Peer::openssl(&["-allow_no_dhe_kex"]);
        let mut config = config(TLS13, &matrix::suite("TLS_AES_128_GCM_SHA256"));
        config.key_log = Some(secrets.clone());
        config.tls13.psk_modes = vec![mode];
        config.tls13.external_psks = vec![ExternalPsk {
            key: config
                .pre_shared_key
                .clone()
                .expect("the key of every peer"),
            hash: HashFunction::Sha256,
        }];
        let (one, client) = converse(&peer, format!("external key, mode {mode}"), config);
        let psk = client.facts().tls13.psk;
        assert_eq!(psk, Some(SelectedPsk::External(0)));
        captured.push(one);
    }
    let missed = missed(&captured, &secrets);
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
