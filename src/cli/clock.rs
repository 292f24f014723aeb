//! The machine's clock behind the engine's port.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::engine::ports::Clock;
use crate::reference::clock::VirtualClock;

/// Time as the machine tells it.
#[derive(Debug)]
pub(crate) struct SystemClock {
    began: Instant,
}

impl SystemClock {
    /// Starts counting.
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
        }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn source(&self) -> String {
        "system clock of the testing machine".to_owned()
    }
}

/// A clock that is moved on where one would wait: for a target in the same process that reads it too.
pub(crate) struct MovedClock {
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is moved.
    pub(crate) moved: VirtualClock,
}

#[async_trait]
impl Clock for MovedClock {
    fn now(&self) -> OffsetDateTime {
        self.moved.now()
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic().saturating_add(self.moved.offset())
    }

    async fn wait(&self, duration: Duration) {
        self.moved.advance(duration);
        tokio::task::yield_now().await;
    }

    fn source(&self) -> String {
        self.clock.source()
    }
}
