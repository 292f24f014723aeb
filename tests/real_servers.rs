//! presec against servers that others wrote, so that a misreading shared by our client and our reference target shows.
//! `docs/assurance.md` ("Real servers") explains what is pinned here.
#![cfg(test)]

#[path = "real_servers/direct.rs"]
mod direct;
#[path = "real_servers/fronts.rs"]
mod fronts;
#[path = "real_servers/handshakes.rs"]
mod handshakes;
#[path = "real_servers/known.rs"]
mod known;
#[path = "real_servers/mistakes.rs"]
mod mistakes;
#[path = "real_servers/parked.rs"]
mod parked;
#[path = "support/parked.rs"]
mod parked_state;
#[path = "real_servers/pin.rs"]
mod pin;
#[path = "real_servers/server.rs"]
mod server;
#[path = "real_servers/special.rs"]
mod special;
mod support;

use known::*;
use pin::{Catch, Pin, caught, hold};
use server::{Behind, Server};

/// What is known of httpd as a proxy, whatever it asks of clients.
const PROXY: &[&[Pin]] = &[
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
    APACHE_TWO_AUTHORIZATIONS,
    APACHE_ITSELF,
    LASTING_NONCES,
    RSA_KEY_EXCHANGE,
    NO_WEAK_SUITES,
    NO_RENEGOTIATION,
];

/// What is known of every server without subscribers.
const TLS_ONLY: &[&[Pin]] = &[EVERYWHERE, ANY, NO_CLOCK_TLS, NO_SUBSCRIBERS, UNOBSERVED];

/// The scenarios that look at requests; mistakes that TLS cannot show are looked for by them alone, which is quick.
const REQUESTS: &[&str] = &["AP-*", "CC-*", "DIG-*", "GBA-*", "ID-*", "XC-*"];

/// The scenarios that look at TLS and certificates.
const TLS: &[&str] = &["CC-*", "CERT-*", "TLS*"];

