//! TLS 1.3 with our own client.

use std::sync::Arc;

use super::super::{ClientCertificates, Possession, SelectedPsk, ServerConfig};
use super::parties::{
    NAF_IDENTITY, SUITES_13, Secrets, Talk, client_config, client_config_13, client_identity,
    external, server_config, server_config_13, talk,
};
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{
    CertificateVerify, ClientConfig, HelloRetry, Identity, PSK_DHE_KE, PSK_KE, ServerSignature,
};
use crate::tls::key_exchange::GROUPS;
use crate::tls::session::Mechanism;
use crate::wire::tls::extension::code;
use crate::wire::tls::server_hello::DowngradeSentinel;

const AES: &str = SUITES_13[0];

fn open(client: ClientConfig, server: &Arc<ServerConfig>) -> Talk {
    let mut talk = talk(client, server);
    let said = (&talk.client_said, &talk.server_said);
    assert!(talk.is_open(), "{said:?}");
    talk.carries_data();
    talk
}

/// The alert the client hears.
fn refused(talk: Talk, alert: &str) {
    let why = talk.client_said.unwrap_err().to_string();
    assert!(why.contains(alert), "{why}");
    assert!(!talk.server.is_open() && talk.server_said.is_err());
}

#[test]
fn every_suite_completes_resumes_and_updates_its_keys() {
    for (number, name) in SUITES_13.into_iter().enumerate() {
        let mut config = server_config_13();
        config.tls13.record_padding = number * 100;
        config.coalesce = number % 2 == 0;
        let server = Arc::new(config);
        let mut client = client_config_13(&[name]);
        client.tls13.record_padding = number * 50;
        let mut first = open(client.clone(), &server);
        let facts = first.client.facts();
        assert_eq!(facts.signature, ServerSignature::Right, "{name}");
        assert!(facts.unsolicited_extensions.is_empty());
        assert_eq!(first.server.facts().version, Some(ProtocolVersion::Tls13));
        assert_eq!(first.server.facts().suite, facts.suite);
        for ask in [true, false] {
            first.client.update_keys(ask);
            first.server.update_keys(ask);
            first.carries_data();
        }
        // Each asked once, and was answered once.
        assert_eq!(first.server.facts().tls13.key_updates, 3, "{name}");
        assert_eq!(first.client.facts().tls13.key_updates, 3);
        assert_eq!(first.client.tickets().len(), 2);
        for ticket in first.client.tickets() {
            assert_eq!(ticket.lifetime, 86_400);
            let mut client = client.clone();
            client.tls13.resume = vec![super::parties::offer(ticket, 1)];
            let second = open(client, &server);
            let (ours, theirs) = (second.server.facts(), second.client.facts());
            assert_eq!(theirs.resumed, Some(Mechanism::Tls13Psk), "{name}");
            assert_eq!(ours.resumed, Some(Mechanism::Tls13Psk));
            assert_eq!(ours.tls13.psk, Some(SelectedPsk::Ticket));
            assert!(ours.group.is_some() && theirs.certificates.is_empty());
            assert_eq!(ours.tls13.tickets, 0);
        }
    }
}

#[test]
fn groups_are_agreed_at_once_or_after_a_second_hello_with_cookie_or_without() {
    for wanted in GROUPS {
        for cookie in [false, true] {
            for shares in [None, Some(Vec::new())] {
                let mut config = server_config_13();
                (config.groups, config.tls13.cookie) = (vec![wanted], cookie);
                let mut client = client_config_13(&[AES]);
                client.groups = vec![wanted];
                client.tls13.key_shares.clone_from(&shares);
                let talk = open(client, &Arc::new(config));
                assert_eq!(talk.server.facts().group, Some(wanted));
                let retried = cookie || shares.is_some();
                assert_eq!(talk.server.facts().tls13.hello_retry, retried);
                let expected = retried.then_some(HelloRetry {
                    group: shares.is_some().then_some(wanted),
                    cookie,
                });
                assert_eq!(talk.client.facts().tls13.hello_retry, expected);
                let specs = talk.client.facts().tls13.change_cipher_specs;
                assert_eq!(specs, 1, "one, whatever is asked");
            }
        }
    }
}

