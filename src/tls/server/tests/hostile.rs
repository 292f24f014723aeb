use std::sync::Arc;

use proptest::prelude::*;

use super::super::{ClientCertificates, Server};
use super::parties::{client_config, server_config, talk};
use crate::tls::client::Client;
use crate::tls::entropy::Entropy;
use crate::tls::failure::{Cause, Failure};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::{ClientHello, HelloQuirks};
use crate::wire::tls::offer::Offer;
use crate::wire::tls::record::{content_type, encode_records};

const RSA: u16 = 0x002F;
const NAME: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";

fn server() -> Server {
    let mut config = server_config();
    config.client_certificates = ClientCertificates::Required;
    Server::new(Arc::new(config), Entropy::from_seed([2; 32]))
}

fn hello() -> ClientHello {
    let version = crate::model::suite::ProtocolVersion::Tls12;
    Offer::new(version, vec![RSA]).client_hello([3; 32])
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let message = Message {
        kind,
        body: body.to_vec(),
    };
    encode_records(content_type::HANDSHAKE, 0x0303, &message.encode(), 16_384)
}

/// Feeds octets to a fresh server and gives the failure, having held that it stays and that the peer is told.
fn fails(octets: &[u8]) -> (Failure, Vec<u8>) {
    let mut server = server();
    let failure = server.receive(octets).expect_err("a failure");
    assert_eq!(server.receive(&[]), Err(failure.clone()));
    assert!(!server.is_open());
    (failure, server.take_output())
}

fn told(octets: &[u8], alert: u8) {
    let (failure, output) = fails(octets);
    assert_eq!(output.last(), Some(&alert), "{failure}");
}

#[test]
fn hellos_without_anything_in_common_are_refused_by_name() {
    let with = |change: &dyn Fn(&mut ClientHello)| {
        let mut hello = hello();
        change(&mut hello);
        hello.encode()
    };
    told(&with(&|hello| hello.suites = vec![0x1301]), 40);
    told(&with(&|hello| hello.client_version = 0x0300), 70);
    told(&with(&|hello| hello.compressions = vec![1]), 47);
    let foreign = Extension::new(code::RENEGOTIATION_INFO, vec![1, 7]);
    told(&with(&|hello| hello.extensions = vec![foreign.clone()]), 40);
    told(
        &with(&|hello| {
            hello.client_version = 0x0302;
            hello.suites.push(0x5600);
        }),
        86,
    );
    let odd = HelloQuirks {
        odd_suites: true,
        ..HelloQuirks::default()
    };
    told(&with(&|hello| hello.quirks = odd.clone()), 50);
}

#[test]
fn messages_out_of_order_are_unexpected() {
    let start = hello().encode();
    let twice = [start.clone(), start.clone()].concat();
    let spec = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
    for octets in [
        handshake(16, &[0, 0]),
        handshake(20, &[0; 12]),
        handshake(14, &[]),
        spec.clone(),
        twice,
        [start.clone(), spec].concat(),
        [start.clone(), handshake(15, &[0; 4])].concat(),
        [start.clone(), handshake(20, &[0; 12])].concat(),
        encode_records(content_type::APPLICATION_DATA, 0x0303, b"early", 9),
        encode_records(content_type::HEARTBEAT, 0x0303, &[1, 0, 0], 3),
        [
            start,
            encode_records(22, 0x0303, &[16, 0], 9),
            encode_records(20, 0x0303, &[1], 1),
        ]
        .concat(),
    ] {
        let (failure, output) = fails(&octets);
        assert!(matches!(failure.cause, Cause::Unexpected(_)), "{failure}");
        assert_eq!(output.last(), Some(&10));
    }
}

#[test]
fn floods_end() {
    let warning = Alert::warning(90).encode(0x0303);
    let (failure, _) = fails(&warning.repeat(40));
    assert!(failure.to_string().contains("warnings"), "{failure}");
    let (failure, _) = fails(&[22, 3, 3, 0, 4, 1, 0xFF, 0, 0]);
    assert!(failure.to_string().contains("16711680 octets"), "{failure}");
}

#[test]
fn a_record_that_was_touched_ends_the_connection() {
    let mut talk = talk(client_config(&[NAME]), &Arc::new(server_config()));
    talk.client.write(b"up");
    let mut octets = talk.client.take_output();
    *octets.last_mut().unwrap() ^= 1;
    let failure = talk.server.receive(&octets).unwrap_err();
    assert_eq!(failure.cause.alert(), Some(Alert::fatal(20)));
    assert!(talk.server.take_plaintext().is_empty());
}

/// What a client says in a handshake, by flight.
fn said(names: &[&str]) -> Vec<u8> {
    let mut client = Client::new(client_config(names), Entropy::from_seed([1; 32]));
    let mut server = server();
    let first = client.take_output();
    server.receive(&first).unwrap();
    let _ = client.receive(&server.take_output());
    [first, client.take_output()].concat()
}

#[test]
fn secrets_are_not_shown() {
    let talk = talk(
        client_config(&["TLS_DHE_PSK_WITH_AES_128_GCM_SHA256"]),
        &Arc::new(server_config()),
    );
    let shown = format!("{:?}", talk.server);
    let master = talk.client.session().unwrap().master_secret.expose();
    let list = format!("{master:?}");
    assert!(
        !shown.contains(list.trim_matches(['[', ']'])) && !shown.contains(&hex::encode(master))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_comes_however_it_comes_the_end_is_the_same(
        junk in proptest::collection::vec(any::<u8>(), 0..200),
        kind in 20_u8..26,
        at in 0_usize..600,
        step in 1_usize..40,
    ) {
        let mut octets = said(&[NAME]);
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
