//! What scenarios about re-authentication look at.

use std::sync::atomic::Ordering;

use super::bench::{ALICE, ALICE_LISTS, Bench, Client, Signing, challenge, get, is_2xx, leaks};
use crate::wire::http::Request;

/// Whether a scenario finds conformance; `None` when it cannot tell or is not one of these.
pub(super) async fn judge(id: &str, bench: &Bench) -> Option<bool> {
    if !id.starts_with("RE-") {
        return None;
    }
    let mut client = bench.connect();
    client.login().await?;
    let nonce = client.session.as_ref()?.nonce.clone();
    assert_eq!(bench.lever("/force-reauth?subscriber=alice").await, 204);
    let old = client.sign(get(ALICE), Signing::default());
    let answer = client.anonymous(old.clone()).await;
    let fresh = challenge(&answer).is_some_and(|challenge| challenge.nonce() != Some(&nonce));
    if id == "RE-01" {
        return Some(fresh);
    }
    if !fresh {
        return None;
    }
    match id {
        "RE-02" => Some(is_2xx(&client.signed(get(ALICE)).await)),
        "RE-03" => Some(!leaks(&client.send(&old).await)),
        "RE-04" => {
            let anonymous = client.send(&get(ALICE_LISTS)).await;
            let field = old.header("Authorization")?;
            let moved = get(ALICE_LISTS).with_header("Authorization", field);
            Some(!leaks(&anonymous) && !leaks(&client.send(&moved).await))
        }
        "RE-05" => Some(bench.forgotten.load(Ordering::SeqCst) == 0),
        "RE-06" => on_resumed(bench.resumed(), &old).await,
        "RE-07" => {
            let mut resumed = bench.resumed();
            resumed.anonymous(get(ALICE)).await;
            resumed.session.as_ref()?;
            Some(is_2xx(&resumed.signed(get(ALICE)).await))
        }
        _ => None,
    }
}

async fn on_resumed(mut client: Client, old: &Request) -> Option<bool> {
    let anonymous = client.anonymous(get(ALICE)).await;
    let good = !leaks(&anonymous) && !leaks(&client.send(old).await);
    if good {
        client.session.as_ref()?;
        let right = client.signed(get(ALICE)).await;
        return is_2xx(&right).then_some(true);
    }
    Some(false)
}
