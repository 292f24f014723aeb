//! The lab TLS engine in TLS 1.3 against stacks that others wrote, beyond the suites that `tests/lab_interop.rs` counts:
//! HelloRetryRequest, client certificates, sessions, keys agreed outside TLS, early data and what comes after the handshake.
#![cfg(test)]

#[path = "lab_interop/console.rs"]
mod console;
#[expect(dead_code, reason = "the other test of the lab engine uses the rest")]
#[path = "lab_interop/matrix.rs"]
mod matrix;
#[expect(dead_code, reason = "the other test of the lab engine uses the rest")]
#[path = "lab_interop/peer.rs"]
mod peer;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use std::time::Duration;

use console::{Console, Talk};
use matrix::{Attempt, attempt_with, chain, config};
use peer::Peer;
use presec::model::secret::Secret;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{
    CertificateVerify, ClientConfig, EarlyData, ExternalPsk, HelloRetry, Identity, PSK_DHE_KE,
    PSK_KE, SelectedPsk, ServerSignature,
};
use presec::tls::hash::HashFunction;
use presec::tls::key_exchange::PreSharedKey;
use presec::tls::quirk::{Field, MessageAt, MessageChange, Quirk, Which};
use presec::tls::session::{Mechanism, Tls13Offer};
use presec::wire::tls::extension::{code, group};
use presec::wire::tls::record::handshake_type;
use stacks::{IDENTITY, KEY};
use support::tlslite;

const AES: &str = "TLS_AES_128_GCM_SHA256";
const AES256: &str = "TLS_AES_256_GCM_SHA384";

fn tls13(suite: &str) -> ClientConfig {
    config(ProtocolVersion::Tls13, &matrix::suite(suite))
}

fn done(peer: &Peer, config: ClientConfig) -> Attempt {
    attempt_with(peer, config).unwrap_or_else(|why| panic!("{}: {why}", peer.name))
}

fn gnutls() -> Peer {
    Peer::gnutls_tls13(&["--disable-client-cert"])
}

fn with_tlslite(mut peers: Vec<Peer>) -> Vec<Peer> {
    peers.extend(tlslite().map(|python| Peer::tlslite(&python)));
    peers
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn groups_are_agreed_at_once_or_after_a_second_hello() {
    let peers = vec![Peer::openssl(&[]), gnutls(), Peer::nginx(), Peer::httpd()];
    for peer in with_tlslite(peers) {
        for wanted in [group::X25519, group::SECP256R1, group::SECP384R1] {
            for retried in [false, true] {
                let mut config = tls13(AES256);
                config.groups = vec![wanted];
                config.tls13.key_shares = retried.then(Vec::new);
                let done = done(&peer, config);
                assert_eq!(done.signature, ServerSignature::Right);
                assert_eq!(done.tls13.group, Some(wanted), "{}", peer.name);
                let retry = HelloRetry {
                    group: Some(wanted),
                    // It has to come back, or the handshake ends.
                    cookie: peer.name == "tlslite-ng server",
                };
                assert_eq!(done.tls13.hello_retry, retried.then_some(retry));
                assert_eq!(done.resumed, Some(Mechanism::Tls13Psk), "{}", peer.name);
            }
        }
    }
}

/// A server without state keeps what it has to know of the first hello in its cookie. OpenSSL's takes the ChangeCipherSpec before
/// the second hello for its first record and ends, so that there is none here; and has no state for its first client alone.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_cookie_comes_back_as_it_was_given() {
    for (suite, share) in [(AES, vec![]), (AES256, vec![group::X25519])] {
        let mut config = tls13(suite);
        config.groups = vec![group::X25519];
        config.tls13.key_shares = Some(share.clone());
        config.tls13.middlebox_compatibility = false;
        let retry = HelloRetry {
            group: share.is_empty().then_some(group::X25519),
            cookie: true,
        };
        let mut server = Console::start(&["-stateless"]);
        let mut talk = Talk::open(server.address, config).expect("a handshake");
        assert_eq!(talk.client.facts().tls13.hello_retry, Some(retry));
        talk.write("what is written\n").expect("data");
        server.says("what is written");
        server.types("and an answer");
        talk.hears("and an answer").expect("data");
    }
    let mut config = tls13(AES);
    config.tls13.middlebox_compatibility = false;
    config.quirks = vec![Quirk::Message {
        at: MessageAt {
            kind: handshake_type::CLIENT_HELLO,
            which: Which::Nth(2),
        },
        change: MessageChange::Field {
            field: Field::Extension(code::COOKIE),
            value: vec![0, 4, 1, 2, 3, 4],
        },
    }];
    let server = Console::start(&["-stateless"]);
    let mut talk = Talk::begin(server.address, config);
    let why = talk
        .until(|client, _| client.is_open())
        .expect_err("a refusal");
    assert_eq!(talk.client.facts().quirks, [1]);
    assert!(why.contains("alert fatal"), "{why}");
}

