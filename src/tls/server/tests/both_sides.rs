use std::sync::Arc;

use super::super::{ClientCertificates, Possession, ServerConfig};
use super::parties::{
    Secrets, Talk, client_config, client_identity, server_config, server_identity, suites, talk,
};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{CertificateVerify, ClientConfig, Identity, ServerSignature};
use crate::tls::session::Mechanism;
use crate::wire::tls::server_hello::DowngradeSentinel;

const VERSIONS: [ProtocolVersion; 3] = [
    ProtocolVersion::Tls10,
    ProtocolVersion::Tls11,
    ProtocolVersion::Tls12,
];
const RSA: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
const ECDHE: &str = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

fn open(client: ClientConfig, server: &Arc<ServerConfig>) -> Talk {
    let mut talk = talk(client, server);
    let said = (&talk.client_said, &talk.server_said);
    assert!(talk.is_open(), "{said:?}");
    talk.carries_data();
    talk
}

#[test]
fn every_suite_completes_in_every_version_and_resumes() {
    let server = Arc::new(server_config());
    let mut count = 0;
    for version in VERSIONS {
        for suite in suites() {
            if !suite.versions.contains(version) {
                continue;
            }
            // Ids in one half, tickets in the other; the old forms of master secret and MAC in a quarter each.
            let mut client = client_config(&[]);
            client.suites = vec![suite.clone()];
            (client.minimum, client.maximum) = (version, version);
            client.tickets = count % 2 == 0;
            client.extended_master_secret = count % 4 < 2;
            client.encrypt_then_mac = count % 3 != 0;
            let first = open(client.clone(), &server);
            let facts = first.client.facts();
            assert_eq!(facts.suite, Some(suite.code));
            assert!(!matches!(facts.signature, ServerSignature::Doubtful(_)));
            assert!(facts.unsolicited_extensions.is_empty() && facts.secure_renegotiation);
            assert_eq!(facts.extended_master_secret, client.extended_master_secret);
            client.resume = first.client.session().cloned();
            let second = open(client, &server);
            let mechanism = if count % 2 == 0 {
                Mechanism::Ticket
            } else {
                Mechanism::SessionId
            };
            assert_eq!(second.client.facts().resumed, Some(mechanism));
            assert_eq!(second.server.facts().resumed, Some(mechanism));
            count += 1;
        }
    }
    assert!(count > 250, "{count}");
}

