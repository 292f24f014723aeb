//! The traces of RFC 8448: with its keys, and with what was chance in them, the server sends its octets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::entropy::Entropy;
use crate::tls::quirk::{Field, MessageAt, MessageChange, Quirk};
use crate::tls::server::{
    ClientCertificates, EarlyData, Found, Possession, SelectedPsk, Server, ServerConfig,
    ServerIdentity, SessionStore, StoredSession,
};
use crate::tls::session::Mechanism;
use crate::tls::signature::PrivateKey;
use crate::tls::suite::tests::suite;
use crate::wire::tls::extension::{code, group};
use crate::wire::tls::extension13::OfferedPsks;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::handshake_type;

macro_rules! trace {
    ($name:literal) => {
        Trace::of(include_str!(concat!(
            "../../../../fixtures/wire/tls/rfc8448/",
            $name,
            ".txt"
        )))
    };
}

/// Octets before a ClientHello's body: of its record and of its message.
const HEADERS: usize = 9;
/// signature_algorithms of the RFC's CertificateRequest.
const SCHEMES: [u16; 15] = [
    0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0402,
    0x0502, 0x0602, 0x0202,
];

struct Trace(BTreeMap<&'static str, Vec<u8>>);

impl Trace {
    fn of(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| {
            let (name, octets) = line.split_once(' ').unwrap();
            (name, hex::decode(octets).unwrap())
        });
        Self(lines.collect())
    }

    fn get(&self, name: &str) -> &[u8] {
        &self.0[name]
    }

    /// The random of the ServerHello, then the server's key and the salt of its signature.
    fn chance(&self) -> Vec<u8> {
        let random = &self.get("server_hello")[HEADERS + 2..HEADERS + 34];
        let salt = self.0.get("salt").map_or(&[][..], Vec::as_slice);
        [random, self.get("server_key"), salt].concat()
    }
}

/// Another value in a field of the first message of a kind.
fn field(kind: u8, field: Field, value: &str) -> Quirk {
    Quirk::Message {
        at: MessageAt::first(kind),
        change: MessageChange::Field {
            field,
            value: hex::decode(value).unwrap(),
        },
    }
}

/// The RFC's server also says groups and a record size limit in its EncryptedExtensions.
fn said(extensions: &str) -> Quirk {
    field(
        handshake_type::ENCRYPTED_EXTENSIONS,
        Field::Extensions,
        extensions,
    )
}

const GROUPS: &str = "000a00140012001d00170018001901000101010201030104";
const LIMIT_AND_NAME: &str = "001c0002400100000000";

/// One session, which was given a moment ago.
#[derive(Default)]
struct One(Mutex<Option<(Vec<u8>, StoredSession)>>);

impl SessionStore for One {
    fn keep(&self, _: Mechanism, handle: &[u8], session: StoredSession) {
        *self.0.lock().unwrap() = Some((handle.to_vec(), session));
    }

    fn find(&self, _: Mechanism, handle: &[u8]) -> Option<Found> {
        let (kept, session) = self.0.lock().unwrap().clone()?;
        (kept == handle).then_some(Found {
            session,
            expired: false,
        })
    }

    fn age(&self, _: Mechanism, _: &[u8]) -> Option<Duration> {
        Some(Duration::ZERO)
    }

    fn forget(&self, _: Mechanism, _: &[u8]) {}
}

fn config(quirks: Vec<Quirk>) -> ServerConfig {
    let server = trace!("server");
    let identity = ServerIdentity {
        certificates: vec![server.get("rsa_certificate").to_vec()],
        key: PrivateKey::from_der(server.get("rsa_key")).unwrap(),
    };
    let mut config = ServerConfig::new(vec![suite("TLS_AES_128_GCM_SHA256")], vec![identity]);
    let version = ProtocolVersion::Tls13;
    (config.minimum, config.maximum, config.highest) = (version, version, version);
    config.signature_schemes = SCHEMES.to_vec();
    config.quirks = quirks;
    config
}

/// Feeds what the client said, and holds what the server says to it.
fn answers(server: &mut Server, trace: &Trace, said: &[&str], expected: &[&str]) {
    let octets = |names: &[&str]| -> Vec<u8> {
        let names = names.iter();
        names.flat_map(|name| trace.get(name).to_vec()).collect()
    };
    server.receive(&octets(said)).unwrap();
    let sent = hex::encode(server.take_output());
    assert_eq!(sent, hex::encode(octets(expected)));
}

/// Data both ways, and both ends; `before` is what the server said after the client's Finished.
fn ends(server: &mut Server, trace: &Trace, before: &[u8]) {
    server.receive(trace.get("client_data")).unwrap();
    let data: Vec<u8> = (0..50).collect();
    let came = server.take_plaintext();
    assert!(came == data || came.is_empty(), "{came:?}");
    assert!(server.is_closed_by_peer());
    server.write(&came);
    server.close();
    let sent = [before, &server.take_output()].concat();
    assert_eq!(hex::encode(sent), hex::encode(trace.get("server_data")));
    assert!(server.facts().quirks.iter().all(|done| *done == 1));
}

