//! What a target file says, as the engine needs it: policy facts, levers and names.

use std::collections::BTreeMap;

use crate::engine::situation::{Lever, Situation};
use crate::load::Library;
use crate::load::LoadedTarget;
use crate::model::policy::{PolicyFacts, policy_key};
use crate::model::scenario::{Need, Risk};
use crate::model::target::{Declared, HookAction, Hooks, Target};
use crate::probe::target::{ClientCertificateKind, ResolvedTarget};

use super::names::{names, profile_suites};

/// Everything known of the target before anything is sent.
///
/// # Errors
/// A `--policy` that is not `KEY=VALUE` of a known key, or a risk that does not exist.
pub(crate) fn situation(
    loaded: &LoadedTarget,
    resolved: &ResolvedTarget,
    library: &Library,
    overrides: &[String],
    risks: &[String],
) -> Result<Situation, String> {
    let target = &loaded.target;
    let mut policy = policy_facts(loaded);
    override_policy(&mut policy, overrides)?;
    let mut names = names(resolved, library);
    names.set_list("profile_suites", profile_suites(library, &policy));
    Ok(Situation {
        roles: target.roles.clone(),
        policy,
        levers: levers(target, resolved),
        risks: admitted(risks)?,
        names,
        parks: false,
    })
}

fn policy_facts(loaded: &LoadedTarget) -> PolicyFacts {
    let target = &loaded.target;
    let mut policy = PolicyFacts::default();
    let place = |key: &str| {
        loaded
            .policy_origins
            .get(key)
            .cloned()
            .unwrap_or_else(|| "target file".to_owned())
    };
    for (key, value) in &target.policy {
        policy.set(key, value.0.clone(), place(key));
    }
    if let Some(release) = &target.release {
        policy.set("release", vec![release.clone()], place("release"));
    }
    if let Some(topology) = &target.topology {
        policy.set("topology", vec![topology.clone()], place("topology"));
        if topology == "direct" {
            policy.set("origin", vec!["real".to_owned()], place("topology"));
        }
    }
    let origin = match &target.origin_observer {
        Some(Declared::None) => Some("real"),
        Some(Declared::Given(observer)) if observer.forward_to.is_some() => Some("tap"),
        Some(Declared::Given(_)) => Some("stub"),
        None => None,
    };
    if let Some(origin) = origin {
        policy.set("origin", vec![origin.to_owned()], place("origin"));
    }
    policy
}

fn override_policy(policy: &mut PolicyFacts, overrides: &[String]) -> Result<(), String> {
    for text in overrides {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("--policy {text}: write KEY=VALUE"))?;
        let known = policy_key(key)
            .ok_or_else(|| format!("--policy {text}: there is no policy key `{key}`"))?;
        let values: Vec<String> = value.split(',').map(str::to_owned).collect();
        if let Some(wrong) = values
            .iter()
            .find(|value| !known.values.contains(&value.as_str()))
        {
            return Err(format!(
                "--policy {text}: `{wrong}` is not a value of {key}; known: {}",
                known.values.join(", ")
            ));
        }
        policy.set(key, values, "--policy");
    }
    Ok(())
}

fn admitted(risks: &[String]) -> Result<Vec<Risk>, String> {
    let mut admitted = vec![Risk::Read, Risk::Write];
    for risk in risks {
        admitted.push(match risk.as_str() {
            "read" => Risk::Read,
            "write" => Risk::Write,
            "load" => Risk::Load,
            "disruptive" => Risk::Disruptive,
            _ => return Err(format!("--risk {risk}: known are load and disruptive")),
        });
    }
    Ok(admitted)
}

fn given(is: bool, missing: &str) -> Lever {
    if is {
        Lever::Given
    } else {
        Lever::Unknown(missing.to_owned())
    }
}

fn hook(declared: Option<&Declared<HookAction>>, key: &str) -> Lever {
    match declared {
        Some(Declared::Given(_)) => Lever::Given,
        Some(Declared::None) => Lever::Absent(format!("hooks.{key} is none")),
        None => Lever::Unknown(format!("`hooks.{key}` is not set in the target file")),
    }
}

fn levers(target: &Target, resolved: &ResolvedTarget) -> BTreeMap<Need, Lever> {
    let mut levers = of_subscribers(target, resolved);
    levers.extend(of_hooks(&target.hooks));
    levers.extend([
        (Need::OriginObserver, observer(target)),
        (Need::OriginAddress, origin_address(target)),
        (Need::WritableDocument, writable(target)),
        (Need::ClearEndpoint, clear_endpoint(target)),
        (Need::SecondHost, second_host(target)),
        (
            Need::ClientCertificate,
            client_certificate(target, resolved),
        ),
        (
            Need::SubscriberCertificate,
            subscriber_certificate(target, resolved),
        ),
    ]);
    levers
}

