//! Whatever comes in whatever portions is read alike and within bounds.

use super::*;

/// Octets that look like HTTP often enough to reach every state.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Just(b"HTTP/1.1 100 C\r\n\r\n".to_vec()),
        Just(b"HTTP/1.0 404 \n".to_vec()),
        Just(b"Content-Length: 5\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
        Just(b"X: y\r\n z\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"3;e\r\nabc\r\n".to_vec()),
        Just(b"0\r\n".to_vec()),
        vec(any::<u8>(), 0..6),
    ];
    vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn in_portions(bytes: &[u8], method: &str, sizes: &[usize]) -> Progress {
    let mut reader = ResponseReader::new(SMALL, method);
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (portion, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        rest = after;
        match reader.feed(portion) {
            Progress::Incomplete => {}
            other => return other,
        }
    }
    reader.finish_eof()
}

fn without_surplus(progress: Progress) -> Progress {
    match progress {
        Progress::Complete(mut response) => {
            response.surplus.clear();
            Progress::Complete(response)
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn portions_do_not_matter(bytes in stream(), sizes in vec(1_usize..20, 1..5), head: bool) {
        let method = if head { "HEAD" } else { "GET" };
        let whole = without_surplus(in_portions(&bytes, method, &[usize::MAX]));
        prop_assert_eq!(without_surplus(in_portions(&bytes, method, &sizes)), whole);
    }

    #[test]
    fn any_octets_end_within_bounds(bytes in stream(), tail in vec(any::<u8>(), 0..400)) {
        let bytes = [bytes, tail].concat();
        match in_portions(&bytes, "GET", &[7]) {
            Progress::Incomplete => prop_assert!(false, "no end at the end of the connection"),
            Progress::Complete(response) => {
                prop_assert!(response.body.len() <= SMALL.body_bytes && response.head.len() <= SMALL.head_bytes);
                prop_assert!(response.headers.len() <= SMALL.headers && response.trailers.len() <= SMALL.headers);
            }
            Progress::Malformed(unreadable) => {
                prop_assert!(unreadable.malformed.at <= u64::try_from(bytes.len()).unwrap());
                prop_assert!(unreadable.partial.is_none_or(|partial| partial.body.len() <= SMALL.body_bytes));
            }
        }
    }
}
