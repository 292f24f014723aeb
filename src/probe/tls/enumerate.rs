//! Every suite that a target accepts in one version, and whose order counts: what it selects is taken away until it refuses.

use std::fmt::Write as _;

use super::case::TlsCase;
use super::hello::{HelloBuilder, SIGNALLING};
use super::probe::TlsProbeSettings;
use super::survey::{Answer, CHUNK, ask_one};
use crate::engine::ports::Trouble;
use crate::model::bind::{Bind, resolve_all};
use crate::model::evidence::Happening;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_tls::{FlightFacts, SuiteList, SuiteOrder};
use crate::model::step_tls::TlsOffer;
use crate::model::suite::ProtocolVersion;

/// Most offers for one version: more than there are suites that any known library has.
const OFFERS: usize = 256;
/// Most suites named in an observation.
const NAMED: usize = 32;

/// Offers under way in one version.
struct Asking<'a> {
    settings: &'a TlsProbeSettings,
    random: [u8; 32],
    version: ProtocolVersion,
    offers: usize,
    /// What kept an offer from being answered.
    incomplete: Option<String>,
}

impl Asking<'_> {
    /// What the target selects of these suites, if anything.
    async fn pick(&mut self, suites: &[u16]) -> Result<Option<u16>, Trouble> {
        if suites.is_empty() {
            return Ok(None);
        }
        if self.offers >= OFFERS {
            self.incomplete = Some(format!("it ends after {OFFERS} offers"));
            return Ok(None);
        }
        self.offers += 1;
        let offer = (self.version, suites.to_vec());
        Ok(match ask_one(self.settings, self.random, offer).await? {
            Answer::Selected(_, suite) => Some(suite).filter(|suite| suites.contains(suite)),
            Answer::Refused(_) => None,
            Answer::Lost(how) => {
                // A server may refuse by closing; that the rest was looked at cannot be told then.
                self.incomplete
                    .get_or_insert_with(|| format!("an offer was not answered ({how})"));
                None
            }
        })
    }

    /// What is selected of these suites, in that order, each time without what was selected before.
    async fn exhaust(&mut self, mut left: Vec<u16>) -> Result<Vec<u16>, Trouble> {
        let mut found = Vec::new();
        while let Some(suite) = self.pick(&left).await? {
            left.retain(|other| *other != suite);
            found.push(suite);
        }
        Ok(found)
    }

    async fn order(&mut self, found: &[u16]) -> Result<Option<SuiteOrder>, Trouble> {
        let few = found.get(..CHUNK.min(found.len())).unwrap_or_default();
        let reversed: Vec<u16> = few.iter().rev().copied().collect();
        if few.len() < 2 {
            return Ok(None);
        }
        let (one, other) = (self.pick(few).await?, self.pick(&reversed).await?);
        Ok(match (one, other) {
            (Some(one), Some(other)) if one == other => Some(SuiteOrder::Server),
            (Some(one), Some(other)) => {
                let client = few.first() == Some(&one) && reversed.first() == Some(&other);
                Some(if client {
                    SuiteOrder::Client
                } else {
                    SuiteOrder::Neither
                })
            }
            _ => None,
        })
    }

    /// Everything that is accepted, and by whose order.
    async fn all(&mut self) -> Result<(Vec<u16>, Option<SuiteOrder>), Trouble> {
        let mut found = Vec::new();
        let mut chunks_with_some = 0;
        for chunk in self.candidates().chunks(CHUNK) {
            let some = self.exhaust(chunk.to_vec()).await?;
            chunks_with_some += usize::from(!some.is_empty());
            found.extend(some);
        }
        let order = self.order(&found).await?;
        // The order within each offer is known; over several of them one more round tells it.
        if order == Some(SuiteOrder::Server) && chunks_with_some > 1 && found.len() <= CHUNK {
            let ordered = self.exhaust(found.clone()).await?;
            if ordered.len() == found.len() {
                found = ordered;
            }
        }
        Ok((found, order))
    }

    /// Every registered suite of the version, the usual ones first.
    fn candidates(&self) -> Vec<u16> {
        let mut candidates = self.settings.baseline_of(self.version);
        let registered = self.settings.registry.iter();
        let rest: Vec<u16> = registered
            .filter(|record| record.versions.contains(self.version))
            .map(|record| record.code.0)
            .filter(|code| !candidates.contains(code) && !SIGNALLING.contains(code))
            .collect();
        candidates.extend(rest);
        candidates
    }
}

