//! The events of a case as JSON, one object a line, without secrets.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use crate::model::evidence::{Direction, Ending, EvidenceRole, Happening, WireEvent};
use crate::model::suite::SuiteRegistry;
use crate::wire::http::{Keep, clean, clean_keeping};
use crate::wire::tls::summary::RecordStream;

use super::line::{Line, Record, Session};
use super::masks::Masks;
use super::redact::{Redactor, STARS, masked};

/// Longest text of one event, in characters; the octets beside it are whole.
const LONGEST: usize = 64 * 1024;

/// Writes the events.
pub(super) struct Transcript<'a> {
    /// The events.
    pub(super) events: &'a [WireEvent],
    /// The role of each connection.
    pub(super) roles: &'a BTreeMap<u32, EvidenceRole>,
    /// Secrets in octets.
    pub(super) masks: &'a Masks,
    /// Secrets in text.
    pub(super) redactors: [&'a Redactor; 2],
    /// The decisive event.
    pub(super) decisive: Option<usize>,
    /// Names of suites.
    pub(super) suites: &'a SuiteRegistry,
}

impl Transcript<'_> {
    /// Writes one line for each event.
    ///
    /// # Errors
    /// What `out` says.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut streams: BTreeMap<(u32, Direction), RecordStream> = BTreeMap::new();
        for (index, event) in self.events.iter().enumerate() {
            let mut line = self.line(index, event);
            if let (Happening::Octets(direction, octets), Some(connection)) =
                (&event.what, event.connection)
                && self.roles.get(&connection) == Some(&EvidenceRole::Ue)
            {
                let stream = streams.entry((connection, *direction)).or_default();
                let records = stream.feed(octets);
                line.records = records
                    .iter()
                    .map(|record| Record::of(record, self.suites))
                    .collect();
            }
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn line<'b>(&self, index: usize, event: &'b WireEvent) -> Line<'b> {
        let mut line = Line {
            at_us: event.at_us,
            connection: event.connection,
            decisive: self.decisive == Some(index),
            ..Line::default()
        };
        match &event.what {
            Happening::Step(keyword) => {
                line.event = "step";
                line.text = Some(keyword.clone());
            }
            Happening::Opened { role, from, to } => {
                line.event = "opened";
                line.role = Some(role.name());
                line.from = Some(&from.text);
                line.to = Some(&to.text);
            }
            Happening::Unconnected(to, why) => {
                line.event = "unconnected";
                line.to = Some(to);
                line.text = Some(self.text(why));
            }
            Happening::Octets(direction, octets) => {
                line.event = "octets";
                let role = event.connection.and_then(|number| self.roles.get(&number));
                if role == Some(&EvidenceRole::Ue) {
                    self.octets(&mut line, (index, *direction), octets);
                } else {
                    self.messages(&mut line, (index, *direction), octets);
                }
            }
            Happening::Plain(direction, octets) => {
                line.event = "under-tls";
                self.messages(&mut line, (index, *direction), octets);
            }
            Happening::Ended(direction, ending) => {
                line.event = match ending {
                    Ending::Fin => "fin",
                    Ending::Reset => "reset",
                };
                line.direction = Some(direction.name());
            }
            other => self.rest(&mut line, other),
        }
        line
    }

    fn rest(&self, line: &mut Line<'_>, what: &Happening) {
        match what {
            Happening::KeyLog(secret) => {
                line.event = "key";
                let label = secret.expose().split(|octet| *octet == b' ').next();
                let label = clean(label.unwrap_or_default(), 64);
                line.text = Some(format!("{label} {STARS}"));
            }
            Happening::Session(facts) => {
                line.event = "session";
                line.session = Some(Session {
                    version: facts.version.clone(),
                    suite: facts.suite.clone(),
                    resumed: facts.resumed,
                    certificate_sha256: facts.certificate_sha256.clone(),
                    not_verified_because: facts
                        .not_verified_because
                        .as_deref()
                        .map(|text| self.text(text)),
                });
            }
            Happening::Trouble(text) => {
                line.event = "trouble";
                line.text = Some(self.text(text));
            }
            Happening::Decisive => line.event = "decisive-connection",
            Happening::Origin(request) => {
                line.event = "origin";
                line.role = Some(EvidenceRole::Origin.name());
                line.serial = Some(request.serial);
                if let Some(at_us) = request.at_us {
                    line.at_us = at_us;
                }
                line.http = Some(self.text(&request.line));
                let fields = request.fields.iter();
                let redacted = fields.map(|(name, value)| (self.text(name), self.text(value)));
                line.fields = Some(redacted.collect());
            }
            Happening::Hook(name, outcome) => {
                line.event = "hook";
                line.text = Some(format!("{}: {}", name, self.text(outcome)));
            }
            Happening::Truncated(octets) => {
                line.event = "not-kept";
                line.octets = Some(*octets);
            }
            _ => {}
        }
    }

    /// A text without secrets and harmless.
    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for redactor in self.redactors {
            redactor.text(&mut text);
        }
        clean(text.as_bytes(), LONGEST)
    }

    /// What went over the wire, as hex.
    fn octets(&self, line: &mut Line<'_>, (index, direction): (usize, Direction), octets: &[u8]) {
        line.direction = Some(direction.name());
        line.octets = u64::try_from(octets.len()).ok();
        line.hex = Some(masked_hex(octets, self.masks_of(index)));
    }

    /// What is to be read as messages, such as requests: as text, which is exact unless there is hex beside it.
    fn messages(&self, line: &mut Line<'_>, (index, direction): (usize, Direction), octets: &[u8]) {
        let is_plain = |octet: &u8| matches!(octet, b' '..=b'~' | b'\t' | b'\r' | b'\n');
        let text = masked(octets, self.masks_of(index));
        if octets.iter().all(is_plain) {
            line.direction = Some(direction.name());
            line.octets = u64::try_from(octets.len()).ok();
            line.text = Some(String::from_utf8_lossy(&text).into_owned());
        } else {
            self.octets(line, (index, direction), octets);
            line.text = Some(clean_keeping(&text, LONGEST, Keep::TabAndNewline));
        }
        let start = line.text.as_deref().and_then(|text| text.lines().next());
        if let Some(start) = start.filter(|start| start.contains("HTTP/")) {
            line.http = Some(clean(start.as_bytes(), LONGEST));
        }
    }

    fn masks_of(&self, index: usize) -> &[Range<usize>] {
        self.masks.get(&index).map_or(&[], Vec::as_slice)
    }
}

fn masked_hex(octets: &[u8], masks: &[Range<usize>]) -> String {
    let mut text = hex::encode(octets);
    for range in masks {
        let range = range.start * 2..range.end * 2;
        if range.end <= text.len() {
            let stars = "*".repeat(range.len());
            text.replace_range(range, &stars);
        }
    }
    text
}
