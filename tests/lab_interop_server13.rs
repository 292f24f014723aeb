//! Clients that others wrote against the server of the lab TLS engine in TLS 1.3: every suite that both sides list has to
//! complete, carry data and resume, with a certificate of the client; then HelloRetryRequest, the modes of pre-shared keys,
//! keys agreed outside TLS, early data, what comes after the handshake, what a wrong server is told, and captures as tshark
//! reads them.
//! The table in `docs/assurance.md` is written by this test (`PRESEC_WRITE_INTEROP=1`) and held by it otherwise.
#![cfg(test)]

#[path = "lab_interop_server13/caller.rs"]
mod caller;
#[path = "lab_interop/capture.rs"]
mod capture;
#[path = "lab_interop_server13/host.rs"]
mod host;
#[path = "lab_interop/page.rs"]
mod page;
#[expect(dead_code, reason = "the other tests of the lab engine use the rest")]
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use caller::{Caller, LINE, NAF_IDENTITY, name, suites};
use capture::{Secrets, decrypted};
use host::{Host, Part};
use presec::tls::quirk::{
    Field, MessageAt, MessageChange, Offset, Quirk, RecordAt, RecordChange, RecordPart,
    RecordState, Which,
};
use presec::tls::server::{
    ClientCertificates, EarlyData, Facts, Laxity, Possession, SelectedPsk, ServerConfig,
};
use presec::tls::session::Mechanism;
use presec::tls::suite::Suite;
use presec::wire::tls::extension::group;
use presec::wire::tls::extension13::{PSK_DHE_KE, PSK_KE};
use presec::wire::tls::record::{content_type, handshake_type};
use stacks::{IDENTITY, KEY};

/// The head of the table.
const HEAD: &str = "| client of TLS 1.3 | completed";
/// TLS 1.3 of GnuTLS without its groups.
const NORMAL: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
/// The client's certificates, each in its turn.
const CERTIFICATES: [&str; 3] = ["client-rsa", "client-p256", "client-p384"];

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

fn aes() -> Vec<Suite> {
    let mut suites = suites();
    suites.retain(|suite| name(suite.code) == "TLS_AES_128_GCM_SHA256");
    suites
}

fn callers() -> [Caller; 2] {
    [Caller::openssl(), Caller::gnutls()]
}

/// What the server saw of a call, which must have got its line back.
fn called(caller: &Caller, config: ServerConfig, more: &[&str]) -> Facts {
    let host = Host::start(config);
    let said = caller.call(host.address, more);
    let outcome = host.outcome();
    assert!(
        said.contains(LINE),
        "{}: {said} {:?}",
        caller.name,
        outcome.failure
    );
    assert!(outcome.facts.completed);
    outcome.facts
}

