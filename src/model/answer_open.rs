//! Answers of steps over open connections of the lab TLS engine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_tls::{any_of, decided, describe_alerts, describe_any, is_fatal};
use super::names::{NameError, Names};
use super::seen::{Classification, Expected, Facts, Fit, Seen};
use super::seen_open::OpenFacts;

/// What may be claimed to come of something that was sent over an open connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Aftermath {
    /// The request was answered.
    Answered,
    /// The connection ended without an answer to the request.
    NotAnswered,
    /// The target ended the connection, by an alert or a close.
    Closed,
    /// The target ended the connection with one of these fatal alerts.
    Alert(Vec<u8>),
    /// The new handshake completed.
    Renegotiated,
    /// The new handshake did not complete: it was refused with a warning, or with the end of the connection.
    NotRenegotiated,
    /// No record of this content type came before the answer or the end.
    RecordAbsent(u8),
    /// One of several answers.
    AnyOf(Vec<Self>),
}

impl Aftermath {
    fn fit_open(&self, seen: &Seen, facts: &OpenFacts, names: &Names) -> Result<Fit, NameError> {
        let ended = seen.classification.is_refusal();
        Ok(match self {
            Self::Answered => decided(seen, facts.answered),
            Self::NotAnswered => decided(seen, ended && !facts.answered),
            Self::Closed => decided(seen, ended),
            Self::Alert(wanted) => decided(seen, is_fatal(facts.alert, wanted)),
            // A handshake that completed did so whatever came of the request behind it.
            Self::Renegotiated if facts.renegotiated => Fit::Met,
            Self::Renegotiated => decided(seen, false),
            Self::NotRenegotiated if facts.renegotiated => Fit::Unmet,
            Self::NotRenegotiated => decided(seen, true),
            // What came is there even if nothing came after it.
            Self::RecordAbsent(content_type) if facts.records.contains(content_type) => Fit::Unmet,
            Self::RecordAbsent(_) => decided(seen, true),
            Self::AnyOf(answers) => any_of(answers, seen, names)?,
        })
    }
}

impl Expected for Aftermath {
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError> {
        match &seen.facts {
            Facts::Open(facts) => self.fit_open(seen, facts, names),
            _ => Ok(Fit::Undecided(seen.observed.clone())),
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::NotAnswered
            | Self::Closed
            | Self::Alert(_)
            | Self::NotRenegotiated
            | Self::RecordAbsent(_) => true,
            Self::AnyOf(answers) => answers.iter().any(Self::is_negative),
            Self::Answered | Self::Renegotiated => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Answered => "an answer to the request".to_owned(),
            Self::NotAnswered => "the end of the connection, without an answer".to_owned(),
            Self::Closed => "the end of the connection".to_owned(),
            Self::Alert(alerts) => describe_alerts(alerts),
            Self::Renegotiated => "a completed renegotiation".to_owned(),
            Self::NotRenegotiated => "no completed renegotiation".to_owned(),
            Self::RecordAbsent(content_type) => {
                format!("no record of content type {content_type}")
            }
            Self::AnyOf(answers) => describe_any(answers),
        }
    }
}

/// What may be claimed of connections that were compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The target refused all, and alike: by the same alert, or a close. To answer all is no better than to tell them apart.
    Uniform,
    /// The target ended every one without an answer.
    AllRefused,
}

impl Expected for Comparison {
    fn fit(&self, seen: &Seen, _: &Names) -> Result<Fit, NameError> {
        let Facts::Compared(facts) = &seen.facts else {
            return Ok(Fit::Undecided(seen.observed.clone()));
        };
        if seen.classification == Classification::Unclear {
            return Ok(Fit::Undecided(seen.observed.clone()));
        }
        Ok(Fit::when(match self {
            Self::Uniform => facts.uniform && facts.all_refused,
            Self::AllRefused => facts.all_refused,
        }))
    }

    fn is_negative(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        match self {
            Self::Uniform => "the same refusal of all of them".to_owned(),
            Self::AllRefused => "no answer to any of them".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::seen_open::ComparedFacts;

    fn fit(comparison: &Comparison, uniform: bool, all_refused: bool) -> Fit {
        let facts = ComparedFacts {
            uniform,
            all_refused,
        };
        let seen = Seen::new(Classification::Answered, "ends", Facts::Compared(facts));
        comparison.fit(&seen, &Names::default()).unwrap()
    }

    #[test]
    fn who_answers_everything_alike_is_not_uniform() {
        assert_eq!(fit(&Comparison::Uniform, true, true), Fit::Met);
        assert_eq!(fit(&Comparison::Uniform, true, false), Fit::Unmet);
        assert_eq!(fit(&Comparison::Uniform, false, true), Fit::Unmet);
        assert_eq!(fit(&Comparison::AllRefused, false, true), Fit::Met);
    }
}
