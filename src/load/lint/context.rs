//! Where the checks of one scenario put what they find.

use crate::model::scenario::Scenario;
use crate::model::step::Step;

use super::super::diagnostic::Diagnostic;
use super::super::place::Path;
use super::super::source::Source;
use super::super::vocabulary::Vocabulary;
use super::{claims, controls, flow, header, names, needs, open, values};

/// Where a scenario comes from; presec's own are held to more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::load) enum Provenance {
    /// Came with the binary.
    Embedded,
    /// Written by the user.
    User,
}

/// One scenario under the lamp.
pub(super) struct Lint<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) source: &'a Source<'a>,
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) provenance: Provenance,
    problems: Vec<Diagnostic>,
}

impl Lint<'_> {
    /// Something wrong where `path` leads.
    pub(super) fn tell(
        &mut self,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let problem = self.source.at(path, message).with_help(help);
        self.problems.push(problem);
    }

    /// Several problems at once.
    pub(super) fn extend(&mut self, problems: Vec<Diagnostic>) {
        self.problems.extend(problems);
    }
}

/// The way to what belongs to a step.
pub(super) fn step_path(index: usize, step: &Step) -> Path {
    Path::of("steps").index(index).key(step.keyword())
}

/// Everything wrong with a scenario whose form is right.
pub(in crate::load) fn problems(
    scenario: &Scenario,
    source: &Source<'_>,
    vocabulary: &Vocabulary,
    provenance: Provenance,
) -> Vec<Diagnostic> {
    let mut lint = Lint {
        scenario,
        source,
        vocabulary,
        provenance,
        problems: Vec::new(),
    };
    header::check(&mut lint);
    claims::check(&mut lint);
    controls::check(&mut lint);
    flow::check(&mut lint);
    open::check(&mut lint);
    names::check(&mut lint);
    values::check(&mut lint);
    needs::check(&mut lint);
    lint.problems
}
