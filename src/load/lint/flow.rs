//! The order of things: what a step takes up must have been saved, opened or marked before.

use std::collections::BTreeSet;

use crate::model::answer_http::Answer;
use crate::model::bind::is_name;
use crate::model::claim::Claim;
use crate::model::step::Step;
use crate::model::step_http::{Credentials, EarlyFlight, Http, Transport};
use crate::model::step_tls::{TlsConnect, TlsOffer};

use super::super::place::Path;
use super::super::suggest;
use super::context::{Lint, step_path};

/// What the steps up to here have left behind.
#[derive(Default)]
struct Left<'a> {
    answers: BTreeSet<&'a str>,
    tls_sessions: BTreeSet<&'a str>,
    /// Those of them that the lab engine made.
    lab_sessions: BTreeSet<&'a str>,
    open: BTreeSet<&'a str>,
    /// Requests that went as early data.
    flights: BTreeSet<&'a str>,
    markers: BTreeSet<&'a str>,
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    let mut left = Left::default();
    for (index, step) in scenario.steps.iter().enumerate() {
        let at = step_path(index, step);
        takes(lint, &at, step, &left);
        leaves(lint, &at, step, &mut left);
    }
}

/// A suite can be left out only of a session that is offered.
fn session_suite(lint: &mut Lint<'_>, at: &Path, offer: &TlsOffer) {
    if offer.without_session_suite && offer.session_id_of.is_none() {
        let help = "say with `session_id_of` which session's id is offered";
        let at = at.key("without_session_suite");
        let what = "no session is offered whose suite could be left out";
        lint.tell(&at, what, help);
    }
}

/// What a step takes up of the earlier ones.
fn takes(lint: &mut Lint<'_>, at: &Path, step: &Step, left: &Left<'_>) {
    let mut take = |key: &str, name: Option<&str>, from: &BTreeSet<&str>, missing: &str| {
        taken(lint, &at.key(key), name, from, missing);
    };
    match step {
        Step::TlsOffer(offer) => offered(lint, at, offer, left),
        Step::TlsConnect(connect) => {
            take("resume", connect.resume.as_deref(), &left.tls_sessions, TLS);
            resumable(lint, at, connect, left);
        }
        Step::Answer(again) => {
            take("of", Some(&again.of), &left.answers, ANSWER);
            answers(lint, at, &again.expect, left);
        }
        Step::Origin(origin) => {
            take("marker", Some(&origin.marker), &left.markers, MARKER);
            duration(lint, &at.key("within"), origin.within.as_deref());
        }
        Step::Elapse(elapse) => {
            let (at, before) = (at.key("until"), at.key("before"));
            duration(lint, &at, Some(&elapse.until));
            duration(lint, &before, elapse.before.as_deref());
            if left.tls_sessions.is_empty() && left.open.is_empty() {
                let help = "time counts from the first saved session: save or open one before";
                lint.tell(&at, "no session is there whose age could be meant", help);
            }
        }
        Step::Close(close) => take("session", Some(&close.session), &left.open, SESSION),
        Step::Http(http) => {
            taken(
                lint,
                &at.key("if_match"),
                http.if_match.as_deref(),
                &left.answers,
                ANSWER,
            );
            request(lint, at, http);
            kept(lint, at, http, left);
            early(lint, at, http, left);
            credentials(lint, at, http, left);
            answers(lint, at, &http.expect, left);
        }
        // Whether their session is open, and of what kind, is looked at beside their quirks.
        Step::TlsSend(_)
        | Step::TlsAlert(_)
        | Step::TlsRenegotiate(_)
        | Step::TlsPause(_)
        | Step::TlsClose(_)
        | Step::TlsCompare(_)
        | Step::Login(_)
        | Step::Control(_)
        | Step::Prepare(_)
        | Step::Hook(_)
        | Step::Parallel(_)
        | Step::Canary(_) => {}
    }
}

