//! What scenarios with departures from right Digest credentials look at.

use std::sync::atomic::Ordering;

use super::bench::{
    ALICE, ALICE_LISTS, Bench, Client, OTHER_RULES, Signing, get, is_2xx, leaks, put, request,
    stale,
};
use crate::wire::http::digest::Qop;
use crate::wire::http::{Authorization, Response};

/// Whether a scenario finds conformance; `None` when it cannot tell or is not one of these.
pub(super) async fn judge(id: &str, bench: &Bench) -> Option<bool> {
    if !id.starts_with("DIG-") {
        return None;
    }
    let mut client = bench.connect();
    client.login().await?;
    let good = match id {
        "DIG-05" | "DIG-06" => old_nonce(bench, &mut client, id == "DIG-05").await,
        "DIG-07" => {
            let never_issued = Signing {
                edit: |authorization| authorization.nonce = Some("0123456789abcdef".to_owned()),
                ..Signing::default()
            };
            !leaks(&client.signed_as(get(ALICE), never_issued).await)
        }
        "DIG-08" => altered_body(&mut client).await?,
        "DIG-09" | "DIG-10" => !leaks(&unoffered_qop(&mut client, id == "DIG-09").await?),
        "DIG-11" => {
            let other = Signing {
                edit: |authorization| authorization.uri = Some(ALICE_LISTS.to_owned()),
                ..Signing::default()
            };
            !leaks(&client.signed_as(get(ALICE), other).await)
        }
        "DIG-12" => {
            let signing = Signing {
                method: Some("GET"),
                ..Signing::default()
            };
            !leaks(
                &client
                    .signed_as(request("DELETE", ALICE_LISTS), signing)
                    .await,
            )
        }
        "DIG-13" => wrong_realms(&mut client).await,
        "DIG-16" => {
            use base64::Engine as _;
            let token = format!("{}:key of alice", client.who.b_tid);
            let token = base64::engine::general_purpose::STANDARD.encode(token);
            let basic = get(ALICE).with_header("Authorization", format!("Basic {token}"));
            !leaks(&client.send(&basic).await)
        }
        _ => return None,
    };
    client.login().await?;
    Some(good)
}

async fn altered_body(client: &mut Client) -> Option<bool> {
    let session = client.session.as_mut()?;
    session.qop?;
    session.qop = Some(Qop::AuthInt);
    let right = client.signed(put(ALICE)).await;
    let altered = Signing {
        body: Some("<other/>"),
        ..Signing::default()
    };
    let wrong = client
        .signed_as(put(ALICE).with_body(OTHER_RULES), altered)
        .await;
    is_2xx(&right).then_some(!leaks(&wrong))
}

async fn old_nonce(bench: &Bench, client: &mut Client, right: bool) -> bool {
    bench.clock.fetch_add(601, Ordering::SeqCst);
    let signing = Signing {
        password: (!right).then_some("wrong"),
        ..Signing::default()
    };
    let answer = client.signed_as(get(ALICE), signing).await;
    answer.status == 401 && stale(&answer) == right
}

async fn unoffered_qop(client: &mut Client, replaced: bool) -> Option<Response> {
    client.session.as_ref()?.qop?;
    let edit: fn(&mut Authorization) = if replaced {
        |authorization| authorization.qop = Some("auth-conf".to_owned())
    } else {
        |authorization| {
            authorization.qop = None;
            authorization.nc = None;
            authorization.cnonce = None;
        }
    };
    let signing = Signing {
        edit,
        ..Signing::default()
    };
    Some(client.signed_as(get(ALICE), signing).await)
}

async fn wrong_realms(client: &mut Client) -> bool {
    let edits: [fn(&mut Authorization); 2] = [
        |authorization| {
            authorization.realm = Some("3GPP-bootstrapping@as2.example.test".to_owned());
        },
        |authorization| authorization.realm = Some("ps.example.test".to_owned()),
    ];
    let mut good = true;
    for edit in edits {
        let signing = Signing {
            edit,
            ..Signing::default()
        };
        good &= !leaks(&client.signed_as(get(ALICE), signing).await);
    }
    good
}
