//! A connection in one line.

use super::certificate::remarks;
use super::first_request::FirstAnswer;
use crate::model::seen_tls::ConnectionFacts;

/// What a connection showed, and how the first request on it was answered.
pub(super) fn line(facts: &ConnectionFacts, answer: &FirstAnswer) -> String {
    let version = facts.version.as_deref().unwrap_or("?");
    let suite = facts.suite_name.as_deref().unwrap_or("?");
    let resumed = match (&facts.mechanism, facts.resumed) {
        (Some(mechanism), true) => format!("resumed by {mechanism}"),
        (None, true) => "resumed".to_owned(),
        (_, false) => "full handshake".to_owned(),
    };
    let early = match facts.early_data_accepted {
        Some(true) => ", early data taken",
        Some(false) => ", early data not taken",
        None => "",
    };
    let lifetime = facts
        .advertised_lifetime
        .map_or_else(String::new, |seconds| {
            format!(", ticket with lifetime {seconds} s")
        });
    let asked = if facts.certificate_requested {
        ", client certificate requested"
    } else {
        ""
    };
    let answered = answer.status.map_or_else(
        || "answered, but not in HTTP".to_owned(),
        |status| format!("answered with status {status}"),
    );
    let remarks = facts.certificate.as_ref().map_or_else(String::new, remarks);
    format!("{version} {suite}, {resumed}{early}{asked}, {answered}{lifetime}{remarks}")
}
