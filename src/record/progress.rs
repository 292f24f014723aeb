//! How far a run has come, for whoever watches it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::engine::event::Event;
use crate::engine::ports::Observer;
use crate::model::verdict::{Tally, Verdict};

/// After how many finished cases plain progress says how far it is.
const STRIDE: usize = 25;

/// How many running cases the bar names.
const NAMED: usize = 3;

/// Shows progress: as a bar, as plain lines, or not at all. What cannot be written is left out; the run goes on.
pub struct Progress {
    state: Mutex<State>,
}

struct State {
    sink: Sink,
    cases: usize,
    done: usize,
    tally: Tally,
    /// What runs, by id, as it is shown.
    running: BTreeMap<String, String>,
    every: bool,
}

enum Sink {
    Bar(ProgressBar),
    Plain(Box<dyn Write + Send>),
    None,
}

impl Progress {
    /// A bar on standard error; nothing is drawn when that is no terminal.
    #[must_use]
    pub fn bar() -> Self {
        Self::bar_on(ProgressDrawTarget::stderr())
    }

    /// A bar on a draw target.
    #[must_use]
    pub fn bar_on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self::new(Sink::Bar(bar))
    }

    /// Lines: one for every case that is neither pass, info nor not-applicable, and one for every 25 finished cases.
    #[must_use]
    pub fn plain(out: Box<dyn Write + Send>) -> Self {
        Self::new(Sink::Plain(out))
    }

    /// The same with a line for every finished case, whatever its verdict.
    #[must_use]
    pub fn of_every_case(self) -> Self {
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        state.every = true;
        Self {
            state: Mutex::new(state),
        }
    }

    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Sink::None)
    }

    fn new(sink: Sink) -> Self {
        Self {
            state: Mutex::new(State {
                sink,
                cases: 0,
                done: 0,
                tally: Tally::default(),
                running: BTreeMap::new(),
                every: false,
            }),
        }
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::RunStarted { cases } => {
                state.cases = *cases;
                if let Sink::Bar(bar) = &state.sink {
                    bar.set_length(u64::try_from(*cases).unwrap_or(u64::MAX));
                }
            }
            Event::TargetSurveyed(target) => {
                if let Some(reason) = &target.unreachable {
                    state.line(&format!("the target cannot be reached: {reason}"));
                    // What follows from that is the same for every case.
                    state.sink = Sink::None;
                }
            }
            Event::CaseStarted { id, elapses } => {
                let named = match elapses {
                    Some(time) => format!("{id} ({time} to pass)"),
                    None => (*id).to_owned(),
                };
                if elapses.is_some() && matches!(state.sink, Sink::Plain(_)) {
                    state.line(&format!("running  {named} on the target's clock"));
                }
                state.running.insert((*id).to_owned(), named);
                state.draw();
            }
            Event::CaseFinished(case) => {
                state.running.remove(&case.id);
                state.done += 1;
                state.tally.count(case.verdict);
                if let Some(until) = &case.parked_until {
                    state.line(&format!(
                        "parked until {until}  {}  {}",
                        case.id, case.title
                    ));
                } else if state.every || wants_attention(case.verdict) {
                    state.line(&format!("{}  {}  {}", case.verdict, case.id, case.title));
                }
                if state.done.is_multiple_of(STRIDE) && matches!(state.sink, Sink::Plain(_)) {
                    let far = state.far();
                    state.line(&far);
                }
                state.draw();
            }
            Event::Interrupted { by } => state.line(&format!("interrupted by {by}")),
            Event::RunFinished => {
                if let Sink::Bar(bar) = &state.sink {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn wants_attention(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Pass | Verdict::Info | Verdict::NotApplicable => false,
        Verdict::Warn | Verdict::Inconclusive | Verdict::Fail | Verdict::Error => true,
    }
}

impl State {
    /// Writes a line, above the bar if there is one.
    fn line(&mut self, text: &str) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        match &mut self.sink {
            Sink::Bar(bar) => bar.println(text),
            Sink::Plain(out) => {
                // Progress is no result: a closed pipe must not end the run.
                let _ = writeln!(out, "{text}").and_then(|()| out.flush());
            }
            Sink::None => {}
        }
    }

    fn far(&self) -> String {
        format!(
            "{} of {} done, {} failed, {} running, {} waiting",
            self.done,
            self.cases,
            self.tally.of(Verdict::Fail),
            self.running.len(),
            self.waiting()
        )
    }

    fn waiting(&self) -> usize {
        self.cases.saturating_sub(self.done + self.running.len())
    }

    fn draw(&self) {
        let Sink::Bar(bar) = &self.sink else {
            return;
        };
        bar.set_position(u64::try_from(self.done).unwrap_or(u64::MAX));
        let named: Vec<&str> = self
            .running
            .values()
            .take(NAMED)
            .map(String::as_str)
            .collect();
        bar.set_message(format!(
            "{} failed, {} running, {} waiting  {}",
            self.tally.of(Verdict::Fail),
            self.running.len(),
            self.waiting(),
            named.join(" ")
        ));
    }
}

#[cfg(test)]
mod tests;
