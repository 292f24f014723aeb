//! The law of lost attempts: what proves nothing is tried again, boundedly, and counts as a refusal only when it never
//! changes.

use crate::model::seen::Classification;

/// Silence is believed at the second time.
const SILENT_ATTEMPTS: usize = 2;
/// A close is a refusal when this many attempts in a row ended in one.
const CLOSED_ATTEMPTS: usize = 3;
/// A target that takes no connection this many times is not reachable now.
const UNCONNECTED_ATTEMPTS: usize = 3;
/// A reset is a refusal when this many attempts in a row ended in one; also the most attempts of any kind.
const RESET_ATTEMPTS: usize = 4;

/// How an attempt was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// No TCP connection came about.
    Unconnected,
    /// The peer closed in order (FIN).
    Closed,
    /// The peer reset the connection.
    Reset,
    /// Nothing came within the time.
    Silent,
}

/// What follows from a lost attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Try again after a short pause.
    Again,
    /// Take a control, then try again.
    AgainAfterControl,
    /// Every attempt was lost in the same way: that is what the target does.
    Settled(Classification),
    /// The attempts were lost in different ways, or no connection came about.
    Unproven(String),
}

/// The attempts lost so far.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    losses: Vec<Loss>,
    lines: Vec<String>,
}

impl Attempts {
    /// Counts a lost attempt, described by `how`.
    #[must_use]
    pub fn lost(&mut self, loss: Loss, how: &str) -> Next {
        tracing::debug!(how, "attempt lost");
        self.losses.push(loss);
        let number = self.losses.len();
        self.lines.push(format!("attempt {number}: {how}"));
        let same = self.losses.iter().all(|other| *other == loss);
        let settled = match loss {
            Loss::Unconnected if self.trailing(loss) >= UNCONNECTED_ATTEMPTS => {
                return Next::Unproven(format!("no connection in {number} attempts: {how}"));
            }
            Loss::Silent if self.count(loss) >= SILENT_ATTEMPTS => Some(Classification::Silent),
            Loss::Closed if same && number >= CLOSED_ATTEMPTS => {
                Some(Classification::RefusedByClose)
            }
            Loss::Reset if same && number >= RESET_ATTEMPTS => Some(Classification::RefusedByReset),
            _ => None,
        };
        if let Some(classification) = settled {
            return Next::Settled(classification);
        }
        if number >= RESET_ATTEMPTS {
            return Next::Unproven(format!(
                "{number} attempts ended in different ways: {}",
                self.lines.join("; ")
            ));
        }
        match loss {
            Loss::Unconnected | Loss::Silent => Next::Again,
            Loss::Closed | Loss::Reset => Next::AgainAfterControl,
        }
    }

    /// One line for each lost attempt before the one that decided; all of them when none did.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The lines without the last: when the last attempt is itself what was observed.
    #[must_use]
    pub fn lines_before_last(&self) -> Vec<String> {
        let (_, before) = self.lines.split_last().unzip();
        before.unwrap_or_default().to_vec()
    }

    fn count(&self, loss: Loss) -> usize {
        self.losses.iter().filter(|other| **other == loss).count()
    }

    fn trailing(&self, loss: Loss) -> usize {
        self.losses
            .iter()
            .rev()
            .take_while(|other| **other == loss)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(losses: &[Loss]) -> Next {
        let mut attempts = Attempts::default();
        let mut next = Next::Again;
        for loss in losses {
            next = attempts.lost(*loss, "lost");
        }
        next
    }

    #[test]
    fn three_closes_and_four_resets_are_refusals() {
        assert_eq!(run(&[Loss::Closed; 2]), Next::AgainAfterControl);
        assert_eq!(
            run(&[Loss::Closed; 3]),
            Next::Settled(Classification::RefusedByClose)
        );
        assert_eq!(run(&[Loss::Reset; 3]), Next::AgainAfterControl);
        assert_eq!(
            run(&[Loss::Reset; 4]),
            Next::Settled(Classification::RefusedByReset)
        );
    }

    #[test]
    fn silence_is_tried_once_more() {
        assert_eq!(run(&[Loss::Silent]), Next::Again);
        assert_eq!(
            run(&[Loss::Silent; 2]),
            Next::Settled(Classification::Silent)
        );
    }

    #[test]
    fn a_mixture_proves_nothing() {
        let mixed = [Loss::Reset, Loss::Closed, Loss::Reset, Loss::Reset];
        assert!(matches!(run(&mixed), Next::Unproven(_)));
        let closed_late = [Loss::Reset, Loss::Closed, Loss::Closed, Loss::Closed];
        assert!(matches!(run(&closed_late), Next::Unproven(_)));
        assert!(matches!(run(&[Loss::Unconnected; 3]), Next::Unproven(_)));
    }

    #[test]
    fn the_last_attempt_is_not_listed_twice() {
        let mut attempts = Attempts::default();
        let _ = attempts.lost(Loss::Reset, "reset");
        let _ = attempts.lost(Loss::Reset, "reset");
        assert_eq!(attempts.lines().len(), 2);
        assert_eq!(attempts.lines_before_last(), ["attempt 1: reset"]);
        assert!(Attempts::default().lines_before_last().is_empty());
    }
}
