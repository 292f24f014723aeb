//! Keeps the evidence of cases: begins a notebook for each, takes secrets out of its record, writes what is to be kept.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use crate::engine::ports::{Clock, Evidence};
use crate::engine::trace::Trace;
use crate::model::evidence::{CAPTURE, EvidenceRole, TRANSCRIPT, WireEvent};
use crate::model::record::{EvidenceRecord, ScenarioRecord};
use crate::model::secret::Secret;
use crate::wire::http::clean;

use super::capture::{Title, capture};
use super::decisive::{Decisive, decisive};
use super::manifest::{Entry, Hashing, MANIFEST, manifest, sha256};
use super::masks::{Masks, masks};
use super::name::folder_name;
use super::notebook::Notebook;
use super::redact::Redactor;
use super::secrets::secrets;
use super::settings::EvidenceSettings;
use super::storage::{Parcel, Storage};
use super::streams::{roles, streams};
use super::transcript::Transcript;

/// The version of the transcript's form.
const FORMAT: u32 = 1;
/// Octets of a transcript that are written at once.
const BUFFER: usize = 64 * 1024;
/// Longest text of the target in a comment, in characters.
const SHOWN: usize = 400;

/// Keeps the evidence of a run.
pub struct EvidenceBook {
    settings: EvidenceSettings,
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    /// Microseconds from 1970 to the beginning of the monotonic clock.
    epoch_us: u64,
    known: Redactor,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: BTreeMap<String, Arc<Notebook>>,
    entries: Vec<Entry>,
    cases: usize,
    lost: usize,
    problem: Option<String>,
}

impl fmt::Debug for EvidenceBook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EvidenceBook")
            .field("kept", &self.settings.kept)
            .finish_non_exhaustive()
    }
}

impl EvidenceBook {
    /// Nothing is written before the first case ends.
    #[must_use]
    pub fn new(
        settings: EvidenceSettings,
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let now = clock.now().unix_timestamp_nanos() / 1000;
        let since = u64::try_from(clock.monotonic().as_micros()).unwrap_or(0);
        Self {
            epoch_us: u64::try_from(now).unwrap_or(0).saturating_sub(since),
            known: Redactor::new(settings.secrets.iter().map(Secret::expose)),
            settings,
            storage,
            clock,
            state: Mutex::default(),
        }
    }

    /// Writes the manifest, if there is evidence; what the results say about it.
    ///
    /// # Errors
    /// One sentence when evidence is missing because it could not be written.
    pub fn finish(&self) -> (Option<EvidenceRecord>, Result<(), String>) {
        let mut state = self.state();
        if state.cases == 0 {
            return (None, state.told());
        }
        let text = manifest(&self.title(state.cases), &state.entries);
        let written = self.storage.whole(MANIFEST, text.as_bytes());
        let record = EvidenceRecord {
            folder: self.settings.folder.clone(),
            captures: self.settings.captures,
            manifest_sha256: written.is_ok().then(|| sha256(text.as_bytes())),
        };
        if let Err(error) = written {
            state.problem = Some(format!("the manifest: {error}"));
        }
        (Some(record), state.told())
    }

