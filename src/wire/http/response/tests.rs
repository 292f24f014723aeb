use super::*;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!(
            "../../../../fixtures/wire/http/apache-2.4.71/",
            $name
        ))
        .as_slice()
    };
}

mod properties;

fn read_with(limits: Limits, method: &str, bytes: &[u8]) -> Progress {
    let mut reader = ResponseReader::new(limits, method);
    match reader.feed(bytes) {
        Progress::Incomplete => reader.finish_eof(),
        other => other,
    }
}

fn read(bytes: &[u8]) -> Progress {
    read_with(Limits::default(), "GET", bytes)
}

fn complete(progress: Progress) -> Response {
    match progress {
        Progress::Complete(response) => *response,
        other => panic!("{other:?}"),
    }
}

fn unreadable(progress: Progress) -> Unreadable {
    match progress {
        Progress::Malformed(unreadable) => *unreadable,
        other => panic!("{other:?}"),
    }
}

fn flaws(response: &Response) -> Vec<Flaw> {
    response.flaws.iter().map(|flaw| flaw.what).collect()
}

#[test]
fn recorded_challenge() {
    let response = complete(read(recorded!("401-challenge.bin")));
    assert_eq!(
        (
            response.version.as_str(),
            response.status,
            response.reason.as_str()
        ),
        ("HTTP/1.1", 401, "Unauthorized")
    );
    assert_eq!(response.header("content-length"), Some("421"));
    assert_eq!(response.body.len(), 421);
    assert!(
        response.keep_alive
            && !response.truncated
            && response.flaws.is_empty()
            && response.surplus.is_empty()
    );
}

#[test]
fn recorded_responses_without_a_body() {
    for (method, status, bytes) in [
        ("HEAD", 200, recorded!("head-200.bin")),
        ("GET", 304, recorded!("get-304.bin")),
        ("DELETE", 204, recorded!("delete-204.bin")),
        ("OPTIONS", 200, recorded!("options-200.bin")),
    ] {
        let response = complete(ResponseReader::new(Limits::default(), method).feed(bytes));
        assert_eq!(
            (response.status, response.body.len(), response.flaws.len()),
            (status, 0, 0)
        );
    }
    let options = complete(read(recorded!("options-200.bin")));
    assert_eq!(options.headers_named("dav").count(), 2);
}

#[test]
fn recorded_interim_response() {
    let response = complete(read(recorded!("put-100-then-201.bin")));
    assert_eq!(response.status, 201);
    assert_eq!(
        response.interim,
        [Interim {
            status: 100,
            headers: vec![]
        }]
    );
    assert!(!response.keep_alive);
}

#[test]
fn recorded_pipelined_responses() {
    let first = complete(read(recorded!("pipelined-get-and-head.bin")));
    assert_eq!(first.body, b"<a/>");
    assert!(first.keep_alive);
    let second = complete(ResponseReader::new(Limits::default(), "HEAD").feed(&first.surplus));
    assert_eq!(
        (second.status, second.keep_alive, second.surplus.len()),
        (200, false, 0)
    );
}

#[test]
fn recorded_chunked_response() {
    let response = complete(read(recorded!("trace-chunked.bin")));
    assert_eq!(response.body.len(), 0x161);
    assert!(response.body.starts_with(b"TRACE /services/"));
    assert_eq!((response.trailers.len(), response.flaws.len()), (0, 0));
}

#[test]
fn chunk_extensions_and_trailers() {
    // RFC 9112, 7.1.
    let response = complete(read(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n4;a=b;c=\"d\"\r\nWiki\r\n5 \r\npedia\r\n0\r\nA: 1\r\nB: 2\r\n\r\nrest",
    ));
    assert_eq!(response.body, b"Wikipedia");
    assert_eq!(
        response.trailers,
        [("A".into(), "1".into()), ("B".into(), "2".into())]
    );
    assert_eq!(response.surplus, b"rest");
    assert!(response.keep_alive && response.flaws.is_empty());
}

