//! What goes through a conforming proxy, and what does not.

use super::bench::{ALICE, Bench, Client, get, is_2xx, put, request};
use crate::reference::http::{ClearBehaviour, Origin, Transport};
use crate::wire::http::Request;

async fn logged_in(bench: &Bench) -> Client {
    let mut client = bench.connect();
    client.login().await.unwrap();
    client
}

#[tokio::test]
async fn the_origin_sees_what_it_may_and_no_more() {
    let bench = Bench::start(None, false).await;
    let mut client = logged_in(&bench).await;
    let before = bench.seen().len();
    let sent = get(ALICE)
        .with_header("X-Presec-Marker", "marker-1")
        .with_header("X-3GPP-Asserted-Identity", "\"sip:forged@h\"")
        .with_header("X_3GPP_Asserted_Identity", "\"sip:forged@h\"")
        .with_header("X-XCAP-Asserted-Identity", "\"sip:forged@h\"")
        .with_header("P-Asserted-Identity", "<sip:forged@h>")
        .with_header("X-3GPP-Authorization-Flags", "forged")
        .with_header(
            "X-3GPP-Intended-Identity",
            "\"sip:alice.home@example.test\"",
        )
        .with_header(
            "Connection",
            "X-3GPP-Intended-Identity, X-3GPP-Asserted-Identity, X-Hop",
        )
        .with_header("X-Hop", "1");
    assert_eq!(client.signed(sent).await.status, 200);
    let seen = bench.seen().split_off(before);
    for present in [
        "x-presec-marker: marker-1",
        "user-agent: presec 3gpp-gba",
        "host: ps.example.test",
        "x-3gpp-asserted-identity: \"sip:alice.home@example.test\"",
    ] {
        assert!(seen.contains(present), "{present} in {seen}");
    }
    for absent in ["authorization", "forged", "intended", "x-hop", "connection"] {
        assert!(!seen.contains(absent), "{absent} in {seen}");
    }
}

#[tokio::test]
async fn identity_stays_where_transfer_is_off() {
    let bench = Bench::with(None, false, |settings| {
        settings.hosts[1].identity_transfer = false;
    })
    .await;
    let mut client = bench.connect();
    let elsewhere = Request::new("GET", ALICE, "as2.example.test");
    client.anonymous(elsewhere.clone()).await;
    assert_eq!(client.signed(elsewhere).await.status, 403);
    assert!(bench.seen().contains("host: as2.example.test"));
    assert!(!bench.seen().contains("asserted"));
}

#[tokio::test]
async fn nothing_reaches_the_origin_before_authentication() {
    let bench = Bench::start(None, false).await;
    let mut client = bench.connect();
    for sent in [get(ALICE), put(ALICE), request("DELETE", ALICE)] {
        assert_eq!(client.anonymous(sent).await.status, 401);
    }
    let foreign = client
        .send(&Request::new("GET", ALICE, "other.example.test"))
        .await;
    assert_eq!(foreign.status, 421);
    assert_eq!(bench.seen(), "");
}

#[tokio::test]
async fn an_origin_that_is_down_gives_502() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let bench = Bench::with(None, false, |settings| {
        settings.origin = Origin::Forward(address);
    })
    .await;
    let mut client = bench.connect();
    assert_eq!(client.anonymous(get(ALICE)).await.status, 401);
    assert_eq!(client.signed(get(ALICE)).await.status, 502);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let bench = Bench::start(None, false).await;
    let mut client = bench.connect();
    let sent = put(ALICE).with_body(vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(client.send(&sent).await.status, 413);
}

#[tokio::test]
async fn clear_requests_get_nothing() {
    let bench = Bench::start(None, false).await;
    let clear = |transport| bench.clear(transport);
    let answer = clear(Transport::ClearPort).send(&get(ALICE)).await;
    assert!(answer.status == 403 && answer.header("WWW-Authenticate").is_none());
    let answer = clear(Transport::ClearOnTlsPort).send(&get(ALICE)).await;
    assert_eq!(answer.status, 400);
    let bench = Bench::with(None, false, |settings| {
        settings.clear = ClearBehaviour::Redirect("ps.example.test:8443".to_owned());
    })
    .await;
    let answer = bench.clear(Transport::ClearPort).send(&get(ALICE)).await;
    assert_eq!(answer.status, 301);
    let location = format!("https://ps.example.test:8443{ALICE}");
    assert_eq!(answer.header("Location"), Some(location.as_str()));
}

#[tokio::test]
async fn the_direct_topology_serves_its_own_store() {
    let bench = Bench::start(None, true).await;
    let mut client = logged_in(&bench).await;
    assert!(is_2xx(&client.signed(put(ALICE)).await));
    let second = get(ALICE).with_header("X-3GPP-Intended-Identity", "sip:alice.home@example.test");
    assert!(is_2xx(&client.signed(second).await));
    let foreign = get(ALICE).with_header("X-3GPP-Intended-Identity", "\"sip:bob@example.test\"");
    assert_eq!(client.signed(foreign).await.status, 403);
}
