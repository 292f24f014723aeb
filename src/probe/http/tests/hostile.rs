//! Answers that mean harm: each is bounded, judged or undecided with its cause, and leaves nothing behind.

use std::time::Duration;

use super::server::Hostile;
use super::*;

/// Octets of one answer's body that are kept at most.
const KEPT: usize = 1024 * 1024;

/// Octets that a peer may have poured out before it is cut off: what is kept, and what the sockets hold.
const POURED: usize = 16 * 1024 * 1024;

/// A hundred megabytes in pieces.
const HUNDRED: (usize, usize) = (64 * 1024, 1600);

fn pouring(head: &str, piece: &str, times: usize) -> Hostile {
    Hostile {
        head: head.as_bytes().to_vec(),
        piece: piece.as_bytes().to_vec(),
        times,
        closes: true,
        method: None,
    }
}

fn saying(head: &str) -> Hostile {
    pouring(head, "", 0)
}

/// A case that has logged in, and whose next request gets this answer; what came of it.
async fn after(hostile: Hostile) -> (Bench, Result<Seen, Trouble>) {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.state(|state| state.hostile.push_back(hostile));
    let asked = bench.step("http: { session: s, method: GET, document: $own_document, save: odd }");
    let seen = tokio::time::timeout(Duration::from_secs(30), asked)
        .await
        .expect("it ends by itself");
    (bench, seen)
}

/// The session goes on as if nothing had been, over a connection of its own.
async fn goes_on(bench: &mut Bench) {
    bench.state(|state| state.hostile.clear());
    let seen = bench.get("").await;
    assert_eq!(status(&seen), Some(200), "{}", seen.observed);
    assert_eq!(facts(&seen).body_length, LONG.len());
}

#[tokio::test]
async fn bodies_without_end_are_cut_off() {
    let (length, times) = HUNDRED;
    let piece = "x".repeat(length);
    let chunk = format!("{length:x}\r\n{piece}\r\n");
    for (name, head, piece) in [
        (
            "100 MB",
            "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n",
            &piece,
        ),
        ("until close", "HTTP/1.1 200 OK\r\n\r\n", &piece),
        (
            "chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            &chunk,
        ),
        (
            "in a refusal",
            "HTTP/1.1 403 No\r\nContent-Length: 104857600\r\n\r\n",
            &piece,
        ),
    ] {
        let (mut bench, seen) = after(pouring(head, piece, times)).await;
        let seen = seen.expect(name);
        assert!(facts(&seen).body_length <= KEPT, "{name}");
        goes_on(&mut bench).await;
        let poured = bench.state(|state| state.poured);
        assert!(poured < POURED, "{name}: {poured} octets were taken");
    }
}

