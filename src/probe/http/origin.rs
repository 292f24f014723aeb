//! The `origin` step: what the servers behind the proxy received under a mark.

use std::time::Duration;

use crate::engine::ports::{Testbed, Trouble};
use crate::model::bind::Bind;
use crate::model::claim::Claim;
use crate::model::evidence::Happening;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::OriginFacts;
use crate::model::step_http::Origin;

use super::case::HttpCase;
use super::marker::Marked;

/// How long to wait unless the step says otherwise.
const WITHIN: Duration = Duration::from_secs(3);

impl HttpCase {
    /// Looks at what the origin received under a mark of this case.
    ///
    /// An absence is settled when the answer to the marked request was read and a later mark has arrived.
    /// `within` is waited where no answer came, and where a claim wants the request to have arrived.
    ///
    /// # Errors
    /// [`Trouble::Fault`] for a marker that no request carried, or a duration that does not parse.
    pub async fn origin(
        &self,
        step: &Origin,
        names: &Names,
        testbed: &dyn Testbed,
    ) -> Result<Seen, Trouble> {
        let within = match &step.within {
            None => WITHIN,
            Some(text) => humantime::parse_duration(text)
                .map_err(|error| Trouble::Fault(format!("within: {error}")))?,
        };
        let position = self
            .marked
            .iter()
            .rposition(|marked| marked.name == step.marker)
            .ok_or_else(|| {
                Trouble::Fault(format!("no request carried the marker `{}`", step.marker))
            })?;
        let mut rest = self.marked.iter().skip(position);
        let Some(marked) = rest.next() else {
            return Err(Trouble::Fault("marker lost".to_owned()));
        };
        let wait = !marked.answered || wants_arrival(step, names)?;
        if wait && let Some(last) = marked.wires.last() {
            testbed.arrived(last, within).await;
        }
        self.trace_origin(Some(&marked.base), testbed);
        let mut facts = received(marked, testbed);
        let later = rest.any(|later| received(later, testbed).requests > 0);
        facts.settled = later && (marked.answered || wait);
        let observed = observed(&facts);
        Ok(Seen::new(
            Classification::Answered,
            observed,
            Facts::Origin(facts),
        ))
    }

    /// Puts into the trace what the origin received under the mark of this base, or under every mark.
    pub fn trace_origin(&self, base: Option<&str>, testbed: &dyn Testbed) {
        let looked_at = self
            .marked
            .iter()
            .filter(|marked| base.is_none_or(|base| marked.base == base));
        for wire in looked_at.flat_map(|marked| &marked.wires) {
            for request in testbed.requests(wire) {
                self.context.trace.note(Happening::Origin(request));
            }
        }
    }
}

/// What the tries of one request left at the origin; a repeated request counts once.
fn received(marked: &Marked, testbed: &dyn Testbed) -> OriginFacts {
    let mut all = OriginFacts::default();
    for wire in &marked.wires {
        let facts = testbed.received(wire);
        all.requests = all.requests.max(facts.requests);
        all.asserted_identities.extend(facts.asserted_identities);
        all.intended_identities.extend(facts.intended_identities);
        all.header_names.extend(facts.header_names);
        all.header_values.extend(facts.header_values);
    }
    all
}

/// Whether a claim is met only by something that arrived.
fn wants_arrival(step: &Origin, names: &Names) -> Result<bool, Trouble> {
    let mut wants = false;
    for (_, view) in step.expect.iter().filter_map(Claim::stated) {
        wants |= match &view.requests {
            Some(requests) => Bind::resolve(requests, names)? > 0,
            None => view.wants_arrival(),
        };
    }
    Ok(wants)
}

fn observed(facts: &OriginFacts) -> String {
    let mut text = match facts.requests {
        0 if facts.settled => "the origin received nothing".to_owned(),
        0 => "the origin has received nothing yet".to_owned(),
        1 => "the origin received the request".to_owned(),
        more => format!("the origin received the request {more} times"),
    };
    for (label, identities) in [
        ("asserted", &facts.asserted_identities),
        ("intended", &facts.intended_identities),
    ] {
        if !identities.is_empty() {
            let list = identities.join(", ");
            let list = crate::wire::http::clean(list.as_bytes(), 160);
            text.push_str(&format!(", {label} identity {list}"));
        }
    }
    text
}
