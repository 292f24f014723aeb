//! The traces of RFC 8448: with its private keys the client sends its octets, where nothing in them is chance.

use std::collections::BTreeMap;

use super::super::binder::bind;
use super::super::offer::{OfferedPsk, Share};
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{Client, ClientConfig, EarlyData, SelectedPsk, ServerSignature};
use crate::tls::entropy::Entropy;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::EphemeralKey;
use crate::tls::record::Opener13;
use crate::tls::schedule::PskOrigin;
use crate::tls::session::{Mechanism, Tls13Offer, Tls13Session};
use crate::tls::signature::{PublicKey, Scheme};
use crate::tls::suite::tests::suite;
use crate::wire::tls::extension::{code, group};
use crate::wire::tls::handshake::Joiner;
use crate::wire::tls::handshake13::{
    Certificate13, message_hash, parse_certificate_verify, signed_content,
};
use crate::wire::tls::hello::ClientHello;

const SIMPLE: &str = include_str!("../../../../../fixtures/wire/tls/rfc8448/simple.txt");
const RESUMED: &str =
    include_str!("../../../../../fixtures/wire/tls/rfc8448/resumed-early-data.txt");
const RETRIED: &str =
    include_str!("../../../../../fixtures/wire/tls/rfc8448/hello-retry-request.txt");
const AUTHENTICATED: &str =
    include_str!("../../../../../fixtures/wire/tls/rfc8448/client-authentication.txt");
const COMPATIBLE: &str =
    include_str!("../../../../../fixtures/wire/tls/rfc8448/middlebox-compatibility.txt");

/// A record's header.
const HEADER: usize = 5;

