//! The lab TLS engine against stacks that others wrote: every suite that both sides list has to complete and carry data.
//! The table in `docs/assurance.md` is written by this test (`PRESEC_WRITE_INTEROP=1`) and held by it otherwise.
#![cfg(test)]

#[path = "lab_interop/later.rs"]
mod later;
#[path = "lab_interop/matrix.rs"]
mod matrix;
#[path = "lab_interop/page.rs"]
mod page;
#[expect(dead_code, reason = "the tests of quirks use the console")]
#[path = "lab_interop/peer.rs"]
mod peer;
#[path = "lab_interop/recording.rs"]
mod recording;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;
#[path = "lab_interop/table.rs"]
mod table;
#[path = "lab_interop/tlslite.rs"]
mod with_tlslite;

use matrix::{Attempt, attempt_with, chain, config};
use peer::Peer;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{CertificateVerify, Identity, ServerSignature};
use presec::tls::session::Mechanism;
use presec::tls::suite::{Proof, Suite};
use support::tlslite;

/// The ways in which each suite is completed: resumed by what, and with a certificate of ours or without. Every other suite
/// has them the other way round.
fn ways(version: ProtocolVersion, number: usize) -> [(Mechanism, bool); 2] {
    if version == ProtocolVersion::Tls13 {
        return [(Mechanism::Tls13Psk, true), (Mechanism::Tls13Psk, false)];
    }
    if version == ProtocolVersion::Ssl3 {
        return [(Mechanism::SessionId, true), (Mechanism::SessionId, false)];
    }
    [
        (Mechanism::Ticket, number.is_multiple_of(2)),
        (Mechanism::SessionId, !number.is_multiple_of(2)),
    ]
}

/// Completes a suite in one way.
fn complete(
    peer: &Peer,
    version: ProtocolVersion,
    suite: &Suite,
    (mechanism, with_chain): (Mechanism, bool),
    own: &str,
) -> Result<Attempt, String> {
    let mut config = config(version, suite);
    config.tickets = mechanism != Mechanism::SessionId;
    if with_chain {
        config.identity = chain(peer, own, CertificateVerify::Right);
    }
    let done = attempt_with(peer, config)?;
    if done.resumed != Some(mechanism) {
        return Err(format!("resumed by {:?}", done.resumed));
    }
    let asks = match suite.proof {
        Proof::Certificate | Proof::Tls13 => true,
        Proof::Anonymous | Proof::PreSharedKey => false,
        // OpenSSL does, GnuTLS does not.
        Proof::PreSharedKeyAndCertificate => done.certificate_requested,
    };
    if asks != done.certificate_requested {
        return Err(format!(
            "a certificate was asked for: {}",
            done.certificate_requested
        ));
    }
    let expected = if done.certified { "SUCCESS" } else { "NONE" };
    if done.verified.iter().any(|verified| verified != expected) {
        return Err(format!("it says {:?}", done.verified));
    }
    assert_eq!(
        done.tls13.group.is_some(),
        version == ProtocolVersion::Tls13
    );
    Ok(done)
}