#[test]
fn a_simple_handshake_with_its_ticket() {
    let trace = trace!("simple");
    let resumed = trace!("resumed-early-data");
    let offered = offered(&resumed);
    let ticket = hex::encode(&offered.identities[0].0);
    let mut config = config(vec![
        said(&[GROUPS, LIMIT_AND_NAME].concat()),
        field(handshake_type::NEW_SESSION_TICKET, Field::Ticket, &ticket),
    ]);
    let store = Arc::new(One::default());
    config.sessions = Some(Arc::clone(&store) as _);
    (config.ticket_lifetime, config.tls13.tickets) = (30, 1);
    config.tls13.max_early_data = 1024;
    let age_add = 0xFAD6_AAC5_u32.to_be_bytes();
    let chance = [&trace.chance()[..], &[0; 32], &age_add].concat();
    let mut server = Server::new(Arc::new(config), Entropy::scripted(&chance));
    let flight = ["server_hello", "server_flight"];
    answers(&mut server, &trace, &["client_hello"], &flight);
    server.receive(trace.get("client_finished")).unwrap();
    let ticket = server.take_output();
    ends(&mut server, &trace, &ticket);
    let (_, session) = store.0.lock().unwrap().clone().unwrap();
    assert_eq!(session.secret.expose(), resumed.get("psk"));
}

fn offered(trace: &Trace) -> OfferedPsks {
    let hello = ClientHello::parse(&trace.get("client_hello")[HEADERS..]).unwrap();
    OfferedPsks::parse(hello.extension(code::PRE_SHARED_KEY).unwrap()).unwrap()
}

#[test]
fn a_resumed_handshake_with_early_data() {
    let trace = trace!("resumed-early-data");
    let extensions = [GROUPS, LIMIT_AND_NAME, "002a0000"].concat();
    let mut config = config(vec![said(&extensions)]);
    config.tls13.max_early_data = 1024;
    let store = Arc::new(One::default());
    let session = StoredSession {
        version: ProtocolVersion::Tls13,
        suite: 0x1301,
        secret: Secret::new(trace.get("psk")),
        extended_master_secret: false,
        server_name: Some("server".to_owned()),
        client_certificates: Vec::new(),
        age_add: 0xFAD6_AAC5,
        max_early_data: 1024,
    };
    let ticket = offered(&trace).identities[0].0.clone();
    store.keep(Mechanism::Tls13Psk, &ticket, session);
    config.sessions = Some(store);
    let mut server = Server::new(Arc::new(config), Entropy::scripted(&trace.chance()));
    let flight = ["server_hello", "server_flight"];
    answers(
        &mut server,
        &trace,
        &["client_hello", "early_data"],
        &flight,
    );
    assert_eq!(server.take_plaintext(), b"ABCDEF");
    let answer = ["end_of_early_data", "client_finished"];
    answers(&mut server, &trace, &answer, &[]);
    let facts = server.facts();
    assert_eq!(facts.tls13.psk, Some(SelectedPsk::Ticket));
    assert_eq!(facts.tls13.early_data, EarlyData::Accepted);
    ends(&mut server, &trace, &[]);
}

#[test]
fn a_second_hello() {
    let trace = trace!("hello-retry-request");
    let retry = &trace.get("hello_retry_request")[HEADERS..];
    let retry = crate::wire::tls::server_hello::ServerHello::parse(retry).unwrap();
    let cookie = retry.extension(code::COOKIE).unwrap();
    let mut config = config(vec![
        field(
            handshake_type::SERVER_HELLO,
            Field::Extension(code::COOKIE),
            &hex::encode(cookie),
        ),
        said(&["000a0008000600170018001d", LIMIT_AND_NAME].concat()),
    ]);
    (config.groups, config.tls13.cookie) = (vec![group::SECP256R1], true);
    // What the engine's own cookie would be comes first.
    let chance = [&[0; 32][..], &trace.chance()].concat();
    let mut server = Server::new(Arc::new(config), Entropy::scripted(&chance));
    let first = ["first_client_hello"];
    answers(&mut server, &trace, &first, &["hello_retry_request"]);
    server.tls13().unwrap().cookie = Some(cookie[2..].to_vec());
    let flight = ["server_hello", "server_flight"];
    answers(&mut server, &trace, &["client_hello"], &flight);
    answers(&mut server, &trace, &["client_finished"], &[]);
    assert_eq!(server.facts().group, Some(group::SECP256R1));
    ends(&mut server, &trace, &[]);
}

#[test]
fn a_client_that_authenticates() {
    let trace = trace!("client-authentication");
    let ours = trace!("server");
    let mut config = config(vec![
        said(&[GROUPS, LIMIT_AND_NAME].concat()),
        field(
            handshake_type::CERTIFICATE_VERIFY,
            Field::Signature,
            &hex::encode(ours.get("p256_signature")),
        ),
    ]);
    config.client_certificates = ClientCertificates::Required;
    // Any key of the kind; what it signs is replaced.
    let text = include_str!("../../../../fixtures/wire/tls/signatures/openssl.txt");
    let key = text
        .lines()
        .find_map(|line| line.strip_prefix("pkcs8 p256 "));
    config.identities = vec![ServerIdentity {
        certificates: vec![ours.get("p256_certificate").to_vec()],
        key: PrivateKey::from_der(&hex::decode(key.unwrap()).unwrap()).unwrap(),
    }];
    let mut server = Server::new(Arc::new(config), Entropy::scripted(&trace.chance()));
    let flight = ["server_hello", "server_flight"];
    answers(&mut server, &trace, &["client_hello"], &flight);
    answers(&mut server, &trace, &["client_finished"], &[]);
    assert_eq!(server.facts().possession, Possession::Right);
    ends(&mut server, &trace, &[]);
}

#[test]
fn a_handshake_that_middleboxes_like() {
    let trace = trace!("middlebox-compatibility");
    let config = config(vec![said(&[GROUPS, LIMIT_AND_NAME].concat())]);
    let mut server = Server::new(Arc::new(config), Entropy::scripted(&trace.chance()));
    let flight = ["server_hello", "server_flight"];
    answers(&mut server, &trace, &["client_hello"], &flight);
    answers(&mut server, &trace, &["client_finished"], &[]);
    assert_eq!(server.facts().tls13.change_cipher_specs, 1);
    ends(&mut server, &trace, &[]);
}
