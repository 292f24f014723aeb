//! Presence servers that are reached without a proxy: lighttpd with a WebDAV store, and Kamailio's XCAP server.

use crate::known::*;
use crate::pin::{Catch, Pin, caught, hold};
use crate::server::Server;
use crate::{REQUESTS, and};

/// What is known of any server without a proxy, hooks and client certificates.
const DIRECT: &[&[Pin]] = &[
    EVERYWHERE,
    TWO_SUBSCRIBERS,
    BOTH_VERSIONS,
    TICKETS,
    NO_CLOCK,
    NO_CLOCK_TLS,
    NGINX_NO_DHE,
    NO_CLEAR,
    LASTING_NONCES,
    DIRECT_ONLY,
    NO_WEAK_SUITES,
    NO_RENEGOTIATION,
    NO_OLD_SUITES,
];

const DIRECT_ONLY: &[Pin] = &[
    (
        "AP-01 AP-02 AP-03 AP-04 AP-05 AP-06 AP-07 AP-12 AP-13 AP-15 AP-18 AP-21 AP-22 CERT-09 CERT-10 DIG-21 DIG-23 ID-02 ID-03 ID-04 ID-05 ID-06 ID-07 ID-08 ID-09 ID-10 ID-11 ID-12 ID-13 ID-14 ID-15 ID-17 ID-18 ID-19 ID-21 ID-24 ID-25 ID-26 ID-28 ID-29 ID-30 TLSS-12 TLSS-16",
        "not-applicable",
        43,
        "other roles",
        "they judge a proxy",
    ),
    (
        "RE-01 RE-02 RE-03 RE-04 RE-05 RE-06 RE-07 RE-14",
        "not-applicable",
        8,
        "hooks.force_reauth is none",
        "the target file declares that this lever does not exist",
    ),
    (
        "TLSC-31[mechanism=session-id] TLSS-20",
        "not-applicable",
        2,
        "expected a session to resume",
        "they give tickets alone",
    ),
    (
        "TLSS-09",
        "not-applicable",
        1,
        "ut.hosts names no further host",
        "there is no second name",
    ),
    (
        "TLSS-10",
        "not-applicable",
        1,
        "gave no session id",
        "it resumes by tickets alone",
    ),
    (
        "TLSV-11",
        "not-applicable",
        1,
        "ut.clear is none",
        "the target file declares that there is none",
    ),
    (
        "CC-02",
        "not-applicable",
        1,
        "expected a CertificateRequest",
        "it judges only who asks for a certificate",
    ),
    (
        "CC-03 CC-04 CC-05 CC-06 CC-10",
        "not-applicable",
        5,
        "client_certificate is none",
        "policy demands none",
    ),
    (
        "CC-08",
        "info",
        1,
        "full handshake, answered with status",
        "a fact worth knowing, whatever it is",
    ),
    (
        "DIG-08",
        "not-applicable",
        1,
        "qop auth-int",
        "only qop auth is offered",
    ),
    (
        "DIG-10",
        "warn",
        1,
        "200 OK",
        "finding: credentials without qop are taken where qop was offered (RFC 7616 3.4)",
    ),
    (
        "DIG-17",
        "warn",
        1,
        "200 OK",
        "finding: one of two Authorization fields counts (RFC 9110 11.6.2)",
    ),
];

/// lighttpd 1.4.69.
const LIGHTTPD: &[Pin] = &[
    (
        "DIG-01 DIG-02 DIG-03 TLSS-14",
        "warn",
        4,
        "20",
        "finding: the nonce count is not looked at (RFC 7616 5.5)",
    ),
    (
        "DIG-18[nc=1] DIG-18[nc=0000000g] DIG-18[nc=-0000009] DIG-18[nc=000000000000000009]",
        "warn",
        4,
        "200 OK",
        "finding: nor is its form (RFC 7616 3.4)",
    ),
    (
        "XC-02",
        "warn",
        4,
        "204 No Content",
        "finding: WebDAV answers a replacement with 204, RFC 4825 8.2.4 with 200",
    ),
    (
        "XC-12",
        "warn",
        1,
        "200 OK",
        "finding: POST is answered like GET instead of with 405 (RFC 4825 8.1); nothing changes",
    ),
];

const BOOTSTRAPPING: &[Pin] = &[(
    "GBA-04 GBA-05",
    "info",
    2,
    "401 Digest realm=\"3GPP-bootstrapping@ps.example.test\"",
    "a fact worth knowing, whatever it is",
)];