#[test]
fn body_until_the_connection_ends() {
    let response = complete(read(b"HTTP/1.0 200 OK\r\n\r\nabc"));
    assert_eq!(
        (
            response.version.as_str(),
            response.body.as_slice(),
            response.keep_alive
        ),
        ("HTTP/1.0", &b"abc"[..], false)
    );
    assert_eq!(
        complete(read(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc"
        ))
        .body,
        b"abc"
    );
}

#[test]
fn persistent_connections() {
    let keep = |head: &str| {
        complete(read(
            format!("{head}\r\nContent-Length: 0\r\n\r\n").as_bytes(),
        ))
        .keep_alive
    };
    assert!(keep("HTTP/1.1 200 OK"));
    assert!(!keep("HTTP/1.1 200 OK\r\nConnection: x, Close"));
    assert!(!keep("HTTP/1.0 200 OK"));
    assert!(keep("HTTP/1.0 200 OK\r\nConnection: Keep-Alive"));
}

#[test]
fn upgrade_and_tunnel_end_the_message() {
    let upgrade = complete(read(b"HTTP/1.1 101 Switching Protocols\r\n\r\nabc"));
    assert_eq!(
        (
            upgrade.status,
            upgrade.surplus.as_slice(),
            upgrade.keep_alive
        ),
        (101, &b"abc"[..], false)
    );
    let tunnel = complete(read_with(
        Limits::default(),
        "CONNECT",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
    ));
    assert_eq!((tunnel.body.len(), tunnel.surplus.len()), (0, 3));
}

#[test]
fn both_lengths_are_flagged_and_chunked_wins() {
    let response = complete(read(
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ));
    assert_eq!(flaws(&response), [Flaw::ContentLengthAndTransferEncoding]);
    assert_eq!(
        (response.body.as_slice(), response.keep_alive),
        (&b"a"[..], false)
    );
}