#[test]
fn the_version_is_the_highest_of_both() {
    let both = Arc::new(server_config_13());
    let suites = [AES, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
    let mut client = client_config(&suites);
    client.maximum = ProtocolVersion::Tls13;
    let talk = open(client.clone(), &both);
    assert_eq!(talk.server.facts().version, Some(ProtocolVersion::Tls13));
    let old = open(client, &Arc::new(server_config()));
    assert_eq!(old.server.facts().version, Some(ProtocolVersion::Tls12));
    let old = open(client_config(&suites), &both);
    assert_eq!(old.server.facts().version, Some(ProtocolVersion::Tls12));
    let mark = old.client.facts().downgrade_sentinel;
    assert_eq!(mark, Some(DowngradeSentinel::ToTls12));
    let mut only = server_config_13();
    only.minimum = ProtocolVersion::Tls13;
    refused(
        super::parties::talk(client_config(&suites), &Arc::new(only)),
        "protocol_version",
    );
}

#[test]
fn keys_agreed_outside_tls_are_known_by_their_identity() {
    let server = Arc::new(server_config_13());
    let mut bare = server_config_13();
    bare.identities = Vec::new();
    let bare = Arc::new(bare);
    let with = |identity: &[u8], key: &[u8]| {
        let mut client = client_config_13(&[AES]);
        client.tls13.external_psks = vec![external(identity, key)];
        client
    };
    for server in [&server, &bare] {
        let talk = open(with(NAF_IDENTITY, &[5; 16]), server);
        let facts = talk.server.facts();
        assert_eq!(facts.tls13.psk, Some(SelectedPsk::External));
        assert_eq!(facts.psk_identity.as_deref(), Some(NAF_IDENTITY));
        assert_eq!((facts.resumed, facts.group), (None, Some(29)));
        refused(
            super::parties::talk(with(NAF_IDENTITY, &[6; 16]), server),
            "decrypt_error",
        );
    }
    // Who does not know it goes on with a certificate, or says so.
    let talk = open(with(b"nobody's", &[5; 16]), &server);
    assert_eq!(talk.server.facts().tls13.psk, None);
    assert_eq!(talk.client.facts().signature, ServerSignature::Right);
    let talk = super::parties::talk(with(b"nobody's", &[5; 16]), &bare);
    let identity = talk.server.facts().psk_identity.clone();
    assert_eq!(identity.as_deref(), Some(&b"nobody's"[..]));
    refused(talk, "unknown_psk_identity");
    // The second of two is known.
    let mut client = with(b"nobody's", &[7; 16]);
    client
        .tls13
        .external_psks
        .push(external(b"presec", &[5; 16]));
    let talk = open(client, &server);
    assert_eq!(
        talk.client.facts().tls13.psk,
        Some(crate::tls::client::SelectedPsk::External(1))
    );
    // A key of SHA-256 serves no suite of SHA-384.
    let mut client = with(b"presec", &[5; 16]);
    client.suites = client_config_13(&[SUITES_13[1]]).suites;
    assert_eq!(open(client, &server).server.facts().tls13.psk, None);
}

#[test]
fn a_key_alone_is_taken_only_where_the_server_wants_it() {
    let modes = |ours: &[u8], theirs: &[u8]| {
        let mut config = server_config_13();
        config.tls13.psk_modes = ours.to_vec();
        let mut client = client_config_13(&[AES]);
        client.tls13.psk_modes = theirs.to_vec();
        client.tls13.external_psks = vec![external(b"presec", &[5; 16])];
        let talk = open(client, &Arc::new(config));
        let facts = talk.server.facts();
        (facts.tls13.psk.is_some(), facts.group.is_some())
    };
    assert_eq!(modes(&[PSK_DHE_KE], &[PSK_DHE_KE]), (true, true));
    assert_eq!(modes(&[PSK_DHE_KE], &[PSK_KE, PSK_DHE_KE]), (true, true));
    assert_eq!(modes(&[PSK_KE], &[PSK_KE, PSK_DHE_KE]), (true, false));
    // Without a mode in common the certificate serves.
    assert_eq!(modes(&[PSK_DHE_KE], &[PSK_KE]), (false, true));
    assert_eq!(modes(&[PSK_KE], &[PSK_DHE_KE]), (false, true));
}

fn shown(verify: CertificateVerify) -> Identity {
    match client_identity("p256") {
        Identity::Chain {
            certificates, key, ..
        } => Identity::Chain {
            certificates,
            key,
            verify,
        },
        other => other,
    }
}

#[test]
fn client_certificates_are_checked_as_far_as_the_server_asks() {
    let with = |identity: Identity, wanted: ClientCertificates| {
        let mut config = server_config_13();
        config.client_certificates = wanted;
        config.authorities = vec![vec![0x30, 0]];
        let mut client = client_config_13(&[AES]);
        client.identity = identity;
        talk(client, &Arc::new(config))
    };
    let required = ClientCertificates::Required;
    for name in ["rsa", "p256", "p384"] {
        let talk = with(client_identity(name), required);
        assert!(talk.is_open(), "{name} {:?}", talk.server_said);
        assert_eq!(talk.server.facts().possession, Possession::Right);
        assert_eq!(talk.server.facts().certificates.len(), 1);
        let request = talk.client.facts().certificate_request.clone().unwrap();
        assert_eq!(request.authorities, [[0x30, 0]]);
    }
    let mut talk = with(Identity::Empty, ClientCertificates::Optional);
    assert!(talk.is_open() && talk.server.facts().certificate_requested);
    talk.carries_data();
    for (identity, alert) in [
        (Identity::Empty, "certificate_required"),
        (Identity::Omitted, "unexpected_message"),
        (shown(CertificateVerify::Wrong), "decrypt_error"),
        (shown(CertificateVerify::Omitted), "unexpected_message"),
    ] {
        refused(with(identity, required), alert);
    }
    let unasked = with(client_identity("p256"), ClientCertificates::None);
    assert!(unasked.is_open() && unasked.server.facts().certificates.is_empty());
}

#[test]
fn every_kind_of_key_signs_for_both_sides() {
    for name in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let mut config = server_config_13();
        config.identities = vec![super::parties::server_identity(name)];
        config.client_certificates = ClientCertificates::Required;
        let mut client = client_config_13(&[AES]);
        client.identity = client_identity(name);
        let talk = open(client, &Arc::new(config));
        assert_eq!(
            talk.client.facts().signature,
            ServerSignature::Right,
            "{name}"
        );
        assert_eq!(talk.server.facts().possession, Possession::Right, "{name}");
    }
    let mut config = server_config_13();
    config.identities = vec![super::parties::server_identity("dss")];
    let talk = talk(client_config_13(&[AES]), &Arc::new(config));
    refused(talk, "handshake_failure");
}

