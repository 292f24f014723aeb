//! Claims: one level each, no stronger than what they rest on.

use crate::model::claim::{Claim, ClaimLevel};
use crate::model::policy::Guard;
use crate::model::requirement::Level;
use crate::model::scenario::Kind;
use crate::model::seen::Expected;
use crate::model::step::Step;

use super::super::place::Path;
use super::context::{Lint, step_path};
use super::policy::guard_problems;

/// What of a claim is checked here, without the type of its answer.
struct Written<'a> {
    when: &'a Guard,
    levels: Vec<&'static str>,
    level: Option<ClaimLevel>,
    has_else: bool,
}

fn written<A: Expected>(claims: &[Claim<A>]) -> Vec<Written<'_>> {
    claims
        .iter()
        .map(|claim| Written {
            when: &claim.when,
            levels: [
                claim.control.is_some().then_some("control"),
                claim.shall.is_some().then_some("shall"),
                claim.should.is_some().then_some("should"),
                claim.may.is_some().then_some("may"),
            ]
            .into_iter()
            .flatten()
            .collect(),
            level: claim.stated().map(|(level, _)| level),
            has_else: claim.otherwise.is_some(),
        })
        .collect()
}

fn of_step(step: &Step) -> Vec<Written<'_>> {
    match step {
        Step::TlsOffer(step) => written(&step.expect),
        Step::TlsConnect(step) => written(&step.expect),
        Step::TlsSend(step) => written(&step.expect),
        Step::TlsAlert(step) => written(&step.expect),
        Step::TlsRenegotiate(step) => written(&step.expect),
        Step::TlsPause(step) => written(&step.expect),
        Step::TlsClose(step) => written(&step.expect),
        Step::TlsCompare(step) => written(&step.expect),
        Step::Http(step) => written(&step.expect),
        Step::Answer(step) => written(&step.expect),
        Step::Origin(step) => written(&step.expect),
        Step::Parallel(step) => written(&step.expect),
        Step::Canary(step) => written(&step.expect),
        Step::Login(step) => written(&step.expect),
        Step::Control(_) | Step::Prepare(_) | Step::Hook(_) | Step::Elapse(_) | Step::Close(_) => {
            Vec::new()
        }
    }
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    for (index, step) in scenario.steps.iter().enumerate() {
        let expect = step_path(index, step).key("expect");
        let claims = of_step(step);
        for (number, claim) in claims.iter().enumerate() {
            let at = expect.index(number);
            let found = guard_problems(claim.when, &at.key("when"), lint.source);
            lint.extend(found);
            form(lint, &at, claim);
            strength(lint, &at, claim);
        }
        unreachable(lint, &expect, &claims);
    }
}

fn form(lint: &mut Lint<'_>, at: &Path, claim: &Written<'_>) {
    match claim.levels.as_slice() {
        [] => lint.tell(
            at,
            "the claim has no level",
            "write one of `control`, `shall`, `should` or `may`",
        ),
        [_] => {}
        several => {
            let message = format!("the claim has several levels: {}", several.join(", "));
            lint.tell(at, message, "write one claim for each");
        }
    }
    if claim.has_else && !claim.levels.contains(&"control") {
        lint.tell(
            &at.key("else"),
            "`else` stands beside `control` only",
            "the other levels say by themselves what becomes of them; leave it out",
        );
    }
}

fn strength(lint: &mut Lint<'_>, at: &Path, claim: &Written<'_>) {
    let Some(level @ (ClaimLevel::Shall | ClaimLevel::Should)) = claim.level else {
        return;
    };
    let at = at.key(level.name());
    match (lint.scenario.kind, level) {
        (Kind::Informative, _) => {
            lint.tell(
                &at,
                format!("an informative scenario claims no `{level}`"),
                "write `may`: what is seen is information",
            );
            return;
        }
        (Kind::Hardening, ClaimLevel::Shall) => {
            lint.tell(
                &at,
                "a hardening scenario claims no `shall`",
                "write `should`: what no specification demands can only warn",
            );
            return;
        }
        _ => {}
    }
    let bound = lint
        .scenario
        .verifies
        .iter()
        .filter_map(|id| lint.vocabulary.register.requirement(id))
        .max_by_key(|requirement| strength_of(requirement.bound()));
    let Some(bound) = bound else {
        return;
    };
    let allowed = strength_of(bound.bound());
    if strength_of_claim(level) > allowed {
        let name = ["may", "may", "should", "shall"]
            .get(usize::from(allowed))
            .unwrap_or(&"may");
        let message = format!(
            "the claim is stronger than what it rests on: `{}` bears `{name}` at most",
            bound.id
        );
        let why = if bound.bound() == bound.level {
            format!("the sentence is a {}", bound.level.name())
        } else {
            "the sentence is from memory and not checked".to_owned()
        };
        lint.tell(
            &at,
            message,
            format!("{why}; write `{name}`, or verify a stronger requirement"),
        );
    }
}

fn strength_of(level: Level) -> u8 {
    match level {
        Level::Informative => 0,
        Level::May => 1,
        Level::Should | Level::ShouldNot => 2,
        Level::Shall | Level::ShallNot => 3,
    }
}

fn strength_of_claim(level: ClaimLevel) -> u8 {
    match level {
        ClaimLevel::Control(_) => 0,
        ClaimLevel::May => 1,
        ClaimLevel::Should => 2,
        ClaimLevel::Shall => 3,
    }
}

/// The first claim whose guard holds counts, so nothing behind one without guard ever does.
fn unreachable(lint: &mut Lint<'_>, expect: &Path, claims: &[Written<'_>]) {
    let Some(always) = claims.iter().position(|claim| claim.when.is_empty()) else {
        return;
    };
    if always + 1 < claims.len() {
        lint.tell(
            &expect.index(always + 1),
            "this claim never counts: the one before it has no `when`",
            "the first claim whose `when` holds counts; put guarded claims first, and use an `answer` step or a second step for a further claim",
        );
    }
}
