//! Scenarios that need more of a server than the others: special subscribers, levers, a host outside the trust domain, a certificate
//! that names an OCSP responder, and the risks that are opted into.

use crate::pin::{Pin, hold};
use crate::server::{Behind, Server};
use crate::support::project;

/// The scenarios about special subscribers, restarts and many wrong answers.
const SPECIAL: &[&str] = &[
    "--risk",
    "load",
    "--risk",
    "disruptive",
    "DIG-25",
    "GBA-14",
    "GBA-16",
    "ID-24",
    "RE-08",
    "RE-10",
    "RE-11",
];

/// The subscribers of httpd beside alice and bob: carol, whose key may end; alice as she was before a later bootstrapping, which
/// httpd has no key of any more; and dave, whose password is right.
const SUBSCRIBERS: &str = "subscribers:
  throw_away:
    impus: [\"sip:carol@example.test\"]
    default_impu: \"sip:carol@example.test\"
    credentials: { b_tid: carol-btid@bsf.example.test, ks_naf: \"lab:a2V5LW9mLWNhcm9sLTAwMDE=\" }
  alice_before:
    impus: [\"sip:alice@example.test\"]
    default_impu: \"sip:alice@example.test\"
    credentials: { b_tid: alice-before-btid@bsf.example.test, ks_naf: \"lab:a2V5LW9mLWFsaWNlLWJlZm9yZQ==\" }
  no_service:
    impus: [\"sip:dave@example.test\"]
    default_impu: \"sip:dave@example.test\"
    credentials: { b_tid: dave-btid@bsf.example.test, ks_naf: \"lab:a2V5LW9mLWRhdmUtMDAwMDE=\" }
";

/// What presec says about httpd with those subscribers, where a restart gives carol her key again.
fn special(variant: &str, known: &[Pin]) {
    let server = Server::start_with("apache-ap", variant, Behind::ObserverAndStore);
    let hook = project().join("ci/servers/hook").display().to_string();
    let workdir = server.workdir().display().to_string();
    let restart = format!("restart: {{ command: [{hook}, {workdir}, restart] }}");
    let renew = format!(
        "restart: {{ command: [bash, -c, \"{hook} {workdir} renew-b-tid carol-btid@bsf.example.test && {hook} {workdir} restart\"] }}"
    );
    let changes = [
        ("subscribers:\n", SUBSCRIBERS),
        (restart.as_str(), renew.as_str()),
    ];
    hold(&server.judge_with(&changes, SPECIAL), &[known]);
}

const OLD_KEY: Pin = (
    "GBA-16",
    "info",
    1,
    "401",
    "a fact: httpd has one key for alice, that of the last bootstrapping",
);

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_with_special_subscribers() {
    special("service-checked", &[OLD_KEY]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_serves_who_may_not_use_the_service() {
    special(
        "service-unchecked",
        &[
            OLD_KEY,
            (
                "ID-24",
                "fail",
                1,
                "the origin received",
                "the right password is enough",
            ),
        ],
    );
}

/// Judges the second host, which stands outside the trust domain.
fn untrusted(variant: &str, known: &[Pin]) {
    let server = Server::start_with("apache-ap", variant, Behind::Observer);
    let changes = [
        ("https://ps.example.test:", "https://as2.example.test:"),
        ("hosts: [as2.example.test]", "hosts: [ps.example.test]"),
        ("identity_transfer: on", "identity_transfer: off"),
        (
            "application_server_trust: trusted",
            "application_server_trust: untrusted",
        ),
    ];
    hold(&server.judge_with(&changes, &["ID-16", "ID-17"]), &[known]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_before_a_server_outside_the_trust_domain() {
    untrusted("default", &[]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_apache_that_tells_a_server_outside_the_trust_domain() {
    let told = "asserted identity sip:alice@example.test";
    untrusted(
        "second-host-told",
        &[(
            "ID-16 ID-17",
            "fail",
            2,
            told,
            "the identity is sent there too",
        )],
    );
}

fn stapling(variant: &str, known: &[Pin]) {
    let server = Server::start("openssl", variant);
    hold(&server.judge_with(&[], &["CERT-13"]), &[known]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_that_staples() {
    stapling("stapled", &[]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn caught_openssl_that_does_not_staple() {
    let seen = "names an OCSP responder, without a response";
    stapling(
        "unstapled",
        &[("CERT-13", "warn", 1, seen, "there is nothing to staple")],
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn apache_ends_a_hello_that_does_not_end() {
    let server = Server::start("apache-ap", "short-handshake");
    hold(
        &server.judge_with(&[], &["--risk", "disruptive", "TLSM-11"]),
        &[],
    );
}
