//! One sentence for each step, one line for each claim.

use crate::model::policy::Guard;
use crate::model::step::{HookName, ReadyControl, Step};

use crate::model::claim::{ClaimLevel, Unmet};

use super::{http, open, tls};

/// What the step does, as a sentence without a full stop.
#[must_use]
pub fn step(step: &Step) -> String {
    match step {
        Step::Control(ReadyControl::TlsBaseline) => {
            "Check that the target accepts an ordinary offer".to_owned()
        }
        Step::Control(ReadyControl::HttpBaseline) => {
            "Check that the target answers HTTP over a fresh connection".to_owned()
        }
        Step::TlsOffer(offer) => tls::offer(offer),
        Step::TlsConnect(connect) => tls::connect(connect),
        Step::TlsSend(send) => open::send(send),
        Step::TlsAlert(alert) => open::alert(alert),
        Step::TlsRenegotiate(again) => open::renegotiate(again),
        Step::TlsPause(pause) => format!(
            "Let session `{}` rest for {}, then send a request over it",
            pause.session, pause.how_long
        ),
        Step::TlsClose(close) => open::close(close),
        Step::TlsCompare(compare) => open::compare(compare),
        Step::Login(login) => http::login(login),
        Step::Http(request) => http::request(request),
        Step::Prepare(prepare) => http::prepare(prepare),
        Step::Answer(again) => format!("Look once more at the answer saved as `{}`", again.of),
        Step::Origin(origin) => http::origin(origin),
        Step::Parallel(parallel) => http::parallel(parallel),
        Step::Canary(_) => "Look whether anybody called the canary".to_owned(),
        Step::Hook(hook) => {
            let whom = hook
                .subscriber
                .as_ref()
                .map_or_else(String::new, |subscriber| format!(" of {subscriber}"));
            let what = match hook.call {
                HookName::ForceReauth => "Make the target demand re-authentication",
                HookName::ExpireBTid => "Make the B-TID invalid",
                HookName::AdvanceClock => "Move the target's clock forward",
                HookName::Restart => "Restart the target",
            };
            format!("{what}{whom} (hook `{}`)", hook.call.key())
        }
        Step::Elapse(elapse) => {
            let before = elapse.before.as_ref();
            let bound = before.map_or_else(String::new, |most| format!(", less than {most}"));
            format!(
                "Let {} pass since the first saved session{bound} (by hook `advance_clock`, or until a later run)",
                elapse.until
            )
        }
        Step::Close(close) => format!(
            "Close the connection of session `{}`; what was negotiated is kept",
            close.session
        ),
    }
}

/// What the step claims, one line for each claim, in the order in which they are looked at.
#[must_use]
pub fn answers(step: &Step) -> Vec<String> {
    step.claims()
        .iter()
        .filter_map(|claim| {
            let answer = claim.answer?.describe();
            Some(format!(
                "{}{}: {answer}",
                guard(claim.when),
                level(claim.level?)
            ))
        })
        .collect()
}

fn level(level: ClaimLevel) -> &'static str {
    match level {
        ClaimLevel::May => "may",
        ClaimLevel::Should => "should",
        ClaimLevel::Shall => "shall",
        ClaimLevel::Control(Unmet::Inconclusive) => "control, else inconclusive",
        ClaimLevel::Control(Unmet::NotApplicable) => "control, else not applicable",
    }
}

fn guard(guard: &Guard) -> String {
    if guard.is_empty() {
        return String::new();
    }
    format!("when {}, ", condition(guard))
}

/// A guard in words: `release is rel6 or rel7 and topology is ap`.
pub(crate) fn condition(guard: &Guard) -> String {
    guard
        .iter()
        .map(|(key, values)| format!("{key} is {}", values.join(" or ")))
        .collect::<Vec<_>>()
        .join(" and ")
}
