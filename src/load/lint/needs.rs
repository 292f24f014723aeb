//! What the steps use must be declared under `needs`, so that a target without it is not blamed.

use std::collections::BTreeMap;

use crate::model::bind::Bind;
use crate::model::scenario::{Need, Risk};
use crate::model::step::{HookName, Step};
use crate::model::step_http::Transport;
use crate::model::step_proxy::{MOST_CONNECTIONS, MOST_REQUESTS};
use crate::model::step_tls::TlsConnect;

use super::super::place::Path;
use super::super::suggest;
use super::context::{Lint, step_path};
use super::names::SUBSCRIBERS;
use super::uses;

/// What is used, and where first.
#[derive(Default)]
struct Used(BTreeMap<Need, Path>);

impl Used {
    fn note(&mut self, need: Need, at: &Path) {
        self.0.entry(need).or_insert_with(|| at.clone());
    }

    fn subscriber(&mut self, name: &str, at: &Path) {
        match name {
            "alice" => self.note(Need::SubscriberAlice, at),
            "bob" => self.note(Need::SubscriberBob, at),
            "throw_away" => self.note(Need::SubscriberThrowAway, at),
            "alice_before" => self.note(Need::SubscriberAliceBefore, at),
            "no_service" => self.note(Need::SubscriberNoService, at),
            _ => {}
        }
    }

    /// What a handshake is made with.
    fn connection(&mut self, at: &Path, connect: &TlsConnect) {
        if connect.client_certificate.takes_valid() {
            self.note(Need::ClientCertificate, &at.key("client_certificate"));
        }
        if let Some(shared) = &connect.pre_shared_key {
            let at = at.key("pre_shared_key");
            self.note(Need::PreSharedKey, &at);
            self.subscriber(&shared.of, &at.key("of"));
        }
    }

    /// Whether the document is one of a subscriber's, so that writing it changes something.
    fn written(&mut self, document: &Bind<String>, at: &Path) -> bool {
        let owned = document
            .name()
            .is_some_and(|name| name == "own_document" || name.contains(".document"));
        if owned {
            self.note(Need::WritableDocument, at);
        }
        owned
    }
}

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    let mut used = Used::default();
    for (index, step) in scenario.steps.iter().enumerate() {
        let at = step_path(index, step);
        if of_step(&mut used, &at, step) && scenario.risk == Risk::Read {
            lint.tell(
                &Path::of("risk"),
                "the scenario writes documents",
                "write `risk: write`",
            );
        }
        subscriber_exists(lint, &at, step);
        parallel(lint, &at, step);
    }
    for place in uses::of(scenario) {
        match place.name.as_deref() {
            Some("second_host") => used.note(Need::SecondHost, &place.path),
            Some("canary" | "origin_url") => used.note(Need::OriginAddress, &place.path),
            Some("own_document") => used.subscriber("alice", &place.path),
            Some(name) => {
                if let Some((subscriber, fact)) = name.split_once('.') {
                    used.subscriber(subscriber, &place.path);
                    if fact == "impu2" {
                        used.note(Need::SecondImpu, &place.path);
                    }
                }
            }
            None => {}
        }
    }
    for (need, at) in used.0 {
        if !scenario.needs.contains(&need) {
            let name = name(need);
            let message = format!("this needs `{name}`, which the scenario does not declare");
            lint.tell(&at, message, format!("add it: `needs: [{name}]`"));
        }
    }
}

