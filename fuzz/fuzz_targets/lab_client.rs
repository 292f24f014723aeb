//! Whatever a server sends to the lab engine's client, whole or in chunks: never a panic, the same end, bounded output.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use presec::load::Library;
use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;
use presec::tls::suite::{Exchange, Suite};

/// Every suite but those of DHE, whose primes would take the time that the parsers shall have.
static SUITES: LazyLock<Vec<Suite>> = LazyLock::new(|| {
    let library = Library::embedded().expect("the library");
    let suites = library.suites.iter().filter_map(Suite::of);
    suites.filter(|suite| suite.exchange != Exchange::Dhe).collect()
});

fn run(data: &[u8], step: usize) -> (bool, usize) {
    let config = ClientConfig::new(SUITES.clone());
    let mut client = Client::new(config, Entropy::from_seed([3; 32]));
    let mut output = client.take_output().len();
    for chunk in data.chunks(step.max(1)) {
        let failed = client.receive(chunk).is_err();
        output += client.take_output().len();
        if failed {
            break;
        }
    }
    (client.is_open(), output)
}

fuzz_target!(|data: &[u8]| {
    let whole = run(data, data.len());
    let pieces = run(data, usize::from(data.first().copied().unwrap_or(1)));
    assert_eq!(whole.0, pieces.0);
    // Nobody who does not know the keys completes a handshake.
    assert!(!whole.0);
    assert!(whole.1 < 64 * 1024);
});
