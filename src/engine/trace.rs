//! Where a case leaves what it saw: a handle that counts connections and stamps events, and says nothing when nobody listens.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::model::evidence::{
    Direction, Endpoint, EvidenceRole, Happening, SessionFacts, WireEvent,
};
use crate::model::secret::Secret;

use super::ports::{Clock, Recorder};

/// Most octets of one connection that are kept, both directions and both layers together.
pub const MAX_CONNECTION: u64 = 1024 * 1024;

struct Listening {
    recorder: Arc<dyn Recorder>,
    clock: Arc<dyn Clock>,
    connections: AtomicU32,
}

/// The trace of one case; clones are the same trace.
#[derive(Clone, Default)]
pub struct Trace(Option<Arc<Listening>>);

impl fmt::Debug for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() {
            "Trace(recorded)"
        } else {
            "Trace(nothing)"
        })
    }
}

impl Trace {
    /// A trace that `recorder` is told.
    #[must_use]
    pub fn new(recorder: Arc<dyn Recorder>, clock: Arc<dyn Clock>) -> Self {
        Self(Some(Arc::new(Listening {
            recorder,
            clock,
            connections: AtomicU32::new(0),
        })))
    }

    /// A trace that goes nowhere.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Something happened beside any connection.
    pub fn note(&self, what: Happening) {
        self.event(None, what);
    }

    /// A connection was opened.
    #[must_use]
    pub fn open(&self, role: EvidenceRole, from: Endpoint, to: Endpoint) -> ConnectionTrace {
        let number = self.0.as_ref().map_or(0, |listening| {
            listening.connections.fetch_add(1, Ordering::Relaxed) + 1
        });
        let connection = ConnectionTrace(Arc::new(OneConnection {
            trace: self.clone(),
            number,
            octets: AtomicU64::new(0),
        }));
        connection.note(Happening::Opened { role, from, to });
        connection
    }

    fn event(&self, connection: Option<u32>, what: Happening) {
        if let Some(listening) = &self.0 {
            let micros = listening.clock.monotonic().as_micros();
            listening.recorder.record(WireEvent {
                at_us: u64::try_from(micros).unwrap_or(u64::MAX),
                connection,
                what,
            });
        }
    }
}

struct OneConnection {
    trace: Trace,
    number: u32,
    octets: AtomicU64,
}

/// The trace of one connection; clones are the same connection.
#[derive(Clone)]
pub struct ConnectionTrace(Arc<OneConnection>);

impl fmt::Debug for ConnectionTrace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ConnectionTrace({})", self.0.number)
    }
}

impl ConnectionTrace {
    /// Something happened on this connection.
    pub fn note(&self, what: Happening) {
        self.0.trace.event(Some(self.0.number), what);
    }

    /// Octets went over TCP; beyond [`MAX_CONNECTION`] only their number is kept.
    pub fn octets(&self, direction: Direction, bytes: &[u8]) {
        if let Some(kept) = self.within_bounds(bytes) {
            self.note(Happening::Octets(direction, kept));
        }
    }

    /// Octets went under TLS, likewise bounded.
    pub fn plain(&self, direction: Direction, bytes: &[u8]) {
        if let Some(kept) = self.within_bounds(bytes) {
            self.note(Happening::Plain(direction, kept));
        }
    }

    /// A secret of the TLS session, in NSS key log format: label, client random and secret.
    pub fn key(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        if self.0.trace.0.is_some() {
            let line = format!(
                "{label} {} {}\n",
                hex::encode(client_random),
                hex::encode(secret)
            );
            self.note(Happening::KeyLog(Secret::new(line)));
        }
    }

    /// What the handshake came to.
    pub fn session(&self, facts: SessionFacts) {
        self.note(Happening::Session(facts));
    }

    fn within_bounds(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if bytes.is_empty() || self.0.trace.0.is_none() {
            return None;
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let before = self.0.octets.fetch_add(length, Ordering::Relaxed);
        if before.saturating_add(length) > MAX_CONNECTION {
            self.note(Happening::Truncated(length));
            return None;
        }
        Some(bytes.to_vec())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use async_trait::async_trait;
    use time::OffsetDateTime;

    use super::*;

    /// Remembers what it was told.
    #[derive(Debug, Default)]
    pub(crate) struct Notes(Mutex<Vec<WireEvent>>);

    impl Notes {
        pub(crate) fn events(&self) -> Vec<WireEvent> {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        }
    }

    impl Recorder for Notes {
        fn record(&self, event: WireEvent) {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(event);
        }
    }

    /// Stands at seven microseconds.
    pub(crate) struct Still;

    #[async_trait]
    impl Clock for Still {
        fn now(&self) -> OffsetDateTime {
            OffsetDateTime::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::from_micros(7)
        }

        async fn wait(&self, _: Duration) {}

        fn source(&self) -> String {
            "test".to_owned()
        }
    }

    fn endpoint(port: u16) -> Endpoint {
        Endpoint {
            octets: vec![127, 0, 0, 1],
            port,
            text: format!("127.0.0.1:{port}"),
        }
    }

    #[test]
    fn connections_are_counted_and_bounded() {
        let notes = Arc::new(Notes::default());
        let trace = Trace::new(Arc::clone(&notes) as _, Arc::new(Still));
        let first = trace.open(EvidenceRole::Ue, endpoint(1), endpoint(2));
        let second = trace.open(EvidenceRole::Ue, endpoint(1), endpoint(2));
        first.octets(Direction::Sent, &[1, 2]);
        second.octets(Direction::Received, &vec![0; 1024 * 1024]);
        second.octets(Direction::Received, &[9; 3]);
        let events = notes.events();
        let of: Vec<Option<u32>> = events.iter().map(|event| event.connection).collect();
        assert_eq!(of, [Some(1), Some(2), Some(1), Some(2), Some(2)]);
        assert!(events.iter().all(|event| event.at_us == 7));
        assert_eq!(events[4].what, Happening::Truncated(3));
    }

    #[test]
    fn key_lines_are_in_nss_format_and_do_not_print() {
        let notes = Arc::new(Notes::default());
        let trace = Trace::new(Arc::clone(&notes) as _, Arc::new(Still));
        let connection = trace.open(EvidenceRole::Ue, endpoint(1), endpoint(2));
        connection.key("CLIENT_RANDOM", &[1, 2], &[0xab]);
        let events = notes.events();
        let Happening::KeyLog(line) = &events[1].what else {
            panic!("no key");
        };
        assert_eq!(line.expose(), b"CLIENT_RANDOM 0102 ab\n");
        assert!(!format!("{events:?}").contains("0102"));
    }

    #[test]
    fn nobody_listening_is_no_trouble() {
        let connection = Trace::none().open(EvidenceRole::Ue, endpoint(1), endpoint(2));
        connection.octets(Direction::Sent, b"x");
        assert_eq!(
            format!("{:?} {connection:?}", Trace::none()),
            "Trace(nothing) ConnectionTrace(0)"
        );
    }
}
