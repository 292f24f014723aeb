//! Steps over open connections of the lab engine: what they can be said of, and what cannot be combined.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::step::Step;
use crate::model::step_http::Http;
use crate::model::step_open::{MOST_COMPARED, SentAlert, SentRecord, TlsCompare};
use crate::model::tls_quirk::{QuirkPlace, TlsQuirk};

use super::super::place::Path;
use super::context::{Lint, step_path};

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);
/// Most octets in a record.
const MOST_OCTETS: usize = 16_384;

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    let mut by_lab = BTreeSet::new();
    for (index, step) in scenario.steps.iter().enumerate() {
        let at = step_path(index, step);
        if let Some(session) = over(step)
            && !by_lab.contains(session)
        {
            let message =
                format!("no `tls-connect` of the lab engine opened a session named `{session}`");
            let help = "open it before, with `client: lab` and this `session`";
            lint.tell(&at.key("session"), message, help);
        }
        if let Step::Http(http) = step
            && !by_lab.contains(http.session.as_str())
        {
            demands(lint, &at, http);
        }
        match step {
            Step::TlsConnect(connect) => {
                let session = connect.session.as_deref();
                if connect.needs_lab() {
                    by_lab.extend(session);
                } else if let Some(session) = session {
                    by_lab.remove(session);
                }
            }
            Step::TlsSend(send) => {
                quirks(lint, &at, &send.quirks, &[QuirkPlace::Data]);
                if let Some(record) = &send.record {
                    sent_record(lint, &at.key("record"), record);
                }
            }
            Step::TlsRenegotiate(again) => quirks(
                lint,
                &at,
                &again.quirks,
                &[QuirkPlace::Hello, QuirkPlace::Handshake],
            ),
            Step::TlsAlert(alert) => sent_alert(lint, &at.key("alert"), alert.alert),
            Step::TlsPause(pause) => how_long(lint, &at.key("for"), &pause.how_long),
            Step::TlsCompare(compare) => comparison(lint, &at, compare),
            _ => {}
        }
    }
}

/// Only the lab engine tells that another handshake was asked for.
fn demands(lint: &mut Lint<'_>, at: &Path, http: &Http) {
    for (index, claim) in http.expect.iter().enumerate() {
        let stated = claim.stated();
        if stated.is_some_and(|(_, answer)| answer.speaks_of_handshakes()) {
            let at = at.key("expect").index(index);
            let message = "only a session of the lab TLS engine shows a demand for a handshake";
            lint.tell(&at, message, "open it before, with `client: lab`");
        }
    }
}

/// The session of a step over an open connection.
fn over(step: &Step) -> Option<&str> {
    match step {
        Step::TlsSend(step) => Some(&step.session),
        Step::TlsAlert(step) => Some(&step.session),
        Step::TlsRenegotiate(step) => Some(&step.session),
        Step::TlsPause(step) => Some(&step.session),
        Step::TlsClose(step) => Some(&step.session),
        _ => None,
    }
}

fn quirks(lint: &mut Lint<'_>, at: &Path, quirks: &[TlsQuirk], places: &[QuirkPlace]) {
    for (index, quirk) in quirks.iter().enumerate() {
        if places.contains(&quirk.place()) {
            continue;
        }
        let (message, help) = match quirk.place() {
            QuirkPlace::Data => (
                "this quirk shows with a request, and none goes with this step",
                "write it in a `tls-send` or a `tls-connect`",
            ),
            QuirkPlace::Hello | QuirkPlace::Handshake => (
                "this quirk shows in a handshake, and this step makes none",
                "write it in a `tls-connect` or a `tls-renegotiate`",
            ),
        };
        lint.tell(&at.key("quirks").index(index), message, help);
    }
}

fn sent_record(lint: &mut Lint<'_>, at: &Path, record: &SentRecord) {
    let octets = hex::decode(&record.content).ok();
    if octets.is_none_or(|octets| octets.len() > MOST_OCTETS) {
        let help = "write two hex digits for each octet, at most 16,384 octets";
        lint.tell(&at.key("content"), "this is no content of a record", help);
    }
}

fn sent_alert(lint: &mut Lint<'_>, at: &Path, alert: SentAlert) {
    if !(1..=2).contains(&alert.level) {
        let help = "write 1 for a warning or 2 for a fatal alert";
        lint.tell(&at.key("level"), "there is no such level", help);
    }
}

fn how_long(lint: &mut Lint<'_>, at: &Path, text: &str) {
    let long = humantime::parse_duration(text).ok();
    if long.is_none_or(|long| long > LONGEST) {
        let help = "write a number with its unit up to a minute, such as `3s`";
        lint.tell(at, format!("`{text}` is no pause"), help);
    }
}

fn comparison(lint: &mut Lint<'_>, at: &Path, compare: &TlsCompare) {
    let quirks = &compare.quirks;
    let twice = quirks
        .iter()
        .enumerate()
        .any(|(index, quirk)| quirks.iter().take(index).any(|before| before == quirk));
    if twice || !(2..=MOST_COMPARED).contains(&quirks.len()) {
        let help = format!("write 2 to {MOST_COMPARED} quirks, each once");
        lint.tell(&at.key("quirks"), "there is nothing to compare", help);
    }
}
