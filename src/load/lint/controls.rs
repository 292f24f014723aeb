//! Every refusal and every absence stands between positive controls, and absences of the origin are waited out.

use crate::model::claim::ClaimLevel;
use crate::model::step::Step;

use super::context::{Lint, step_path};

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    for (index, step) in scenario.steps.iter().enumerate() {
        let (before, rest) = scenario.steps.split_at_checked(index).unwrap_or_default();
        let after = rest.get(1..).unwrap_or_default();
        if !step.brackets_itself()
            && let Some(claim) = first_negative(step)
        {
            let missing = match (
                before.iter().any(proves_life),
                after.iter().any(proves_life),
            ) {
                (true, true) => None,
                (false, true) => Some("before"),
                (true, false) => Some("after"),
                (false, false) => Some("before and after"),
            };
            if let Some(missing) = missing {
                let at = step_path(index, step).key("expect").index(claim);
                lint.tell(
                    &at,
                    format!("a refusal or absence proves nothing without a positive control {missing} it"),
                    "add a `control:` step, a `login`, or a step with a `control` claim",
                );
            }
        }
        if let Step::Origin(origin) = step {
            settled(lint, index, &origin.marker);
        }
    }
}

/// The first claim of the step that judges and expects a refusal or an absence.
fn first_negative(step: &Step) -> Option<usize> {
    step.claims().iter().position(|claim| {
        !matches!(claim.level, Some(ClaimLevel::Control(_)))
            && claim.answer.is_some_and(|answer| answer.is_negative())
    })
}

/// Whether the step shows that the target lives: a ready control, a login, or a control that expects something.
fn proves_life(step: &Step) -> bool {
    let claimed = || {
        step.claims().iter().any(|claim| {
            let absent = matches!(step, Step::Origin(_))
                && claim.answer.is_none_or(|answer| answer.is_negative());
            matches!(claim.level, Some(ClaimLevel::Control(_))) && !absent
        })
    };
    let by_nature = match step {
        Step::Login(login) => login.expect.is_empty(),
        Step::Control(_) | Step::Prepare(_) => true,
        _ => false,
    };
    by_nature || claimed()
}

/// What the origin did not receive, or received as whom, is certain only when a later marked request arrived.
fn settled(lint: &mut Lint<'_>, index: usize, marker: &str) {
    let steps = &lint.scenario.steps;
    let Some(step) = steps.get(index) else {
        return;
    };
    let judged = step.claims().iter().position(|claim| {
        matches!(
            claim.level,
            Some(ClaimLevel::Shall | ClaimLevel::Should | ClaimLevel::May)
        )
    });
    let (Some(claim), Step::Origin(origin)) = (judged, step) else {
        return;
    };
    let certain_at_once = origin.expect.iter().all(|claim| {
        claim.stated().is_none_or(|(_, view)| {
            !view.is_about_absence()
                && view.identity.is_none()
                && view.asserted_identity.is_none()
                && !view.requests.as_ref().is_some_and(|requests| {
                    requests.name().is_some() || requests.to_string() == "0"
                })
        })
    });
    let provoked = steps.iter().position(|step| marked(step) == Some(marker));
    let later = |from: usize| {
        steps
            .iter()
            .skip(from + 1)
            .any(|step| marked(step).is_some_and(|other| other != marker))
    };
    if !certain_at_once && provoked.is_some_and(|from| !later(from)) {
        let at = step_path(index, step).key("expect").index(claim);
        lint.tell(
            &at,
            "nothing shows that the origin has received everything",
            "send one more `http` request with a `marker` of its own after it, and let an `origin` step `control` that it arrived",
        );
    }
}

fn marked(step: &Step) -> Option<&str> {
    match step {
        Step::Http(http) => http.marker.as_deref(),
        _ => None,
    }
}
