//! The machine's clock behind the engine's port.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::engine::ports::Clock;

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
