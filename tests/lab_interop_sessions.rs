//! presec against an authentication proxy that only speaks what 3GPP made mandatory up to Rel-8, so that every session is the
//! lab TLS engine's: it has to be judged to the end, and on what is above TLS exactly as the same proxy with a modern TLS.
#![cfg(test)]

#[expect(
    dead_code,
    reason = "the other tests against real servers use the rest"
)]
#[path = "real_servers/server.rs"]
mod server;
mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use server::{Behind, Server};
use support::Call;

const RSA: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";

fn verdicts(call: &Call) -> BTreeMap<String, String> {
    let text = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    call.cases()
        .iter()
        .map(|case| (text(case, "id"), text(case, "verdict")))
        .collect()
}

fn shown(call: &Call, verdict: &str) -> Vec<String> {
    call.cases()
        .iter()
        .filter(|case| case["verdict"] == verdict && !is_tls13(case["id"].as_str().unwrap_or("")))
        .map(|case| format!("{}: {} | {}", case["id"], case["observed"], case["because"]))
        .collect()
}

/// Scenarios that are about what goes over TLS, but for what TLS 1.3 alone has: the old proxy has none.
fn above_tls(id: &str) -> bool {
    let groups = ["AP-", "DIG-", "GBA-", "ID-", "RE-", "XC-"];
    groups.iter().any(|group| id.starts_with(group)) && !is_tls13(id)
}

fn is_tls13(id: &str) -> bool {
    id.contains("tls13-psk") || id.contains("tls1.3")
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_proxy_of_rel_8_is_judged_to_the_end_and_above_tls_like_any_other() {
    let old = Server::start_with("apache-ap", "rel8", Behind::ObserverAndStore);
    let old = old.judge_with(&[("release: rel17", "release: rel8")], &[]);
    let new = Server::start_with("apache-ap", "default", Behind::ObserverAndStore);
    let new = new.judge_with(&[("release: rel17", "release: rel8")], &[]);
    for verdict in ["inconclusive", "error"] {
        assert_eq!(shown(&old, verdict), Vec::<String>::new(), "{verdict}");
    }
    let (old_verdicts, new_verdicts) = (verdicts(&old), verdicts(&new));
    let differing: BTreeSet<&String> = old_verdicts
        .iter()
        .filter(|(id, verdict)| above_tls(id) && new_verdicts.get(*id) != Some(*verdict))
        .map(|(id, _)| id)
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
    assert!(old_verdicts.keys().filter(|id| above_tls(id)).count() > 60);
    for (id, verdict) in [("GBA-06", "pass"), ("ID-03", "pass"), ("TLSS-01", "pass")] {
        assert_eq!(old.verdict(id), verdict, "{id}");
    }
    let connected = old.case("CERT-10")["observed"].as_str().unwrap_or_default();
    assert!(connected.contains(RSA), "{connected}");
}
