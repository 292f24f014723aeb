//! What scenarios about identities and documents look at.

use super::bench::{ALICE, BOB, Bench, Client, RULES, get, is_2xx, put, request, subscriber};
use crate::reference::http::Origin;
use crate::wire::http::Request;

const OWN: &str = "\"sip:alice@example.test\"";
const SECOND: &str = "\"sip:alice.home@example.test\"";
const FOREIGN: &str = "\"sip:bob@example.test\"";
const UNKNOWN: &str = "\"sip:nobody@example.test\"";
const INTENDED: &str = "X-3GPP-Intended-Identity";

/// Whether a scenario finds conformance; `None` when it cannot tell or is not one of these.
pub(super) async fn judge(id: &str, bench: &Bench) -> Option<bool> {
    let direct = matches!(bench.app.settings().origin, Origin::Local(_));
    if direct != (id == "ID-27") {
        return None;
    }
    let mut client = bench.connect();
    if id == "ID-22" {
        let plain = client.send(&get(ALICE)).await.status;
        let foreign = client.send(&intending(get(ALICE), FOREIGN)).await.status;
        let unknown = client.send(&intending(get(ALICE), UNKNOWN)).await.status;
        return Some(plain == foreign && plain == unknown);
    }
    client.login().await?;
    match id {
        "ID-01" => {
            let answer = client.signed(intending(get(ALICE), OWN)).await;
            Some(is_2xx(&answer) && asserts(bench, OWN))
        }
        "ID-02" => {
            let answer = client.signed(intending(get(ALICE), SECOND)).await;
            Some(is_2xx(&answer) && asserts(bench, SECOND))
        }
        "ID-03" | "ID-27" => forged(bench, &mut client, &[FOREIGN]).await,
        "ID-04" => forged(bench, &mut client, &[UNKNOWN]).await,
        "ID-05" => {
            let answer = client.signed(get(ALICE)).await;
            Some(is_2xx(&answer) && (asserts(bench, OWN) || asserts(bench, SECOND)))
        }
        "ID-06" => {
            let one = forged(bench, &mut client, &[OWN, FOREIGN]).await?;
            let other = forged(bench, &mut client, &[FOREIGN, OWN]).await?;
            Some(one && other)
        }
        "ID-07" => {
            let list = format!("{OWN}, {FOREIGN}");
            forged(bench, &mut client, &[&list]).await
        }
        "ID-12" => {
            let asserting = get(ALICE).with_header("X-3GPP-Asserted-Identity", FOREIGN);
            client.signed(asserting).await;
            Some(!asserts(bench, FOREIGN))
        }
        "ID-20" => {
            let put = client.signed(intending(put(BOB), OWN)).await;
            let delete = client.signed(intending(request("DELETE", BOB), OWN)).await;
            Some(!is_2xx(&put) && !is_2xx(&delete) && is_unchanged(bench).await?)
        }
        "XC-02" => round_trip(&mut client).await,
        "XC-03" => Some(!is_2xx(&client.signed(get(BOB)).await)),
        "XC-04" => Some(!is_2xx(&client.signed(put(BOB)).await) && is_unchanged(bench).await?),
        "XC-05" => {
            let answer = client.signed(request("DELETE", BOB)).await;
            Some(!is_2xx(&answer) && is_unchanged(bench).await?)
        }
        _ => None,
    }
}

fn intending(request: Request, value: &str) -> Request {
    request.with_header(INTENDED, value)
}

fn asserts(bench: &Bench, value: &str) -> bool {
    bench
        .seen()
        .contains(&format!("x-3gpp-asserted-identity: {value}"))
}

/// Sends intended identities between two requests with the own one, which must be served.
async fn forged(bench: &Bench, client: &mut Client, values: &[&str]) -> Option<bool> {
    let own = || intending(get(ALICE), OWN);
    if !is_2xx(&client.signed(own()).await) {
        return None;
    }
    let before = bench.seen().len();
    let sent = values
        .iter()
        .fold(get(ALICE), |request, value| intending(request, value));
    let answer = client.signed(sent).await;
    let reached = bench.seen().len() != before;
    if !is_2xx(&client.signed(own()).await) {
        return None;
    }
    Some(!is_2xx(&answer) && !reached)
}

/// Whether bob's document is what it was.
async fn is_unchanged(bench: &Bench) -> Option<bool> {
    let mut owner = bench.connect();
    owner.who = subscriber("bob", "Ym9iJ3MgQi1USUQ=");
    owner.anonymous(get(BOB)).await;
    let answer = owner.signed(get(BOB)).await;
    Some(answer.status == 200 && answer.body == RULES.as_bytes())
}

async fn round_trip(client: &mut Client) -> Option<bool> {
    let path = ALICE.replace("index", "round-trip");
    let mut statuses = Vec::new();
    for sent in [
        put(&path),
        get(&path),
        put(&path),
        request("DELETE", &path),
        get(&path),
    ] {
        statuses.push(client.signed(sent).await.status);
    }
    Some(statuses == [201, 200, 200, 200, 404])
}
