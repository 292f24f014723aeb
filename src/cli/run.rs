//! The main job: plan, run, write reports on every path, and turn the tally into an exit code.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::engine::coverage::not_judged;
use crate::engine::event::Event;
use crate::engine::gate::{Exit, Standing, exit, worst};
use crate::engine::parking::Parking;
use crate::engine::plan::{PlannedCase, plan};
use crate::engine::ports::{Clock, Evidence, Journal, Observer, Probe, Survey};
use crate::engine::schedule::{Register, Run, run_all};
use crate::engine::shard::keep_shard;
use crate::engine::situation::{Applicability, Situation};
use crate::engine::waive::{concerning, overlay};
use crate::load::{Library, load_waivers};
use crate::model::names::Names;
use crate::model::record::{RunRecord, SCHEMA_VERSION, TargetRecord, Tool};
use crate::model::requirement::{Interpretation, Requirement};
use crate::model::scenario::LoadedScenario;
use crate::model::verdict::{Tally, Verdict};
use crate::model::waiver::LoadedWaiver;
use crate::record::evidence::EvidenceBook;
use crate::report::clean::clean;

use super::account::{coverage, program_sha256, tell_actions};
use super::args::RunArgs;
use super::asked::{deadline, gate, keep_picked, random_seed, run_id};
use super::bug::or_bug;
use super::clock::SystemClock;
use super::context::{Context, complain};
use super::evidence::{Named, book};
use super::failure::Failure;
use super::journal::FileJournal;
use super::names::mandatory_suites;
use super::outputs::{Outputs, rerun_command};
use super::parked::{FileParking, check_checkpoint};
use super::place::Place;
use super::select::selected;
use super::situation::situation;
use super::stop::stop_on_signal_or_deadline;
use super::waive::reach;
use super::watch::{say_report, watchers};

/// Runs scenarios against a target.
///
/// # Errors
/// Anything that is wrong before the target is touched.
pub(crate) async fn run(args: &RunArgs, context: &Context) -> Result<Exit, Failure> {
    let (library, scenarios) = selected(&args.select)?;
    if scenarios.is_empty() {
        complain("error: no scenario is selected; `presec list` shows every scenario");
        return Ok(Exit::NothingJudged);
    }
    let gate = gate(&args.fail_on)?;
    let deadline = deadline(args)?;
    let seed = args.seed.map_or_else(random_seed, Ok)?;
    let run_id = run_id(args, seed)?;
    let library = Arc::new(library);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let waivers = args.pipeline.waivers.as_deref();
    let waivers = waivers.map_or_else(|| Ok(Vec::new()), load_waivers)?;
    check_checkpoint(args)?;
    let place = Place::open(args, &library, context, (Arc::clone(&clock), seed)).await?;
    let parking = FileParking::of(args, &place)?;
    let mut known = situation(
        &place.loaded,
        &place.target,
        &library,
        &args.policy,
        &args.risks,
    )
    .map_err(Failure::usage)?;
    known.parks = parking.is_some();
    let outputs = Outputs::of(args, &run_id, context)?;
    let named = Named {
        run_id: &run_id,
        seed,
        folder: outputs.folder(),
    };
    let around = (place.target.as_ref(), library.as_ref());
    let evidence = Arc::new(book(args, &named, around, &clock)?);
    let journal = journal(args, &place, (&outputs, &run_id));
    let observer = watchers(args, context, &clock)?;
    let (stop, stopped) = watch::channel(None);
    let signals = stop_on_signal_or_deadline(stop, deadline, Arc::clone(&clock));
    let job = Job {
        args,
        library,
        scenarios,
        place,
        known,
        clock,
        seed,
        run_id,
        stopped,
        observer,
        evidence: Arc::clone(&evidence) as Arc<dyn Evidence>,
        waivers,
        parking: parking.clone(),
    };
    let record = job.record().await;
    signals.abort();
    tell_left(journal.as_deref());
    parking.iter().for_each(|parking| parking.tell());
    conclude(record, &evidence, (args, &outputs), &gate)
}

/// Keeps a journal of what is written to a target that outlives the run.
fn journal(
    args: &RunArgs,
    place: &Place,
    (outputs, run_id): (&Outputs, &str),
) -> Option<Arc<FileJournal>> {
    let file = args.target.as_deref().filter(|_| !place.is_embedded())?;
    let journal = Arc::new(FileJournal::new(outputs.folder(), run_id, file));
    place
        .probe
        .keep_journal(Arc::clone(&journal) as Arc<dyn Journal>);
    Some(journal)
}

