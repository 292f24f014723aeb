//! Paths as addresses.

use std::fmt::Write as _;

use super::clean::clean;

/// A path as a relative URI reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded, so
/// that no path becomes a scheme or another host.
pub(crate) fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in clean(path).trim_start_matches('/').bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_uris() {
        assert_eq!(uri("ut/tls/tlsc-07.yaml"), "ut/tls/tlsc-07.yaml");
        assert_eq!(uri("my ünit/x#1.yaml"), "my%20%C3%BCnit/x%231.yaml");
        assert_eq!(uri("//host/x"), "host/x");
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }
}
