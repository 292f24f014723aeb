//! What no client would send to a server of TLS 1.3.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{ClientCertificates, Server};
use super::parties::{
    SUITES_13, Talk, begin, client_config_13, client_identity, external, server_config_13, talk,
};
use crate::tls::client::Client;
use crate::tls::entropy::Entropy;
use crate::tls::failure::Cause;
use crate::wire::tls::extension::{Extension, code, group};
use crate::wire::tls::extension13::{KeyShare, OfferedPsks};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::{content_type, encode_records, handshake_type};

const AES: &str = SUITES_13[0];

fn server() -> Server {
    let mut config = server_config_13();
    config.client_certificates = ClientCertificates::Required;
    Server::new(Arc::new(config), Entropy::from_seed([2; 32]))
}

/// A right hello, to be spoiled.
fn hello() -> ClientHello {
    let mut client = client_config_13(&[AES]);
    client.tls13.external_psks = vec![external(b"presec", &[5; 16])];
    let octets = Client::new(client, Entropy::from_seed([1; 32])).take_output();
    ClientHello::parse(&octets[9..]).unwrap()
}

fn records(kind: u8, body: &[u8]) -> Vec<u8> {
    let message = Message {
        kind,
        body: body.to_vec(),
    };
    encode_records(content_type::HANDSHAKE, 0x0303, &message.encode(), 16_384)
}

/// Feeds octets to a fresh server, which ends with this alert and stays ended.
fn told(octets: &[u8], alert: u8) {
    let mut server = server();
    let failure = server.receive(octets).expect_err("a failure");
    assert_eq!(server.receive(&[]), Err(failure.clone()));
    assert!(!server.is_open());
    assert_eq!(server.take_output().last(), Some(&alert), "{failure}");
}

fn replaced(code: u16, body: Vec<u8>) -> ClientHello {
    let mut hello = hello();
    for extension in &mut hello.extensions {
        if extension.code == code {
            extension.body.clone_from(&body);
        }
    }
    hello
}

fn without(codes: &[u16]) -> ClientHello {
    let mut hello = hello();
    hello.extensions.retain(|each| !codes.contains(&each.code));
    hello
}

#[test]
fn hellos_of_the_wrong_form_are_refused_by_name() {
    let share = |group, public: &[u8]| KeyShare {
        group,
        public: public.to_vec(),
    };
    let psk = code::PRE_SHARED_KEY;
    let shares = |shares: &[KeyShare]| {
        let mut hello = replaced(code::KEY_SHARE, KeyShare::offer(shares).body);
        hello.extensions.retain(|each| each.code != psk);
        hello
    };
    let mut last = hello();
    last.extensions.rotate_right(1);
    let mut twice = without(&[psk]);
    twice.extensions.push(twice.extensions[0].clone());
    let mut compressing = hello();
    compressing.compressions = vec![1, 0];
    let mut long = hello();
    long.session_id = vec![7; 33];
    let mut unsuited = hello();
    unsuited.suites = vec![0x002F, 0x1306];
    let right = hello().extension(code::KEY_SHARE).unwrap().to_vec();
    let point = KeyShare::parse_offer(&right).unwrap()[0].public.clone();
    for (hello, alert) in [
        (last, 47),
        (twice, 47),
        (compressing, 47),
        (long, 47),
        (unsuited, 40),
        (without(&[code::PSK_KEY_EXCHANGE_MODES]), 109),
        (without(&[psk, code::SIGNATURE_ALGORITHMS]), 109),
        (without(&[psk, code::KEY_SHARE]), 109),
        (
            without(&[psk, code::SUPPORTED_GROUPS, code::KEY_SHARE]),
            109,
        ),
        // A share of a group that is not listed, two of one group, one that is no point, and all zeros.
        (shares(&[share(group::X448, &point)]), 47),
        (shares(&[share(29, &point), share(29, &point)]), 47),
        (shares(&[share(29, &point[1..])]), 47),
        (shares(&[share(29, &[0; 32])]), 47),
        (shares(&[share(23, &[4; 65])]), 47),
        (replaced(code::KEY_SHARE, vec![0, 9, 0]), 50),
        (replaced(psk, vec![0, 1, 0]), 50),
        (replaced(code::PSK_KEY_EXCHANGE_MODES, vec![9, 1]), 50),
        (replaced(code::SUPPORTED_GROUPS, vec![0, 2, 0x11, 0xEC]), 47),
    ] {
        told(&hello.encode(), alert);
    }
}

#[test]
fn identities_without_binders_and_binders_without_identities_are_no_keys() {
    let offered = |identities: usize, binders: usize| {
        let keys = OfferedPsks {
            identities: vec![(b"presec".to_vec(), 0); identities],
            binders: vec![vec![0; 32]; binders],
        };
        replaced(code::PRE_SHARED_KEY, keys.extension().body).encode()
    };
    told(&offered(2, 1), 50);
    told(&offered(1, 2), 50);
    told(&offered(1, 1), 51);
    told(&offered(0, 0), 50);
}

#[test]
fn messages_out_of_order_are_unexpected() {
    let start = hello_of_certificates();
    let server = |octets: &[u8]| {
        let mut server = server();
        let failure = server.receive(octets).expect_err("a failure");
        assert!(
            matches!(failure.cause, Cause::Unexpected(_) | Cause::Record(_)),
            "{failure}"
        );
    };
    let data = encode_records(content_type::APPLICATION_DATA, 0x0303, &[9; 40], 99);
    let spec = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
    for more in [
        start.clone(),
        records(handshake_type::FINISHED, &[0; 32]),
        records(handshake_type::CERTIFICATE, &[0; 4]),
        records(handshake_type::END_OF_EARLY_DATA, &[]),
        data,
        encode_records(content_type::HEARTBEAT, 0x0303, &[1, 0, 0], 3),
        encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[2], 1),
        spec.repeat(40),
    ] {
        server(&[start.clone(), more].concat());
    }
    // Behind the hello in its own record.
    let mut message = start[5..].to_vec();
    message.extend([20, 0, 0, 0]);
    server(&encode_records(
        content_type::HANDSHAKE,
        0x0301,
        &message,
        16_384,
    ));
}

