//! How much may be asked of the target: a budget of connections and a rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use super::ports::{Clock, Trouble};

/// Connections that undoing one case may take beyond the budget.
const RESERVE: u32 = 32;

/// Lets connections through within a budget, no faster than a rate.
pub struct Limiter {
    clock: Arc<dyn Clock>,
    interval: Option<Duration>,
    budget: u32,
    used: AtomicU32,
    next: Mutex<Duration>,
}

impl Limiter {
    /// A limiter for `budget` connections in all and `per_second` of them each second (`None`: as fast as they come).
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, budget: u32, per_second: Option<u32>) -> Self {
        let interval = per_second
            .filter(|rate| *rate > 0)
            .map(|rate| Duration::from_secs(1) / rate);
        Self {
            clock,
            interval,
            budget,
            used: AtomicU32::new(0),
            next: Mutex::new(Duration::ZERO),
        }
    }

    /// Waits for the turn of one more connection.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the budget is used up.
    pub async fn connection(&self) -> Result<(), Trouble> {
        if self.used.fetch_add(1, Ordering::Relaxed) >= self.budget {
            return Err(Trouble::NotProven(format!(
                "the budget of {} connections is used up (limits.connections in the target file)",
                self.budget
            )));
        }
        let Some(interval) = self.interval else {
            return Ok(());
        };
        let wait = {
            let mut next = self.next.lock().await;
            let now = self.clock.monotonic();
            let turn = (*next).max(now);
            *next = turn + interval;
            turn.saturating_sub(now)
        };
        if !wait.is_zero() {
            self.clock.wait(wait).await;
        }
        Ok(())
    }

    /// A limiter of the same pace with a small budget of its own: what was written is undone also when the budget is used up.
    #[must_use]
    pub fn reserve(&self) -> Self {
        Self {
            clock: Arc::clone(&self.clock),
            interval: self.interval,
            budget: RESERVE,
            used: AtomicU32::new(0),
            next: Mutex::new(Duration::ZERO),
        }
    }

    /// How many connections were asked for.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.used.load(Ordering::Relaxed)
    }
}
