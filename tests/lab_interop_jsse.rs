//! The lab TLS engine and JSSE, the TLS of Java, with nothing disabled: the peer that still has SSL 3.0, EXPORT, single DES,
//! RC4, DSS and fixed ECDH keys. Every suite that both sides list has to complete, carry data and resume, in both directions, with
//! a certificate of the client wherever the suite lets a server ask for one.
//! The rows in `docs/assurance.md` are written by this test (`PRESEC_WRITE_INTEROP=1`) and held by it otherwise.
#![cfg(test)]

#[path = "lab_interop_jsse/jvm.rs"]
mod jvm;
#[path = "lab_interop_jsse/ours.rs"]
mod ours;
#[path = "lab_interop/page.rs"]
mod page;
#[path = "lab_interop/recording.rs"]
mod recording;
#[path = "lab_interop_server/server.rs"]
mod server;
#[expect(dead_code, reason = "only the certificates are used here")]
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use std::collections::BTreeSet;

use jvm::Jvm;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::ServerSignature;
use presec::tls::key_exchange::EVERY_GROUP;
use presec::tls::server::Possession;
use presec::tls::session::Mechanism;
use presec::tls::suite::{Exchange, Suite};
use server::LabServer;

/// Every version both have.
const VERSIONS: [ProtocolVersion; 5] = [
    ProtocolVersion::Ssl3,
    ProtocolVersion::Tls10,
    ProtocolVersion::Tls11,
    ProtocolVersion::Tls12,
    ProtocolVersion::Tls13,
];

/// What only the peer has, and what both have.
struct Listed {
    both: Vec<Suite>,
    only: BTreeSet<u16>,
}

impl Listed {
    fn of(jvm: &mut Jvm, version: ProtocolVersion) -> Self {
        let mut only = jvm.listed(version);
        let tls13 = version == ProtocolVersion::Tls13;
        let mut both = ours::suites();
        both.retain(|suite| only.contains(&suite.code));
        both.retain(|suite| (suite.exchange == Exchange::Tls13) == tls13);
        both.retain(|suite| version >= ProtocolVersion::Tls12 || !suite.cipher.is_aead());
        only.retain(|code| both.iter().all(|suite| suite.code != *code));
        Self { both, only }
    }

    /// How many only the peer has, and of which kinds.
    fn rest(&self) -> String {
        let names: Vec<String> = self.only.iter().map(|code| ours::name(*code)).collect();
        let kinds: BTreeSet<&str> = names.iter().map(|name| page::kind(name)).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        format!("{} | {} |", self.only.len(), kinds.join(", "))
    }
}