/// A right hello without pre-shared key.
fn hello_of_certificates() -> Vec<u8> {
    let client = client_config_13(&[AES]);
    Client::new(client, Entropy::from_seed([1; 32])).take_output()
}

/// A talk up to the HelloRetryRequest.
fn retried(cookie: bool) -> (Talk, ClientHello) {
    let mut config = server_config_13();
    config.tls13.cookie = cookie;
    let mut client = client_config_13(&[AES]);
    client.tls13.key_shares = Some(Vec::new());
    let mut talk = begin(client, &Arc::new(config));
    talk.server.receive(&talk.client.take_output()).unwrap();
    talk.client.receive(&talk.server.take_output()).unwrap();
    let octets = talk.client.take_output();
    // A ChangeCipherSpec goes before it.
    let second = ClientHello::parse(&octets[6 + 9..]).unwrap();
    (talk, second)
}

#[test]
fn a_second_hello_says_the_same_but_for_what_was_asked() {
    let (mut talk, second) = retried(true);
    talk.server.receive(&second.encode()).unwrap();
    let spoiled: [&dyn Fn(&mut ClientHello); 8] = [
        &|hello| hello.random[0] ^= 1,
        &|hello| hello.session_id.clear(),
        &|hello| hello.suites.push(0x1302),
        &|hello| hello.extensions.retain(|each| each.code != code::COOKIE),
        &|hello| {
            let cookie = hello
                .extensions
                .iter_mut()
                .find(|each| each.code == code::COOKIE);
            cookie.unwrap().body[9] ^= 1;
        },
        &|hello| {
            let none = KeyShare::offer(&[]).body;
            let shares = hello
                .extensions
                .iter_mut()
                .find(|each| each.code == code::KEY_SHARE);
            shares.unwrap().body = none;
        },
        &|hello| {
            hello
                .extensions
                .push(Extension::new(code::EARLY_DATA, Vec::new()));
        },
        &|hello| {
            hello
                .extensions
                .retain(|each| each.code != code::SUPPORTED_VERSIONS);
        },
    ];
    for (number, spoil) in spoiled.into_iter().enumerate() {
        let (mut talk, mut second) = retried(true);
        spoil(&mut second);
        let failure = talk.server.receive(&second.encode()).unwrap_err();
        assert_eq!(failure.cause.alert().map(|_| ()), Some(()), "{number}");
        assert_eq!(
            talk.server.take_output().last(),
            Some(&47),
            "{number} {failure}"
        );
    }
}

#[test]
fn floods_after_the_handshake_end() {
    let mut talk = talk(client_config_13(&[AES]), &Arc::new(server_config_13()));
    for _ in 0..70 {
        talk.client.update_keys(false);
    }
    talk.go_on();
    let why = talk.server_said.unwrap_err().to_string();
    assert!(why.contains("without data"), "{why}");
}

#[test]
fn after_the_handshake_only_what_belongs_there_is_taken() {
    for (kind, body) in [
        (handshake_type::CLIENT_HELLO, &[3, 3][..]),
        (handshake_type::CERTIFICATE, &[0, 0, 0, 0]),
        (handshake_type::FINISHED, &[0; 32]),
        (handshake_type::KEY_UPDATE, &[2]),
        (handshake_type::NEW_SESSION_TICKET, &[0; 20]),
    ] {
        let mut talk = talk(client_config_13(&[AES]), &Arc::new(server_config_13()));
        let message = Message {
            kind,
            body: body.to_vec(),
        };
        talk.client.send(content_type::HANDSHAKE, &message.encode());
        talk.go_on();
        assert!(talk.server_said.is_err(), "{kind}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let talk = talk(client_config_13(&[AES]), &Arc::new(server_config_13()));
    let shown = format!("{:?}", talk.server);
    for ticket in talk.client.tickets() {
        assert!(!shown.contains(&hex::encode(ticket.key.expose())));
        let list = format!("{:?}", ticket.key.expose());
        assert!(!shown.contains(list.trim_matches(['[', ']'])));
    }
}

/// What a client says in a whole handshake with a certificate.
fn said() -> Vec<u8> {
    let mut client = client_config_13(&[AES]);
    client.identity = client_identity("p256");
    let mut client = Client::new(client, Entropy::from_seed([1; 32]));
    let mut server = server();
    let first = client.take_output();
    server.receive(&first).unwrap();
    client.receive(&server.take_output()).unwrap();
    let second = client.take_output();
    server.receive(&second).unwrap();
    assert!(server.is_open());
    [first, second].concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_comes_however_it_comes_the_end_is_the_same(
        junk in proptest::collection::vec(any::<u8>(), 1..200),
        kind in 21_u8..26,
        at in 0_usize..2000,
        step in 1_usize..40,
    ) {
        let mut octets = said();
        let at = at % octets.len();
        octets.splice(at..at, encode_records(kind, 0x0303, &junk, 16_384));
        let run = |step: usize| {
            let mut server = server();
            let failed = octets.chunks(step).find_map(|piece| server.receive(piece).err());
            prop_assert!(!server.is_open());
            prop_assert!(server.take_output().len() < 16_384);
            Ok(failed)
        };
        prop_assert_eq!(run(octets.len())?, run(step)?);
    }
}
