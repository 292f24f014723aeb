//! The lab TLS engine in TLS 1.3 against stacks that others wrote, beyond the suites that `tests/lab_interop.rs` counts:
//! HelloRetryRequest, client certificates, sessions.
#![cfg(test)]

#[expect(dead_code, reason = "the other test of the lab engine uses the rest")]
#[path = "lab_interop/matrix.rs"]
mod matrix;
#[expect(dead_code, reason = "the other test of the lab engine uses the rest")]
#[path = "lab_interop/peer.rs"]
mod peer;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use matrix::{Attempt, attempt_with, config};
use peer::Peer;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{CertificateVerify, ClientConfig, Identity, ServerSignature};
use presec::tls::session::Mechanism;
use presec::tls::signature::PrivateKey;
use presec::wire::tls::extension::group;
use support::real_servers;

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

#[test]
fn groups_are_agreed_at_once_or_after_a_second_hello() {
    if !real_servers() {
        return;
    }
    for peer in [Peer::openssl(&[]), gnutls(), Peer::nginx()] {
        for wanted in [group::X25519, group::SECP256R1, group::SECP384R1] {
            for retried in [false, true] {
                let mut config = tls13(AES256);
                config.groups = vec![wanted];
                config.tls13.key_shares = retried.then(Vec::new);
                let done = done(&peer, config);
                assert_eq!(done.signature, ServerSignature::Right);
                assert_eq!(done.tls13.group, Some(wanted), "{}", peer.name);
                assert_eq!(done.tls13.hello_retry.is_some(), retried);
                assert_eq!(done.resumed, Some(Mechanism::Tls13Psk), "{}", peer.name);
            }
        }
    }
}

fn chain(peer: &Peer, own: &str, verify: CertificateVerify) -> Identity {
    Identity::Chain {
        certificates: peer.certificates(own),
        key: Box::new(PrivateKey::from_der(&peer.key(own)).expect("a key")),
        verify,
    }
}

/// What a server refuses after its Finished shows in what it says to the first data.
#[test]
fn the_peer_sees_what_the_client_says_of_itself() {
    if !real_servers() {
        return;
    }
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