/// Holds that nothing is missing. A few say enough.
fn complete(missing: &[String]) {
    let some: Vec<&str> = missing.iter().take(12).map(String::as_str).collect();
    assert!(missing.is_empty(), "{}", some.join("\n"));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn our_client_completes_every_suite_of_their_server() {
    let mut jvm = Jvm::start();
    let (mut missing, mut lines) = (Vec::new(), Vec::new());
    for version in VERSIONS {
        let listed = Listed::of(&mut jvm, version);
        let (mut completed, mut signed, mut by_id, mut by_ticket, mut certified) = (0, 0, 0, 0, 0);
        for (number, suite) in listed.both.iter().enumerate() {
            match ours::call(&jvm, (version, suite), number % 2 == 0) {
                Ok(done) => {
                    completed += 1;
                    signed += usize::from(done.signed);
                    match done.resumed {
                        Some(Mechanism::SessionId) => by_id += 1,
                        Some(_) => by_ticket += 1,
                        None if version == ProtocolVersion::Ssl3 => {}
                        None => missing.push(format!("{version} {}: not resumed", suite.code)),
                    }
                    certified += usize::from(done.certified);
                }
                Err(why) => missing.push(format!("{version} {}: {why}", ours::name(suite.code))),
            }
        }
        let (both, rest) = (listed.both.len(), listed.rest());
        let line = format!(
            "| JSSE ({}) | {version} | {completed} / {both} | {signed} | {by_id} | {by_ticket} | {certified} | {rest}",
            jvm.version
        );
        lines.push(line);
    }
    complete(&missing);
    page::hold(
        "| peer | version | completed",
        ("JSSE", &jvm.version),
        &lines,
    );
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn their_client_completes_every_suite_of_our_server() {
    let mut jvm = Jvm::start();
    let (mut missing, mut lines) = (Vec::new(), Vec::new());
    for version in VERSIONS {
        let listed = Listed::of(&mut jvm, version);
        let (mut completed, mut by_id, mut by_ticket, mut certified) = (0, 0, 0, 0);
        for (number, suite) in listed.both.iter().enumerate() {
            let mechanism = match version {
                ProtocolVersion::Tls13 => Some(Mechanism::Tls13Psk),
                // Java resumes no session of SSL 3.0, not even its own.
                ProtocolVersion::Ssl3 => None,
                _ if number % 2 == 0 => Some(Mechanism::Ticket),
                _ => Some(Mechanism::SessionId),
            };
            match ours::serve(&mut jvm, (version, suite), mechanism) {
                Ok(shown) => {
                    completed += 1;
                    match mechanism {
                        Some(Mechanism::SessionId) => by_id += 1,
                        Some(_) => by_ticket += 1,
                        None => {}
                    }
                    certified += usize::from(shown);
                }
                Err(why) => missing.push(format!("{version} {}: {why}", ours::name(suite.code))),
            }
        }
        let (both, rest) = (listed.both.len(), listed.rest());
        let line = format!(
            "| JSSE client ({}) | {version} | {completed} / {both} | {by_id} | {by_ticket} | {certified} | {rest}",
            jvm.version
        );
        lines.push(line);
    }
    complete(&missing);
    page::hold(
        "| client | version | completed",
        ("JSSE client", &jvm.version),
        &lines,
    );
}

/// Suites for certificates of these keys, with the version.
const SIGNED: [(ProtocolVersion, &str); 3] = [
    (
        ProtocolVersion::Tls10,
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    ),
    (
        ProtocolVersion::Tls12,
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ),
    (ProtocolVersion::Tls13, "TLS_AES_128_GCM_SHA256"),
];

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn both_sign_with_keys_of_every_kind() {
    let mut jvm = Jvm::start();
    for (version, name) in SIGNED {
        let suite = ours::suite(name);
        for (own, address) in jvm.others.clone() {
            // Ed25519 has no place before TLS 1.2.
            if own == "ed25519" && version < ProtocolVersion::Tls12 {
                continue;
            }
            let mut config = ours::certified(&jvm, ours::client(version, &suite), own);
            config.groups = EVERY_GROUP.to_vec();
            let (facts, _) = ours::talk(address, config)
                .unwrap_or_else(|why| panic!("{version} {own} of the server: {why}"));
            assert_eq!(facts.signature, ServerSignature::Right, "{version} {own}");
            assert!(facts.certificate_request.is_some());
            if version == ProtocolVersion::Tls13 {
                continue;
            }
            let mut config = ours::only(&jvm, ours::server(&jvm, version, &suite), own);
            config.groups = EVERY_GROUP.to_vec();
            let server = LabServer::start(config);
            let called = jvm.call(server.address, (version, name), own, 1);
            let facts = server.facts();
            assert_eq!(called, Ok(()), "{version} {own} of the client: {facts:?}");
            assert_eq!(facts.possession, Possession::Right, "{version} {own}");
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn every_group_is_agreed_on() {
    let mut jvm = Jvm::start();
    for (version, name) in [
        (ProtocolVersion::Tls10, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        (
            ProtocolVersion::Tls12,
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        ),
        (ProtocolVersion::Tls13, "TLS_AES_128_GCM_SHA256"),
    ] {
        let suite = ours::suite(name);
        for group in EVERY_GROUP {
            let mut config = ours::client(version, &suite);
            config.groups = vec![group];
            let (facts, _) = ours::talk(jvm.everything, config)
                .unwrap_or_else(|why| panic!("{version} {group}: {why}"));
            if version == ProtocolVersion::Tls13 {
                assert_eq!(facts.tls13.group, Some(group));
                continue;
            }
            assert_eq!(facts.signature, ServerSignature::Right);
            let mut config = ours::server(&jvm, version, &suite);
            config.groups = vec![group];
            let server = LabServer::start(config);
            let called = jvm.call(server.address, (version, name), "client-rsa", 1);
            let facts = server.facts();
            assert_eq!(called, Ok(()), "{version} {group}: {facts:?}");
            assert_eq!(facts.group, Some(group));
        }
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn conversations_that_unit_tests_replay() {
    let jvm = Jvm::start();
    let source = recording::Source {
        name: "JSSE",
        version: &jvm.version,
        address: jvm.everything,
        test: "lab_interop_jsse",
    };
    let record = |file: &str, version, name: &str, count| {
        let config = ours::client(version, &ours::suite(name));
        recording::record(&source, file, config, count);
    };
    let (ssl3, tls10) = (ProtocolVersion::Ssl3, ProtocolVersion::Tls10);
    let rc4 = "TLS_RSA_EXPORT_WITH_RC4_40_MD5";
    record("jsse-ssl3-rsa-export-rc4.txt", ssl3, rc4, 1);
    let des = "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA";
    record("jsse-tls10-dhe-dss-export-des40.txt", tls10, des, 2);
    let fixed = "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256";
    let tls12 = ProtocolVersion::Tls12;
    record("jsse-tls12-fixed-ecdh-gcm.txt", tls12, fixed, 2);
}