fn and<'a>(known: &[&'a [Pin]], more: &[&'a [Pin]]) -> Vec<&'a [Pin]> {
    [known, more].concat()
}

/// Starts httpd with a mistake, behind it what `behind` says, and holds that presec sees exactly what follows from the mistake
/// in the scenarios selected; in all of them if none are.
fn apache_caught(variant: &str, behind: Behind, selected: &[&str], expected: &[Catch]) {
    let server = Server::start_with("apache-ap", variant, behind);
    let known = and(PROXY, &[APACHE_OBSERVED]);
    caught(&server.judge_with(&[], selected), &known, expected);
}

/// Starts a server without subscribers and holds all that is known of it.
fn tls_known(kind: &'static str, variant: &str, known: &[&[Pin]]) {
    hold(&Server::start(kind, variant).judge(), &and(TLS_ONLY, known));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_the_observer_behind_it() {
    let server = Server::start_with("apache-ap", "default", Behind::ObserverAndStore);
    let known = and(
        PROXY,
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
fn apache_with_its_own_store() {
    let server = Server::start("apache-ap", "default");
    let known = and(
        PROXY,
        &[NO_CLEAR, NO_CERTIFICATE, APACHE_NO_CERTIFICATE, UNOBSERVED],
    );
    hold(&server.judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_nonces_that_live_two_seconds() {
    let server = Server::start_with("apache-ap", "short-nonce", Behind::ObserverAndStore);
    let known = and(
        PROXY,
        &[
            NO_CLEAR,
            NO_CERTIFICATE,
            APACHE_NO_CERTIFICATE,
            APACHE_OBSERVED,
        ],
    );
    hold(&server.judge(), &known);
    // For nonces alone, waiting until they are stale is as good as moving the clock.
    let wait = [(
        "advance_clock: none",
        "advance_clock: { command: [sleep, \"3\"] }",
    )];
    let call = server.judge_with(&wait, &["DIG-05", "DIG-06"]);
    hold(&call, &[]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_session_identifiers_only() {
    let server = Server::start_with("apache-ap", "session-cache", Behind::ObserverAndStore);
    let restarted: &[Pin] = &[(
        "RE-05 RE-06 RE-07 RE-14[mechanism=ticket] RE-14[mechanism=tls13-psk]",
        "not-applicable",
        5,
        "expected a session to resume",
        "the lever is a restart, which forgets the session cache, and there are no tickets in TLS 1.2",
    )];
    let no_tickets: &[Pin] = &[(
        "TLSC-31[mechanism=ticket] TLSS-05[mechanism=ticket] TLSS-09[mechanism=ticket] TLSS-11[mechanism=ticket] TLSS-21",
        "not-applicable",
        5,
        "expected a session to resume",
        "there are no tickets in TLS 1.2",
    )];
    let known = and(
        PROXY,
        &[
            NO_CLEAR,
            NO_CERTIFICATE,
            APACHE_NO_CERTIFICATE,
            APACHE_OBSERVED,
            restarted,
            no_tickets,
        ],
    );
    let mut known = known;
    known.retain(|set| *set != TICKETS);
    hold(&server.judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_that_insists_on_certificates() {
    let server = Server::start_with(
        "apache-ap",
        "client-cert-required",
        Behind::ObserverAndStore,
    );
    let policy = [("client_certificate: none", "client_certificate: required")];
    let known = and(
        PROXY,
        &[NO_CLEAR, CERTIFICATE, APACHE_CERTIFICATE, APACHE_OBSERVED],
    );
    hold(&server.judge_with(&policy, &[]), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_believes_any_intended_identity() {
    let both = "asserted identity sip:alice@example.test, sip:bob@example.test";
    apache_caught(
        "no-identity-check",
        Behind::ObserverAndStore,
        REQUESTS,
        &[
            (
                "ID-03",
                "fail",
                "the origin received the request, asserted identity sip:bob@example.test",
            ),
            (
                "ID-04",
                "fail",
                "the origin received the request, asserted identity sip:presec-unknown@example.test",
            ),
            ("ID-06", "fail", both),
            ("ID-07", "fail", both),
            (
                "ID-08[spelling=unquoted] ID-08[spelling=unterminated] ID-21 ID-29",
                "fail",
                "the origin received the request, asserted identity sip:bob@example.test",
            ),
            (
                "ID-11[spelling=domain-upper-case]",
                "fail",
                "asserted identity sip:bob@EXAMPLE.TEST",
            ),
            (
                "ID-11[spelling=percent-encoded]",
                "fail",
                "asserted identity sip:%62ob@example.test",
            ),
            ("ID-09", "warn", "asserted identity"),
            (
                "ID-10[spelling=encoded-line-break]",
                "warn",
                "asserted identity sip:alice@example.test%0d%0aX-3GPP-Asserted-Identity: presec-injected",
            ),
            ("ID-25", "warn", "asserted identity sip:bob@example.test"),
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_inserts_no_default_identity() {
    apache_caught(
        "no-default-impu",
        Behind::Observer,
        REQUESTS,
        &[(
            "ID-05 ID-28 ID-30",
            "fail",
            "the origin received the request",
        )],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_believes_the_client_s_asserted_identity() {
    apache_caught(
        "trust-client-asserted",
        Behind::ObserverAndStore,
        REQUESTS,
        &[(
            "ID-12",
            "fail",
            "the origin received the request, asserted identity sip:bob@example.test",
        )],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_authenticates_nobody() {
    apache_caught(
        "no-authentication",
        Behind::ObserverAndStore,
        &[],
        &[
            (
                "CC-09 GBA-01 ID-03 ID-04 ID-20 RE-01 TLSS-13 XC-01 XC-03",
                "fail",
                "200 OK",
            ),
            (
                "ID-02 ID-05 ID-17 ID-18 ID-21 ID-29 ID-30",
                "fail",
                "the origin received the request",
            ),
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
            (
                "AP-13 AP-19 CERT-12 DIG-16 DIG-19 DIG-26 TLSS-12",
                "warn",
                "200 OK",
            ),
            ("TLSS-16", "warn", "the origin received the request"),
            ("AP-18", "warn", "206 Partial Content"),
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_lets_subscribers_into_each_other_s_trees() {
    apache_caught(
        "no-own-tree-check",
        Behind::Itself,
        REQUESTS,
        &[
            ("ID-20", "fail", "200 OK"),
            ("XC-03", "fail", "200 OK"),
            ("XC-04", "fail", "204 No Content"),
            ("XC-05", "fail", "204 No Content"),
            (
                "XC-08[spelling=through-own-tree] XC-08[spelling=through-own-tree-encoded] XC-09[spelling=xui-at-encoded]",
                "fail",
                "200 OK",
            ),
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_accepts_basic() {
    apache_caught(
        "basic-too",
        Behind::Itself,
        REQUESTS,
        &[("DIG-16", "warn", "200 OK")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_resumes_nothing() {
    apache_caught(
        "no-resumption",
        Behind::Itself,
        TLS,
        &[
            ("TLSS-01", "fail", "full handshake"),
            ("TLSS-02", "warn", "gave no session"),
            ("TLSS-03", "warn", "full handshake"),
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_with_an_expired_certificate() {
    apache_caught(
        "expired-certificate",
        Behind::Itself,
        TLS,
        &[("CERT-03", "fail", "full handshake")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_with_a_certificate_for_another_name() {
    apache_caught(
        "wrong-name",
        Behind::Itself,
        TLS,
        &[("CERT-02", "fail", "full handshake")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_also_speaks_clear_text() {
    let server = Server::start("apache-ap", "cleartext-too");
    let clear = format!("clear: \"http://{}/services/\"", server.fact("cleartext"));
    let expected = [("TLSM-02", "warn", "401 Digest realm=")];
    caught(
        &server.judge_with(&[("clear: none", &clear)], &[]),
        PROXY,
        &expected,
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_as_it_should_be() {
    tls_known(
        "openssl",
        "default",
        &[
            BOTH_VERSIONS,
            TICKETS,
            NO_CERTIFICATE,
            RSA_KEY_EXCHANGE,
            NO_NAMES,
            NO_RENEGOTIATION,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_weak() {
    tls_known(
        "openssl",
        "weak",
        &[
            OPENSSL_WEAK,
            TICKETS,
            NO_CERTIFICATE,
            SHA1_SIGNATURES,
            NO_NAMES,
            NO_RENEGOTIATION_IN_OLD_VERSIONS,
            WEAK_INSTEAD_OF_RESUMPTION,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_without_tls13() {
    tls_known(
        "openssl",
        "tls12-only",
        &[
            NO_TLS13,
            NO_CERTIFICATE,
            LIBRARY_SUITES,
            NO_NAMES,
            NO_TLS13_SESSIONS,
            TICKETS,
            NO_RENEGOTIATION,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_without_resumption() {
    tls_known(
        "openssl",
        "no-resumption",
        &[
            NO_RESUMPTION,
            NO_CERTIFICATE,
            LIBRARY_SUITES,
            NO_NAMES,
            NO_RENEGOTIATION,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_that_insists_on_certificates() {
    let policy = [("client_certificate: none", "client_certificate: required")];
    let call = Server::start("openssl", "client-cert").judge_with(&policy, &[]);
    let no_certificate_scenario: &[Pin] = &[(
        "CC-03 CC-04 CC-05 CC-06",
        "not-applicable",
        4,
        "subscribers is none",
        "whether certificates authenticate is judged by a request of a subscriber",
    )];
    hold(
        &call,
        &and(
            TLS_ONLY,
            &[
                BOTH_VERSIONS,
                TICKETS,
                CERTIFICATE,
                LIBRARY_SUITES,
                NO_NAMES,
                no_certificate_scenario,
                NO_RENEGOTIATION,
            ],
        ),
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_as_it_should_be() {
    let known = [
        BOTH_VERSIONS,
        TICKETS,
        NO_CERTIFICATE,
        RSA_KEY_EXCHANGE,
        NGINX_NO_DHE,
        NGINX_SESSIONS,
        NO_RENEGOTIATION,
    ];
    tls_known("nginx", "default", &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_weak() {
    tls_known(
        "nginx",
        "weak",
        &[
            OPENSSL_WEAK,
            TICKETS,
            NO_CERTIFICATE,
            SHA1_SIGNATURES,
            NGINX_SESSIONS,
            WEAK_INSTEAD_OF_RESUMPTION,
            NO_RENEGOTIATION_IN_OLD_VERSIONS,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_with_a_small_group() {
    let small: &[Pin] = &[(
        "TLSC-28",
        "warn",
        1,
        "DHE prime of 1024 bits",
        "a DH group of 1024 bits",
    )];
    let known = [
        BOTH_VERSIONS,
        TICKETS,
        NO_CERTIFICATE,
        RSA_KEY_EXCHANGE,
        SHA1_SIGNATURES,
        NGINX_SESSIONS,
        NO_RENEGOTIATION,
        small,
    ];
    tls_known("nginx", "small-dhe", &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_as_it_should_be() {
    tls_known(
        "gnutls",
        "default",
        &[
            BOTH_VERSIONS,
            TICKETS,
            NO_CERTIFICATE,
            LIBRARY_SUITES,
            SHA1_SIGNATURES,
            NO_NAMES,
            GNUTLS_SESSIONS,
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_weak() {
    let server = Server::start("gnutls", "weak");
    let known = [
        GNUTLS_WEAK,
        NO_CERTIFICATE,
        SHA1_SIGNATURES,
        NO_NAMES,
        NO_TLS13_SESSIONS,
        TICKETS,
        GNUTLS_SESSIONS,
    ];
    let call = server.judge_with(&[], &["--not-tag", "renegotiation"]);
    hold(&call, &and(TLS_ONLY, &known));
    hold(&server.judge_with(&[], &["TLSM-06"]), &[]);
    // A renegotiation that selects an anonymous suite after one with a certificate ends the process.
    // Which of the three versions gets how far, and whether it is reset or refused, is a matter of moments.
    let call = server.judge_with(&[], &["TLSC-32"]);
    assert_eq!(call.with_verdict("inconclusive").len(), 3);
    let notes = call.results.as_ref().map(|results| &results["notes"][0]);
    let said = notes
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    assert!(said.contains("were of TLSC-32["), "{said}");
}
