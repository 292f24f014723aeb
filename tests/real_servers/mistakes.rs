//! Mistakes in Digest, identities, proxying and XCAP that httpd was given on purpose, and its conforming variants.

use crate::known::*;
use crate::pin::{Catch, Pin, hold};
use crate::server::{Behind, Server};
use crate::{PROXY, REQUESTS, and, apache_caught};

/// Starts httpd with a mistake that only requests show.
fn apache_mistaken(variant: &str, behind: Behind, expected: &[Catch]) {
    apache_caught(variant, behind, REQUESTS, expected);
}

const ALICE: &str = "the origin received the request, asserted identity sip:alice@example.test";

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_passes_every_other_identity_header_on() {
    let expected = [("ID-13 ID-14", "warn", ALICE)];
    apache_mistaken("aliases-passed", Behind::ObserverAndStore, &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_believes_a_forwarded_user() {
    apache_mistaken(
        "forwarded-user-trusted",
        Behind::ObserverAndStore,
        &[(
            "ID-13[alias=X-Forwarded-User]",
            "warn",
            "asserted identity sip:bob@example.test",
        )],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_passes_credentials_on() {
    let expected = [("ID-15", "fail", ALICE)];
    apache_mistaken("authorization-passed", Behind::ObserverAndStore, &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_verifies_identities_of_get_alone() {
    let expected = [("ID-29", "fail", "the origin received the request")];
    apache_mistaken(
        "identity-checked-on-get",
        Behind::ObserverAndStore,
        &expected,
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_tells_unknown_identities_apart() {
    let expected = [("ID-23", "warn", "404 Not Found")];
    apache_mistaken("identity-oracle", Behind::Observer, &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_authenticates_get_alone() {
    apache_mistaken(
        "authentication-on-get",
        Behind::Itself,
        &[("DIG-12 XC-01 XC-04 XC-05", "fail", "204 No Content")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_looks_at_the_path_before_dot_segments_are_resolved() {
    apache_mistaken(
        "raw-path",
        Behind::Itself,
        &[(
            "XC-08[spelling=through-own-tree] XC-08[spelling=through-own-tree-encoded]",
            "fail",
            "200 OK",
        )],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_finds_a_tree_in_any_case() {
    apache_mistaken(
        "case-blind",
        Behind::Itself,
        &[(
            "XC-08[spelling=through-own-tree] XC-08[spelling=through-own-tree-encoded] XC-09",
            "fail",
            "200 OK",
        )],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_lets_subscribers_write_into_the_global_tree() {
    let expected = [("XC-07", "fail", "201 Created")];
    apache_mistaken("global-writable", Behind::Itself, &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_serves_a_second_host_as_an_alias() {
    let expected = [("AP-07 DIG-23", "warn", "200 OK")];
    apache_mistaken("second-host-alias", Behind::Itself, &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_answers_trace() {
    let expected = [("XC-13", "warn", "200 OK")];
    apache_mistaken("trace", Behind::Itself, &expected);
}

/// httpd as it should be but for what is named, with the observer and its store.
fn apache_conforming(variant: &str, known: &[&[Pin]]) {
    let server = Server::start_with("apache-ap", variant, Behind::ObserverAndStore);
    hold(&server.judge(), known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_the_observer_alone_behind_it() {
    let server = Server::start_with("apache-ap", "default", Behind::Observer);
    let known = [
        EVERYWHERE,
        TWO_SUBSCRIBERS,
        ANY,
        BOTH_VERSIONS,
        TICKETS,
        NO_CLOCK,
        NO_CLOCK_TLS,
        APACHE,
        APACHE_REPLAY,
        APACHE_DIGEST,
        APACHE_PROXY,
        APACHE_TWO_AUTHORIZATIONS,
        APACHE_ITSELF,
        APACHE_OBSERVED,
        LASTING_NONCES,
        RSA_KEY_EXCHANGE,
        NO_CLEAR,
        NO_CERTIFICATE,
        APACHE_NO_CERTIFICATE,
        NO_STORE,
        NO_WEAK_SUITES,
        NO_RENEGOTIATION,
    ];
    hold(&server.judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_one_time_nonces() {
    let counted: &[Pin] = &[
        (
            "DIG-24",
            "info",
            1,
            "stale=true",
            "a nonce is good for one request, wherever it comes from",
        ),
        (
            "DIG-18[nc=1] DIG-18[nc=-0000009] DIG-18[nc=000000000000000009]",
            "warn",
            3,
            "200 OK",
            "finding: a count that is no eight hex digits is read as a number; one that is none is refused",
        ),
    ];
    let known = [
        EVERYWHERE,
        TWO_SUBSCRIBERS,
        ANY,
        BOTH_VERSIONS,
        TICKETS,
        NO_CLOCK,
        NO_CLOCK_TLS,
        APACHE,
        APACHE_STORE,
        APACHE_ENTITY_TAGS,
        APACHE_PROXY,
        APACHE_TWO_AUTHORIZATIONS,
        APACHE_ITSELF,
        APACHE_OBSERVED,
        RSA_KEY_EXCHANGE,
        NO_CLEAR,
        NO_CERTIFICATE,
        APACHE_NO_CERTIFICATE,
        counted,
        NO_WEAK_SUITES,
        NO_RENEGOTIATION,
    ];
    apache_conforming("one-time-nonces", &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_sessions_that_live_two_seconds() {
    let known = and(
        PROXY,
        &[
            NO_CLEAR,
            NO_CERTIFICATE,
            APACHE_NO_CERTIFICATE,
            APACHE_OBSERVED,
        ],
    );
    apache_conforming("short-sessions", &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_that_asks_for_certificates_without_insisting() {
    let asked: &[Pin] = &[
        (
            "CC-03",
            "not-applicable",
            1,
            "client_certificate is optional",
            "policy demands none",
        ),
        (
            "CC-08 CERT-10",
            "info",
            2,
            "client certificate requested",
            "a fact worth knowing, whatever it is",
        ),
        (
            "CC-10",
            "not-applicable",
            1,
            "401 Digest realm",
            "its certificates authenticate nobody, so the digest alone says who it is",
        ),
    ];
    let known = and(PROXY, &[NO_CLEAR, APACHE_OBSERVED, asked]);
    let server = Server::start_with(
        "apache-ap",
        "client-cert-optional",
        Behind::ObserverAndStore,
    );
    let policy = [
        ("client_certificate: none", "client_certificate: optional"),
        ("client-alice.key }", "client-alice.key, of: alice }"),
    ];
    hold(&server.judge_with(&policy, &[]), &known);
}