/// What a server refuses after its Finished shows in what it says to the first data.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_peer_sees_what_the_client_says_of_itself() {
    let openssl = Peer::openssl(&["-Verify", "1", "-verify_return_error"]);
    let gnutls = Peer::gnutls_tls13(&[
        "--require-client-cert",
        "--verify-client-cert",
        "--x509cafile",
        "ca.pem",
    ]);
    for peer in [&openssl, &gnutls] {
        let with = |identity: Identity| {
            let mut config = tls13(AES);
            config.identity = identity;
            attempt_with(peer, config)
        };
        for own in ["client-rsa", "client-p256", "client-p384"] {
            let right = with(chain(peer, own, CertificateVerify::Right));
            let right = right.unwrap_or_else(|why| panic!("{} {own}: {why}", peer.name));
            assert!(right.certificate_requested);
            for verify in [CertificateVerify::Wrong, CertificateVerify::Omitted] {
                let why = with(chain(peer, own, verify)).expect_err("a refusal");
                assert!(
                    is_refusal(peer, &why),
                    "{} {own} {verify:?}: {why}",
                    peer.name
                );
            }
        }
        for identity in [Identity::Empty, Identity::Omitted] {
            let why = with(identity.clone()).expect_err("a refusal");
            assert!(is_refusal(peer, &why), "{} {identity:?}: {why}", peer.name);
        }
    }
}

/// Whether the peer refused the client's last flight. GnuTLS closes at once, and its alert may be lost to a reset.
fn is_refusal(peer: &Peer, why: &str) -> bool {
    let lost = peer.name == "gnutls-serv" && why.starts_with("after the handshake: ");
    lost || why.starts_with("after the handshake: alert fatal")
}

fn external(modes: &[u8], key: &[u8]) -> ClientConfig {
    let mut config = tls13(AES);
    config.tls13.psk_modes = modes.to_vec();
    config.tls13.external_psks = vec![ExternalPsk {
        key: PreSharedKey {
            identity: IDENTITY.as_bytes().to_vec(),
            key: Secret::new(key),
        },
        hash: HashFunction::Sha256,
    }];
    config
}

/// What a NAF does with `Ks_NAF` (TS 33.222 5.4), in TLS 1.3.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_key_agreed_outside_tls_is_selected_and_a_wrong_one_refused() {
    let openssl = Peer::openssl(&["-allow_no_dhe_kex"]);
    for peer in with_tlslite(vec![openssl, gnutls()]) {
        for mode in [PSK_DHE_KE, PSK_KE] {
            let seen = done(&peer, external(&[mode], &KEY));
            let psk = seen.tls13.psk;
            assert_eq!(psk, Some(SelectedPsk::External(0)), "{}", peer.name);
            assert_eq!(seen.tls13.group.is_some(), mode == PSK_DHE_KE);
            assert_eq!(seen.signature, ServerSignature::None);
        }
        let why = attempt_with(&peer, external(&[PSK_DHE_KE], &[7; 16]));
        let why = why.expect_err("a refusal");
        assert!(why.contains("alert fatal"), "{}: {why}", peer.name);
    }
}

