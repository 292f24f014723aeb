//! Whatever a client sends to the lab engine's server, whole or in chunks: never a panic, the same end, bounded output.
//!
//! The first octet says whether a real ClientHello goes before the input, so that it reaches what comes after.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use presec::load::Library;
use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;
use presec::tls::server::{Server, ServerConfig};
use presec::tls::suite::{Exchange, Proof, Suite};

/// Anonymous suites: no certificate is needed to come to the end. No DHE, whose primes would take the time of the parsers.
static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    let library = Library::embedded().expect("the library");
    let suites = library.suites.iter().filter_map(Suite::of);
    suites
        .filter(|suite| suite.proof == Proof::Anonymous && suite.exchange != Exchange::Dhe)
        .collect()
});

static CONFIG: LazyLock<Arc<ServerConfig>> =
    LazyLock::new(|| Arc::new(ServerConfig::new(SUITES.clone(), Vec::new())));

fn run(data: &[u8], step: usize) -> (bool, usize) {
    let mut server = Server::new(Arc::clone(&CONFIG), Entropy::from_seed([3; 32]));
    let (selector, data) = data.split_first().unwrap_or((&0, &[]));
    if selector & 1 == 1 {
        let config = ClientConfig::new(SUITES.clone());
        let mut client = Client::new(config, Entropy::from_seed([4; 32]));
        server.receive(&client.take_output()).expect("a hello");
    }
    let mut output = server.take_output().len();
    for chunk in data.chunks(step.max(1)) {
        let failed = server.receive(chunk).is_err();
        output += server.take_output().len();
        if failed {
            break;
        }
    }
    (server.is_open(), output)
}

fuzz_target!(|data: &[u8]| {
    let whole = run(data, data.len());
    let pieces = run(data, usize::from(data.first().copied().unwrap_or(1)));
    assert_eq!(whole.0, pieces.0);
    // Nobody who does not know the keys completes a handshake.
    assert!(!whole.0);
    assert!(whole.1 < 64 * 1024);
});