/// Notes what a step uses by itself; whether it writes a subscriber's document.
fn of_step(used: &mut Used, at: &Path, step: &Step) -> bool {
    match step {
        Step::Login(login) => used.subscriber(&login.subscriber, &at.key("as")),
        Step::Prepare(prepare) => {
            used.subscriber(&prepare.subscriber, &at.key("as"));
            return used.written(&prepare.document, &at.key("document"));
        }
        Step::Http(http) => {
            if http.transport == Transport::ClearEndpoint {
                used.note(Need::ClearEndpoint, &at.key("transport"));
            }
            if !http.origin_adds.is_empty() {
                used.note(Need::OriginObserver, &at.key("origin_adds"));
            }
            if http.origin_status.is_some() {
                used.note(Need::OriginObserver, &at.key("origin_status"));
            }
            return http.writes() && used.written(&http.document, &at.key("method"));
        }
        Step::Origin(_) => used.note(Need::OriginObserver, at),
        Step::Canary(_) => used.note(Need::OriginAddress, at),
        Step::Parallel(parallel) => {
            used.note(Need::OriginObserver, at);
            for (index, session) in parallel.sessions.iter().enumerate() {
                let at = at.key("sessions").index(index).key("as");
                used.subscriber(&session.subscriber, &at);
            }
        }
        Step::Elapse(_) => used.note(Need::ElapsedTime, at),
        Step::TlsConnect(connect) => used.connection(at, connect),
        Step::Hook(hook) => {
            let need = match hook.call {
                HookName::ForceReauth => Need::ForceReauth,
                HookName::ExpireBTid => Need::ExpireBTid,
                HookName::AdvanceClock => Need::ElapsedTime,
                HookName::Restart => Need::Restart,
            };
            used.note(need, &at.key("call"));
            if let Some(subscriber) = &hook.subscriber {
                used.subscriber(subscriber, &at.key("subscriber"));
            }
        }
        Step::Control(_)
        | Step::TlsOffer(_)
        | Step::TlsSend(_)
        | Step::TlsAlert(_)
        | Step::TlsRenegotiate(_)
        | Step::TlsPause(_)
        | Step::TlsClose(_)
        | Step::TlsCompare(_)
        | Step::Answer(_)
        | Step::Close(_) => {}
    }
    false
}

fn subscriber_exists(lint: &mut Lint<'_>, at: &Path, step: &Step) {
    if let Step::TlsConnect(connect) = step
        && let Some(shared) = &connect.pre_shared_key
    {
        known(lint, &at.key("pre_shared_key").key("of"), &shared.of);
    }
    let (name, key) = match step {
        Step::Login(login) => (&login.subscriber, "as"),
        Step::Prepare(prepare) => (&prepare.subscriber, "as"),
        Step::Hook(hook) => match &hook.subscriber {
            Some(subscriber) => (subscriber, "subscriber"),
            None => return,
        },
        _ => return,
    };
    known(lint, &at.key(key), name);
}

fn known(lint: &mut Lint<'_>, at: &Path, name: &str) {
    if !SUBSCRIBERS.contains(&name) {
        let help = suggest::help(name, SUBSCRIBERS, "scenarios know");
        lint.tell(at, format!("`{name}` is no subscriber of scenarios"), help);
    }
}

fn parallel(lint: &mut Lint<'_>, at: &Path, step: &Step) {
    let Step::Parallel(parallel) = step else {
        return;
    };
    for (index, session) in parallel.sessions.iter().enumerate() {
        let at = at.key("sessions").index(index).key("as");
        known(lint, &at, &session.subscriber);
    }
    if !parallel.is_bounded() {
        lint.tell(
            &at.key("sessions"),
            "too many connections or requests, or none",
            format!("at least one, and at most {MOST_CONNECTIONS} connections and {MOST_REQUESTS} requests"),
        );
    }
}

fn name(need: Need) -> &'static str {
    match need {
        Need::OriginAddress => "origin-address",
        Need::SubscriberAlice => "subscriber-alice",
        Need::SubscriberBob => "subscriber-bob",
        Need::SubscriberThrowAway => "subscriber-throw-away",
        Need::SubscriberAliceBefore => "subscriber-alice-before",
        Need::SubscriberNoService => "subscriber-no-service",
        Need::SecondImpu => "second-impu",
        Need::OriginObserver => "origin-observer",
        Need::ElapsedTime => "elapsed-time",
        Need::ForceReauth => "force-reauth",
        Need::ExpireBTid => "expire-b-tid",
        Need::Restart => "restart",
        Need::WritableDocument => "writable-document",
        Need::ClearEndpoint => "clear-endpoint",
        Need::SecondHost => "second-host",
        Need::ClientCertificate => "client-certificate",
        Need::DefaultImpu => "default-impu",
        Need::SubscriberCertificate => "subscriber-certificate",
        Need::PreSharedKey => "pre-shared-key",
    }
}
