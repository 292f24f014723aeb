//! Whether a target file makes sense.

use crate::model::policy::{POLICY_KEYS, policy_key};
use crate::model::requirement::Role;
use crate::model::target::{Declared, PolicyValue, Target};

use super::super::diagnostic::Diagnostic;
use super::super::place::Path;
use super::super::source::Source;
use super::super::suggest;
use super::{endpoint, hooks, subscribers};

/// Most scenarios at a time.
const MOST_CONCURRENCY: u16 = 64;

/// Where the checks put what they find.
pub(super) struct Findings<'a> {
    pub(super) source: &'a Source<'a>,
    problems: Vec<Diagnostic>,
}

impl Findings<'_> {
    pub(super) fn tell(
        &mut self,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems
            .push(self.source.at(path, message).with_help(help));
    }

    pub(super) fn tell_key(
        &mut self,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems
            .push(self.source.at_key(path, message).with_help(help));
    }
}

/// Everything wrong with a target file whose form is right.
pub(super) fn problems(target: &Target, source: &Source<'_>) -> Vec<Diagnostic> {
    let mut findings = Findings {
        source,
        problems: Vec::new(),
    };
    identity(&mut findings, target);
    policy(&mut findings, target);
    derived(&mut findings, "release", target.release.as_deref());
    derived(&mut findings, "topology", target.topology.as_deref());
    endpoint::check(&mut findings, target);
    documents(&mut findings, target);
    subscribers::check(&mut findings, target);
    certificates(&mut findings, target);
    hooks::check(&mut findings, target);
    limits(&mut findings, target);
    findings.problems
}

fn identity(findings: &mut Findings<'_>, target: &Target) {
    let name = target.name.as_str();
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_. ".contains(c))
    {
        findings.tell(
            &Path::of("name"),
            "the name cannot stand in reports",
            "use letters, digits, `-`, `_`, `.` and spaces",
        );
    }
    let at = Path::of("roles");
    if target.roles.is_empty() {
        findings.tell(
            &at,
            "the target is nothing",
            "list its roles, such as `[authentication-proxy]`",
        );
    }
    for (index, role) in target.roles.iter().enumerate() {
        if matches!(role, Role::Ue | Role::Operator | Role::Bsf) {
            findings.tell(&at.index(index), "presec cannot judge this role", "a target is an authentication-proxy, presence-server, list-server or application-server");
        }
    }
    for (key, name) in [
        ("intended", &target.identity_headers.intended),
        ("asserted", &target.identity_headers.asserted),
    ] {
        let is_token = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
        if !is_token {
            let at = Path::of("identity_headers").key(key);
            findings.tell(
                &at,
                format!("`{name}` is not the name of a header field"),
                "write a name such as `X-3GPP-Intended-Identity`",
            );
        }
    }
}

fn policy(findings: &mut Findings<'_>, target: &Target) {
    for (key, PolicyValue(values)) in &target.policy {
        let at = Path::of("policy").key(key);
        let Some(known) = policy_key(key) else {
            let names = POLICY_KEYS
                .iter()
                .filter(|key| key.written)
                .map(|key| key.name);
            let help = suggest::help(key, names, "policy keys");
            findings.tell_key(&at, format!("unknown policy key `{key}`"), help);
            continue;
        };
        if !known.written {
            findings.tell_key(
                &at,
                format!("`{key}` is not written under `policy`"),
                known.meaning,
            );
            continue;
        }
        if values.is_empty() || (values.len() > 1 && key != "auth_modes") {
            findings.tell(
                &at,
                format!("`{key}` has {} values, one is meant", values.len()),
                format!("its values: {}", known.values.join(", ")),
            );
        }
        for (index, value) in values.iter().enumerate() {
            if !known.values.contains(&value.as_str()) {
                let help = suggest::help(value, known.values.iter().copied(), "its values");
                findings.tell(
                    &at.index(index),
                    format!("`{key}` has no value `{value}`"),
                    help,
                );
            }
        }
    }
}