/// A session of the server, which says how old it is.
fn offers(talk: &Talk) -> Vec<Tls13Offer> {
    let tickets = talk.client.tickets().iter();
    tickets
        .map(|session| Tls13Offer {
            session: session.clone(),
            age: Duration::from_millis(2),
        })
        .collect()
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn several_tickets_come_and_each_resumes_in_every_mode() {
    let mut server = Console::start(&["-num_tickets", "3", "-allow_no_dhe_kex"]);
    let mut first = Talk::open(server.address, tls13(AES)).expect("a handshake");
    server.types("all of them");
    first.hears("all of them").expect("data");
    let offers = offers(&first);
    assert_eq!(offers.len(), 3);
    first.end().expect("an end");
    for (offer, mode) in offers.iter().zip([PSK_DHE_KE, PSK_KE, PSK_DHE_KE]) {
        let mut config = tls13(AES);
        config.tls13.psk_modes = vec![mode];
        config.tls13.resume = vec![offer.clone()];
        let mut talk = Talk::open(server.address, config).expect("a handshake");
        let facts = talk.client.facts();
        assert_eq!(facts.resumed, Some(Mechanism::Tls13Psk));
        assert_eq!(facts.tls13.group.is_some(), mode == PSK_DHE_KE);
        assert!(facts.certificates.is_empty());
        talk.end().expect("an end");
    }
    // A ticket with a flipped bit is no ticket: the handshake is full.
    let mut damaged = offers[2].clone();
    let mut octets = damaged.session.ticket.expose().to_vec();
    octets[20] ^= 1;
    damaged.session.ticket = Secret::new(octets);
    let mut config = tls13(AES);
    config.tls13.resume = vec![damaged];
    let talk = Talk::open(server.address, config).expect("a handshake");
    assert_eq!(talk.client.facts().resumed, None);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn early_data_is_taken_once() {
    let mut server = Console::start(&["-early_data", "-max_early_data", "1000"]);
    let mut first = Talk::open(server.address, tls13(AES)).expect("a handshake");
    server.types("a ticket before");
    first.hears("a ticket before").expect("data");
    let offer = offers(&first).remove(0);
    assert_eq!(offer.session.max_early_data, 1000);
    first.end().expect("an end");
    for (text, expected) in [
        ("said before anything", EarlyData::Accepted),
        ("said once more", EarlyData::Rejected),
    ] {
        let mut config = tls13(AES);
        config.tls13.resume = vec![offer.clone()];
        config.tls13.early_data = text.as_bytes().to_vec();
        let mut talk = Talk::open(server.address, config).expect("a handshake");
        assert_eq!(talk.client.facts().tls13.early_data, expected);
        if expected == EarlyData::Accepted {
            server.says(text);
        }
        talk.write(&format!("after {text}\n")).expect("data");
        server.says(&format!("after {text}"));
        talk.end().expect("an end");
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn keys_are_updated_by_either_side() {
    for suite in [AES, "TLS_CHACHA20_POLY1305_SHA256"] {
        let mut server = Console::start(&[]);
        let mut talk = Talk::open(server.address, tls13(suite)).expect("a handshake");
        for (number, ask) in [false, true].into_iter().enumerate() {
            talk.client.update_keys(ask);
            talk.write(&format!("from the client {number}\n"))
                .expect("data");
            server.says(&format!("from the client {number}"));
            // `K` asks for the same in return, `k` does not.
            server.types(if ask { "K" } else { "k" });
            // It looks at its console first, and takes one line of it at a time.
            talk.write(&format!("before its next line {number}\n"))
                .expect("data");
            server.says(&format!("before its next line {number}"));
            server.types(&format!("from the server {number}"));
            talk.hears(&format!("from the server {number}"))
                .expect("data");
            talk.write(&format!("once more {number}\n")).expect("data");
            server.says(&format!("once more {number}"));
            // OpenSSL answers ours and asks for one in the same.
            assert_eq!(talk.client.facts().tls13.key_updates, number + 1);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_certificate_is_shown_after_the_handshake() {
    for verify in [CertificateVerify::Right, CertificateVerify::Wrong] {
        let mut server = Console::start(&["-verify_return_error"]);
        let mut config = tls13(AES);
        config.tls13.post_handshake_auth = true;
        config.identity = chain(&server.peer, "client-p256", verify);
        let mut talk = Talk::open(server.address, config).expect("a handshake");
        assert!(talk.client.facts().certificate_request.is_none());
        // `c` asks for a certificate.
        server.types("c");
        let answered = talk.until(|client, _| client.facts().tls13.post_handshake_requests == 1);
        answered.expect("a request");
        talk.write("still there\n").expect("data");
        if verify == CertificateVerify::Right {
            server.says("still there");
        } else {
            let why = talk.hears("anything").expect_err("a refusal");
            assert!(why.contains("decrypt_error"), "{why}");
        }
    }
}