struct Trace(BTreeMap<&'static str, Vec<u8>>);

impl Trace {
    fn of(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(
            lines
                .map(|line| {
                    let (name, octets) = line.split_once(' ').unwrap();
                    (name, hex::decode(octets).unwrap())
                })
                .collect(),
        )
    }

    fn get(&self, name: &str) -> &[u8] {
        &self.0[name]
    }

    fn hello(&self) -> ClientHello {
        ClientHello::parse(&self.get("client_hello")[HEADER + 4..]).unwrap()
    }
}

/// A client that offers nothing by itself but what the traces have.
fn config() -> ClientConfig {
    let names = [
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_256_GCM_SHA384",
    ];
    let mut config = ClientConfig::new(names.map(suite).to_vec());
    (config.minimum, config.maximum) = (ProtocolVersion::Tls13, ProtocolVersion::Tls13);
    config.server_name = Some("server".to_owned());
    config.tls13.middlebox_compatibility = false;
    config
}

/// Makes the client one that sent this hello and holds this key.
fn assume(client: &mut Client, trace: &Trace, hello: &str, named: u16) {
    client.handshake.transcript = trace.get(hello)[HEADER..].to_vec();
    client.handshake.hello = ClientHello::parse(&trace.get(hello)[HEADER + 4..]).unwrap();
    client.tls13.as_mut().unwrap().shares = vec![Share {
        group: named,
        key: EphemeralKey::from_octets(named, trace.get("client_key")).unwrap(),
    }];
}

fn client(trace: &Trace, config: ClientConfig) -> Client {
    let mut client = Client::new(config, Entropy::from_seed([8; 32]));
    client.take_output();
    assume(&mut client, trace, "client_hello", group::X25519);
    client
}

/// Feeds what the server said, and holds what the client says to it.
fn answers(client: &mut Client, trace: &Trace, said: &str, expected: &[&str]) {
    client.receive(trace.get(said)).unwrap();
    let expected: Vec<u8> = expected
        .iter()
        .flat_map(|name| trace.get(name).to_vec())
        .collect();
    assert_eq!(hex::encode(client.take_output()), hex::encode(expected));
}

/// Data both ways, and both ends.
fn ends(client: &mut Client, trace: &Trace) {
    client.receive(trace.get("server_data")).unwrap();
    let data: Vec<u8> = (0..50).collect();
    let came = client.take_plaintext();
    assert!(came == data || came.is_empty(), "{came:?}");
    assert!(client.is_closed_by_peer());
    client.write(&came);
    client.close();
    let sent = hex::encode(client.take_output());
    assert_eq!(sent, hex::encode(trace.get("client_data")));
}

#[test]
fn a_simple_handshake() {
    let trace = Trace::of(SIMPLE);
    let mut client = client(&trace, config());
    answers(&mut client, &trace, "server_hello", &[]);
    answers(&mut client, &trace, "server_flight", &["client_finished"]);
    assert_eq!(client.facts().signature, ServerSignature::Right);
    assert!(client.facts().unsolicited_extensions.is_empty());
    ends(&mut client, &trace);
    let [session] = client.tickets() else {
        panic!("{:?}", client.tickets());
    };
    let resumed = Trace::of(RESUMED);
    assert_eq!(session.key.expose(), resumed.get("psk"));
    assert_eq!((session.lifetime, session.max_early_data), (30, 1024));
    assert_eq!(session.age_add, 0xFAD6_AAC5);
}

fn offered(trace: &Trace) -> OfferedPsk {
    let hello = trace.hello();
    let body = hello.extension(code::PRE_SHARED_KEY).unwrap();
    let parsed = crate::wire::tls::extension13::OfferedPsks::parse(body).unwrap();
    let (identity, age) = parsed.identities[0].clone();
    OfferedPsk {
        which: SelectedPsk::Ticket(0),
        origin: PskOrigin::Resumption,
        identity,
        age,
        key: Secret::new(trace.get("psk")),
        hash: HashFunction::Sha256,
        suite: Some(suite("TLS_AES_128_GCM_SHA256")),
    }
}

#[test]
fn a_binder() {
    let trace = Trace::of(RESUMED);
    let mut hello = trace.hello();
    let whole = hello.encode_message();
    hello
        .extensions
        .retain(|extension| extension.code != code::PRE_SHARED_KEY);
    bind(&mut hello, &[offered(&trace)], &[]);
    assert_eq!(hex::encode(hello.encode_message()), hex::encode(whole));
}

#[test]
fn a_resumed_handshake_with_early_data() {
    let trace = Trace::of(RESUMED);
    let mut config = config();
    let psk = offered(&trace);
    config.tls13.resume = vec![Tls13Offer {
        session: Tls13Session {
            suite: suite("TLS_AES_128_GCM_SHA256"),
            ticket: Secret::new(psk.identity.clone()),
            key: psk.key.clone(),
            lifetime: 30,
            age_add: 0xFAD6_AAC5,
            max_early_data: 1024,
            server_name: None,
        },
        age: std::time::Duration::from_millis(6),
    }];
    let mut client = client(&trace, config);
    client.config.tls13.early_data = b"ABCDEF".to_vec();
    client.tls13.as_mut().unwrap().psks = vec![psk];
    client.send_early_data();
    let sent = hex::encode(client.take_output());
    assert_eq!(sent, hex::encode(trace.get("early_data")));
    answers(&mut client, &trace, "server_hello", &[]);
    let answer = ["end_of_early_data", "client_finished"];
    answers(&mut client, &trace, "server_flight", &answer);
    assert_eq!(client.facts().resumed, Some(Mechanism::Tls13Psk));
    assert_eq!(client.facts().tls13.early_data, EarlyData::Accepted);
    ends(&mut client, &trace);
}

#[test]
fn a_second_hello() {
    let trace = Trace::of(RETRIED);
    let mut client = client(&trace, config());
    assume(&mut client, &trace, "first_client_hello", group::X25519);
    client.receive(trace.get("hello_retry_request")).unwrap();
    // Our second hello has another share and is in another order, but says the same.
    let sent = client.take_output();
    let second = ClientHello::parse(&sent[HEADER + 4..]).unwrap();
    let theirs = trace.hello();
    assert_eq!(second.random, theirs.random);
    let cookie = |hello: &ClientHello| hello.extension(code::COOKIE).map(<[u8]>::to_vec);
    assert_eq!(cookie(&second), cookie(&theirs));
    assert!(cookie(&second).is_some());
    let retry = client.facts().tls13.hello_retry.unwrap();
    assert_eq!((retry.group, retry.cookie), (Some(group::SECP256R1), true));
    // The hash stands for the first hello.
    let first = &trace.get("first_client_hello")[HEADER..];
    let mut transcript = message_hash(&HashFunction::Sha256.digest(&[first]));
    transcript.extend(&trace.get("hello_retry_request")[HEADER..]);
    assert!(client.handshake.transcript.starts_with(&transcript));
    assume(&mut client, &trace, "client_hello", group::SECP256R1);
    transcript.extend(&client.handshake.transcript);
    client.handshake.transcript = transcript;
    answers(&mut client, &trace, "server_hello", &[]);
    answers(&mut client, &trace, "server_flight", &["client_finished"]);
    assert_eq!(client.facts().signature, ServerSignature::Right);
    ends(&mut client, &trace);
}

#[test]
fn a_client_that_authenticates() {
    let trace = Trace::of(AUTHENTICATED);
    let mut client = client(&trace, config());
    answers(&mut client, &trace, "server_hello", &[]);
    let secret = client.tls13.as_ref().unwrap().client_handshake.clone();
    let secret = secret.unwrap();
    client.receive(trace.get("server_flight")).unwrap();
    assert_eq!(client.facts().signature, ServerSignature::Right);
    let request = client.facts().certificate_request.clone().unwrap();
    assert!(request.schemes.contains(&0x0804));
    // The RFC's client signs with salt; ours would with another. What it sent is read as a server reads it.
    let suite = suite("TLS_AES_128_GCM_SHA256");
    let mut opener = Opener13::new(&suite, &secret.keys(&suite)).unwrap();
    let (kind, flight) = opener
        .open(&trace.get("client_finished")[HEADER..])
        .unwrap();
    assert_eq!(kind, 22);
    let mut joiner = Joiner::default();
    joiner.feed(&flight);
    let mut next = || joiner.next_message().unwrap().unwrap();
    let (certificate, verify, finished) = (next(), next(), next());
    let ours = client.tls13.as_ref().unwrap().handshake_messages.clone();
    // Up to our own flight: an empty Certificate and a Finished.
    let mut transcript = ours[..ours.len() - 8 - 36].to_vec();
    transcript.extend(certificate.encode());
    let chain = Certificate13::parse(&certificate.body).unwrap();
    let key = PublicKey::of_certificate(&chain.entries[0].certificate).unwrap();
    let (scheme, signature) = parse_certificate_verify(&verify.body).unwrap();
    let content = signed_content(false, &suite.hash.digest(&[&transcript]));
    key.verify(Scheme::of(scheme).unwrap(), &[&content], &signature)
        .unwrap();
    transcript.extend(verify.encode());
    let hash = suite.hash.digest(&[&transcript]);
    assert_eq!(finished.body, secret.verify_data(&hash));
}

#[test]
fn a_handshake_that_middleboxes_like() {
    let trace = Trace::of(COMPATIBLE);
    let mut config = config();
    config.tls13.middlebox_compatibility = true;
    let mut client = client(&trace, config);
    answers(&mut client, &trace, "server_hello", &[]);
    answers(&mut client, &trace, "server_flight", &["client_finished"]);
    assert_eq!(client.facts().tls13.change_cipher_specs, 1);
    ends(&mut client, &trace);
}