fn offered(lint: &mut Lint<'_>, at: &Path, offer: &TlsOffer, left: &Left<'_>) {
    let by_id = offer.session_id_of.as_deref();
    taken(
        lint,
        &at.key("session_id_of"),
        by_id,
        &left.tls_sessions,
        TLS,
    );
    let session = offer.session_of.as_deref();
    taken(
        lint,
        &at.key("session_of"),
        session,
        &left.lab_sessions,
        LAB,
    );
    enumeration(lint, at, offer);
    session_suite(lint, at, offer);
}

/// An enumeration makes its own offers, and nothing in them but the version is for the step to say.
fn enumeration(lint: &mut Lint<'_>, at: &Path, offer: &TlsOffer) {
    let bare = TlsOffer {
        version: offer.version.clone(),
        enumerate: offer.enumerate.clone(),
        expect: offer.expect.clone(),
        ..TlsOffer::default()
    };
    if offer.enumerate.is_some() && *offer != bare {
        let help = "leave every other key but `version` and `expect` out";
        let message = "an enumeration makes its own offers";
        lint.tell(&at.key("enumerate"), message, help);
    }
}

/// Each client resumes what it made itself.
fn resumable(lint: &mut Lint<'_>, at: &Path, connect: &TlsConnect, left: &Left<'_>) {
    let foreign = connect.resume.as_deref().filter(|name| {
        connect.needs_lab() && left.tls_sessions.contains(name) && !left.lab_sessions.contains(name)
    });
    if foreign.is_some() {
        let message = "the lab TLS engine cannot resume what another client made";
        let help = "add `client: lab` to the `tls-connect` that saves the session";
        lint.tell(&at.key("resume"), message, help);
    }
}

/// What a request has to be by itself.
fn request(lint: &mut Lint<'_>, at: &Path, http: &Http) {
    arranged(lint, at, http);
    if http.times.is_some_and(|times| !(2..=200).contains(&times)) {
        let help = "write 2 to 200, or leave it out";
        lint.tell(&at.key("times"), "a series has 2 to 200 requests", help);
    }
    if http.method.strip_prefix('$').is_some_and(is_name) {
        let help = "what a step may change follows from it: write one step for each method";
        let message = format!("a method is written out, not named: `{}`", http.method);
        lint.tell(&at.key("method"), message, help);
    }
}

/// A connection can be kept only if there is one, and a series may need more than one.
fn kept(lint: &mut Lint<'_>, at: &Path, http: &Http, left: &Left<'_>) {
    let at = at.key("kept_connection");
    if !http.kept_connection {
        return;
    }
    let session = Some(http.session.as_str());
    taken(lint, &at, session, &left.open, SESSION);
    if http.transport != Transport::Tls || http.times.is_some() {
        let message = "only a single request goes over the connection that is open";
        lint.tell(&at, message, "leave `transport` and `times` out");
    }
}

/// Early data goes in a first flight that there is, and in nothing else.
fn early(lint: &mut Lint<'_>, at: &Path, http: &Http, left: &Left<'_>) {
    let Some(flight) = &http.early_data else {
        return;
    };
    let at = at.key("early_data");
    match flight {
        EarlyFlight::Resume(name) => {
            taken(lint, &at.key("resume"), Some(name), &left.lab_sessions, LAB);
        }
        EarlyFlight::Again(name) => {
            taken(lint, &at.key("again"), Some(name), &left.flights, FLIGHT);
        }
    }
    if http.transport != Transport::Tls || http.times.is_some() || http.kept_connection {
        let message = "early data goes once, over a connection of its own";
        let help = "leave `transport`, `times` and `kept_connection` out";
        lint.tell(&at, message, help);
    }
}

/// The observer answers otherwise only to requests that it can tell from others.
fn arranged(lint: &mut Lint<'_>, at: &Path, http: &Http) {
    if !http.arranges_answer() || http.marker.is_some() {
        return;
    }
    let key = if http.origin_adds.is_empty() {
        "origin_status"
    } else {
        "origin_adds"
    };
    let help = "add a `marker`: by it the observer knows the request";
    let message = "the observer cannot tell this request from others";
    lint.tell(&at.key(key), message, help);
}

