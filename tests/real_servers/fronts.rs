//! nginx as TLS front of httpd: one more hop, and the mistakes that belong to it.

use crate::known::*;
use crate::pin::{Catch, Pin, caught, hold};
use crate::server::{Behind, Server};
use crate::{REQUESTS, and};

/// What is known of the two together.
const FRONT: &[&[Pin]] = &[
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
    APACHE_REPLAY,
    APACHE_DIGEST,
    APACHE_PROXY,
    LASTING_NONCES,
    NGINX_NO_DHE,
    NGINX_SESSIONS,
    NO_WEAK_SUITES,
    NO_RENEGOTIATION,
    NO_OLD_SUITES,
];

fn mistaken(variant: &str, args: &[&str], expected: &[Catch]) {
    let server = Server::start("nginx-ap", variant);
    caught(&server.judge_with(&[], args), FRONT, expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_in_front_of_apache() {
    let server = Server::start_with("nginx-ap", "default", Behind::ObserverAndStore);
    let known = and(
        FRONT,
        &[
            NO_CLEAR,
            NO_CERTIFICATE,
            APACHE_NO_CERTIFICATE,
            APACHE_OBSERVED,
        ],
    );
    hold(&server.judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_nginx_that_answers_from_a_cache() {
    mistaken(
        "cache",
        &["CC-09", "GBA-01", "XC-01", "XC-03"],
        &[("CC-09 GBA-01 XC-01 XC-03", "fail", "200 OK")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_nginx_that_keeps_entity_tags_back() {
    let expected = [("XC-21", "fail", "204 No Content")];
    mistaken("no-entity-tags", &["XC-*"], &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_nginx_that_drops_conditions() {
    let expected = [("XC-22 XC-23", "fail", "204 No Content")];
    mistaken("conditions-dropped", &["XC-*"], &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_trusts_the_address_of_its_front() {
    mistaken(
        "loopback-trusted",
        REQUESTS,
        &[
            ("CC-09 GBA-01 XC-01 XC-03", "fail", "200 OK"),
            ("XC-04 XC-05", "fail", "204 No Content"),
            (
                "XC-08[spelling=through-own-tree] XC-08[spelling=through-own-tree-encoded] XC-09[spelling=xui-at-encoded]",
                "fail",
                "200 OK",
            ),
            (
                "AP-20[spelling=dot-segment] AP-20[spelling=double-slash] AP-20[spelling=encoded-letter] AP-20[spelling=public-prefix]",
                "fail",
                "200 OK",
            ),
            ("AP-13 AP-19 DIG-16 DIG-17 DIG-19 DIG-26", "warn", "200 OK"),
            // Nobody was authenticated, so no identity is anybody's own.
            ("ID-01", "fail", "403 Forbidden"),
        ],
    );
}

/// nginx passes early data on before the handshake has ended, and httpd counts no nonces.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_nginx_that_passes_early_data_on() {
    let expected = [("TLSS-15", "warn", "200 OK")];
    mistaken("early-data", &["TLSS-*"], &expected);
}