/// Completes what both list, holds that nothing is missing, and gives the rows of the table. TLS 1.3 may need a peer of
/// its own.
fn every_suite(peer: &Peer, of_tls13: &Peer) {
    let mut rows = Vec::new();
    let mut missing = Vec::new();
    let versions = [
        (ProtocolVersion::Ssl3, peer),
        (ProtocolVersion::Tls10, peer),
        (ProtocolVersion::Tls11, peer),
        (ProtocolVersion::Tls12, peer),
        (ProtocolVersion::Tls13, of_tls13),
    ];
    for (version, peer) in versions {
        if version == ProtocolVersion::Ssl3 && !peer.has_ssl3() {
            continue;
        }
        let listed = peer.listed(version);
        let suites = matrix::both(&listed, version);
        let mut row = table::Row::new(peer, version, listed.len(), suites.len());
        for (number, suite) in suites.iter().enumerate() {
            let owns = peer.owns();
            // SSL 3.0 knows no ECDSA; tlslite-ng signs something else with it than Java does.
            let own = match version {
                ProtocolVersion::Ssl3 => owns[0],
                _ => owns[number / 2 % owns.len()],
            };
            let done: Result<Vec<Attempt>, String> = ways(version, number)
                .into_iter()
                .map(|way| {
                    complete(peer, version, suite, way, own).map_err(|why| format!("{way:?} {why}"))
                })
                .collect();
            match done {
                Ok(done) => row.count(&done),
                Err(why) => missing.push(format!("{version} {}: {why}", matrix::name(suite.code))),
            }
            // A few say enough.
            assert!(missing.len() < 8, "{}", missing.join("\n"));
        }
        row.without(&listed, &suites);
        rows.push(row);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(rows.iter().all(|row| row.completed > 0));
    table::hold(peer, &rows);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_completes_every_suite() {
    let peer = Peer::openssl(&["-verify", "1", "-verify_return_error"]);
    every_suite(&peer, &peer);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_completes_every_suite() {
    let verify = &["--verify-client-cert", "--x509cafile", "ca.pem"];
    every_suite(&Peer::gnutls_with(verify), &Peer::gnutls_tls13(verify));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_completes_every_suite() {
    let peer = Peer::nginx();
    every_suite(&peer, &peer);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tlslite_completes_every_suite() {
    if let Some(python) = tlslite() {
        let peer = Peer::tlslite(&python);
        every_suite(&peer, &peer);
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_completes_every_suite() {
    let peer = Peer::httpd();
    every_suite(&peer, &peer);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_peer_sees_what_the_client_says_of_itself() {
    let peer = Peer::openssl(&["-Verify", "1", "-verify_return_error"]);
    let with = |identity: Identity, version: ProtocolVersion| -> Result<Attempt, String> {
        let mut config = config(version, &matrix::suite("TLS_RSA_WITH_AES_128_CBC_SHA"));
        config.identity = identity;
        attempt_with(&peer, config)
    };
    for version in [
        ProtocolVersion::Tls10,
        ProtocolVersion::Tls11,
        ProtocolVersion::Tls12,
    ] {
        for own in ["client-rsa", "client-p256", "client-p384"] {
            let right = with(chain(&peer, own, CertificateVerify::Right), version);
            let right = right.unwrap_or_else(|why| panic!("{version} {own}: {why}"));
            assert!(right.certificate_requested);
            for (verify, alert) in [
                (CertificateVerify::Wrong, "decrypt_error"),
                (CertificateVerify::Omitted, "unexpected_message"),
            ] {
                let why = with(chain(&peer, own, verify), version).expect_err("a refusal");
                assert!(why.contains(alert), "{version} {own} {verify:?}: {why}");
            }
        }
        let why = with(Identity::Empty, version).expect_err("a refusal");
        assert!(why.contains("handshake_failure"), "{version}: {why}");
        let why = with(Identity::Omitted, version).expect_err("a refusal");
        assert!(why.contains("unexpected_message"), "{version}: {why}");
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn records_may_be_cut_and_flights_joined() {
    let peer = Peer::openssl(&["-split_send_frag", "512", "-max_send_frag", "512"]);
    for (fragment, coalesce) in [(1, false), (7, true), (16_384, true)] {
        for version in [ProtocolVersion::Tls10, ProtocolVersion::Tls12] {
            let mut config = config(version, &matrix::suite("TLS_DHE_RSA_WITH_AES_128_CBC_SHA"));
            (config.fragment, config.coalesce) = (fragment, coalesce);
            let done = attempt_with(&peer, config);
            let done = done.unwrap_or_else(|why| panic!("{version} {fragment}: {why}"));
            assert_eq!(done.signature, ServerSignature::Right);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn extensions_are_used_only_when_both_have_them() {
    let peer = Peer::openssl(&[]);
    let version = ProtocolVersion::Tls12;
    for wanted in [false, true] {
        let mut config = config(version, &matrix::suite("TLS_RSA_WITH_AES_256_CBC_SHA256"));
        (config.extended_master_secret, config.encrypt_then_mac) = (wanted, wanted);
        config.tickets = wanted;
        let done = attempt_with(&peer, config).expect("a handshake");
        assert_eq!(done.extended_master_secret, wanted);
        assert_eq!(done.encrypt_then_mac, wanted);
        assert!(done.secure_renegotiation);
        let mechanism = if wanted {
            Mechanism::Ticket
        } else {
            Mechanism::SessionId
        };
        assert_eq!(done.resumed, Some(mechanism));
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn conversations_that_unit_tests_replay() {
    let record = |peer: &Peer, file: &str, version, suite: &str| {
        let source = recording::Source {
            name: peer.name,
            version: &peer.version,
            address: peer.address,
            test: "lab_interop",
        };
        recording::record(&source, file, config(version, &matrix::suite(suite)), 2);
    };
    let (tls10, tls11, tls12) = (
        ProtocolVersion::Tls10,
        ProtocolVersion::Tls11,
        ProtocolVersion::Tls12,
    );
    let openssl = Peer::openssl(&[]);
    let rsa = "TLS_RSA_WITH_AES_128_CBC_SHA";
    record(&openssl, "openssl-tls10-rsa-cbc.txt", tls10, rsa);
    let ecdhe = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    record(&openssl, "openssl-tls12-ecdhe-chacha20.txt", tls12, ecdhe);
    let psk = "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384";
    record(&openssl, "openssl-tls12-dhe-psk-cbc.txt", tls12, psk);
    let aria = "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256";
    record(&openssl, "openssl-tls12-ecdhe-aria.txt", tls12, aria);
    let rc4 = "TLS_DH_anon_WITH_RC4_128_MD5";
    record(&Peer::gnutls(), "gnutls-tls11-anon-rc4.txt", tls11, rc4);
    let by_id = Peer::openssl(&["-no_ticket"]);
    let null = "TLS_RSA_WITH_NULL_SHA256";
    record(&by_id, "openssl-tls12-null-by-id.txt", tls12, null);
}
