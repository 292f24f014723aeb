//! The table in `docs/assurance.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use presec::model::suite::ProtocolVersion;
use presec::tls::client::ServerSignature;
use presec::tls::suite::Suite;

use crate::matrix::{Attempt, name};
use crate::peer::Peer;
use crate::support::project;

/// A row: one peer in one version.
pub(crate) struct Row {
    peer: String,
    version: ProtocolVersion,
    listed: usize,
    both: usize,
    /// Handshakes that completed and carried data.
    pub(crate) completed: usize,
    signed: usize,
    resumed: usize,
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
            resumed: 0,
            without: BTreeSet::new(),
        }
    }

    pub(crate) fn count(&mut self, done: &Attempt) {
        self.completed += 1;
        self.signed += usize::from(done.signature == ServerSignature::Right);
        self.resumed += usize::from(done.resumed.is_some());
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
            let kind = ["DSS", "ARIA", "SRP", "SEED", "IDEA", "GOST"]
                .into_iter()
                .find(|kind| name.contains(kind));
            self.without
                .insert(kind.map_or_else(|| name.clone(), ToOwned::to_owned));
        }
    }

    fn line(&self) -> String {
        let mut line = format!(
            "| {} | {} | {} / {} | {} | {} | {} |",
            self.peer,
            self.version,
            self.completed,
            self.both,
            self.signed,
            self.resumed,
            self.listed - self.both,
        );
        let without: Vec<&str> = self.without.iter().map(String::as_str).collect();
        let _ = write!(line, " {} |", without.join(", "));
        line
    }
}

/// Writes the rows of a peer, or holds that they stand in the page when it speaks of this peer's version.
pub(crate) fn hold(peer: &Peer, rows: &[Row]) {
    let path = project().join("docs/assurance.md");
    let lines: Vec<String> = rows.iter().map(Row::line).collect();
    let own = format!("| {} (", peer.name);
    // Several peers may be written at the same time.
    static PAGE: Mutex<()> = Mutex::new(());
    let _one = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = std::fs::read_to_string(&path).expect("the page");
    let there: Vec<&str> = page.lines().filter(|line| line.starts_with(&own)).collect();
    if std::env::var("PRESEC_WRITE_INTEROP").is_ok_and(|value| value == "1") {
        let rest: Vec<&str> = page
            .lines()
            .filter(|line| !line.starts_with(&own))
            .collect();
        let head = "| peer | version | completed";
        let at = rest.iter().position(|line| line.starts_with(head));
        let (before, after) = rest.split_at(at.expect("the table's head") + 2);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let page = [before, &lines, after].concat().join("\n");
        std::fs::write(&path, page + "\n").expect("the page is written");
    } else if there.iter().any(|line| line.contains(&peer.version)) {
        assert_eq!(there, lines, "PRESEC_WRITE_INTEROP=1 writes it");
    }
}
