//! Whatever comes in whatever pieces is read alike, without panic and within bounds.

use super::*;

/// Feeds `bytes` in pieces of the given sizes, again and again.
fn in_pieces(bytes: &[u8], sizes: &[usize]) -> FirstFlight {
    let mut flight = FirstFlight::default();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at((*size).min(rest.len()));
        flight.feed(head);
        rest = tail;
    }
    flight
}

fn at_once(bytes: &[u8]) -> FirstFlight {
    let mut flight = FirstFlight::default();
    flight.feed(bytes);
    flight
}

proptest! {
    #[test]
    fn chunking_does_not_matter(
        bytes in real_flight(),
        sizes in prop::collection::vec(1usize..400, 1..20),
    ) {
        prop_assert_eq!(in_pieces(&bytes, &sizes), at_once(&bytes));
    }

    #[test]
    fn damage_never_panics_and_chunking_still_does_not_matter(
        mut bytes in real_flight(),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        sizes in prop::collection::vec(1usize..100, 1..6),
    ) {
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        prop_assert_eq!(in_pieces(&bytes, &sizes), at_once(&bytes));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_stay_bounded(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        framed in any::<bool>(),
        sizes in prop::collection::vec(1usize..100, 1..6),
    ) {
        let bytes = if framed { record(22, &bytes) } else { bytes };
        let flight = at_once(&bytes);
        prop_assert!(flight.messages.len() <= MAX_MESSAGES && flight.records.len() <= MAX_RECORDS);
        prop_assert!(flight.not_tls.as_ref().is_none_or(|head| head.len() <= MAX_NOT_TLS));
        prop_assert_eq!(in_pieces(&bytes, &sizes), flight);
    }

    #[test]
    fn any_message_body_is_read_without_panic(
        kind in any::<u8>(),
        suite in any::<u16>(),
        version in 0x0300u16..0x0304,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let hello = ServerHello {
            version,
            legacy_version: version,
            random: [1; 32],
            session_id: vec![],
            suite,
            compression: 0,
            extensions: vec![],
        };
        let mut messages = Vec::new();
        for (kind, body) in [(2, hello.encode_body()), (kind, body)] {
            messages.extend([kind, 0, 0, u8::try_from(body.len()).unwrap()]);
            messages.extend(body);
        }
        let flight = at_once(&record(22, &messages));
        prop_assert!(flight.messages.first() == Some(&2));
    }
}
