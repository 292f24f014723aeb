//! Mistakes in renegotiation and heartbeats, which stand in the libraries of others and are switched on there; and the same
//! servers without them.

use crate::pin::{Catch, Pin, caught, hold};
use crate::server::Server;
use crate::support::tlslite;

/// What an open connection is asked to do.
const OPEN_CONNECTIONS: &[&str] = &["TLSC-32", "TLSM-03", "TLSM-05", "TLSM-06", "TLSM-07"];

/// What is known of the renegotiation of whoever takes up none.
const NONE_TAKEN_UP: &[Pin] = &[(
    "TLSC-32",
    "not-applicable",
    3,
    "expected a completed renegotiation",
    "what a renegotiation would select can be seen only where there is one",
)];

fn shows(kind: &'static str, variant: &str, expected: &[Catch]) {
    let call = Server::start(kind, variant).judge_with(&[], OPEN_CONNECTIONS);
    caught(&call, &[NONE_TAKEN_UP], expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_that_lets_clients_renegotiate() {
    let server = Server::start("openssl", "client-renegotiation");
    hold(&server.judge_with(&[], OPEN_CONNECTIONS), &[]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_openssl_that_renegotiates_without_a_bond() {
    let seen = "renegotiated, not bound to the handshake before";
    shows(
        "openssl",
        "legacy-renegotiation",
        &[("TLSM-06", "warn", seen)],
    );
}

/// `SSLInsecureRenegotiation on` alone catches nobody's eye: httpd takes up no renegotiation of a client, bound or not. What it
/// does where httpd itself asks for one is held in `tests/lab_interop/later.rs`.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_that_may_renegotiate_without_a_bond_does_not_for_a_client() {
    let server = Server::start("httpd", "insecure-renegotiation");
    let call = server.judge_with(&[], OPEN_CONNECTIONS);
    hold(&call, &[NONE_TAKEN_UP]);
    let seen = call.case("TLSM-06")["observed"].clone();
    let seen = seen.as_str().unwrap_or_default();
    assert!(seen.contains("refused with a warning"), "{seen}");
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tlslite_that_answers_heartbeats() {
    if tlslite().is_some() {
        let server = Server::start("tlslite", "default");
        hold(&server.judge_with(&[], OPEN_CONNECTIONS), &[NONE_TAKEN_UP]);
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_tlslite_that_bleeds() {
    if tlslite().is_some() {
        let seen = "a heartbeat came that says it has 16000 octets, and has 16016";
        let each = "TLSM-07[version=tls1.0] TLSM-07[version=tls1.1] TLSM-07[version=tls1.2]";
        shows("tlslite", "bleeding", &[(each, "warn", seen)]);
    }
}