    fn title(&self, cases: usize) -> Vec<String> {
        let run = &self.settings.run;
        let (name, url, _) = &run.target;
        let mut title = vec![
            format!(
                "{}: evidence of run {}, seed {}, target {} {}",
                run.program,
                run.run_id,
                run.seed,
                clean(name.as_bytes(), SHOWN),
                clean(url.as_bytes(), SHOWN)
            ),
            format!("cases: {cases}; check in this folder: sha256sum -c {MANIFEST}"),
        ];
        if self.settings.captures {
            title.push(
                "Files marked secret hold keys and credentials; the others hold none that presec knows of."
                    .to_owned(),
            );
        }
        title
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the evidence of one case; the name of its folder.
    fn write(&self, record: &ScenarioRecord, case: &CaseEvidence<'_>) -> io::Result<String> {
        let name = folder_name(&record.id);
        let mut parcel = self.storage.begin()?;
        let mut entries = vec![self.transcript(parcel.as_mut(), record, case)?];
        if self.settings.captures {
            entries.push(self.capture(parcel.as_mut(), record, case)?);
        }
        parcel.keep(&name)?;
        for entry in &mut entries {
            entry.path = format!("{name}/{}", entry.path);
        }
        let mut state = self.state();
        state.entries.append(&mut entries);
        state.cases += 1;
        Ok(name)
    }

    fn transcript(
        &self,
        parcel: &mut dyn Parcel,
        record: &ScenarioRecord,
        case: &CaseEvidence<'_>,
    ) -> io::Result<Entry> {
        // Hashed in large pieces: a line is written in many small ones.
        let hashing = Hashing::new(parcel.file(TRANSCRIPT, false)?);
        let mut out = BufWriter::with_capacity(BUFFER, hashing);
        serde_json::to_writer(&mut out, &self.head(record))?;
        out.write_all(b"\n")?;
        let transcript = Transcript {
            events: case.events,
            roles: &case.roles,
            masks: &case.masks,
            redactors: [&case.found, &self.known],
            decisive: case.decisive.map(|decisive| decisive.event),
            suites: &self.settings.suites,
        };
        transcript.write(&mut out)?;
        let hashing = out.into_inner().map_err(IntoInnerError::into_error)?;
        Ok(Entry {
            path: TRANSCRIPT.to_owned(),
            sha256: hashing.end()?,
            secret: false,
        })
    }

    fn head(&self, record: &ScenarioRecord) -> serde_json::Value {
        let run = &self.settings.run;
        let (name, url, address) = &run.target;
        json!({
            "format": FORMAT,
            "tool": run.program,
            "case": record.id,
            "scenario": record.scenario,
            "title": record.title,
            "file": record.file,
            "content_sha256": record.content_sha256,
            "run_id": run.run_id,
            "seed": run.seed,
            "target": { "name": name, "url": url, "address": address },
            "policy_used": record.policy_used,
            "verdict": record.verdict,
            "expected": record.expected,
            "observed": record.observed,
            "because": record.because,
            "rerun": (run.rerun)(&record.id),
            "epoch_us": self.epoch_us,
            "secrets": "redacted",
        })
    }

    fn capture(
        &self,
        parcel: &mut dyn Parcel,
        record: &ScenarioRecord,
        case: &CaseEvidence<'_>,
    ) -> io::Result<Entry> {
        let run = &self.settings.run;
        let verdict = format!(
            "{} {}: {}; expected {}",
            record.verdict,
            record.id,
            clean(record.observed.as_bytes(), SHOWN),
            clean(record.expected.as_bytes(), SHOWN)
        );
        let comment = format!(
            "SECRET: holds the keys of its TLS sessions and what went through them, credentials included.\n{verdict}\nrerun: {}\n\
             The octets of each connection are as they went over it; Ethernet, IP and TCP around them are made up.",
            (run.rerun)(&record.id)
        );
        let title = Title {
            program: &run.program,
            comment: &comment,
            decisive: &format!("decisive: {verdict}"),
            epoch_us: self.epoch_us,
        };
        let octets = capture(case.events, case.decisive, title);
        let mut out = parcel.file(CAPTURE, true)?;
        out.write_all(&octets)?;
        out.flush()?;
        Ok(Entry {
            path: CAPTURE.to_owned(),
            sha256: sha256(&octets),
            secret: true,
        })
    }
}

impl State {
    fn told(&self) -> Result<(), String> {
        let Some(problem) = &self.problem else {
            return Ok(());
        };
        Err(match self.lost {
            0 => format!("cannot write evidence: {problem}"),
            1 => format!("the evidence of 1 case is missing: cannot write {problem}"),
            lost => format!("the evidence of {lost} cases is missing: cannot write {problem}"),
        })
    }
}

impl Evidence for EvidenceBook {
    fn begin(&self, case: &str) -> Trace {
        let notebook = Arc::new(Notebook::default());
        let open = Arc::clone(&notebook);
        self.state().open.insert(case.to_owned(), open);
        // Also when nothing is kept: what goes over the wire tells which secrets to take out of the record.
        Trace::new(notebook, Arc::clone(&self.clock))
    }

    fn end(&self, record: &mut ScenarioRecord, notes: &mut [String]) {
        let notebook = self.state().open.remove(&record.id);
        let events = notebook.map_or_else(Vec::new, |notebook| notebook.take());
        let streams = streams(&events);
        let roles = roles(&events);
        let secrets = secrets(&events, &streams, &roles);
        let found = Redactor::new(secrets.iter().map(Vec::as_slice));
        for redactor in [&found, &self.known] {
            texts(record).for_each(|text| redactor.text(text));
            notes.iter_mut().for_each(|text| redactor.text(text));
        }
        if !self.settings.kept.keeps(record.verdict) {
            return;
        }
        let case = CaseEvidence {
            masks: masks(&streams, [&found, &self.known]),
            decisive: decisive(&events, record),
            events: &events,
            roles,
            found,
        };
        match self.write(record, &case) {
            Ok(name) => record.evidence = Some(format!("{}/{name}", self.settings.folder)),
            Err(error) => {
                let mut state = self.state();
                state.lost += 1;
                let problem = format!(
                    "{}/{}: {error}",
                    self.settings.folder,
                    folder_name(&record.id)
                );
                state.problem.get_or_insert(problem);
            }
        }
    }
}

/// What is known of one case.
struct CaseEvidence<'a> {
    events: &'a [WireEvent],
    roles: BTreeMap<u32, EvidenceRole>,
    masks: Masks,
    decisive: Option<Decisive>,
    found: Redactor,
}

/// Every text of a record that may hold something of the target.
fn texts(record: &mut ScenarioRecord) -> impl Iterator<Item = &mut String> {
    let of_steps = record.steps.iter_mut().flat_map(|step| {
        let controls = step.controls.iter_mut();
        [
            Some(&mut step.observed),
            step.expected.as_mut(),
            step.action.as_mut(),
        ]
        .into_iter()
        .flatten()
        .chain(controls.map(|control| &mut control.observed))
        .chain(&mut step.lost_attempts)
    });
    [
        Some(&mut record.expected),
        Some(&mut record.observed),
        record.because.as_mut(),
    ]
    .into_iter()
    .flatten()
    .chain(of_steps)
}
