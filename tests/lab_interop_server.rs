//! Clients that others wrote against the lab TLS engine's server: every suite that both sides list has to complete, carry data
//! and resume by id and by ticket, with a certificate of the client and without; and renegotiate.
//! The table in `docs/assurance.md` is written by this test (`PRESEC_WRITE_INTEROP=1`) and held by it otherwise.
#![cfg(test)]

#[path = "lab_interop_server/caller.rs"]
mod caller;
#[path = "lab_interop_server/matrix.rs"]
mod matrix;
#[path = "lab_interop/page.rs"]
mod page;
#[path = "lab_interop_server/renegotiations.rs"]
mod renegotiations;
#[path = "lab_interop_server/server.rs"]
mod server;
#[path = "lab_interop/stacks.rs"]
mod stacks;
mod support;

use caller::Caller;
use presec::model::suite::ProtocolVersion;
use presec::tls::server::ClientCertificates;
use presec::tls::session::Mechanism;
use server::LabServer;
use support::tlslite;

/// Lets a client complete what both list, holds that nothing is missing, and writes the rows of the table.
fn every_suite(caller: &Caller) {
    let mut missing = Vec::new();
    let mut lines = Vec::new();
    for version in [
        ProtocolVersion::Ssl3,
        ProtocolVersion::Tls10,
        ProtocolVersion::Tls11,
        ProtocolVersion::Tls12,
        ProtocolVersion::Tls13,
    ] {
        let (ssl3, tls13) = (ProtocolVersion::Ssl3, ProtocolVersion::Tls13);
        if version == ssl3 && !caller.has_ssl3() || version == tls13 && !caller.has_tls13() {
            continue;
        }
        let mut row = matrix::Row::new(caller, version);
        for (number, suite) in row.both.clone().iter().enumerate() {
            // Every other suite has them the other way round.
            let even = number.is_multiple_of(2);
            let (first, second) = match version {
                ProtocolVersion::Ssl3 => (Mechanism::SessionId, Mechanism::SessionId),
                ProtocolVersion::Tls13 => (Mechanism::Tls13Psk, Mechanism::Tls13Psk),
                _ => (Mechanism::Ticket, Mechanism::SessionId),
            };
            let ways = [(first, even), (second, !even)];
            let done: Result<Vec<_>, String> = ways
                .into_iter()
                .map(|way| {
                    let done = matrix::attempt(caller, version, suite, way);
                    done.map_err(|why| format!("{way:?} {why}"))
                })
                .collect();
            match done {
                Ok(done) => row.count(&done),
                Err(why) => missing.push(format!("{version} {}: {why}", matrix::name(suite.code))),
            }
            // A few say enough.
            assert!(missing.len() < 4, "{}", missing.join("\n"));
        }
        assert!(row.completed > 0);
        lines.push(row.line());
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    page::hold(matrix::HEAD, (caller.name, &caller.version), &lines);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_completes_every_suite() {
    every_suite(&Caller::openssl());
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_completes_every_suite() {
    every_suite(&Caller::gnutls());
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn tlslite_completes_every_suite() {
    if let Some(python) = tlslite() {
        every_suite(&Caller::tlslite(&python));
    }
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn nginx_completes_every_suite() {
    every_suite(&Caller::proxy("nginx"));
}

/// It keeps no session of what it proxies to.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn httpd_completes_every_suite() {
    every_suite(&Caller::proxy("httpd"));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn curl_gets_its_answer() {
    let caller = Caller::openssl();
    let mut config = caller.config(ProtocolVersion::Tls12, &matrix::any_suite());
    config.client_certificates = ClientCertificates::None;
    let server = LabServer::start(config);
    assert_eq!(caller.curl(server.address), "presec\n");
    let facts = server.facts();
    assert!(facts.completed && facts.server_name.as_deref() == Some("localhost"));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_client_that_has_no_certificate_is_told() {
    let caller = Caller::openssl();
    let config = caller.config(ProtocolVersion::Tls12, &matrix::any_suite());
    let server = LabServer::start(config);
    let said = caller.openssl_uncertified(server.address);
    assert!(said.contains("handshake failure"), "{said}");
}
