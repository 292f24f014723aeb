//! The table in `docs/assurance.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use presec::model::suite::ProtocolVersion;
use presec::tls::client::ServerSignature;
use presec::tls::session::Mechanism;
use presec::tls::suite::Suite;

use crate::matrix::{Attempt, name};
use crate::page;
use crate::peer::Peer;

/// A row: one peer in one version.
pub(crate) struct Row {
    peer: String,
    version: ProtocolVersion,
    listed: usize,
    both: usize,
    /// Handshakes that completed and carried data.
    pub(crate) completed: usize,
    signed: usize,
    by_id: usize,
    by_ticket: usize,
    certified: usize,
    without: BTreeSet<String>,
}

impl Row {
    pub(crate) fn new(peer: &Peer, version: ProtocolVersion, listed: usize, both: usize) -> Self {
        Self {
            peer: format!("{} ({})", peer.name, peer.version),
            version,
            listed,
            both,
            completed: 0,
            signed: 0,
            by_id: 0,
            by_ticket: 0,
            certified: 0,
            without: BTreeSet::new(),
        }
    }

    /// Counts a suite by what each of its handshakes showed.
    pub(crate) fn count(&mut self, done: &[Attempt]) {
        let right = |attempt: &Attempt| attempt.signature == ServerSignature::Right;
        let by_id = |attempt: &&Attempt| attempt.resumed == Some(Mechanism::SessionId);
        let resumed = done.iter().filter(|attempt| attempt.resumed.is_some());
        let by_id = done.iter().filter(by_id).count();
        self.completed += 1;
        self.signed += usize::from(done.iter().all(right));
        self.by_id += by_id;
        self.by_ticket += resumed.count() - by_id;
        self.certified += done.iter().filter(|attempt| attempt.certified).count();
    }

    /// Names the kinds of suites that only the peer has.
    pub(crate) fn without(&mut self, listed: &BTreeSet<u16>, both: &[Suite]) {
        for code in listed {
            let other = (code >> 8 == 0x13) != (self.version == ProtocolVersion::Tls13);
            if both.iter().any(|suite| suite.code == *code) || other {
                self.listed -= usize::from(other);
                continue;
            }
            let name = name(*code);
            self.without.insert(page::kind(&name).to_owned());
        }
    }

    fn line(&self) -> String {
        let mut line = format!(
            "| {} | {} | {} / {} | {} | {} | {} | {} | {} |",
            self.peer,
            self.version,
            self.completed,
            self.both,
            self.signed,
            self.by_id,
            self.by_ticket,
            self.certified,
            self.listed - self.both,
        );
        let without: Vec<&str> = self.without.iter().map(String::as_str).collect();
        let _ = write!(line, " {} |", without.join(", "));
        line
    }
}

/// The head of this table.
const HEAD: &str = "| peer | version | completed";

/// Writes the rows of a peer, or holds that they stand in the page when it speaks of this peer's version.
pub(crate) fn hold(peer: &Peer, rows: &[Row]) {
    let lines: Vec<String> = rows.iter().map(Row::line).collect();
    page::hold(HEAD, (peer.name, &peer.version), &lines);
}