/// What a step leaves for the later ones.
fn leaves<'a>(lint: &mut Lint<'_>, at: &Path, step: &'a Step, left: &mut Left<'a>) {
    match step {
        Step::TlsConnect(connect) => {
            left.tls_sessions.extend(connect.save.as_deref());
            let by_lab = connect.save.as_deref().filter(|_| connect.needs_lab());
            left.lab_sessions.extend(by_lab);
            left.open.extend(connect.session.as_deref());
        }
        Step::Login(login) => {
            left.open.insert(&login.session);
        }
        Step::Http(http) => {
            left.open.insert(&http.session);
            left.answers.extend(http.save.as_deref());
            let early = http.save.as_deref().filter(|_| http.early_data.is_some());
            left.flights.extend(early);
            if let Some(marker) = &http.marker
                && !left.markers.insert(marker)
            {
                let help = "the origin could not tell the two requests apart; take another name";
                lint.tell(
                    &at.key("marker"),
                    format!("the marker `{marker}` is used twice"),
                    help,
                );
            }
        }
        _ => {}
    }
}

const TLS: &str = "no earlier `tls-connect` saved a TLS session as";
const LAB: &str = "no earlier `tls-connect` of the lab engine saved a TLS session as";
const FLIGHT: &str = "no earlier `http` step with early data saved";
const ANSWER: &str = "no earlier `http` step saved an answer as";
const MARKER: &str = "no earlier `http` step has the marker";
const SESSION: &str = "no earlier step opened a session named";

fn taken(lint: &mut Lint<'_>, at: &Path, name: Option<&str>, left: &BTreeSet<&str>, missing: &str) {
    let Some(name) = name.filter(|name| !left.contains(name)) else {
        return;
    };
    let help = if left.is_empty() {
        "nothing is there to take up at this point; mind the order of the steps".to_owned()
    } else {
        suggest::help(name, left.iter().copied(), "there are")
    };
    lint.tell(at, format!("{missing} `{name}`"), help);
}

fn credentials(lint: &mut Lint<'_>, at: &Path, http: &Http, left: &Left<'_>) {
    let at = at.key("credentials");
    match &http.credentials {
        Credentials::Replay(name) => {
            taken(lint, &at.key("replay"), Some(name), &left.answers, ANSWER);
        }
        Credentials::Digest(digest) => {
            for (key, bind) in [
                ("nonce", &digest.nonce),
                ("nc_text", &digest.nc_text),
                ("cnonce", &digest.cnonce),
            ] {
                let value = bind.as_ref().map(ToString::to_string);
                let of = value.as_deref().and_then(|value| value.strip_prefix("of:"));
                taken(lint, &at.key("digest").key(key), of, &left.answers, ANSWER);
            }
        }
        Credentials::Session | Credentials::None | Credentials::Basic => {}
    }
}

fn answers(lint: &mut Lint<'_>, at: &Path, claims: &[Claim<Answer>], left: &Left<'_>) {
    for (index, claim) in claims.iter().enumerate() {
        let mut open: Vec<&Answer> = claim
            .stated()
            .into_iter()
            .map(|(_, answer)| answer)
            .collect();
        while let Some(answer) = open.pop() {
            match answer {
                Answer::AnyOf(several) => open.extend(several),
                Answer::SameBodyAs(name)
                | Answer::OtherBodyThan(name)
                | Answer::SameStatusAs(name)
                | Answer::OtherEntityTagThan(name) => {
                    let at = at.key("expect").index(index);
                    taken(lint, &at, Some(name), &left.answers, ANSWER);
                }
                _ => {}
            }
        }
    }
}

fn duration(lint: &mut Lint<'_>, at: &Path, text: Option<&str>) {
    if let Some(text) = text
        && humantime::parse_duration(text).is_err()
    {
        let message = format!("`{text}` is not a duration");
        lint.tell(
            at,
            message,
            "write a number with its unit, such as `3s`, `500ms` or `24h5m`",
        );
    }
}
