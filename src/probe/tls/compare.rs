//! The step `tls-compare`: one wrong connection for each quirk, and whether the target tells them apart.

use super::case::TlsCase;
use crate::engine::ports::Trouble;
use crate::model::names::Names;
use crate::model::seen::{Classification, Control, Facts, Seen};
use crate::model::seen_open::ComparedFacts;
use crate::model::step_open::TlsCompare;
use crate::model::step_tls::{TlsClient, TlsConnect};
use crate::model::tls_quirk::TlsQuirk;

/// How one connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    classification: Classification,
    /// The alert's description, if one came.
    alert: Option<u8>,
    observed: String,
}

impl End {
    fn is_like(&self, other: &Self) -> bool {
        (self.classification, self.alert) == (other.classification, other.alert)
    }

    fn is_decided(&self) -> bool {
        self.classification == Classification::Accepted || self.classification.is_refusal()
    }
}

impl TlsCase {
    /// Makes a connection with each of the quirks, between two without any, and compares their ends.
    ///
    /// A difference counts only when a second series shows the very same ends.
    ///
    /// # Errors
    /// [`Trouble::NotApplicable`] when the target completes no handshake with these suites, [`Trouble::NotProven`] when
    /// an end proves nothing or a quirk has no place in the suite that was selected.
    pub async fn compare(&mut self, step: &TlsCompare, names: &Names) -> Result<Seen, Trouble> {
        let before = self.end_of(step, None, names).await?;
        if before.classification.is_refusal() {
            return Err(Trouble::NotApplicable(format!(
                "the target completes no handshake with these suites: {}",
                before.observed
            )));
        }
        let mut ends = self.series(step, names).await?;
        let mut repeats = true;
        if !uniform(&ends) {
            let again = self.series(step, names).await?;
            repeats = ends
                .iter()
                .zip(&again)
                .all(|((_, one), (_, other))| one.is_like(other));
            if !repeats {
                ends.extend(again);
            }
        }
        let after = self.end_of(step, None, names).await?;
        let decided = repeats && ends.iter().all(|(_, end)| end.is_decided());
        let facts = ComparedFacts {
            uniform: uniform(&ends),
            all_refused: ends.iter().all(|(_, end)| end.classification.is_refusal()),
        };
        let classification = if decided {
            Classification::Answered
        } else {
            Classification::Unclear
        };
        let mut seen = Seen::new(classification, line(&ends, repeats), Facts::Compared(facts));
        seen.controls = [before, after]
            .map(|end| Control {
                passed: end.classification == Classification::Accepted,
                observed: format!("the same without anything wrong: {}", end.observed),
            })
            .to_vec();
        Ok(seen)
    }

    async fn series(
        &mut self,
        step: &TlsCompare,
        names: &Names,
    ) -> Result<Vec<(TlsQuirk, End)>, Trouble> {
        let mut ends = Vec::new();
        for quirk in &step.quirks {
            ends.push((*quirk, self.end_of(step, Some(*quirk), names).await?));
        }
        Ok(ends)
    }

    async fn end_of(
        &mut self,
        step: &TlsCompare,
        quirk: Option<TlsQuirk>,
        names: &Names,
    ) -> Result<End, Trouble> {
        let connect = TlsConnect {
            version: step.version.clone(),
            suites: step.suites.clone(),
            without: step.without.clone(),
            client: TlsClient::Lab,
            quirks: quirk.into_iter().collect(),
            ..TlsConnect::default()
        };
        let (seen, _) = self.connect(&connect, names).await?;
        let alert = match &seen.facts {
            Facts::Connection(facts) => facts.alert.map(|alert| alert.description),
            _ => None,
        };
        Ok(End {
            classification: seen.classification,
            alert,
            observed: seen.observed,
        })
    }
}

fn uniform(ends: &[(TlsQuirk, End)]) -> bool {
    let first = ends.first();
    ends.iter()
        .all(|(_, end)| first.is_some_and(|(_, first)| first.is_like(end)))
}

fn line(ends: &[(TlsQuirk, End)], repeats: bool) -> String {
    let each: Vec<String> = ends
        .iter()
        .map(|(quirk, end)| format!("{}: {}", quirk.describe(), end.observed))
        .collect();
    let each = each.join("; ");
    if repeats {
        each
    } else {
        format!("another end in a second series: {each}")
    }
}
