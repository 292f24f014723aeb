//! Whether the target still takes connections, and which cases had the last ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// This many connections lost in a row, up to the end of the run, are no chance.
const GONE_AFTER: u32 = 3;
/// Cases run beside each other, and what ends a target need not be on its newest connection.
const SUSPECTS: usize = 4;

/// What one case knows of the target's taking connections, and all cases of a run together.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    case: Arc<str>,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    /// The cases with the newest connections, the newest last.
    taken_by: VecDeque<Arc<str>>,
    lost: u32,
    first_lost: Option<(Arc<str>, String)>,
}

impl Reach {
    /// The same for another case of the run.
    #[must_use]
    pub fn of(&self, case: &str) -> Self {
        Self {
            case: Arc::from(case),
            known: Arc::clone(&self.known),
        }
    }

    /// A connection came about.
    pub fn taken(&self) {
        let mut known = self.known();
        known.taken_by.retain(|case| *case != self.case);
        known.taken_by.push_back(Arc::clone(&self.case));
        if known.taken_by.len() > SUSPECTS {
            known.taken_by.pop_front();
        }
        known.lost = 0;
        known.first_lost = None;
    }

    /// A connection did not come about, and why.
    pub fn lost(&self, why: &str) {
        let mut known = self.known();
        known.lost = known.lost.saturating_add(1);
        let case = Arc::clone(&self.case);
        known
            .first_lost
            .get_or_insert_with(|| (case, why.to_owned()));
    }

    /// What to say at the end of a run in which the target took connections first and none in the end.
    #[must_use]
    pub fn gone(&self) -> Option<String> {
        let known = self.known();
        let (case, why) = known.first_lost.as_ref()?;
        // The survey has no id; when it had the last connection, no case is suspect.
        let nobody_yet = known.taken_by.iter().all(|case| case.is_empty());
        (!nobody_yet && known.lost >= GONE_AFTER).then(|| {
            let cases = known.taken_by.iter().filter(|case| !case.is_empty());
            let suspects: Vec<&str> = cases.map(AsRef::as_ref).collect();
            format!(
                "the target took no connection any more, {} times up to the end of the run ({case} was the first without: {why}); the last \
                 that it took were of {}: run each alone to see whether one of them ends it, or makes it shut presec out",
                known.lost,
                suspects.join(", ")
            )
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_never_came_or_came_again_is_not_gone() {
        let reach = Reach::default();
        for _ in 0..9 {
            reach.of("A-01").lost("refused");
        }
        assert_eq!(reach.gone(), None);
        reach.of("A-02").taken();
        assert_eq!(reach.gone(), None);
        reach.of("A-03").lost("refused");
        reach.of("A-03").lost("refused");
        assert_eq!(reach.gone(), None);
    }

    #[test]
    fn who_takes_no_more_is_gone_since_the_last_that_was_taken() {
        let reach = Reach::default();
        for case in ["A-00", "A-09", "A-01", "A-09", "A-07", "A-08"] {
            reach.of(case).taken();
        }
        for case in ["A-02", "A-03", "A-03"] {
            reach.of(case).lost("connection refused");
        }
        let said = reach.gone().unwrap_or_default();
        assert!(
            said.contains(
                "3 times up to the end of the run (A-02 was the first without: connection refused)"
            ),
            "{said}"
        );
        assert!(said.contains("were of A-01, A-09, A-07, A-08: "), "{said}");
    }
}
