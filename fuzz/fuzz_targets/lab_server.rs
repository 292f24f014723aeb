//! Whatever a client sends to the lab engine's server, whole or in chunks: never a panic, the same end, bounded output.
//!
//! The first octet says what a real client said before the input, so that it reaches what comes after: nothing, a hello of
//! TLS 1.2, a hello of TLS 1.3 with a pre-shared key or without, or a whole handshake of TLS 1.3. The server of TLS 1.3 has
//! an integrity-only suite and takes any MAC, so that the input stands in clear where other suites would have ciphertext.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use presec::load::Library;
use presec::model::secret::Secret;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{Client, ClientConfig, ExternalPsk};
use presec::tls::entropy::Entropy;
use presec::tls::hash::HashFunction;
use presec::tls::key_exchange::PreSharedKey;
use presec::tls::server::{
    ClientCertificates, Laxity, PreSharedKeys, Server, ServerConfig, ServerIdentity,
};
use presec::tls::signature::PrivateKey;
use presec::tls::suite::{Exchange, Proof, Suite};

/// Bits of the first octet: what was said before, and whether a second hello is asked for.
const BEFORE: u8 = 0b111;
const COOKIE: u8 = 0b1000;

const KEY: [u8; 32] = [5; 32];

/// Anonymous suites: no certificate is needed to come to the end. No DHE, whose primes would take the time of the parsers.
static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    suites(|suite| suite.proof == Proof::Anonymous && suite.exchange != Exchange::Dhe)
});

/// TLS_SHA256_SHA256.
static INTEGRITY: LazyLock<Vec<Suite>> = LazyLock::new(|| suites(|suite| suite.code == 0xC0B4));

fn suites(wanted: impl Fn(&Suite) -> bool) -> Vec<Suite> {
    let library = Library::embedded().expect("the library");
    let suites = library.suites.iter().filter_map(Suite::of);
    suites.filter(|suite| wanted(suite)).collect()
}

struct OneKey;

impl PreSharedKeys for OneKey {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        (identity == b"presec").then(|| Secret::new(KEY))
    }
}

fn identity() -> ServerIdentity {
    let text = include_str!("../../fixtures/wire/tls/signatures/openssl.txt");
    let octets = |prefix: &str| -> Vec<u8> {
        let digits = text.lines().find_map(|line| line.strip_prefix(prefix));
        let digits = digits.expect("a fixture").as_bytes();
        let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).expect("text"));
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
    };
    ServerIdentity {
        certificates: vec![octets("certificate p256 ")],
        key: PrivateKey::from_der(&octets("pkcs8 p256 ")).expect("a key"),
    }
}

fn config(cookie: bool) -> Arc<ServerConfig> {
    let mut config = ServerConfig::new([SUITES.clone(), INTEGRITY.clone()].concat(), vec![identity()]);
    (config.maximum, config.highest) = (ProtocolVersion::Tls13, ProtocolVersion::Tls13);
    config.pre_shared_keys = Some(Arc::new(OneKey));
    config.client_certificates = ClientCertificates::Required;
    config.laxities.insert(Laxity::AnyMac);
    config.tls13.cookie = cookie;
    config.tls13.max_early_data = 100;
    Arc::new(config)
}

static CONFIGS: LazyLock<[Arc<ServerConfig>; 2]> =
    LazyLock::new(|| [config(false), config(true)]);

/// The client that speaks before the input, if one does.
fn client(before: u8) -> Option<Client> {
    let mut config = match before {
        1 => ClientConfig::new(SUITES.clone()),
        2..=5 => ClientConfig::new(INTEGRITY.clone()),
        _ => return None,
    };
    if before > 1 {
        (config.minimum, config.maximum) = (ProtocolVersion::Tls13, ProtocolVersion::Tls13);
        config.tls13.post_handshake_auth = true;
    }
    if matches!(before, 2 | 4 | 5) {
        config.tls13.external_psks = vec![ExternalPsk {
            key: PreSharedKey {
                identity: b"presec".to_vec(),
                key: Secret::new(KEY),
            },
            hash: HashFunction::Sha256,
        }];
    }
    Some(Client::new(config, Entropy::from_seed([4; 32])))
}

fn run(data: &[u8], step: usize) -> (bool, usize) {
    let (selector, data) = data.split_first().unwrap_or((&0, &[]));
    let before = selector & BEFORE;
    let at = usize::from(selector & COOKIE > 0);
    let mut server = Server::new(Arc::clone(&CONFIGS[at]), Entropy::from_seed([3; 32]));
    if let Some(mut client) = client(before) {
        server.receive(&client.take_output()).expect("a hello");
        if before >= 4 {
            // Up to the end of the handshake, and a request behind it.
            for _ in 0..2 {
                client.receive(&server.take_output()).expect("an answer");
                server.receive(&client.take_output()).expect("an answer");
            }
            assert!(server.is_open());
            assert!(before == 4 || server.request_certificate());
        }
    }
    let mut output = server.take_output().len();
    for chunk in data.chunks(step.max(1)) {
        let failed = server.receive(chunk).is_err();
        output += server.take_output().len();
        if failed {
            break;
        }
    }
    // Nobody who does not know the keys completes a handshake.
    assert!(!server.is_open() || before >= 4);
    (server.is_open(), output)
}

fuzz_target!(|data: &[u8]| {
    let whole = run(data, data.len());
    let pieces = run(data, usize::from(data.first().copied().unwrap_or(1)));
    assert_eq!(whole.0, pieces.0);
    assert!(whole.1 < 64 * 1024);
});