const SHA256_OFFERED: &[Pin] = &[(
    "DIG-15[algorithm=SHA-256]",
    "not-applicable",
    1,
    "algorithm $algorithm",
    "it is offered",
)];

/// Kamailio 5.6.3.
const KAMAILIO: &[Pin] = &[
    (
        "AP-08",
        "warn",
        1,
        "200 OK",
        "finding: a request without Host is served (RFC 9112 3.2)",
    ),
    (
        "AP-19",
        "warn",
        1,
        "connection closed instead of an answer",
        "finding: HEAD is not understood and ends the connection; GET is challenged (RFC 9110 9.1)",
    ),
    (
        "DIG-11",
        "fail",
        1,
        "200 OK",
        "finding: the uri directive is not compared with the request (RFC 2617 3.2.2.5)",
    ),
    (
        "DIG-15[algorithm=AKAv1-MD5] DIG-15[algorithm=presec-unknown]",
        "warn",
        2,
        "200 OK",
        "finding: an algorithm it does not know is taken for MD5 (RFC 7616 3.3)",
    ),
    (
        "XC-02",
        "warn",
        4,
        "200 OK",
        "finding: creating a document is answered with 200, by RFC 4825 8.2.1 with 201",
    ),
    (
        "XC-23",
        "fail",
        1,
        "200 OK",
        "finding: If-None-Match is ignored (RFC 9110 13.1.2, RFC 4825 7.11)",
    ),
];

fn mistaken(kind: &'static str, variant: &str, known: &[&[Pin]], expected: &[Catch]) {
    let server = Server::start(kind, variant);
    caught(
        &server.judge_with(&[], REQUESTS),
        &and(DIRECT, known),
        expected,
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn lighttpd_with_sha256() {
    let known = and(DIRECT, &[LIGHTTPD, BOOTSTRAPPING, SHA256_OFFERED]);
    hold(&Server::start("lighttpd", "default").judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn lighttpd_with_two_challenges() {
    let session: &[Pin] = &[(
        "DIG-15[algorithm=MD5-sess]",
        "warn",
        1,
        "200 OK",
        "finding: who offers MD5 takes MD5-sess too (RFC 7616 3.3)",
    )];
    let known = and(DIRECT, &[LIGHTTPD, BOOTSTRAPPING, SHA256_OFFERED, session]);
    hold(&Server::start("lighttpd", "md5-too").judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_lighttpd_with_a_realm_of_its_own() {
    let realm = "401 Digest realm=\"XCAP documents\"";
    mistaken(
        "lighttpd",
        "wrong-realm",
        &[LIGHTTPD],
        &[("GBA-01 GBA-02", "fail", realm), ("GBA-07", "warn", realm)],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_lighttpd_that_lets_any_subscriber_into_any_tree() {
    mistaken(
        "lighttpd",
        "no-own-tree-check",
        &[LIGHTTPD],
        &[
            (
                "XC-03 XC-08[spelling=through-own-tree] XC-08[spelling=through-own-tree-encoded] XC-08[spelling=through-own-tree-encoded-slash] XC-09[spelling=xui-at-encoded]",
                "fail",
                "200 OK",
            ),
            ("XC-04 XC-05", "fail", "204 No Content"),
        ],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_lighttpd_that_verifies_no_identity() {
    let expected = [("ID-27", "fail", "200 OK")];
    mistaken("lighttpd", "no-identity-check", &[LIGHTTPD], &expected);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn kamailio_xcap_server() {
    let known = and(DIRECT, &[KAMAILIO, BOOTSTRAPPING]);
    hold(&Server::start("kamailio", "default").judge(), &known);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_kamailio_that_lets_any_subscriber_into_any_tree() {
    mistaken(
        "kamailio",
        "no-own-tree-check",
        &[KAMAILIO],
        &[("ID-20 XC-03 XC-04 XC-05 XC-09", "fail", "200 OK")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_kamailio_that_ignores_nonce_counts() {
    let same_second: &[Pin] = &[(
        "AP-19",
        "warn",
        1,
        "401 Digest realm=",
        "as DIG-22: who asks in the same second gets the same nonce",
    )];
    mistaken(
        "kamailio",
        "nonce-count-ignored",
        &[KAMAILIO, same_second],
        &[
            (
                "DIG-01 DIG-02 DIG-03 DIG-18[nc=1] DIG-18[nc=0000000g] DIG-18[nc=-0000009] DIG-18[nc=000000000000000009]",
                "warn",
                "200 OK",
            ),
            // Without a count its nonces say the second alone, so all challenges of a second have the same one.
            ("DIG-22", "warn", "100 answers"),
        ],
    );
}
