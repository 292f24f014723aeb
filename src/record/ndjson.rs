//! A run as a stream of JSON objects, one a line, for programs that watch it.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::engine::event::Event;
use crate::engine::ports::{Clock, Observer};

/// Writes every event as one line: `event` is its name, `at_ms` the milliseconds since the stream began. Each line is flushed.
/// What cannot be written is left out; the run goes on.
pub struct NdJson {
    out: Mutex<Box<dyn Write + Send>>,
    clock: Arc<dyn Clock>,
    began: std::time::Duration,
}

impl NdJson {
    /// A stream into `out`, which begins now.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, clock: Arc<dyn Clock>) -> Self {
        let began = clock.monotonic();
        Self {
            out: Mutex::new(out),
            clock,
            began,
        }
    }

    fn line(&self, name: &str, fields: Value) {
        let elapsed = self.clock.monotonic().saturating_sub(self.began);
        let at = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let mut line = json!({ "event": name, "at_ms": at });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
            line.extend(fields);
        }
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A reader that went away must not end the run.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

impl Observer for NdJson {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::RunStarted { cases } => self.line("run-started", json!({ "cases": cases })),
            Event::TargetSurveyed(target) => {
                self.line("target-surveyed", json!({ "target": target }));
            }
            Event::CaseStarted { id, elapses } => {
                self.line("case-started", json!({ "id": id, "elapses": elapses }));
            }
            Event::CaseFinished(case) => self.line(
                "case-finished",
                json!({ "id": case.id, "verdict": case.verdict, "case": case }),
            ),
            Event::Interrupted { by } => self.line("interrupted", json!({ "by": by })),
            Event::RunFinished => self.line("run-finished", json!({})),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;
    use crate::model::record::TargetRecord;

    struct Still;

    #[async_trait]
    impl Clock for Still {
        fn now(&self) -> time::OffsetDateTime {
            time::OffsetDateTime::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(5)
        }

        async fn wait(&self, _: Duration) {}

        fn source(&self) -> String {
            "still".to_owned()
        }
    }

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_event_is_one_object_on_one_line() {
        let page = Page::default();
        let stream = NdJson::new(Box::new(page.clone()), Arc::new(Still));
        let target = TargetRecord {
            name: "a\nb\u{1b}".to_owned(),
            ..TargetRecord::default()
        };
        stream.on(&Event::RunStarted { cases: 2 });
        stream.on(&Event::TargetSurveyed(&target));
        stream.on(&Event::CaseStarted {
            id: "A",
            elapses: None,
        });
        stream.on(&Event::Interrupted { by: "Ctrl-C" });
        stream.on(&Event::RunFinished);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains('\u{1b}'));
        let events: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let names: Vec<&str> = events
            .iter()
            .filter_map(|line| line["event"].as_str())
            .collect();
        let expected = [
            "run-started",
            "target-surveyed",
            "case-started",
            "interrupted",
            "run-finished",
        ];
        assert_eq!(names, expected);
        assert_eq!(
            events[0],
            json!({ "event": "run-started", "at_ms": 0, "cases": 2 })
        );
        assert_eq!(events[1]["target"]["name"], "a\nb\u{1b}");
    }
}
