//! The virtual clock of one reference target.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use time::OffsetDateTime;

/// Reads the time the virtual clock starts from.
pub type BaseReading = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// A base reading and an offset that only moves forward; clones share the offset.
#[derive(Clone)]
pub struct VirtualClock {
    base: BaseReading,
    offset_milliseconds: Arc<AtomicU64>,
}

impl VirtualClock {
    /// A clock that shows the base reading until it is advanced.
    #[must_use]
    pub fn new(base: BaseReading) -> Self {
        Self {
            base,
            offset_milliseconds: Arc::new(AtomicU64::new(0)),
        }
    }

    /// The time now, offset included; beyond the year 9999 it stands still.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let base = (self.base)();
        base.checked_add(self.offset().try_into().unwrap_or(time::Duration::MAX))
            .unwrap_or(base)
    }

    /// How far the clock has been advanced.
    #[must_use]
    pub fn offset(&self) -> Duration {
        Duration::from_millis(self.offset_milliseconds.load(Ordering::SeqCst))
    }

    /// Moves the clock of every clone forward, in whole milliseconds, saturating.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let moved = |offset: u64| Some(offset.saturating_add(by));
        // The closure never declines, so the update cannot fail.
        let _ = self
            .offset_milliseconds
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VirtualClock")
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}

impl TimeProvider for VirtualClock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().unix_timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn clones_advance_together() {
        let clock = VirtualClock::new(Arc::new(|| datetime!(2026-01-01 00:00 UTC)));
        let other = clock.clone();
        clock.advance(Duration::from_secs(24 * 3600 + 300));
        assert_eq!(other.now(), datetime!(2026-01-02 00:05 UTC));
        let seconds = other.current_time().unwrap().as_secs();
        assert_eq!(
            i64::try_from(seconds).unwrap(),
            datetime!(2026-01-02 00:05 UTC).unix_timestamp()
        );
    }

    #[test]
    fn absurd_advances_do_not_break_it() {
        let clock = VirtualClock::new(Arc::new(|| datetime!(2026-01-01 00:00 UTC)));
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), datetime!(2026-01-01 00:00 UTC));
    }
}
