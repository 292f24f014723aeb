//! Secrets that show only while a case runs: digest responses, other credentials, cookies, tickets.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::evidence::{EvidenceRole, Happening, WireEvent};
use crate::wire::tls::summary::RecordStream;

use super::streams::{Stream, StreamKey};

/// Most secrets of one case; credentials are bounded by the requests of a case, what a hostile target sends is not.
const MOST: usize = 2000;
/// Directives of Digest that are computed from a password.
const COMPUTED: [&str; 2] = ["response", "rspauth"];

/// The secrets of a case.
pub(super) fn secrets(
    events: &[WireEvent],
    streams: &BTreeMap<StreamKey, Stream>,
    roles: &BTreeMap<u32, EvidenceRole>,
) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    for (key, stream) in streams {
        if key.plain || roles.get(&key.connection) != Some(&EvidenceRole::Ue) {
            of_lines(&stream.octets, &mut found);
        } else {
            let records = RecordStream::default().feed(&stream.octets);
            let messages = records.into_iter().flat_map(|record| record.messages);
            found.extend(messages.flat_map(|message| message.tickets));
        }
    }
    for event in events {
        if let Happening::Origin(request) = &event.what {
            for (name, value) in &request.fields {
                of_field(name, value, &mut found);
            }
        }
    }
    found.into_iter().take(MOST).collect()
}

/// Secrets of header fields in octets that may be HTTP; folded lines count as one.
fn of_lines(octets: &[u8], found: &mut BTreeSet<Vec<u8>>) {
    let mut lines = octets.split(|octet| *octet == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.split(|octet| *octet == b':').next().and_then(named) else {
            continue;
        };
        let mut value = line.get(name.len()..).unwrap_or_default().to_vec();
        while let Some(more) = lines.next_if(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
            value.push(b' ');
            value.extend_from_slice(more);
        }
        let value = String::from_utf8_lossy(&value);
        of_field(name, value.trim_start_matches([':', ' ']), found);
    }
}

/// The field's name, when its value holds secrets.
fn named(octets: &[u8]) -> Option<&'static str> {
    const NAMES: [&str; 6] = [
        "authorization",
        "proxy-authorization",
        "authentication-info",
        "proxy-authentication-info",
        "cookie",
        "set-cookie",
    ];
    let octets = octets.trim_ascii();
    NAMES
        .into_iter()
        .find(|name| octets.eq_ignore_ascii_case(name.as_bytes()))
}

fn of_field(name: &str, value: &str, found: &mut BTreeSet<Vec<u8>>) {
    let mut add = |secret: &str| {
        let secret = secret.trim();
        if !secret.is_empty() {
            found.insert(secret.as_bytes().to_vec());
        }
    };
    match named(name.as_bytes()) {
        Some("cookie") => {
            for pair in value.split(';') {
                add(pair
                    .split_once('=')
                    .map_or(pair, |(_, value)| value)
                    .trim()
                    .trim_matches('"'));
            }
        }
        Some("set-cookie") => {
            let pair = value.split(';').next().unwrap_or_default();
            add(pair
                .split_once('=')
                .map_or(pair, |(_, value)| value)
                .trim()
                .trim_matches('"'));
        }
        Some("authentication-info" | "proxy-authentication-info") => {
            computed(value).into_iter().for_each(add);
        }
        Some(_) => {
            let (scheme, rest) = value.trim().split_once(' ').unwrap_or(("", value));
            if scheme.eq_ignore_ascii_case("digest") {
                computed(rest).into_iter().for_each(add);
            } else {
                add(rest);
            }
        }
        None => {}
    }
}

/// Values of directives that are computed from a password, in whatever way they are written.
fn computed(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    let mut values = Vec::new();
    for directive in COMPUTED {
        for (at, _) in lower.match_indices(directive) {
            let rest = text.get(at + directive.len()..).unwrap_or_default();
            let Some(rest) = rest.trim_start().strip_prefix('=') else {
                continue;
            };
            let rest = rest.trim_start();
            let value = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => rest.split([',', ' ', '\t', '\r']).next(),
            };
            values.extend(value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        of_lines(text.as_bytes(), &mut found);
        found
            .into_iter()
            .map(|secret| String::from_utf8(secret).unwrap())
            .collect()
    }

    #[test]
    fn credentials_and_cookies_of_requests_and_answers_are_secrets() {
        let text = "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Digest username=\"a\", response=\"0123abcd\", nc=1\r\n\
                    proxy-authorization : Basic dXNlcjpwYXNz\r\nCookie: a=first; b=\"second\"\r\n\r\n\
                    HTTP/1.1 200 OK\r\nSet-Cookie: id=third; Path=/\r\nAuthentication-Info: rspauth=fourth, qop=auth\r\n";
        assert_eq!(
            of(text),
            [
                "0123abcd",
                "dXNlcjpwYXNz",
                "first",
                "fourth",
                "second",
                "third"
            ]
        );
    }

    #[test]
    fn malformed_and_folded_credentials_are_secrets_too() {
        assert_eq!(
            of("Authorization: Digest realm=\"r\",\r\n\tRESPONSE = bare-value, x=1\r\n"),
            ["bare-value"]
        );
        assert_eq!(of("Authorization: Bearer abc.def\r\n"), ["abc.def"]);
        assert_eq!(of("Authorization: no-scheme\n"), ["no-scheme"]);
        assert!(of("X-Authorization: Digest response=\"x\"\r\n").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_octets_are_searched_without_harm(octets: Vec<u8>) {
            let mut found = BTreeSet::new();
            of_lines(&octets, &mut found);
            let mut text = b"Authorization: Digest response=".to_vec();
            text.extend(octets);
            of_lines(&text, &mut found);
        }
    }
}