#[test]
fn certificates_are_asked_for_after_the_handshake() {
    let begin = |identity: Identity, knows: bool| {
        let mut config = server_config_13();
        config.renegotiated_certificates = ClientCertificates::Required;
        let mut client = client_config_13(&[AES]);
        (client.identity, client.tls13.post_handshake_auth) = (identity, knows);
        open(client, &Arc::new(config))
    };
    let mut talk = begin(client_identity("rsa"), true);
    for round in 1..=2 {
        assert!(talk.server.request_certificate());
        assert!(!talk.server.request_certificate(), "one at a time");
        talk.carries_data();
        let facts = talk.server.facts();
        assert_eq!(facts.tls13.post_handshake_answers, round);
        assert_eq!(facts.possession, Possession::Right);
        talk.server.update_keys(true);
        talk.carries_data();
    }
    assert!(
        !begin(client_identity("rsa"), false)
            .server
            .request_certificate()
    );
    for (identity, alert) in [
        (Identity::Empty, "certificate_required"),
        (Identity::Omitted, "unexpected_message"),
        (shown(CertificateVerify::Wrong), "decrypt_error"),
    ] {
        let mut talk = begin(identity, true);
        assert!(talk.server.request_certificate());
        talk.go_on();
        let why = talk.client_said.unwrap_err().to_string();
        assert!(why.contains(alert), "{why}");
    }
}

#[test]
fn both_sides_log_the_same_secrets() {
    let (ours, theirs) = (Arc::new(Secrets::default()), Arc::new(Secrets::default()));
    let mut config = server_config_13();
    config.key_log = Some(Arc::clone(&ours) as _);
    config.tls13.max_early_data = 100;
    let server = Arc::new(config);
    let mut client = client_config_13(&[AES]);
    client.key_log = Some(Arc::clone(&theirs) as _);
    let first = open(client.clone(), &server);
    client.tls13.resume = vec![super::parties::offer(&first.client.tickets()[0], 0)];
    client.tls13.early_data = b"early".to_vec();
    let mut second = talk(client, &server);
    assert!(second.is_open());
    assert_eq!(second.server.take_plaintext(), b"early");
    let logged = ours.0.lock().unwrap().clone();
    // Five of the first; of the second those of early data too.
    assert_eq!(logged.len(), 12);
    assert_eq!(logged, *theirs.0.lock().unwrap());
}

#[test]
fn connections_end_with_a_word_and_nothing_is_said_behind_it() {
    let mut talk = open(client_config_13(&[AES]), &Arc::new(server_config_13()));
    talk.server.close();
    talk.go_on();
    assert!(talk.client.is_closed_by_peer());
    talk.server.update_keys(true);
    talk.server.write(b"more");
    assert!(talk.server.take_output().is_empty());
    // The other direction is open (RFC 8446 6.1).
    talk.client.write(b"up");
    talk.client.close();
    talk.go_on();
    assert_eq!(talk.server.take_plaintext(), b"up");
    assert!(talk.server.is_closed_by_peer());
}

#[test]
fn what_was_asked_for_is_said_in_encrypted_extensions() {
    let talk = open(client_config_13(&[AES]), &Arc::new(server_config_13()));
    let said = &talk.client.facts().tls13.encrypted_extensions;
    assert_eq!(*said, [code::SERVER_NAME]);
    assert_eq!(
        talk.server.facts().server_name.as_deref(),
        Some(super::parties::HOST)
    );
}