fn derived(findings: &mut Findings<'_>, key: &str, value: Option<&str>) {
    let values = policy_key(key).map_or(&[][..], |known| known.values);
    if let Some(value) = value.filter(|value| !values.contains(value)) {
        let help = suggest::help(value, values.iter().copied(), "its values");
        findings.tell(
            &Path::of(key),
            format!("`{key}` has no value `{value}`"),
            help,
        );
    }
}

fn documents(findings: &mut Findings<'_>, target: &Target) {
    let Some(documents) = &target.documents else {
        return;
    };
    let at = Path::of("documents");
    if documents.names.is_empty() {
        findings.tell(
            &at.key("names"),
            "there is no document",
            "name one for each AUID, such as `pres-rules: presec-test.xml`",
        );
    }
    for (auid, name) in &documents.names {
        let good = |text: &str| {
            !text.is_empty()
                && !text.starts_with('.')
                && text
                    .chars()
                    .all(|c| c.is_ascii_graphic() && !"/\\?#%\"<>".contains(c))
        };
        if !good(auid) || !good(name) {
            findings.tell(
                &at.key("names").key(auid),
                "this is not an AUID with a document name",
                "both are one part of a path, such as `pres-rules: presec-test.xml`",
            );
        }
    }
    if let Some(default) = documents
        .default
        .as_ref()
        .filter(|auid| !documents.names.contains_key(*auid))
    {
        let help = suggest::help(
            default,
            documents.names.keys().map(String::as_str),
            "there are",
        );
        findings.tell(
            &at.key("default"),
            format!("`{default}` is not under `names`"),
            help,
        );
    }
}

/// A client certificate is one of a subscriber that the file knows.
fn certificates(findings: &mut Findings<'_>, target: &Target) {
    let given = target.client_certificates.as_ref();
    let Some(certificates) = given.and_then(Declared::given) else {
        return;
    };
    let subscribers = target.subscribers.as_ref().and_then(Declared::given);
    let at = Path::of("client_certificates");
    for (key, certificate) in [
        ("valid", &certificates.valid),
        ("wrong_ca", &certificates.wrong_ca),
        ("expired", &certificates.expired),
    ] {
        let of = certificate.as_ref().and_then(|files| files.of.as_deref());
        let known =
            |name: &&str| subscribers.is_some_and(|subscribers| subscribers.contains_key(*name));
        if let Some(name) = of.filter(|name| !known(name)) {
            let names = subscribers.into_iter().flatten();
            let names = names.map(|(name, _)| name.as_str());
            let help = suggest::help(name, names, "there are");
            let at = at.key(key).key("of");
            findings.tell(&at, format!("`{name}` is not under `subscribers`"), help);
        }
    }
}

fn limits(findings: &mut Findings<'_>, target: &Target) {
    let at = Path::of("limits");
    if target
        .limits
        .concurrency
        .is_some_and(|many| !(1..=MOST_CONCURRENCY).contains(&many))
    {
        findings.tell(
            &at.key("concurrency"),
            format!("`concurrency` is from 1 to {MOST_CONCURRENCY}"),
            "4 is usual",
        );
    }
    for (key, value) in [
        (
            "connections_per_second",
            target.limits.connections_per_second,
        ),
        ("connections", target.limits.connections),
    ] {
        if value == Some(0) {
            findings.tell(
                &at.key(key),
                format!("with `{key}: 0` nothing can run"),
                "leave it out for the default",
            );
        }
    }
    if let Some(text) = &target.limits.timeout {
        let parsed = humantime::parse_duration(text);
        if parsed.is_err() {
            findings.tell(
                &at.key("timeout"),
                format!("`{text}` is not a duration"),
                "write a number with its unit, such as `5s`",
            );
        } else if parsed.is_ok_and(|timeout| timeout.is_zero()) {
            findings.tell(
                &at.key("timeout"),
                "no answer can come in no time",
                "5s is usual",
            );
        }
    }
}
