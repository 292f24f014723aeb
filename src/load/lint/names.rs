//! `$names`: every one is known, every name of `each` is used, and lists stand where lists may.

use std::collections::BTreeSet;

use crate::model::bind::{Bind, is_name};

use super::super::place::Path;
use super::super::suggest;
use super::context::Lint;
use super::uses::{self, Use};

/// Names with one value.
const SCALARS: [&str; 6] = [
    "canary",
    "host",
    "origin_url",
    "own_document",
    "second_host",
    "unknown_impu",
];

/// Names with several values, beside the suite sets.
const LISTS: [&str; 7] = [
    "accepted_versions",
    "accepted_versions_up_to_1_2",
    "accepted_tls_versions_up_to_1_2",
    "auids",
    "hosts",
    "mandatory_suites",
    "profile_suites",
];

/// Subscribers of whom scenarios speak.
pub(super) const SUBSCRIBERS: [&str; 5] =
    ["alice", "bob", "throw_away", "alice_before", "no_service"];

/// What is known of a subscriber.
const FACTS: [&str; 5] = ["impu", "impu2", "username", "xui", "document"];

pub(super) fn check(lint: &mut Lint<'_>) {
    let uses = uses::of(lint.scenario);
    for used in &uses {
        in_step(lint, used);
    }
    each(lint, &uses);
}

fn is_list(lint: &Lint<'_>, name: &str) -> bool {
    LISTS.contains(&name) || lint.vocabulary.sets.get(name).is_some()
}

fn is_scalar(name: &str) -> bool {
    SCALARS.contains(&name)
        || name.split_once('.').is_some_and(|(subscriber, fact)| {
            SUBSCRIBERS.contains(&subscriber)
                && (FACTS.contains(&fact)
                    || fact
                        .strip_prefix("document.")
                        .is_some_and(|auid| !auid.is_empty()))
        })
}

fn in_step(lint: &mut Lint<'_>, used: &Use) {
    let Some(name) = &used.name else {
        return;
    };
    if lint.scenario.each.contains_key(name) || is_scalar(name) {
        return;
    }
    if !is_list(lint, name) {
        unknown(lint, &used.path, name);
    } else if !used.list {
        let message = format!("`${name}` stands for several values where one is needed");
        lint.tell(
            &used.path,
            message,
            format!("run once for each: `each: {{ one: [${name}] }}` and `$one` here"),
        );
    }
}

fn unknown(lint: &mut Lint<'_>, at: &Path, name: &str) {
    let mut known: BTreeSet<String> = SCALARS
        .iter()
        .chain(&LISTS)
        .map(ToString::to_string)
        .collect();
    known.extend(lint.scenario.each.keys().cloned());
    known.extend(lint.vocabulary.sets.0.keys().cloned());
    for subscriber in SUBSCRIBERS {
        known.extend(FACTS.iter().map(|fact| format!("{subscriber}.{fact}")));
    }
    let help = suggest::nearest(name, known.iter().map(String::as_str)).map_or_else(
        || "names come from `each`, the suite sets, the subscribers (`$alice.impu`) and the target (`$host`)".to_owned(),
        |near| format!("did you mean `${near}`?"),
    );
    lint.tell(at, format!("`${name}` is not known"), help);
}

fn each(lint: &mut Lint<'_>, uses: &[Use]) {
    let scenario = lint.scenario;
    for (name, values) in &scenario.each {
        let at = Path::of("each").key(name);
        if !is_name(name) {
            lint.tell(
                &at,
                format!("`{name}` cannot be a $name"),
                "use a-z, 0-9 and _",
            );
        }
        if is_list(lint, name) || is_scalar(name) {
            lint.tell(
                &at,
                format!("`${name}` already stands for something else"),
                "take another name",
            );
        }
        if values.is_empty() {
            lint.tell(
                &at,
                format!("`{name}` has no values, so nothing would run"),
                "list at least one",
            );
        }
        if !uses.iter().any(|used| used.name.as_ref() == Some(name)) {
            lint.tell(
                &at,
                format!("no step uses `${name}`"),
                "the scenario would run several times alike; use it or leave it out",
            );
        }
        for (index, value) in values.iter().enumerate() {
            if let Bind::Name(other) = value
                && !is_list(lint, other)
                && !is_scalar(other)
            {
                unknown(lint, &at.index(index), other);
            }
        }
    }
}