#[tokio::test]
async fn heads_without_end_are_no_answer() {
    let field = format!("X-Filler: {}\r\n", "x".repeat(1000));
    let cookie = format!("Set-Cookie: c={}; Path=/\r\n", "x".repeat(1000));
    for (name, head, piece) in [
        ("fields", "HTTP/1.1 200 OK\r\n", field.as_str()),
        ("cookies", "HTTP/1.1 200 OK\r\n", cookie.as_str()),
        ("one field", "HTTP/1.1 200 OK\r\nX: ", "xxxxxxxx"),
        ("short fields", "HTTP/1.1 200 OK\r\n", "a: b\r\n"),
        ("interim answers", "", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("empty lines", "", "\r\n"),
    ] {
        let (mut bench, seen) = after(pouring(head, piece, 200_000)).await;
        let seen = seen.expect(name);
        assert_eq!(status(&seen), None, "{name}: {}", seen.observed);
        assert!(!facts(&seen).closed_instead, "{name} is no refusal");
        assert!(seen.observed.len() < 300, "{name}: {}", seen.observed);
        goes_on(&mut bench).await;
        let poured = bench.state(|state| state.poured);
        assert!(poured < POURED, "{name}: {poured} octets were taken");
    }
}

#[tokio::test]
async fn cookies_of_many_answers_are_bounded() {
    let mut bench = Bench::new().await;
    bench.login().await;
    for round in 0..8 {
        let cookies: String = (0..200)
            .map(|number| format!("Set-Cookie: c{round}-{number}={}\r\n", "x".repeat(100)))
            .collect();
        let head = format!("HTTP/1.1 200 OK\r\n{cookies}Content-Length: 0\r\n\r\n");
        let mut hostile = saying(&head);
        hostile.closes = false;
        bench.state(|state| state.hostile.push_back(hostile));
        assert_eq!(status(&bench.get("").await), Some(200));
    }
    let _ = bench.get(", cookies: true").await;
    let sent = bench.server.got();
    let cookie = sent
        .last()
        .and_then(|got| got.field("cookie"))
        .expect("cookies");
    assert!(cookie.split("; ").count() <= 32 && cookie.len() < 64 * 1024);
}

#[tokio::test]
async fn compressed_bodies_stay_compressed() {
    // What would become gigabytes is never unpacked: a length is the length on the wire.
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 40\r\n\r\n";
    let mut hostile = pouring(head, "", 0);
    hostile.head.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
    hostile.head.extend([0xed; 30]);
    hostile.closes = false;
    let (mut bench, seen) = after(hostile).await;
    assert_eq!(facts(&seen.expect("an answer")).body_length, 40);
    goes_on(&mut bench).await;
}

#[tokio::test]
async fn wrong_framing_is_said_and_its_connection_not_used_again() {
    for (name, head) in [
        (
            "too short",
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        ),
        (
            "two lengths",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        ),
        (
            "no number",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
        ),
        (
            "length and chunks",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ),
        (
            "broken chunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        ),
        (
            "chunk without end",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        ),
        ("no status", "HTTP/1.1 abc\r\n\r\n"),
        ("no HTTP", "220 smtp.example.test ESMTP\r\n"),
        (
            "NUL in a field",
            "HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        ),
    ] {
        let (mut bench, seen) = after(saying(head)).await;
        let seen = seen.expect(name);
        assert!(
            !seen.observed.contains(['\0', '\r', '\n', '\u{1b}']),
            "{name}: {}",
            seen.observed
        );
        let dialed = bench.server.dialed;
        goes_on(&mut bench).await;
        assert_eq!(bench.server.dialed, dialed + 1, "{name}: a new connection");
    }
}

#[tokio::test]
async fn a_second_answer_is_not_taken_for_the_next_request() {
    let mut hostile = saying(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
    );
    hostile.closes = false;
    let (mut bench, seen) = after(hostile).await;
    let seen = seen.expect("an answer");
    assert!(
        seen.observed.contains("follow the answer"),
        "{}",
        seen.observed
    );
    goes_on(&mut bench).await;
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let canary = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("canary");
    let place = canary.local_addr().expect("address");
    for scheme in ["http", "https"] {
        for code in [301, 302, 303, 307, 308] {
            let head = format!(
                "HTTP/1.1 {code} Moved\r\nLocation: {scheme}://{place}/\r\nContent-Length: 0\r\n\r\n"
            );
            let (mut bench, seen) = after(saying(&head)).await;
            let seen = seen.expect("an answer");
            assert_eq!(status(&seen), Some(code));
            assert!(
                seen.observed.contains(&place.to_string()),
                "{}",
                seen.observed
            );
            goes_on(&mut bench).await;
        }
    }
    let called = tokio::time::timeout(Duration::ZERO, canary.accept()).await;
    assert!(called.is_err(), "a redirect was followed");
}

#[tokio::test]
async fn a_write_is_undone_whatever_came_in_answer_to_it() {
    for (name, mut hostile) in [
        ("garbage", saying("220 smtp.example.test ESMTP\r\n")),
        (
            "a body without end",
            pouring("HTTP/1.1 200 OK\r\n\r\n", &"x".repeat(64 * 1024), 1600),
        ),
        (
            "a head without end",
            pouring("HTTP/1.1 200 OK\r\n", "a: b\r\n", 200_000),
        ),
    ] {
        let mut bench = Bench::new().await;
        bench.login().await;
        hostile.method = Some("PUT");
        bench.state(|state| state.hostile.push_back(hostile));
        let put =
            "http: { session: s, method: PUT, document: $own_document, body: other-document }";
        let _ = bench.step(put).await;
        // The server had stored it before it answered so.
        bench.state(|state| {
            state
                .documents
                .insert(ALICE.to_owned(), b"<other/>".to_vec())
        });
        let left = bench.case.finish(&mut bench.server).await;
        assert_eq!(left, [""; 0], "{name}");
        let after = bench.state(|state| state.documents.get(ALICE).cloned());
        assert_eq!(after.as_deref(), Some(LONG), "{name}");
    }
}
