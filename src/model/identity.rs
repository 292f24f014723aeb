//! When two spellings of a public identity mean the same one.

/// Whether two IMPUs name the same user: scheme and host whatever their case, and no difference by percent encoding (RFC 3261, 19.1.4).
///
/// Anything behind the host, a port or a parameter, has to be the same text. A proxy that asserts such a spelling has asserted
/// the identity, since what stands behind it compares like this.
#[must_use]
pub fn is_same_identity(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// Scheme and host in lower case, everything percent-decoded; not a URI any more.
fn normal(identity: &str) -> Vec<u8> {
    let (scheme, rest) = identity.split_once(':').unwrap_or(("", identity));
    let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
    let mut text = scheme.to_ascii_lowercase().into_bytes();
    text.push(b':');
    text.extend(decoded(user));
    text.push(b'@');
    text.extend(decoded(&host.to_ascii_lowercase()));
    text
}

fn decoded(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let octet = hex
            .filter(|hex| *first == b'%' && hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        octets.push(octet.unwrap_or(*first));
        rest = match octet {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_identity_are_the_same_and_others_are_not() {
        let bob = "sip:bob@example.test";
        for same in [
            "SIP:bob@example.test",
            "sip:bob@EXAMPLE.test",
            "sip:%62ob@example.test",
            "sip:b%6fb@ex%61mple.test",
        ] {
            assert!(is_same_identity(same, bob), "{same}");
        }
        for other in [
            "sip:BOB@example.test",
            "sip:b\u{43e}b@example.test",
            "sips:bob@example.test",
            "sip:bob@example.test:5060",
            "sip:bob%@example.test",
            "tel:bob",
            "bob@example.test",
            "",
            "%",
        ] {
            assert!(!is_same_identity(other, bob), "{other}");
        }
    }
}
