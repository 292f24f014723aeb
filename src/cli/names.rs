//! Values of `$names` that do not depend on what the target answers, and those that follow from its survey.

use crate::load::Library;
use crate::model::names::Names;
use crate::model::policy::PolicyFacts;
use crate::model::profile::TlsProfile;
use crate::model::suite::Authentication;
use crate::probe::target::{ResolvedSubscriber, ResolvedTarget};

/// The suites that the release's profile demands and that the kinds of certificate the target serves can do, by the names results use.
pub(crate) fn mandatory_suites(
    library: &Library,
    policy: &PolicyFacts,
    served: &[String],
) -> Vec<String> {
    let fits = |code: &u16| match library
        .suites
        .by_code(*code)
        .map(|record| record.authentication)
    {
        Some(Authentication::Rsa) => served.iter().any(|kind| kind == "rsa"),
        Some(Authentication::Ecdsa) => served.iter().any(|kind| kind == "ecdsa"),
        _ => true,
    };
    profile(library, policy)
        .into_iter()
        .flat_map(|profile| &profile.mandatory_suites)
        .flat_map(|row| {
            row.suites
                .iter()
                .filter_map(|name| library.suites.resolve(name))
        })
        .filter(fits)
        .map(|code| library.suites.label(code))
        .collect()
}

/// The suites that the release's profile demands or recommends, by the names results use; none where the release is unknown.
pub(crate) fn profile_suites(library: &Library, policy: &PolicyFacts) -> Vec<String> {
    profile(library, policy)
        .into_iter()
        .flat_map(|profile| {
            profile
                .mandatory_suites
                .iter()
                .chain(&profile.recommended_suites)
        })
        .flat_map(|row| &row.suites)
        .filter_map(|name| library.suites.resolve(name))
        .map(|code| library.suites.label(code))
        .collect()
}

fn profile<'a>(library: &'a Library, policy: &PolicyFacts) -> Option<&'a TlsProfile> {
    let release = serde_json::Value::String(policy.value("release")?.to_owned());
    let release = serde_json::from_value(release).ok()?;
    library.profiles.get(release)
}

/// Values of names that do not depend on what the target answers.
pub(crate) fn names(target: &ResolvedTarget, library: &Library) -> Names {
    let mut names = Names::default();
    for set in library.sets.0.keys() {
        names.set_list(set, library.set_members(set).unwrap_or_default());
    }
    names.set("host", target.host.clone());
    names.set_list("hosts", target.hosts.clone());
    if let Some(second) = target.hosts.first() {
        names.set("second_host", second.clone());
    }
    names.set_list("auids", target.documents.keys().cloned().collect());
    let domain = target.subscribers.values().find_map(|subscriber| {
        subscriber
            .impus
            .first()?
            .split_once('@')
            .map(|(_, domain)| domain)
    });
    names.set(
        "unknown_impu",
        format!("sip:presec-unknown@{}", domain.unwrap_or(&target.host)),
    );
    for (name, subscriber) in &target.subscribers {
        name_subscriber(&mut names, name, subscriber);
        name_documents(&mut names, name, (subscriber, target));
    }
    if !names.knows("own_document") {
        names.set("own_document", target.root.clone());
    }
    names
}

fn name_subscriber(names: &mut Names, name: &str, subscriber: &ResolvedSubscriber) {
    let default = match &subscriber.default_impu {
        Some(default) => Some(default),
        None => subscriber.impus.first(),
    };
    if let Some(impu) = default {
        names.set(format!("{name}.impu"), impu.clone());
    }
    if let Some(second) = subscriber.impus.iter().find(|impu| Some(*impu) != default) {
        names.set(format!("{name}.impu2"), second.clone());
    }
    names.set(format!("{name}.username"), subscriber.username.clone());
    names.set(format!("{name}.xui"), subscriber.xui.clone());
}

fn name_documents(
    names: &mut Names,
    name: &str,
    (subscriber, target): (&ResolvedSubscriber, &ResolvedTarget),
) {
    let path = |auid: &str, document: &str| {
        format!("{}{auid}/users/{}/{document}", target.root, subscriber.xui)
    };
    for (auid, document) in &target.documents {
        names.set(format!("{name}.document.{auid}"), path(auid, document));
    }
    let named = target
        .default_auid
        .as_ref()
        .and_then(|auid| target.documents.get_key_value(auid));
    let first = || target.documents.first_key_value();
    if let Some((auid, document)) = named.or_else(first) {
        if name == "alice" {
            names.set("own_document", path(auid, document));
        }
        names.set(format!("{name}.document"), path(auid, document));
    }
}
