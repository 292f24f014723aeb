//! One suite: a full handshake, a resumed one, and the row they count in.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use presec::model::suite::{ProtocolVersion, SuiteRecord};
use presec::tls::server::{ClientCertificates, Facts, Possession};
use presec::tls::session::Mechanism;
use presec::tls::suite::{Exchange, Suite};

use crate::caller::{Caller, LINE};
use crate::page;
use crate::server::LabServer;

/// The head of the table.
pub(crate) const HEAD: &str = "| client | version | completed";

static REGISTRY: LazyLock<Vec<SuiteRecord>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).expect("the registry")
});

/// The IANA name of a code point.
pub(crate) fn name(code: u16) -> String {
    REGISTRY
        .iter()
        .find(|record| record.code.0 == code)
        .map_or_else(|| format!("0x{code:04X}"), |record| record.name.clone())
}

/// A suite by its IANA name.
pub(crate) fn suite(name: &str) -> Suite {
    let record = REGISTRY.iter().find(|record| record.name == name);
    Suite::of(record.expect("a registered name")).expect("a suite the engine has")
}

/// A suite every client has.
pub(crate) fn any_suite() -> Suite {
    suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
}

/// What both handshakes showed.
pub(crate) struct Attempt {
    full: Facts,
    /// `None` when the client did not live to see it.
    resumed: Option<Facts>,
}

/// A full handshake and one that resumes it by the mechanism, each with the line.
pub(crate) fn attempt(
    caller: &Caller,
    version: ProtocolVersion,
    suite: &Suite,
    (mechanism, certified): (Mechanism, bool),
) -> Result<Attempt, String> {
    let mut config = caller.config(version, suite);
    config.tickets = mechanism != Mechanism::SessionId;
    if !certified {
        config.client_certificates = ClientCertificates::None;
    }
    let asked = config.client_certificates != ClientCertificates::None;
    let server = match caller.listener() {
        Some(listener) => LabServer::start_on(listener, config),
        None => LabServer::start(config),
    };
    let said = caller.call_twice(server.address, version, suite);
    let full = server.outcome();
    if caller.crashes_with(suite) {
        return Ok(Attempt {
            full: full?,
            resumed: None,
        });
    }
    let resumed = server.outcome();
    if !said.contains(LINE) {
        return Err(format!(
            "the line does not come back: {said} {full:?} {resumed:?}"
        ));
    }
    let (full, resumed) = (full?, resumed?);
    if caller.resumes() && resumed.resumed != Some(mechanism) {
        return Err(format!("resumed by {:?}", resumed.resumed));
    }
    if asked != (full.possession == Possession::Right) {
        return Err(format!("the client's certificate: {:?}", full.possession));
    }
    if asked == resumed.certificates.is_empty() {
        return Err("the session knows otherwise about the certificate".to_owned());
    }
    Ok(Attempt {
        full,
        resumed: Some(resumed),
    })
}

/// A row: one client in one version.
pub(crate) struct Row {
    client: String,
    version: ProtocolVersion,
    /// What both list.
    pub(crate) both: Vec<Suite>,
    /// Handshakes that completed and carried data, and did so again resumed.
    pub(crate) completed: usize,
    by_id: usize,
    by_ticket: usize,
    certified: usize,
    /// What only the client has.
    only: BTreeSet<u16>,
}

impl Row {
    pub(crate) fn new(caller: &Caller, version: ProtocolVersion) -> Self {
        let tls13 = version == ProtocolVersion::Tls13;
        let mut only = caller.listed(version);
        let both: Vec<Suite> = REGISTRY
            .iter()
            .filter_map(Suite::of)
            .filter(|suite| (suite.exchange == Exchange::Tls13) == tls13)
            .filter(|suite| only.contains(&suite.code))
            .filter(|suite| version >= ProtocolVersion::Tls12 || !suite.cipher.is_aead())
            .collect();
        only.retain(|code| {
            (code >> 8 == 0x13) == tls13 && !both.iter().any(|suite| suite.code == *code)
        });
        Self {
            client: format!("{} ({})", caller.name, caller.version),
            version,
            both,
            completed: 0,
            by_id: 0,
            by_ticket: 0,
            certified: 0,
            only,
        }
    }

    /// Counts a suite by what it showed in each way.
    pub(crate) fn count(&mut self, done: &[Attempt]) {
        for attempt in done {
            match attempt.resumed.as_ref().and_then(|facts| facts.resumed) {
                Some(Mechanism::SessionId) => self.by_id += 1,
                // In TLS 1.3 by its key.
                Some(_) => self.by_ticket += 1,
                // The handshake is complete on this side; what the client thinks of it nobody knows.
                None if attempt.resumed.is_none() => return,
                None => {}
            }
            self.certified += usize::from(attempt.full.possession == Possession::Right);
        }
        self.completed += 1;
    }

    pub(crate) fn line(&self) -> String {
        let names = self.only.iter().map(|code| name(*code));
        let kinds: BTreeSet<String> = names.map(|name| page::kind(&name).to_owned()).collect();
        let kinds: Vec<String> = kinds.into_iter().collect();
        format!(
            "| {} | {} | {} / {} | {} | {} | {} | {} | {} |",
            self.client,
            self.version,
            self.completed,
            self.both.len(),
            self.by_id,
            self.by_ticket,
            self.certified,
            self.only.len(),
            kinds.join(", ")
        )
    }
}