/// Says what to do about documents that could not be put back.
fn tell_left(journal: Option<&FileJournal>) {
    if let Some(path) = journal.and_then(FileJournal::close) {
        complain(&format!(
            "error: not every document is as it was; `presec cleanup {}` tries once more",
            path.display()
        ));
    }
}

/// Writes what a run leaves behind and says how it ended.
fn conclude(
    mut record: RunRecord,
    evidence: &EvidenceBook,
    (args, outputs): (&RunArgs, &Outputs),
    gate: &[Verdict],
) -> Result<Exit, Failure> {
    let (kept, complete) = evidence.finish();
    record.evidence = kept;
    let mut code = or_bug(exit(&Standing::of(&record), gate));
    if let Err(problem) = complete {
        complain(&format!("error: {problem}"));
        record.notes.push(problem);
        code = worst([code, Exit::Undecided]);
    }
    let text = outputs.write(&record, code)?;
    say_report(args, &text);
    if let Some(because) = &record.target.unreachable {
        let url = &record.target.url;
        complain(&format!(
            "error: {url} could not be tested: {}",
            clean(because)
        ));
    }
    Ok(code)
}

/// Everything one run needs.
struct Job<'a> {
    args: &'a RunArgs,
    library: Arc<Library>,
    scenarios: Vec<Arc<LoadedScenario>>,
    place: Place,
    known: Situation,
    clock: Arc<dyn Clock>,
    seed: u64,
    run_id: String,
    stopped: watch::Receiver<Option<String>>,
    observer: Arc<dyn Observer>,
    evidence: Arc<dyn Evidence>,
    waivers: Vec<LoadedWaiver>,
    parking: Option<Arc<FileParking>>,
}