/// A full handshake and the one that resumes it. gnutls-cli waits for a ticket only so long: on a busy machine it may come
/// too late, and then it has another try.
fn twice(caller: &Caller, host: &Host, more: &[&str]) -> (Facts, Facts, String) {
    let mut tries = 0..3;
    loop {
        let said = caller.call_twice(host.address, more);
        let (first, second) = (host.facts(), host.facts());
        if tries.next().is_none() || second.resumed.is_some() {
            return (first, second, said);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn every_suite_completes_resumes_and_knows_the_client() {
    for caller in callers() {
        let listed = caller.listed();
        let mut both = suites();
        both.retain(|suite| listed.contains(&suite.code));
        let (mut resumed, mut certified) = (0, 0);
        for (suite, own) in both.iter().zip(CERTIFICATES.iter().cycle()) {
            let mut config = caller.config(vec![suite.clone()]);
            config.client_certificates = ClientCertificates::Required;
            let host = Host::start(config);
            let (first, second, said) = twice(&caller, &host, &words(&caller.certificate(own)));
            let what = format!("{} {}: {said}", caller.name, name(suite.code));
            assert!(said.contains(LINE), "{what}");
            assert_eq!((first.suite, first.resumed), (Some(suite.code), None));
            resumed += usize::from(second.resumed == Some(Mechanism::Tls13Psk));
            certified += usize::from(first.possession == Possession::Right);
            assert_eq!(second.certificates, first.certificates, "{what}");
        }
        assert!(both.len() > 2 && resumed == both.len() && certified == both.len());
        let only: BTreeSet<u16> = listed
            .iter()
            .filter(|code| both.iter().all(|suite| suite.code != **code))
            .copied()
            .collect();
        let names: Vec<String> = only.iter().map(|code| name(*code)).collect();
        let kinds: Vec<&str> = names.iter().map(|name| page::kind(name)).collect();
        let line = format!(
            "| {} ({}) | {} / {} | {resumed} | {certified} | {} | {} |",
            caller.name,
            caller.version,
            both.len(),
            both.len(),
            only.len(),
            kinds.join(", ")
        );
        page::hold(HEAD, (caller.name, &caller.version), &[line]);
    }
}

/// A group, its names, and another group of a kind of which GnuTLS sends but one share.
struct Group {
    code: u16,
    openssl: &'static str,
    gnutls: &'static str,
    other: (&'static str, Option<&'static str>),
}

const GROUPS: [Group; 3] = [
    Group {
        code: group::X25519,
        openssl: "X25519",
        gnutls: "GROUP-X25519",
        other: ("P-256", None),
    },
    Group {
        code: group::SECP256R1,
        openssl: "P-256",
        gnutls: "GROUP-SECP256R1",
        other: ("X25519", Some("GROUP-SECP384R1")),
    },
    Group {
        code: group::SECP384R1,
        openssl: "P-384",
        gnutls: "GROUP-SECP384R1",
        other: ("X25519", Some("GROUP-SECP256R1")),
    },
];

/// A call that knows a group, of which it sends a share at once or not; `None` where the client cannot be told so.
fn call_of(caller: &Caller, host: &Host, wanted: &Group, retried: bool) -> Option<String> {
    if caller.is_openssl() {
        let list = if retried {
            format!("{}:{}", wanted.other.0, wanted.openssl)
        } else {
            wanted.openssl.to_owned()
        };
        return Some(caller.call(host.address, &["-groups", &list]));
    }
    let first = match wanted.other.1 {
        Some(other) if retried => format!(":+{other}"),
        None if retried => return None,
        _ => String::new(),
    };
    let priority = format!("{NORMAL}:-GROUP-ALL{first}:+{}", wanted.gnutls);
    Some(caller.call_as(host.address, &priority, &[]))
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn groups_are_agreed_at_once_or_after_a_second_hello() {
    for caller in callers() {
        for wanted in &GROUPS {
            for (cookie, retried) in [(false, false), (false, true), (true, false), (true, true)] {
                let mut config = caller.config(suites());
                (config.groups, config.tls13.cookie) = (vec![wanted.code], cookie);
                let host = Host::start(config);
                let Some(said) = call_of(&caller, &host, wanted, retried) else {
                    continue;
                };
                let outcome = host.outcome();
                if cookie && !retried && !caller.is_openssl() {
                    // GnuTLS 3.7.9 takes no HelloRetryRequest that wants nothing but its cookie back.
                    let why = outcome.failure.unwrap_or_default();
                    assert!(why.contains("illegal_parameter"), "{why}");
                    continue;
                }
                assert!(said.contains(LINE), "{} {said}", caller.name);
                assert_eq!(outcome.facts.group, Some(wanted.code), "{}", caller.name);
                assert_eq!(outcome.facts.tls13.hello_retry, cookie || retried);
            }
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tickets_resume_in_both_modes_and_after_a_cookie() {
    for caller in callers() {
        for (mode, cookie) in [(PSK_DHE_KE, false), (PSK_DHE_KE, true), (PSK_KE, false)] {
            // GnuTLS takes no cookie alone.
            if cookie && !caller.is_openssl() {
                continue;
            }
            let mut config = caller.config(aes());
            (config.tls13.psk_modes, config.tls13.cookie) = (vec![mode], cookie);
            let host = Host::start(config);
            let more: &[&str] = match (mode, caller.is_openssl()) {
                (PSK_KE, true) => &["-allow_no_dhe_kex"],
                _ => &[],
            };
            let (first, second, _) = twice(&caller, &host, more);
            assert!(first.group.is_some() && first.tls13.tickets == 2);
            assert_eq!(
                second.tls13.psk,
                Some(SelectedPsk::Ticket),
                "{}",
                caller.name
            );
            assert_eq!(second.group.is_some(), mode == PSK_DHE_KE);
            assert_eq!(second.tls13.hello_retry, cookie);
        }
    }
}

/// What a UE does with `Ks_NAF` (TS 33.222 5.4), in TLS 1.3.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn keys_agreed_outside_tls_are_known_by_their_identity() {
    for caller in callers() {
        for identity in [IDENTITY, NAF_IDENTITY] {
            let key = caller.pre_shared_key(identity, &KEY);
            let facts = called(&caller, caller.config(aes()), &words(&key));
            assert_eq!(
                facts.tls13.psk,
                Some(SelectedPsk::External),
                "{}",
                caller.name
            );
            assert_eq!(facts.psk_identity.as_deref(), Some(identity.as_bytes()));
            assert!(facts.group.is_some() && facts.resumed.is_none());
        }
        let wrong = caller.pre_shared_key(NAF_IDENTITY, &[7; 16]);
        let host = Host::start(caller.config(aes()));
        let said = caller.call(host.address, &words(&wrong));
        let why = host.outcome().failure.expect("a refusal");
        assert!(why.contains("binder"), "{why}");
        assert!(!said.contains(LINE), "{said}");
        // Who is not known may have a certificate shown.
        let other = caller.pre_shared_key("somebody else", &KEY);
        let facts = called(&caller, caller.config(aes()), &words(&other));
        assert_eq!(facts.tls13.psk, None);
        let mut bare = caller.config(aes());
        bare.identities = Vec::new();
        let host = Host::start(bare);
        let said = caller.call(host.address, &words(&other));
        let why = host.outcome().failure.expect("a refusal");
        assert!(
            why.contains("nobody knows the pre-shared key"),
            "{why} {said}"
        );
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_client_without_certificate_is_told_or_taken() {
    for caller in callers() {
        let with = |laxity: Option<Laxity>, wanted| {
            let mut config = caller.config(aes());
            config.client_certificates = wanted;
            config.laxities.extend(laxity);
            let host = Host::start(config);
            let said = caller.call(host.address, &[]);
            (host.outcome(), said)
        };
        let required = ClientCertificates::Required;
        let (refused, said) = with(None, required);
        assert!(!refused.facts.completed);
        let told = said.to_lowercase().replace('_', " ");
        assert!(
            told.contains("certificate required") || told.contains("certificate is required"),
            "{said}"
        );
        for (laxity, wanted) in [
            (Some(Laxity::EmptyCertificate), required),
            (None, ClientCertificates::Optional),
        ] {
            let (taken, said) = with(laxity, wanted);
            assert!(taken.facts.completed && said.contains(LINE), "{said}");
            assert!(taken.facts.certificate_requested && taken.facts.certificates.is_empty());
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn early_data_is_taken_once_and_passed_over_else() {
    let early = |config: ServerConfig, caller: &Caller| {
        let host = Host::start(config);
        let early = if caller.is_openssl() {
            caller.call(host.address, &["-sess_out", "session.pem"]);
            let more = ["-sess_in", "session.pem", "-early_data", "early.txt"];
            caller.call(host.address, &more);
            caller.call(host.address, &more);
            (host.facts(), host.outcome(), Some(host.outcome()))
        } else {
            caller.call(host.address, &["--resume", "--earlydata", "early.txt"]);
            (host.facts(), host.outcome(), None)
        };
        let (_, second, third) = early;
        (second, third)
    };
    for caller in callers() {
        let mut config = caller.config(aes());
        config.tls13.max_early_data = 1000;
        let (taken, again) = early(config.clone(), &caller);
        assert_eq!(
            taken.facts.tls13.early_data,
            EarlyData::Accepted,
            "{}",
            caller.name
        );
        assert!(taken.facts.completed && taken.facts.tls13.early_octets == 21);
        let heard = String::from_utf8(taken.heard).expect("text");
        assert!(heard.starts_with("said before anything\n"), "{heard}");
        if let Some(again) = again {
            // The ticket is used up, so that the handshake is full, and what came with it is passed over.
            assert_eq!(again.facts.tls13.early_data, EarlyData::Rejected);
            assert!(again.facts.completed && again.facts.resumed.is_none());
            assert!(!String::from_utf8_lossy(&again.heard).contains("before"));
        }
        if !caller.is_openssl() {
            continue;
        }
        config.tls13.cookie = true;
        let (retried, _) = early(config, &caller);
        assert_eq!(retried.facts.tls13.early_data, EarlyData::Rejected);
        assert!(retried.facts.completed && retried.facts.resumed.is_some());
        assert!(String::from_utf8_lossy(&retried.heard).ends_with(LINE));
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn keys_are_updated_and_certificates_asked_for_after_the_handshake() {
    for caller in callers() {
        let updates = Part {
            then: |server| server.update_keys(true),
            until: |facts| facts.tls13.key_updates > 0,
        };
        let host = Host::with(caller.config(suites()), updates);
        let said = caller.call(host.address, &[]);
        assert!(said.contains(LINE), "{said}");
        assert_eq!(host.facts().tls13.key_updates, 1, "{}", caller.name);

        let asks = Part {
            then: |server| assert!(server.request_certificate()),
            until: |facts| facts.tls13.post_handshake_answers > 0,
        };
        let mut config = caller.config(aes());
        config.renegotiated_certificates = ClientCertificates::Required;
        for own in CERTIFICATES {
            let host = Host::with(config.clone(), asks);
            let knows = if caller.is_openssl() {
                "-enable_pha"
            } else {
                "--post-handshake-auth"
            };
            let own = caller.certificate(own);
            let said = caller.call(host.address, &[&[knows], &words(&own)[..]].concat());
            assert!(said.contains(LINE), "{said}");
            assert_eq!(host.facts().possession, Possession::Right);
        }
    }
}

/// What a server may do wrong, with the alert for it.
fn wrong() -> [(Quirk, &'static str); 5] {
    let message = |kind, change| Quirk::Message {
        at: MessageAt::first(kind),
        change,
    };
    let tampered = Quirk::Record {
        at: RecordAt {
            content_type: content_type::APPLICATION_DATA,
            state: RecordState::Protected,
            which: Which::FIRST,
        },
        change: RecordChange::Xor {
            part: RecordPart::Mac,
            offset: Offset::End(1),
            mask: 1,
        },
    };
    let last = MessageChange::Xor {
        offset: Offset::End(1),
        mask: 1,
    };
    let suite = MessageChange::Field {
        field: Field::CipherSuites,
        value: vec![0x13, 0x02],
    };
    use handshake_type as kind;
    [
        (Quirk::bad_finished(), "decrypt_error"),
        (message(kind::CERTIFICATE_VERIFY, last), "decrypt_error"),
        (
            message(kind::CERTIFICATE, MessageChange::Omit),
            "unexpected_message",
        ),
        (message(kind::SERVER_HELLO, suite), "illegal_parameter"),
        (tampered, "bad_record_mac"),
    ]
}

/// What is wrong with what the server sends is seen by who did not write it.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_wrong_server_is_told() {
    for caller in callers() {
        for (quirk, alert) in wrong() {
            let mut config = caller.config(aes());
            config.quirks = vec![quirk.clone()];
            let host = Host::start(config);
            let restricted = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM";
            let only = ["-ciphersuites", "TLS_AES_128_GCM_SHA256"];
            let only: &[&str] = if caller.is_openssl() { &only } else { &[] };
            let said = caller.call_as(host.address, restricted, only);
            let outcome = host.outcome();
            assert_eq!(outcome.facts.quirks, [1], "{} {quirk:?}", caller.name);
            assert!(!said.contains(LINE), "{} {quirk:?}: {said}", caller.name);
            let why = outcome.failure.unwrap_or_default();
            // GnuTLS has handshake_failure for a suite that it did not offer, and gnutls-cli leaves without an alert when
            // it cannot read a record.
            let why = why.replace("handshake_failure", "illegal_parameter");
            let told = why.contains(alert) || said.contains("Decryption has failed");
            assert!(told, "{} {quirk:?}: {why} {said}", caller.name);
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn captures_decrypt_with_the_server_s_key_log() {
    let caller = Caller::openssl();
    let hex = |text: &str| -> String { text.bytes().map(|octet| format!("{octet:02x}")).collect() };
    let listed = caller.listed();
    for suite in suites() {
        if !listed.contains(&suite.code) {
            continue;
        }
        let secrets = Arc::new(Secrets::default());
        let mut config = caller.config(vec![suite.clone()]);
        config.key_log = Some(secrets.clone());
        config.tls13.max_early_data = 1000;
        let updates = Part {
            then: |server| server.update_keys(true),
            until: |facts| facts.tls13.key_updates > 0,
        };
        let host = Host::with(config, updates);
        caller.call(host.address, &["-sess_out", "session.pem"]);
        let more = ["-sess_in", "session.pem", "-early_data", "early.txt"];
        caller.call(host.address, &more);
        for early in [false, true] {
            let outcome = host.outcome();
            let seen = decrypted(&outcome.octets, &secrets);
            // Each line goes there and back; the second, if it is needed, after the change of keys.
            let lines = seen.matches(&hex(LINE)).count();
            assert!(matches!(lines, 2 | 4), "{}: {seen}", name(suite.code));
            assert!(outcome.facts.tls13.key_updates > 0);
            let before = seen.contains(&hex("said before anything"));
            assert_eq!(before, early, "{}: {seen}", name(suite.code));
        }
    }
}
