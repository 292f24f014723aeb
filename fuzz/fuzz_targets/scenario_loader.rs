//! Scenario files as anybody may write them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use presec::load::scenario_from_text;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = scenario_from_text("fuzz.yaml", text);
    }
});
