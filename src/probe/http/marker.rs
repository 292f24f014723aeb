//! Marks by which the origin observer finds a request again.

use sha2::{Digest as _, Sha256};

use crate::engine::ports::CaseContext;

use super::case::HttpCase;

/// A request that was marked, by the name the scenario gives it.
#[derive(Debug)]
pub(super) struct Marked {
    /// The name in the scenario.
    pub(super) name: String,
    /// The mark without the suffix of a try.
    pub(super) base: String,
    /// The marks of its tries as they went on the wire, in order; each try has its own, so that a lost one does not count twice.
    pub(super) wires: Vec<String>,
    /// Whether an answer to it was read.
    pub(super) answered: bool,
}

/// The mark of a request: run, case and name. Equal in equal runs, different in every case.
fn wire_marker(context: &CaseContext, name: &str) -> String {
    let hash = hex::encode(Sha256::digest(context.id.as_bytes()).as_slice());
    let case = hash.get(..8).unwrap_or_default();
    format!("{}-{case}-{name}", context.run_id)
        .chars()
        .map(|character| if is_token(character) { character } else { '-' })
        .collect()
}

impl HttpCase {
    /// Begins a marked request; the mark that goes on the wire.
    pub(super) fn mark(&mut self, name: &str) -> String {
        let base = wire_marker(&self.context, name);
        self.marked.push(Marked {
            name: name.to_owned(),
            base: base.clone(),
            wires: Vec::new(),
            answered: false,
        });
        base
    }

    /// The mark that a request with this name carries on the wire, its repetitions with a suffix behind a dot.
    #[must_use]
    pub fn wire_marker(&self, name: &str) -> String {
        wire_marker(&self.context, name)
    }

    /// The mark of the next try of a marked request.
    pub(super) fn next_try(&mut self, base: &str) -> String {
        let Some(marked) = self.marked.iter_mut().rfind(|marked| marked.base == base) else {
            return base.to_owned();
        };
        let wire = try_marker(base, marked.wires.len());
        marked.wires.push(wire.clone());
        wire
    }

    /// Notes that an answer to a marked request was read.
    pub(super) fn answered(&mut self, base: Option<&str>) {
        let marked = self
            .marked
            .iter_mut()
            .rfind(|marked| Some(marked.base.as_str()) == base);
        if let Some(marked) = marked {
            marked.answered = true;
        }
    }
}

/// The mark of one try; the first one is the marker itself.
fn try_marker(marker: &str, tried: usize) -> String {
    if tried == 0 {
        marker.to_owned()
    } else {
        format!("{marker}.{}", tried + 1)
    }
}

/// Characters that a product version may hold (RFC 9110, 5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(id: &str) -> CaseContext {
        CaseContext {
            id: id.to_owned(),
            run_id: "run 7".to_owned(),
            seed: 0,
            may_be_parked: false,
            trace: crate::engine::trace::Trace::none(),
        }
    }

    #[test]
    fn markers_are_tokens_stable_and_of_one_case() {
        let first = wire_marker(&context("ID-03"), "forged");
        assert_eq!(first, wire_marker(&context("ID-03"), "forged"));
        assert!(first.starts_with("run-7-") && first.ends_with("-forged"));
        assert!(first.chars().all(is_token));
        assert_ne!(first, wire_marker(&context("ID-04"), "forged"));
    }

    #[test]
    fn every_try_has_its_own() {
        assert_eq!(try_marker("m", 0), "m");
        assert_eq!(try_marker("m", 1), "m.2");
    }
}
