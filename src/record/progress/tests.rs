use std::io;
use std::sync::Arc;

use super::*;
use crate::model::record::{ScenarioRecord, TargetRecord};
use crate::model::scenario::{Kind, Risk};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

fn case(id: &str, verdict: Verdict) -> ScenarioRecord {
    ScenarioRecord {
        id: id.to_owned(),
        scenario: id.to_owned(),
        title: "Offer\u{1b} something".to_owned(),
        kind: Kind::Conformance,
        risk: Risk::Read,
        roles: Vec::new(),
        tags: Vec::new(),
        file: String::new(),
        content_sha256: String::new(),
        verdict,
        waiver: None,
        expected: String::new(),
        observed: String::new(),
        because: None,
        verifies: Vec::new(),
        requirements: Vec::new(),
        interpretation: None,
        remedy: None,
        policy_used: BTreeMap::new(),
        steps: Vec::new(),
        evidence: None,
        parked_until: None,
        duration_ms: 0,
    }
}

fn run(progress: &Progress, cases: &[(&str, Verdict)]) {
    progress.on(&Event::RunStarted { cases: cases.len() });
    for (id, verdict) in cases {
        progress.on(&Event::CaseStarted { id, elapses: None });
        progress.on(&Event::CaseFinished(&case(id, *verdict)));
    }
    progress.on(&Event::RunFinished);
}

#[test]
fn plain_progress_names_what_wants_attention() {
    let page = Page::default();
    let progress = Progress::plain(Box::new(page.clone()));
    run(
        &progress,
        &[
            ("T-1", Verdict::Pass),
            ("T-2", Verdict::Fail),
            ("T-3", Verdict::NotApplicable),
            ("T-4", Verdict::Inconclusive),
        ],
    );
    assert_eq!(
        page.text(),
        "fail  T-2  Offer  something\ninconclusive  T-4  Offer  something\n"
    );
}

#[test]
fn plain_progress_says_how_far_it_is_every_25_cases() {
    let page = Page::default();
    let progress = Progress::plain(Box::new(page.clone()));
    run(&progress, &[("T-1", Verdict::Pass); 60]);
    assert_eq!(
        page.text(),
        "25 of 60 done, 0 failed, 0 running, 35 waiting\n50 of 60 done, 0 failed, 0 running, 10 waiting\n"
    );
}

#[test]
fn an_unreachable_target_and_an_interruption_are_told() {
    let page = Page::default();
    let progress = Progress::plain(Box::new(page.clone()));
    let target = TargetRecord {
        unreachable: Some("connection refused".to_owned()),
        ..TargetRecord::default()
    };
    progress.on(&Event::Interrupted { by: "Ctrl-C" });
    progress.on(&Event::TargetSurveyed(&target));
    progress.on(&Event::CaseFinished(&case("T-1", Verdict::Inconclusive)));
    assert_eq!(
        page.text(),
        "interrupted by Ctrl-C\nthe target cannot be reached: connection refused\n"
    );
}

#[test]
fn a_closed_pipe_does_not_end_the_run() {
    run(
        &Progress::plain(Box::new(Closed)),
        &[("T-1", Verdict::Fail)],
    );
    run(&Progress::none(), &[("T-1", Verdict::Fail)]);
}

#[test]
fn the_bar_counts_and_names_what_runs() {
    let progress = Progress::bar_on(ProgressDrawTarget::hidden());
    progress.on(&Event::RunStarted { cases: 2 });
    progress.on(&Event::CaseStarted {
        id: "T-1",
        elapses: None,
    });
    progress.on(&Event::CaseFinished(&case("T-1", Verdict::Fail)));
    progress.on(&Event::CaseStarted {
        id: "T-2",
        elapses: Some("24h5m"),
    });
    let state = progress.state.lock().unwrap();
    let Sink::Bar(bar) = &state.sink else {
        panic!("a bar was asked for");
    };
    assert_eq!(bar.position(), 1);
    assert_eq!(bar.length(), Some(2));
    assert_eq!(
        bar.message(),
        "1 failed, 1 running, 0 waiting  T-2 (24h5m to pass)"
    );
}
