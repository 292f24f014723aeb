//! Steps over open TLS connections in words.

use crate::model::step_open::{
    ClosingWay, TlsAlert, TlsClose, TlsCompare, TlsRenegotiate, TlsSend,
};

use super::tls::{list, without, wrong};

pub(super) fn send(send: &TlsSend) -> String {
    let mut parts = vec![format!("Send a request over session `{}`", send.session)];
    parts.extend(wrong(&send.quirks));
    if let Some(record) = &send.record {
        parts.push(format!(
            "with a record of type {} before it",
            record.content_type
        ));
    }
    parts.join(", ")
}

pub(super) fn alert(step: &TlsAlert) -> String {
    let level = match step.alert.level {
        1 => "the warning",
        _ => "the fatal alert",
    };
    format!(
        "Send {level} {} over session `{}`, and a request after it",
        step.alert.description, step.session
    )
}

pub(super) fn renegotiate(again: &TlsRenegotiate) -> String {
    let mut parts = vec![format!(
        "Begin another handshake over session `{}`",
        again.session
    )];
    if !again.suites.is_empty() {
        parts.push(format!("offering suites {}", list(&again.suites)));
    }
    parts.extend(wrong(&again.quirks));
    parts.push("and send a request after it".to_owned());
    parts.join(", ")
}

pub(super) fn close(close: &TlsClose) -> String {
    let how = match close.how {
        ClosingWay::CloseNotify => "with close_notify",
        ClosingWay::Fin => "without close_notify",
    };
    format!(
        "Close our side of session `{}` {how}, and wait for the target to close its own",
        close.session
    )
}

pub(super) fn compare(compare: &TlsCompare) -> String {
    let mut parts = vec![format!(
        "Make a connection by the lab TLS engine for each of these, offering suites {}",
        list(&compare.suites)
    )];
    if let Some(version) = &compare.version {
        parts.push(format!("only {version}"));
    }
    parts.extend(compare.without.iter().map(without));
    let each: Vec<&str> = compare
        .quirks
        .iter()
        .map(|quirk| quirk.describe())
        .collect();
    format!("{}: {}", parts.join(", "), each.join("; "))
}
