//! Challenges, credentials and whole answers as a hostile target writes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use presec::wire::http::challenge::{bootstrapping_realms, parse_challenges, parse_params};
use presec::wire::http::digest::Authorization;
use presec::wire::http::response::{Limits, ResponseReader};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let challenges = parse_challenges([text.as_ref()]);
    for challenge in &challenges.list {
        let _ = (challenge.realm().map(bootstrapping_realms), challenge.qop(), challenge.stale());
    }
    let _ = parse_params(&text);
    let _ = Authorization::parse(&text);
    let mut reader = ResponseReader::new(Limits::default(), "GET");
    let _ = reader.feed(data);
    let _ = reader.finish_eof();
});
