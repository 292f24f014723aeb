//! Enumerations against servers whose suites are known.

use std::time::Duration;

use serde_json::json;

use super::servers::{Reply, canned, case, healthy, names, probe, selecting, target};
use crate::engine::ports::Trouble;
use crate::model::seen::{Facts, Seen};
use crate::model::seen_tls::{SuiteList, SuiteOrder};
use crate::model::step_tls::TlsOffer;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::hello::ClientHello;

/// One usual suite and two that stand far apart in the registry: no single offer holds all three.
const OWN: [u16; 3] = [0xC05C, 0xC02F, 0x0005];

async fn against<F>(reply: F) -> Result<Seen, Trouble>
where
    F: Fn(&ClientHello, usize) -> Reply + Send + Sync + 'static,
{
    let mut target = target(canned(reply).await);
    target.timeout = Duration::from_millis(300);
    let probe = probe(target);
    let step =
        json!({ "version": "tls1.2", "enumerate": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] });
    let step: TlsOffer = serde_json::from_value(step).unwrap();
    case(&probe).offer(&step, &names()).await
}

fn list(seen: &Seen) -> &SuiteList {
    match &seen.facts {
        Facts::Flight(facts) => facts.list.as_ref().unwrap(),
        other => panic!("no flight: {other:?}"),
    }
}

fn refuse() -> Reply {
    Reply::Bytes(Alert::HANDSHAKE_FAILURE.encode(0x0303))
}

#[tokio::test]
async fn the_servers_order_is_told_over_several_offers() {
    let seen = against(|hello, _| {
        let tls12 = hello.highest_version() == 0x0303;
        let own = OWN.into_iter().find(|suite| hello.offers_suite(*suite));
        own.filter(|_| tls12).map_or_else(refuse, selecting)
    })
    .await
    .unwrap();
    let list = list(&seen);
    let wanted = [
        "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_RC4_128_SHA",
    ];
    assert_eq!(list.names, wanted);
    assert_eq!(list.order, Some(SuiteOrder::Server));
    assert_eq!(list.beyond.as_deref().unwrap(), [wanted[0], wanted[2]]);
    assert_eq!(list.incomplete, None);
}

#[tokio::test]
async fn the_clients_order_is_told() {
    let seen = against(|hello, _| {
        let tls12 = hello.highest_version() == 0x0303;
        let first = hello.suites.iter().find(|suite| OWN.contains(suite));
        first
            .filter(|_| tls12)
            .map_or_else(refuse, |suite| selecting(*suite))
    })
    .await
    .unwrap();
    assert_eq!(list(&seen).order, Some(SuiteOrder::Client));
    assert_eq!(list(&seen).names.len(), 3);
}

#[tokio::test]
async fn one_suite_has_no_order() {
    let seen = against(|hello, _| healthy(hello)).await.unwrap();
    assert_eq!(list(&seen).names.len(), 1);
    assert_eq!(list(&seen).order, None);
    assert_eq!(list(&seen).beyond.as_deref(), Some(&[][..]));
}

#[tokio::test]
async fn a_server_that_selects_what_was_not_offered_does_not_keep_us() {
    let seen = against(|hello, _| match hello.highest_version() {
        0x0303 => selecting(0xC02F),
        _ => refuse(),
    })
    .await
    .unwrap();
    assert_eq!(list(&seen).names, ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
}

#[tokio::test]
async fn offers_that_close_leave_the_list_open() {
    let seen = against(|hello, _| {
        if hello.offers_suite(0xC02F) {
            healthy(hello)
        } else {
            Reply::Fin
        }
    })
    .await
    .unwrap();
    let list = list(&seen);
    assert_eq!(list.names.len(), 1);
    let why = list.incomplete.as_deref().unwrap();
    assert!(why.contains("closed before ServerHello"), "{why}");
}
