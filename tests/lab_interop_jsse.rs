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
#[expect(dead_code, reason = "every outcome is looked at here, good or not")]
#[path = "lab_interop_server/server.rs"]
mod server;
#[expect(dead_code, reason = "only the certificates are used here")]
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use std::collections::BTreeSet;

use jvm::Jvm;
use presec::model::suite::ProtocolVersion;
use presec::tls::session::Mechanism;
use presec::tls::suite::{Exchange, Suite};
use support::real_servers;

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
fn our_client_completes_every_suite_of_their_server() {
    if !real_servers() {
        return;
    }
    let mut jvm = Jvm::start();
    let (mut missing, mut lines) = (Vec::new(), Vec::new());
    for version in [
        ProtocolVersion::Tls10,
        ProtocolVersion::Tls11,
        ProtocolVersion::Tls12,
        ProtocolVersion::Tls13,
    ] {
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
                        None => {}
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
fn their_client_completes_every_suite_of_our_server() {
    if !real_servers() {
        return;
    }
    let mut jvm = Jvm::start();
    let (mut missing, mut lines) = (Vec::new(), Vec::new());
    for version in [
        ProtocolVersion::Tls10,
        ProtocolVersion::Tls11,
        ProtocolVersion::Tls12,
    ] {
        let listed = Listed::of(&mut jvm, version);
        let (mut completed, mut by_ticket, mut certified) = (0, 0, 0);
        for (number, suite) in listed.both.iter().enumerate() {
            let mechanism = if number % 2 == 0 {
                Mechanism::Ticket
            } else {
                Mechanism::SessionId
            };
            match ours::serve(&mut jvm, (version, suite), mechanism) {
                Ok(done) => {
                    completed += 1;
                    by_ticket += usize::from(done.resumed == Mechanism::Ticket);
                    certified += usize::from(done.certified);
                }
                Err(why) => missing.push(format!("{version} {}: {why}", ours::name(suite.code))),
            }
        }
        let (both, rest) = (listed.both.len(), listed.rest());
        let by_id = completed - by_ticket;
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
