//! Documents of a conforming store, reached through the proxy.

use super::bench::{ALICE, BOB, Bench, Client, OTHER_RULES, RULES, get, put, request};
use crate::wire::http::{Request, Response};

async fn logged_in(direct: bool) -> (Bench, Client) {
    let bench = Bench::start(None, direct).await;
    let mut client = bench.connect();
    client.login().await.unwrap();
    (bench, client)
}

fn tag(response: &Response) -> String {
    response.header("ETag").unwrap().to_owned()
}

#[tokio::test]
async fn conditional_writes() {
    let (_bench, mut client) = logged_in(false).await;
    let first = tag(&client.signed(get(ALICE)).await);
    let fresh = put(ALICE).with_header("If-None-Match", "*");
    assert_eq!(client.signed(fresh).await.status, 412);
    let written = client
        .signed(put(ALICE).with_header("If-Match", &*first))
        .await;
    assert_eq!(written.status, 200);
    assert_ne!(tag(&written), first);
    let late = put(ALICE).with_header("If-Match", &*first);
    assert_eq!(client.signed(late).await.status, 412);
    let late = request("DELETE", ALICE).with_header("If-Match", &*first);
    assert_eq!(client.signed(late).await.status, 412);
    let known = get(ALICE).with_header("If-None-Match", tag(&written));
    assert_eq!(client.signed(known).await.status, 304);
}

#[tokio::test]
async fn head_tells_length_and_tag() {
    for direct in [false, true] {
        let (_bench, mut client) = logged_in(direct).await;
        let read = client.signed(get(ALICE)).await;
        assert_eq!(read.body, RULES.as_bytes());
        let head = client.signed(request("HEAD", ALICE)).await;
        assert_eq!(tag(&head), tag(&read));
        let length = RULES.len().to_string();
        assert_eq!(head.header("Content-Length"), Some(length.as_str()));
        assert_eq!(
            head.header("Content-Type"),
            Some("application/auth-policy+xml")
        );
    }
}

#[tokio::test]
async fn what_cannot_be_stored() {
    let (_bench, mut client) = logged_in(false).await;
    let plain = request("PUT", ALICE)
        .with_header("Content-Type", "text/xml")
        .with_body(OTHER_RULES);
    assert_eq!(client.signed(plain).await.status, 415);
    for (body, element) in [
        (&b"<ruleset>"[..], "<not-well-formed/>"),
        (b"<a>\xff</a>", "<not-utf-8/>"),
    ] {
        let answer = client.signed(put(ALICE).with_body(body)).await;
        assert_eq!(answer.status, 409);
        assert_eq!(
            answer.header("Content-Type"),
            Some("application/xcap-error+xml")
        );
        assert!(String::from_utf8(answer.body).unwrap().contains(element));
    }
    let posted = client.signed(request("POST", ALICE)).await;
    assert_eq!(posted.status, 405);
    assert_eq!(posted.header("Allow"), Some("DELETE, GET, HEAD, PUT"));
    assert_eq!(client.signed(get(ALICE)).await.body, RULES.as_bytes());
}

#[tokio::test]
async fn trees_belong_to_their_users() {
    let (_bench, mut client) = logged_in(false).await;
    for (path, status) in [
        (BOB, 403),
        ("/pres-rules/users/sip:nobody@example.test/index", 404),
        ("/other/users/sip:alice@example.test/index", 404),
        (
            "/pres-rules/users/sip:alice@example.test/../sip:bob@example.test/index",
            404,
        ),
        ("/pres-rules/users/sip%3Aalice%40example.test/index", 200),
        (
            "/pres-rules/users/sip:alice@example.test/index/~~/ruleset",
            404,
        ),
        ("/rls-services/global/index", 404),
        ("/", 404),
    ] {
        assert_eq!(client.signed(get(path)).await.status, status, "{path}");
    }
    let global = "/pres-rules/global/index";
    assert_eq!(client.signed(put(global)).await.status, 403);
}

#[tokio::test]
async fn capabilities_name_every_application() {
    let (_bench, mut client) = logged_in(false).await;
    let path = "/xcap-caps/global/index";
    let answer = client.signed(get(path)).await;
    let text = String::from_utf8(answer.body).unwrap();
    for auid in [
        "org.openmobilealliance.pres-rules",
        "pidf-manipulation",
        "pres-rules",
        "resource-lists",
        "rls-services",
        "xcap-caps",
    ] {
        assert!(text.contains(&format!("<auid>{auid}</auid>")), "{auid}");
    }
    let written: Request = put(path);
    assert_eq!(client.signed(written).await.status, 405);
}