impl Job<'_> {
    async fn record(mut self) -> RunRecord {
        let started = self.clock.now();
        let began = self.clock.monotonic();
        let survey = self.survey().await;
        // What could not be asked is unknown, not empty.
        if survey.target.unreachable.is_none() {
            self.known.names.extend(&survey.names);
        }
        up_to_tls12(&mut self.known.names);
        self.name_mandatory_suites();
        self.observer.on(&Event::TargetSurveyed(&survey.target));
        let (mut cases, waivers) = self.cases(&survey);
        let part = self.args.pipeline.part;
        let shard = part.map(|(index, total)| keep_shard(&mut cases, index, total));
        let run = self.engine_run();
        let (mut scenarios, mut notes) = run_all(&run, cases, self.stopped.clone()).await;
        for (version, reason) in &survey.target.undecided_versions {
            notes.push(format!("{version} was neither accepted nor refused by the survey ({reason}); nothing was tried in it"));
        }
        if let Some(parking) = &self.parking {
            notes.extend(parking.changes(&self.place.loaded));
        }
        tell_actions(&mut scenarios, &self.library);
        let interrupted = self.stopped.borrow().clone();
        let mut record = RunRecord {
            schema_version: SCHEMA_VERSION,
            tool: Tool {
                name: "presec".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                sha256: program_sha256(),
            },
            run_id: self.run_id.clone(),
            seed: self.seed,
            started: rfc3339(started),
            duration_ms: millis(self.clock.monotonic().saturating_sub(began)),
            clock: self.clock.source(),
            authorised_by: self.place.loaded.target.scope.authorised_by.clone(),
            rerun: Some(rerun_command(self.args)),
            interrupted,
            target: survey.target,
            policy: self.known.policy.0.clone(),
            tally: scenarios
                .iter()
                .map(|record| record.verdict)
                .collect::<Tally>(),
            waived: 0,
            waivers,
            waiver_problems: Vec::new(),
            shard,
            not_judged: not_judged(self.library.register.iter(), &scenarios),
            coverage: coverage(&self.library),
            scenarios,
            evidence: None,
            notes,
        };
        overlay(&mut record);
        self.place.close().await;
        record
    }

    /// What the engine is given.
    fn engine_run(&self) -> Run {
        let parking = self.parking.clone();
        Run {
            probe: Arc::clone(&self.place.probe) as Arc<dyn Probe>,
            clock: Arc::clone(&self.clock),
            observer: Arc::clone(&self.observer),
            evidence: Arc::clone(&self.evidence),
            register: Arc::new(Shelf(Arc::clone(&self.library))),
            policy: Arc::new(self.known.policy.clone()),
            names: Arc::new(self.known.names.clone()),
            run_id: self.run_id.clone(),
            seed: self.seed,
            concurrency: self.concurrency(),
            parking: parking.map(|parking| parking as Arc<dyn Parking>),
        }
    }

    fn name_mandatory_suites(&mut self) {
        if let Ok(served) = self.known.names.list("served_authentications") {
            let suites = mandatory_suites(&self.library, &self.known.policy, served);
            self.known.names.set_list("mandatory_suites", suites);
        }
    }

    async fn survey(&mut self) -> Survey {
        let mut stopped = self.stopped.clone();
        let survey = tokio::select! {
            survey = self.place.probe.survey() => survey,
            by = stopped.wait_for(Option::is_some) => unsurveyed(by.ok().and_then(|by| by.clone())),
        };
        let found = survey.target;
        Survey {
            target: TargetRecord {
                address: Some(self.place.target.address.to_string()),
                name: self.place.target.name.clone(),
                url: self.place.target.url.clone(),
                file_sha256: (!self.place.is_embedded())
                    .then(|| self.place.loaded.file_sha256.clone()),
                ..found
            },
            names: survey.names,
        }
    }

    /// The cases of the whole plan and the waivers that concern them; when the target cannot be reached, every case is undecided for
    /// that reason.
    fn cases(&self, survey: &Survey) -> (Vec<PlannedCase>, Vec<LoadedWaiver>) {
        let mut cases = plan(&self.scenarios, &self.known);
        let mut dropped: Vec<String> = cases.iter().map(|case| case.id.clone()).collect();
        keep_picked(&mut cases, &self.args.select.picks);
        if let Some(parking) = &self.parking {
            parking.hand_out(&mut cases, &self.place.target.address.to_string());
        }
        dropped.retain(|id| !cases.iter().any(|case| case.id == *id));
        let name = &survey.target.name;
        let reach = reach(name, &self.library, &self.scenarios, (&cases, dropped));
        let waivers = concerning(&self.waivers, &reach);
        if let Some(because) = &survey.target.unreachable {
            for case in &mut cases {
                if !matches!(case.applicability, Applicability::NotApplicable(_)) {
                    case.applicability = Applicability::Unknown(because.clone());
                }
            }
        }
        (cases, waivers)
    }

    fn concurrency(&self) -> usize {
        let limit = self.place.loaded.target.limits.concurrency.map(usize::from);
        self.args.concurrency.or(limit).unwrap_or(4).clamp(1, 64)
    }
}

/// What is known of a target when the run was stopped before it was asked.
fn unsurveyed(by: Option<String>) -> Survey {
    let by = by.unwrap_or_else(|| "a bug of presec".to_owned());
    Survey {
        target: TargetRecord {
            unreachable: Some(format!("stopped by {by} before the target was surveyed")),
            ..TargetRecord::default()
        },
        names: Names::default(),
    }
}

/// Names the accepted versions in which suites of TLS 1.2 and below exist.
fn up_to_tls12(names: &mut Names) {
    if let Ok(versions) = names.list("accepted_versions") {
        let older = versions.iter().filter(|version| *version != "tls1.3");
        let older: Vec<String> = older.cloned().collect();
        // presec completes no handshake of SSL 3.0, which has none of what later RFCs added to TLS either.
        let tls = older.iter().filter(|version| *version != "ssl3.0");
        let tls = tls.cloned().collect();
        names.set_list("accepted_tls_versions_up_to_1_2", tls);
        names.set_list("accepted_versions_up_to_1_2", older);
    }
}

/// The library as the engine looks things up in it.
struct Shelf(Arc<Library>);

impl Register for Shelf {
    fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.0.requirement(id)
    }

    fn interpretation(&self, slug: &str) -> Option<&Interpretation> {
        self.0.interpretation(slug)
    }
}

fn rfc3339(moment: time::OffsetDateTime) -> String {
    moment
        .replace_nanosecond(0)
        .unwrap_or(moment)
        .format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
