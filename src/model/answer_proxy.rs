//! Answers of the steps that look at a proxy from several sides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{NameError, Names};
use super::seen::{Expected, Facts, Fit, Seen};
use super::seen_http::ParallelFacts;

/// What may be claimed of sessions beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ParallelView {
    /// Every request reached the origin, each as that of its own session; what the origin says to it is not the proxy's.
    Together,
    /// No answer was that of another request, and no request reached the origin as that of another session.
    NeverMixed,
}

/// What may be claimed of the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryView {
    /// Nobody called it since the scenario began.
    Silent,
    /// Somebody did.
    Called,
}

impl ParallelView {
    fn fit_facts(self, facts: &ParallelFacts) -> Fit {
        if !facts.mixed.is_empty() {
            return Fit::Unmet;
        }
        match self {
            Self::Together if facts.served.max(facts.arrived) + facts.unclear < facts.requests => {
                Fit::Unmet
            }
            _ if facts.unclear > 0 => Fit::Undecided(format!(
                "{} of {} requests got no clear answer",
                facts.unclear, facts.requests
            )),
            // What is served and not seen by the observer went past it; that shows nothing about the sessions.
            Self::Together if facts.arrived < facts.requests => Fit::Undecided(format!(
                "the origin received only {} of {} requests",
                facts.arrived, facts.requests
            )),
            Self::Together => Fit::Met,
            Self::NeverMixed if facts.served == 0 => {
                Fit::Undecided("no request was served".to_owned())
            }
            // A refusal mixes nothing; what was served or arrived must show whose it is.
            Self::NeverMixed if facts.told < facts.served.max(facts.arrived) => {
                Fit::Undecided(format!(
                    "of {} served requests only {} show whose they are",
                    facts.served, facts.told
                ))
            }
            Self::NeverMixed => Fit::Met,
        }
    }
}

impl Expected for ParallelView {
    fn fit(&self, seen: &Seen, _: &Names) -> Result<Fit, NameError> {
        Ok(match &seen.facts {
            Facts::Parallel(facts) => self.fit_facts(facts),
            _ => Fit::Undecided(seen.observed.clone()),
        })
    }

    fn is_negative(&self) -> bool {
        *self == Self::NeverMixed
    }

    fn describe(&self) -> String {
        match self {
            Self::Together => "every request received as that of its session",
            Self::NeverMixed => "no answer and no identity of another session",
        }
        .to_owned()
    }
}

impl Expected for CanaryView {
    fn fit(&self, seen: &Seen, _: &Names) -> Result<Fit, NameError> {
        Ok(match (&seen.facts, self) {
            (Facts::Canary(facts), Self::Silent) => Fit::when(facts.calls == 0),
            (Facts::Canary(facts), Self::Called) => Fit::when(facts.calls > 0),
            _ => Fit::Undecided(seen.observed.clone()),
        })
    }

    fn is_negative(&self) -> bool {
        *self == Self::Silent
    }

    fn describe(&self) -> String {
        match self {
            Self::Silent => "nobody calls the canary",
            Self::Called => "somebody calls the canary",
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(served: u32, unclear: u32, arrived: u32) -> ParallelFacts {
        ParallelFacts {
            requests: 4,
            served,
            unclear,
            arrived,
            told: arrived,
            mixed: Vec::new(),
        }
    }

    #[test]
    fn silence_is_neither_together_nor_unmixed() {
        let silent = facts(3, 1, 3);
        for view in [ParallelView::Together, ParallelView::NeverMixed] {
            assert!(matches!(view.fit_facts(&silent), Fit::Undecided(_)));
        }
    }

    #[test]
    fn one_mix_decides_over_everything() {
        let mut mixed = facts(0, 4, 0);
        mixed.mixed.push("x".to_owned());
        for view in [ParallelView::Together, ParallelView::NeverMixed] {
            assert_eq!(view.fit_facts(&mixed), Fit::Unmet);
        }
    }

    #[test]
    fn refusals_are_not_together_and_mix_nothing() {
        let fit = |view: ParallelView, facts: &ParallelFacts| view.fit_facts(facts);
        assert_eq!(fit(ParallelView::Together, &facts(3, 0, 3)), Fit::Unmet);
        assert_eq!(fit(ParallelView::NeverMixed, &facts(3, 0, 3)), Fit::Met);
        assert_eq!(fit(ParallelView::Together, &facts(4, 0, 4)), Fit::Met);
        let past = fit(ParallelView::Together, &facts(4, 0, 0));
        assert!(matches!(past, Fit::Undecided(_)));
        // The application server refused one by itself.
        assert_eq!(fit(ParallelView::Together, &facts(3, 0, 4)), Fit::Met);
        assert_eq!(fit(ParallelView::NeverMixed, &facts(4, 0, 4)), Fit::Met);
        let none = fit(ParallelView::NeverMixed, &facts(0, 0, 0));
        assert!(matches!(none, Fit::Undecided(_)));
        let mut untold = facts(4, 0, 4);
        untold.told = 3;
        let untold = fit(ParallelView::NeverMixed, &untold);
        assert!(matches!(untold, Fit::Undecided(_)));
    }
}