fn of_subscribers(target: &Target, resolved: &ResolvedTarget) -> BTreeMap<Need, Lever> {
    if target.subscribers == Some(Declared::None) {
        let needs = [
            Need::SubscriberAlice,
            Need::SubscriberBob,
            Need::SubscriberThrowAway,
            Need::SubscriberAliceBefore,
            Need::SubscriberNoService,
            Need::SecondImpu,
            Need::DefaultImpu,
            Need::PreSharedKey,
        ];
        let absent = |need| (need, Lever::Absent("subscribers is none".to_owned()));
        return needs.map(absent).into();
    }
    let subscriber = |name: &str| {
        given(
            resolved.subscribers.contains_key(name),
            &format!("`subscribers.{name}` is not set in the target file"),
        )
    };
    // Who lists subscribers without a special one has none, as with further hosts.
    let special = |name: &str| match (&target.subscribers, resolved.subscribers.contains_key(name))
    {
        (_, true) => Lever::Given,
        (None, false) => Lever::Unknown("`subscribers` is not set in the target file".to_owned()),
        (Some(_), false) => Lever::Absent(format!("subscribers names no {name}")),
    };
    let alice = resolved.subscribers.get("alice");
    let has_second = alice.is_some_and(|alice| alice.impus.len() > 1);
    let has_default =
        alice.is_some_and(|alice| alice.default_impu.is_some() || alice.impus.len() == 1);
    BTreeMap::from([
        (Need::SubscriberAlice, subscriber("alice")),
        (
            Need::PreSharedKey,
            given(
                alice.is_some_and(|alice| alice.pre_shared_key.is_some()),
                "`subscribers.alice.credentials.pre_shared_key` is not set in the target file",
            ),
        ),
        (Need::SubscriberBob, subscriber("bob")),
        (Need::SubscriberThrowAway, special("throw_away")),
        (Need::SubscriberAliceBefore, special("alice_before")),
        (Need::SubscriberNoService, special("no_service")),
        (
            Need::SecondImpu,
            given(has_second, "`subscribers.alice.impus` names no second IMPU"),
        ),
        (
            Need::DefaultImpu,
            given(
                has_default,
                "`subscribers.alice.default_impu` is not set in the target file",
            ),
        ),
    ])
}

fn of_hooks(hooks: &Hooks) -> BTreeMap<Need, Lever> {
    BTreeMap::from([
        (
            Need::ElapsedTime,
            hook(hooks.advance_clock.as_ref(), "advance_clock"),
        ),
        (
            Need::ForceReauth,
            hook(hooks.force_reauth.as_ref(), "force_reauth"),
        ),
        (
            Need::ExpireBTid,
            hook(hooks.expire_b_tid.as_ref(), "expire_b_tid"),
        ),
        (Need::Restart, hook(hooks.restart.as_ref(), "restart")),
    ])
}

fn observer(target: &Target) -> Lever {
    match &target.origin_observer {
        Some(Declared::Given(_)) => Lever::Given,
        Some(Declared::None) => Lever::Absent("origin_observer is none".to_owned()),
        None if target.topology.as_deref() == Some("direct") => {
            Lever::Absent("topology is direct: there is no origin behind a proxy".to_owned())
        }
        None => Lever::Unknown("`origin_observer` is not set in the target file".to_owned()),
    }
}

fn origin_address(target: &Target) -> Lever {
    let Some(Declared::Given(declared)) = &target.origin_observer else {
        return observer(target);
    };
    let address = declared.listen.parse::<std::net::SocketAddr>();
    given(
        !address.is_ok_and(|address| address.ip().is_unspecified()),
        "`origin_observer.listen` is every address of this host; name the one that the proxy calls",
    )
}

fn writable(target: &Target) -> Lever {
    match target
        .documents
        .as_ref()
        .and_then(|documents| documents.writable)
    {
        Some(true) => Lever::Given,
        Some(false) => Lever::Absent("documents.writable is false".to_owned()),
        None => Lever::Unknown("`documents.writable` is not set in the target file".to_owned()),
    }
}

fn clear_endpoint(target: &Target) -> Lever {
    match target.ut.clear.as_deref() {
        Some("none") => Lever::Absent("ut.clear is none".to_owned()),
        Some(_) => Lever::Given,
        None => Lever::Unknown("`ut.clear` is not set in the target file".to_owned()),
    }
}

fn second_host(target: &Target) -> Lever {
    if target.ut.hosts.is_empty() {
        return Lever::Absent("ut.hosts names no further host behind the proxy".to_owned());
    }
    Lever::Given
}

fn client_certificate(target: &Target, resolved: &ResolvedTarget) -> Lever {
    match &target.client_certificates {
        Some(Declared::None) => Lever::Absent("client_certificates is none".to_owned()),
        _ => given(
            resolved
                .client_certificates
                .contains_key(&ClientCertificateKind::Valid),
            "`client_certificates.valid` is not set in the target file",
        ),
    }
}

/// Scenarios speak of alice, so it has to be hers.
fn subscriber_certificate(target: &Target, resolved: &ResolvedTarget) -> Lever {
    let declared = target.client_certificates.as_ref();
    let valid = declared.and_then(Declared::given);
    let valid = valid.and_then(|certificates| certificates.valid.as_ref());
    match valid.map(|certificate| certificate.of.as_deref()) {
        None => client_certificate(target, resolved),
        Some(Some("alice")) => Lever::Given,
        Some(Some(other)) => Lever::Absent(format!(
            "client_certificates.valid.of is {other}, and scenarios present it as alice"
        )),
        Some(None) => Lever::Unknown(
            "`client_certificates.valid.of` is not set in the target file".to_owned(),
        ),
    }
}