#[test]
fn ssl3_completes_with_every_suite_it_has_and_resumes_by_id() {
    let mut config = server_config();
    config.minimum = ProtocolVersion::Ssl3;
    config.client_certificates = ClientCertificates::Optional;
    let server = Arc::new(config);
    let mut count = 0;
    for suite in suites() {
        if !suite.versions.contains(ProtocolVersion::Ssl3) {
            continue;
        }
        let mut client = client_config(&[]);
        client.suites = vec![suite.clone()];
        (client.minimum, client.maximum) = (ProtocolVersion::Ssl3, ProtocolVersion::Ssl3);
        let own = ["rsa", "dss", "p256"][count % 3];
        if count % 4 != 0 {
            client.identity = client_identity(own);
        }
        let first = open(client.clone(), &server);
        let facts = first.client.facts();
        assert_eq!(facts.version, Some(ProtocolVersion::Ssl3));
        assert!(!matches!(facts.signature, ServerSignature::Doubtful(_)));
        assert!(facts.unsolicited_extensions.is_empty() && !facts.extended_master_secret);
        let seen = first.server.facts();
        let shown = seen.certificate_requested && count % 4 != 0;
        assert_eq!(seen.possession == Possession::Right, shown, "{suite:?}");
        // Who has no certificate says so by a warning.
        let without = seen.certificate_requested && count % 4 == 0;
        assert_eq!(seen.warnings.len(), usize::from(without));
        client.resume = first.client.session().cloned();
        let second = open(client, &server);
        let by = Some(Mechanism::SessionId);
        assert_eq!(second.server.facts().resumed, by);
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn ssl3_is_refused_unless_it_is_wanted_and_a_certificate_may_be_demanded() {
    let mut client = client_config(&[RSA]);
    (client.minimum, client.maximum) = (ProtocolVersion::Ssl3, ProtocolVersion::Ssl3);
    let refused = talk(client.clone(), &Arc::new(server_config()));
    let why = refused.client_said.unwrap_err().to_string();
    assert!(why.contains("protocol_version"), "{why}");
    let mut config = server_config();
    config.minimum = ProtocolVersion::Ssl3;
    config.client_certificates = ClientCertificates::Required;
    let refused = talk(client, &Arc::new(config));
    let why = refused.client_said.unwrap_err().to_string();
    assert!(why.contains("handshake_failure"), "{why}");
}

#[test]
fn the_server_s_order_decides() {
    let mut config = server_config();
    config.suites = client_config(&[ECDHE, RSA]).suites;
    let server = Arc::new(config);
    let talk = open(client_config(&[RSA, ECDHE]), &server);
    assert_eq!(talk.server.facts().suite, Some(0xC02B));
    let mut config = server_config();
    config.identities = vec![server_identity("rsa")];
    config.suites = client_config(&[ECDHE, RSA]).suites;
    let talk = open(client_config(&[ECDHE, RSA]), &Arc::new(config));
    assert_eq!(
        talk.server.facts().suite,
        Some(0x002F),
        "no key for the first"
    );
}

#[test]
fn a_wrong_key_and_an_unknown_identity_end_it() {
    let name = "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256";
    let server = Arc::new(server_config());
    for (identity, key, alert) in [
        (&b"other"[..], [5; 16], "unknown_psk_identity"),
        (b"presec", [6; 16], "bad_record_mac"),
    ] {
        let mut client = client_config(&[name]);
        let held = client.pre_shared_key.as_mut().unwrap();
        (held.identity, held.key) = (identity.to_vec(), Secret::new(key));
        let talk = talk(client, &server);
        let why = talk.client_said.unwrap_err().to_string();
        assert!(why.contains(alert), "{why}");
        assert_eq!(talk.server.facts().psk_identity.as_deref(), Some(identity));
    }
}

#[test]
fn client_certificates_are_checked_as_far_as_the_server_asks() {
    let with = |identity: Identity, wanted: ClientCertificates, version: ProtocolVersion| {
        let mut config = server_config();
        config.client_certificates = wanted;
        let mut client = client_config(&[RSA]);
        client.identity = identity;
        (client.minimum, client.maximum) = (version, version);
        talk(client, &Arc::new(config))
    };
    let wrong = |verify| {
        let Identity::Chain {
            certificates, key, ..
        } = client_identity("p256")
        else {
            unreachable!()
        };
        Identity::Chain {
            certificates,
            key,
            verify,
        }
    };
    let required = ClientCertificates::Required;
    for version in VERSIONS {
        for name in ["rsa", "p256", "p384", "p521", "dss"] {
            let talk = with(client_identity(name), required, version);
            assert!(talk.is_open(), "{version} {name} {:?}", talk.server_said);
            assert_eq!(talk.server.facts().possession, Possession::Right);
        }
        let talk = with(Identity::Empty, ClientCertificates::Optional, version);
        assert!(talk.is_open() && talk.server.facts().certificate_requested);
        for (identity, alert) in [
            (Identity::Empty, "handshake_failure"),
            (Identity::Omitted, "unexpected_message"),
            (wrong(CertificateVerify::Wrong), "decrypt_error"),
            (wrong(CertificateVerify::Omitted), "unexpected_message"),
        ] {
            let talk = with(identity, required, version);
            let why = talk.client_said.unwrap_err().to_string();
            assert!(why.contains(alert), "{version} {why}");
        }
    }
}

#[test]
fn marks_of_downgrades_are_set_and_fallen_back_clients_refused() {
    let mut config = server_config();
    config.highest = ProtocolVersion::Tls13;
    let server = Arc::new(config);
    for (version, mark) in [
        (ProtocolVersion::Tls12, DowngradeSentinel::ToTls12),
        (ProtocolVersion::Tls11, DowngradeSentinel::ToTls11OrBelow),
    ] {
        let mut client = client_config(&[RSA]);
        (client.minimum, client.maximum) = (version, version);
        let talk = open(client, &server);
        assert_eq!(talk.client.facts().downgrade_sentinel, Some(mark));
    }
    let talk = open(client_config(&[RSA]), &Arc::new(server_config()));
    assert_eq!(talk.client.facts().downgrade_sentinel, None);
}

#[test]
fn a_session_is_resumed_only_where_it_belongs() {
    let server = Arc::new(server_config());
    let first = open(client_config(&[RSA]), &server);
    let session = first.client.session().cloned();
    let resumed = |change: &dyn Fn(&mut ClientConfig)| {
        let mut client = client_config(&[RSA, ECDHE]);
        client.resume = session.clone();
        change(&mut client);
        open(client, &server).server.facts().resumed.is_some()
    };
    assert!(resumed(&|_| {}));
    assert!(!resumed(
        &|client| client.server_name = Some("other.test".to_owned())
    ));
    assert!(!resumed(&|client| client.server_name = None));
    assert!(!resumed(
        &|client| client.suites = client_config(&[ECDHE]).suites
    ));
    assert!(!resumed(&|client| client.maximum = ProtocolVersion::Tls11));
    let mut client = client_config(&[RSA]);
    client.resume = session;
    client.extended_master_secret = false;
    let why = talk(client, &server).client_said.unwrap_err().to_string();
    assert!(why.contains("handshake_failure"), "{why}");
}

#[test]
fn a_connection_that_failed_takes_its_session_along() {
    let server = Arc::new(server_config());
    let mut first = open(client_config(&[RSA]), &server);
    let mut client = client_config(&[RSA]);
    client.resume = first.client.session().cloned();
    assert!(
        open(client.clone(), &server)
            .server
            .facts()
            .resumed
            .is_some()
    );
    assert!(first.server.receive(&[23, 3, 3, 0, 1, 9]).is_err());
    assert!(open(client, &server).server.facts().resumed.is_none());
}

/// What both sides tell the key log is the same; with it others read the traffic.
#[test]
fn both_sides_log_the_same_secrets() {
    for name in [RSA, ECDHE] {
        let (ours, theirs) = (Arc::new(Secrets::default()), Arc::new(Secrets::default()));
        let mut config = server_config();
        config.key_log = Some(Arc::clone(&ours) as _);
        let server = Arc::new(config);
        let mut client = client_config(&[name]);
        client.key_log = Some(Arc::clone(&theirs) as _);
        let first = open(client.clone(), &server);
        client.resume = first.client.session().cloned();
        open(client, &server);
        let logged = ours.0.lock().unwrap().clone();
        assert_eq!(logged.len(), 2);
        assert!(logged.iter().all(|(label, random, secret)| {
            label == "CLIENT_RANDOM" && random.len() == 32 && secret.len() == 48
        }));
        assert_eq!(logged, *theirs.0.lock().unwrap());
    }
}
