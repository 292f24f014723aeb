//! Whatever a server sends first: never a panic, never more than the bound, and chunks make no difference.
#![no_main]

use libfuzzer_sys::fuzz_target;
use presec::wire::tls::client::parse_client_records;
use presec::wire::tls::flight::FirstFlight;

fuzz_target!(|data: &[u8]| {
    let mut whole = FirstFlight::default();
    whole.feed(data);
    let mut pieces = FirstFlight::default();
    let step = usize::from(data.first().copied().unwrap_or(1)).max(1);
    for chunk in data.chunks(step) {
        pieces.feed(chunk);
    }
    assert_eq!(whole.server_hello.is_some(), pieces.server_hello.is_some());
    assert_eq!(whole.alerts.len(), pieces.alerts.len());
    let _ = parse_client_records(data);
});
