//! What scenarios without right credentials, on resumed and on clear connections look at.

use super::bench::{ALICE, Bench, Signing, challenge, get, is_2xx, leaks, put, request, stale};
use crate::reference::http::Transport;
use crate::wire::http::Request;

/// Whether a scenario finds conformance; `None` when it cannot tell or is not one of these.
pub(super) async fn judge(id: &str, bench: &Bench) -> Option<bool> {
    match id {
        "CC-09" => anonymous(bench, &["GET", "HEAD"]).await,
        "XC-01" => anonymous(bench, &["GET", "HEAD", "PUT", "DELETE"]).await,
        "TLSM-01" => clear(bench, Transport::ClearOnTlsPort).await,
        "TLSM-02" => clear(bench, Transport::ClearPort).await,
        "TLSV-11" => {
            let upgrade = get(ALICE)
                .with_header("Upgrade", "TLS/1.0")
                .with_header("Connection", "Upgrade");
            let answer = bench.clear(Transport::ClearPort).send(&upgrade).await;
            Some(answer.status != 101)
        }
        "TLSS-13" | "TLSS-14" | "TLSS-19" => resumed(id, bench).await,
        "GBA-01" | "GBA-02" | "GBA-03" | "GBA-04" | "GBA-05" => challenged(id, bench).await,
        "GBA-06" => {
            let mut client = bench.connect();
            client.anonymous(get(ALICE)).await;
            client.session.as_ref()?;
            Some(client.signed(get(ALICE)).await.status == 200)
        }
        "GBA-07" => user_names(bench, &["cHJlc2VjLXVua25vd24tYnRpZA==@bsf.presec.invalid"]).await,
        "GBA-08" => {
            let names = [
                "cHJlc2Vj",
                "not*base64@bsf.presec.invalid",
                "cHJlc2Vj@bsf.foreign.invalid",
                "",
            ];
            user_names(bench, &names).await
        }
        "GBA-09" => {
            let mut client = bench.connect();
            client.login().await?;
            let signing = Signing {
                password: Some("wrong"),
                ..Signing::default()
            };
            let answer = client.signed_as(get(ALICE), signing).await;
            client.login().await?;
            Some(!leaks(&answer) && !stale(&answer))
        }
        _ => None,
    }
}

async fn anonymous(bench: &Bench, methods: &[&str]) -> Option<bool> {
    let mut good = true;
    for method in methods {
        let sent = if *method == "PUT" {
            put(ALICE)
        } else {
            request(method, ALICE)
        };
        good &= !leaks(&bench.connect().send(&sent).await);
    }
    Some(good)
}

async fn clear(bench: &Bench, transport: Transport) -> Option<bool> {
    Some(!leaks(&bench.clear(transport).send(&get(ALICE)).await))
}

async fn resumed(id: &str, bench: &Bench) -> Option<bool> {
    let mut first = bench.connect();
    first.login().await?;
    let before = first.sign(get(ALICE), Signing::default());
    if !is_2xx(&first.send(&before).await) {
        return None;
    }
    let mut second = bench.resumed();
    let good = match id {
        "TLSS-13" => {
            let good = !leaks(&second.anonymous(get(ALICE)).await);
            second.session.clone_from(&first.session);
            good && is_2xx(&second.signed(get(ALICE)).await)
        }
        "TLSS-14" => !leaks(&second.send(&before).await),
        _ => {
            second.session.clone_from(&first.session);
            is_2xx(&second.signed(get(ALICE)).await)
        }
    };
    Some(good)
}

async fn challenged(id: &str, bench: &Bench) -> Option<bool> {
    let tokens = match id {
        "GBA-04" => "presec",
        "GBA-05" => "presec 3gpp-gba-uicc",
        _ => "presec 3gpp-gba",
    };
    let sent = Request::new("GET", ALICE, super::bench::HOST).with_header("User-Agent", tokens);
    let answer = bench.connect().send(&sent).await;
    let Some(challenge) = challenge(&answer) else {
        return Some(false);
    };
    let realm = challenge.realm()?;
    Some(match id {
        "GBA-01" => realm.starts_with("3GPP-bootstrapping"),
        "GBA-02" => realm.starts_with("3GPP-bootstrapping") && realm.ends_with("@ps.example.test"),
        "GBA-03" => challenge.qop().contains(&"auth"),
        "GBA-05" => !realm.contains("uicc"),
        _ => true,
    })
}

async fn user_names(bench: &Bench, names: &[&str]) -> Option<bool> {
    let mut good = true;
    for name in names {
        let mut client = bench.connect();
        client.login().await?;
        client.who.b_tid = (*name).to_owned();
        good &= !leaks(&client.signed(get(ALICE)).await);
    }
    Some(good)
}