#[test]
fn deviations_that_do_not_stop_the_read() {
    let kinds = |bytes: &[u8]| flaws(&complete(read(bytes)));
    assert_eq!(
        kinds(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        [Flaw::BareLf]
    );
    assert_eq!(
        kinds(b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        [Flaw::LeadingEmptyLine]
    );
    assert_eq!(
        kinds(b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"),
        [Flaw::SpaceBeforeColon]
    );
    assert_eq!(
        kinds(b"HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n"),
        [Flaw::RepeatedContentLength]
    );
    assert_eq!(
        kinds(b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n"),
        [Flaw::LengthWithoutBody]
    );
    assert_eq!(
        kinds(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\n\n"),
        [
            Flaw::TransferEncodingInOldVersion,
            Flaw::UnknownTransferCoding,
            Flaw::BareLf
        ]
    );
    let folded = complete(read(
        b"HTTP/1.1 200 OK\r\nX: a\r\n\tb\r\nContent-Length: 0\r\n\r\n",
    ));
    assert_eq!(
        folded.flaws,
        [Malformed {
            what: Flaw::ObsFold,
            at: 23
        }]
    );
    assert_eq!(folded.header("x"), Some("a b"));
}

#[test]
fn deviations_that_stop_the_read() {
    let what = |bytes: &[u8]| unreadable(read(bytes)).malformed.what;
    assert_eq!(what(b""), Flaw::NoResponse);
    assert_eq!(what(b"SSH-2.0-x"), Flaw::NotHttp);
    assert_eq!(what(b"\x15\x03\x03\0\x02\x02\x28"), Flaw::NotHttp);
    assert_eq!(what(b"HTTP/1.1 200 OK\r\n"), Flaw::UnexpectedEof);
    assert_eq!(what(b"HTTP/2.0 200 OK\r\n\r\n"), Flaw::BadStatusLine);
    assert_eq!(what(b"HTTP/1.1 2x0 OK\r\n\r\n"), Flaw::BadStatusLine);
    assert_eq!(what(b"HTTP/1.1 099 OK\r\n\r\n"), Flaw::BadStatusCode);
    assert_eq!(
        what(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        Flaw::BadHeader
    );
    let chunked = |rest: &str| {
        what(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{rest}").as_bytes())
    };
    assert_eq!(chunked("\r\n"), Flaw::BadChunkSize);
    assert_eq!(chunked("-1\r\n"), Flaw::BadChunkSize);
    assert_eq!(chunked("11111111111111111\r\n"), Flaw::BadChunkSize);
    assert_eq!(chunked("1\r\nab"), Flaw::BadChunkEnd);
    assert_eq!(chunked("0\r\nbad\r\n\r\n"), Flaw::BadTrailer);
    assert_eq!(
        chunked(&format!("1;{}", "a".repeat(5000))),
        Flaw::ChunkLineTooLong
    );
    assert_eq!(chunked("2\r\na"), Flaw::UnexpectedEof);
}

#[test]
fn what_was_read_before_the_deviation_stays() {
    let short = unreadable(read(b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nabc"));
    assert_eq!(
        short.malformed,
        Malformed {
            what: Flaw::UnexpectedEof,
            at: 41
        }
    );
    let partial = short.partial.unwrap();
    assert_eq!(
        (partial.status, partial.body.as_slice()),
        (403, &b"abc"[..])
    );
    let conflict = unreadable(read(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ));
    assert_eq!(conflict.malformed.what, Flaw::ConflictingContentLength);
    assert_eq!(conflict.partial.unwrap().status, 200);
    let bad = unreadable(read(b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n"));
    assert_eq!(bad.malformed.what, Flaw::BadContentLength);
    let interim = unreadable(read(b"HTTP/1.1 100 Continue\r\n\r\n"));
    assert_eq!(
        (interim.malformed.what, interim.interim.len()),
        (Flaw::UnexpectedEof, 1)
    );
    assert_eq!(
        unreadable(read(b"HTTP/1.1 500 No\r\nbad line\r\n\r\n"))
            .partial
            .unwrap()
            .status,
        500
    );
}

#[test]
fn used_up_reader_says_so() {
    let mut reader = ResponseReader::new(Limits::default(), "GET");
    complete(reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert_eq!(unreadable(reader.feed(b"x")).malformed.what, Flaw::AfterEnd);
    assert_eq!(
        unreadable(reader.finish_eof()).malformed.what,
        Flaw::AfterEnd
    );
}

const SMALL: Limits = Limits {
    head_bytes: 128,
    headers: 4,
    body_bytes: 8,
};

#[test]
fn bounds_hold() {
    let small = |bytes: &str| read_with(SMALL, "GET", bytes.as_bytes());
    let long = unreadable(small(&format!(
        "HTTP/1.1 200 OK\r\nX: {}\r\n\r\n",
        "a".repeat(200)
    )));
    assert_eq!(
        long.malformed,
        Malformed {
            what: Flaw::HeadTooLarge,
            at: 128
        }
    );
    let many = unreadable(small(
        "HTTP/1.1 200 OK\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n\r\n",
    ));
    assert_eq!(many.malformed.what, Flaw::TooManyHeaders);
    let interim = unreadable(small(&"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)));
    assert_eq!(interim.malformed.what, Flaw::TooManyInterim);
    for message in [
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\nfffffffffffffff\r\n56789",
    ] {
        let response = complete(small(message));
        assert_eq!(
            (
                response.body.as_slice(),
                response.truncated,
                response.keep_alive
            ),
            (&b"01234567"[..], true, false)
        );
    }
    let exact = complete(small(
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n01234567",
    ));
    assert!(!exact.truncated && exact.keep_alive);
    let trailers = unreadable(small(&format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: {}\r\n\r\n",
        "a".repeat(200)
    )));
    assert_eq!(trailers.malformed.what, Flaw::TrailersTooLarge);
    let framing = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}\r\n",
        "a".repeat(400)
    );
    assert_eq!(
        unreadable(small(&framing)).malformed.what,
        Flaw::TooMuchChunkFraming
    );
}

#[test]
fn target_bytes_come_out_clean() {
    let response = complete(read(
        b"HTTP/1.1 200 \xff\r\nX: a\xe9\tb\r\nContent-Length: 0\r\n\r\n",
    ));
    assert_eq!(response.reason, "\\xff");
    assert_eq!(response.header("x"), Some("a\\xe9\tb"));
    assert!(response.head.windows(2).any(|pair| pair == b"a\xe9"));
}