impl TlsCase {
    /// Finds every suite that is accepted in the version of the step; `compared` are those the list is held against.
    pub(super) async fn enumerate(
        &mut self,
        (step, compared): (&TlsOffer, &[Bind<String>]),
        names: &Names,
    ) -> Result<Seen, Trouble> {
        let random = self.random();
        let settings = &self.shared.settings;
        let builder = HelloBuilder {
            settings,
            accepted: self.shared.accepted().await?,
            names,
        };
        let version = builder.version(step, None)?;
        let compared = resolve_all(compared, names)?;
        let mut asking = Asking {
            settings,
            random,
            version,
            offers: 0,
            incomplete: None,
        };
        let (found, order) = asking.all().await?;
        settings.trace.note(Happening::Decisive);
        let Some(first) = found.first() else {
            let why = asking.incomplete.unwrap_or_default();
            return Err(Trouble::NotProven(format!(
                "no suite was selected in {version} {why}"
            )));
        };
        let label = |code: &u16| settings.registry.label(*code);
        let labels: Vec<String> = found.iter().map(label).collect();
        let beyond = (!compared.is_empty()).then(|| {
            let beyond = labels.iter().filter(|name| !compared.contains(name));
            beyond.cloned().collect()
        });
        let list = SuiteList {
            names: labels,
            order,
            beyond,
            incomplete: asking.incomplete,
        };
        let line = line(version, &list);
        let facts = FlightFacts {
            suite: Some(*first),
            suite_name: list.names.first().cloned(),
            suite_was_offered: true,
            version: Some(version.name().to_owned()),
            list: Some(Box::new(list)),
            ..FlightFacts::default()
        };
        Ok(Seen::new(
            Classification::Accepted,
            line,
            Facts::Flight(facts),
        ))
    }
}

fn line(version: ProtocolVersion, list: &SuiteList) -> String {
    let count = match list.names.len() {
        1 => "1 suite".to_owned(),
        many => format!("{many} suites"),
    };
    let order = match list.order {
        Some(SuiteOrder::Server) => ", the server's order counts",
        Some(SuiteOrder::Client) => ", the client's order counts",
        Some(SuiteOrder::Neither) => ", by no order that an offer and its reverse show",
        None => "",
    };
    let mut line = format!("{count} in {version}{order}: {}", few(&list.names));
    match &list.beyond {
        None => {}
        Some(beyond) if beyond.is_empty() => line.push_str("; none beyond the profile"),
        Some(beyond) => {
            let _ = write!(line, "; beyond the profile: {}", few(beyond));
        }
    }
    if let Some(why) = &list.incomplete {
        let _ = write!(line, "; the list may be incomplete: {why}");
    }
    line
}

fn few(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        let _ = write!(text, " and {} more", names.len() - NAMED);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_bounded_and_says_so() {
        let names: Vec<String> = (0..40).map(|number| format!("SUITE_{number}")).collect();
        let list = SuiteList {
            beyond: Some(vec!["SUITE_1".to_owned()]),
            names,
            order: Some(SuiteOrder::Client),
            incomplete: Some("it ends after 256 offers".to_owned()),
        };
        let line = line(ProtocolVersion::Tls12, &list);
        assert!(line.starts_with("40 suites in tls1.2, the client's order counts: SUITE_0, "));
        assert!(line.contains("SUITE_31 and 8 more; beyond the profile: SUITE_1; the list"));
        assert!(!line.contains("SUITE_32"), "{line}");
    }
}
