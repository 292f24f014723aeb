use super::server::{Pair, config, message};
use crate::model::secret::Secret;
use crate::tls::client::{EarlyData, ExternalPsk, Identity, PSK_KE, SelectedPsk};
use crate::tls::key_exchange::PreSharedKey;
use crate::tls::session::Mechanism;
use crate::wire::tls::extension::code;
use crate::wire::tls::handshake13::CertificateRequest13;
use crate::wire::tls::record::{content_type, handshake_type};

const SUITES: [&str; 7] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
    "TLS_SHA256_SHA256",
    "TLS_SHA384_SHA384",
];

#[test]
fn every_suite_carries_data_both_ways_and_updates_its_keys() {
    for name in SUITES {
        for (padding, coalesce) in [(0, false), (100, true)] {
            let mut config = config(name);
            (config.tls13.record_padding, config.coalesce) = (padding, coalesce);
            let mut pair = Pair::complete(config);
            let facts = pair.client.facts();
            assert_eq!(facts.tls13.psk, Some(SelectedPsk::External(0)), "{name}");
            assert_eq!(facts.resumed, None);
            pair.say_content(content_type::APPLICATION_DATA, b"hello")
                .unwrap();
            assert_eq!(pair.client.take_plaintext(), b"hello");
            let secret = pair.client_traffic();
            pair.client.write(b"to you");
            pair.client.update_keys(true);
            let heard = pair.heard(&secret);
            assert_eq!(
                heard[0],
                (content_type::APPLICATION_DATA, b"to you".to_vec())
            );
            let update = message(handshake_type::KEY_UPDATE, &[1]).encode();
            assert_eq!(heard[1], (content_type::HANDSHAKE, update));
            pair.client.write(b"with new keys");
            assert_eq!(pair.heard(&secret.next())[0].1, b"with new keys", "{name}");
        }
    }
}

#[test]
fn a_key_alone_is_enough_only_when_offered_so() {
    for (modes, enough) in [(vec![PSK_KE], true), (vec![1], false)] {
        let mut config = config(SUITES[0]);
        config.tls13.psk_modes = modes;
        config.tls13.external_psks = vec![ExternalPsk {
            key: PreSharedKey {
                identity: b"identity".to_vec(),
                key: Secret::new([6; 32]),
            },
            hash: config.suites[0].hash,
        }];
        let mut pair = Pair::new(config);
        let greeted = pair.greet(Some(&Secret::new([6; 32])), false);
        assert_eq!(greeted.is_ok(), enough);
        if enough {
            pair.say_extensions(&[]).unwrap();
            pair.finish().unwrap();
            assert_eq!(pair.client.facts().tls13.group, None);
        }
    }
}

/// A ticket resumes; its early data may be taken or not.
#[test]
fn tickets_resume_with_early_data_or_without() {
    for (accepted, selected) in [(true, true), (false, true), (false, false)] {
        let mut first = Pair::complete(config(SUITES[0]));
        let body = [
            0, 0, 28, 32, 0, 0, 0, 9, 1, 5, 0, 2, 7, 7, 0, 8, 0, 42, 0, 4, 0, 0, 4, 0,
        ];
        first
            .say(&message(handshake_type::NEW_SESSION_TICKET, &body))
            .unwrap();
        let session = first.client.tickets()[0].clone();
        assert_eq!((session.lifetime, session.max_early_data), (7200, 1024));
        let key = session.key.clone();
        let mut config = config(SUITES[0]);
        config.tls13.early_data = b"early".to_vec();
        config.tls13.resume = vec![crate::tls::session::Tls13Offer {
            session,
            age: std::time::Duration::from_secs(1),
        }];
        let mut pair = Pair::new(config);
        assert_eq!(pair.client.facts().tls13.early_data, EarlyData::Sent);
        assert!(pair.hello.has_extension(code::EARLY_DATA));
        pair.greet(selected.then_some(&key), true).unwrap();
        let taken = crate::wire::tls::extension::Extension::new(code::EARLY_DATA, Vec::new());
        let extensions: Vec<_> = accepted.then_some(taken).into_iter().collect();
        pair.say_extensions(&extensions).unwrap();
        let expected = if accepted {
            EarlyData::Accepted
        } else {
            EarlyData::Rejected
        };
        assert_eq!(pair.client.facts().tls13.early_data, expected);
        if selected {
            pair.finish().unwrap();
            assert_eq!(pair.client.facts().resumed, Some(Mechanism::Tls13Psk));
        } else {
            assert_eq!(pair.client.facts().resumed, None);
        }
    }
}

#[test]
fn requests_after_the_handshake_are_answered_each_with_its_context() {
    for (identity, messages) in [(Identity::Empty, 2), (Identity::Omitted, 1)] {
        let mut config = config(SUITES[0]);
        config.tls13.post_handshake_auth = true;
        config.identity = identity;
        let mut pair = Pair::complete(config);
        let secret = pair.client_traffic();
        for context in [vec![1, 2, 3], vec![4]] {
            let request = CertificateRequest13::of_schemes(context.clone(), &[0x0403]);
            let body = request.encode_body();
            pair.say(&message(handshake_type::CERTIFICATE_REQUEST, &body))
                .unwrap();
        }
        let heard = pair.heard(&secret);
        assert_eq!(heard.len(), 2 * messages);
        assert_eq!(heard[messages - 1].1[0], handshake_type::FINISHED);
        if messages == 2 {
            assert_eq!(heard[0].1, [11, 0, 0, 7, 3, 1, 2, 3, 0, 0, 0]);
            assert_eq!(heard[2].1, [11, 0, 0, 5, 1, 4, 0, 0, 0]);
        }
        assert_eq!(pair.client.facts().tls13.post_handshake_requests, 2);
    }
}
