//! Re-authentication of users whom the TLS handshake authenticated (RE-13): every way in which a server may ask for it, and
//! servers that do not.
#![cfg(test)]

#[path = "support/lab_server.rs"]
mod lab_server;
mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lab_server::{LabServer, Line, ordinary, target};
use presec::model::secret::Secret;
use presec::tls::server::PreSharedKeys;
use support::run_in;

const KEY: [u8; 32] = *b"lab-ks-naf-for-tls-psk-.alice...";
const KEY_IN_BASE64: &str = "bGFiLWtzLW5hZi1mb3ItdGxzLXBzay0uYWxpY2UuLi4=";
const SUITE: &str = "TLS_PSK_WITH_AES_128_CBC_SHA";

struct Alice;

impl PreSharedKeys for Alice {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        (identity == b"3GPP-bootstrapping;alice@bsf.example.test").then(|| Secret::new(KEY))
    }
}

/// What a server does with a connection from before the lever was pulled.
#[derive(Clone, Copy)]
enum Manner {
    Serves,
    Challenges,
    AsksAndServes,
    Closes,
    ClosesEveryConnection,
    IsSilent,
}

fn serve(mut line: Line, lever: &Path, manner: Manner) {
    let since = lever.exists();
    while line.request().is_some() {
        let demanded = lever.exists() && !since;
        match manner {
            Manner::Challenges if demanded => line.answer("401 Unauthorized"),
            Manner::AsksAndServes if demanded => {
                line.ask_for_handshake();
                line.answer("200 OK");
            }
            Manner::Closes if demanded => return line.close(),
            Manner::IsSilent if demanded => {}
            Manner::ClosesEveryConnection => {
                line.answer("200 OK");
                return line.close();
            }
            _ => line.answer("200 OK"),
        }
    }
}

/// The verdict of RE-13 on a server of this manner, and what was seen where it was decided.
fn judged(manner: Manner) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let lever: PathBuf = folder.path().join("demanded");
    let mut config = ordinary(folder.path(), &[SUITE]);
    config.pre_shared_keys = Some(Arc::new(Alice));
    let pulled = lever.clone();
    let server = LabServer::start(config, move |line, _| serve(line, &pulled, manner));
    let text = format!(
        "{}policy: {{ auth_modes: [psk] }}\nlimits: {{ timeout: 500ms }}\nhooks: {{ force_reauth: {{ command: [touch, {lever:?}] }} }}\nsubscribers:\n  alice:\n    impus: [\"sip:alice@example.test\"]\n    credentials: {{ b_tid: alice@bsf.example.test, ks_naf: \"lab:b3RoZXI=\", pre_shared_key: {{ suite: {SUITE}, ks_naf: \"lab:{KEY_IN_BASE64}\" }} }}\n",
        target(server.port)
    );
    std::fs::write(folder.path().join("target.yaml"), text).expect("written");
    let call = run_in(folder.path(), &["--target", "target.yaml", "RE-13"]);
    let case = call.case("RE-13").clone();
    (call.verdict("RE-13"), case.to_string())
}

#[test]
fn whoever_asks_again_passes_however_it_is_done() {
    for manner in [Manner::Challenges, Manner::AsksAndServes, Manner::Closes] {
        let (verdict, case) = judged(manner);
        assert_eq!(verdict, "pass", "{case}");
    }
    let (_, case) = judged(Manner::AsksAndServes);
    assert!(
        case.contains("after it asked for another TLS handshake"),
        "{case}"
    );
}

#[test]
fn whoever_serves_on_fails() {
    let (verdict, case) = judged(Manner::Serves);
    assert_eq!(verdict, "fail", "{case}");
}

/// A connection that is gone anyhow, or silence, shows nothing about the demand.
#[test]
fn what_proves_nothing_is_undecided() {
    for manner in [Manner::ClosesEveryConnection, Manner::IsSilent] {
        let (verdict, case) = judged(manner);
        assert_eq!(verdict, "inconclusive", "{case}");
    }
}
