//! Subscribers: identities that can be, credentials that are whole.

use std::collections::BTreeMap;

use crate::model::bind::is_name;
use crate::model::target::{
    Declared, PreSharedCredentials, Subscriber, SubscriberCredentials, Target,
};

use super::super::place::Path;
use super::super::suggest;
use super::check::Findings;

pub(super) fn check(findings: &mut Findings<'_>, target: &Target) {
    let Some(Declared::Given(subscribers)) = &target.subscribers else {
        return;
    };
    for (name, subscriber) in subscribers {
        let at = Path::of("subscribers").key(name);
        if !is_name(name) || name.contains('.') {
            findings.tell_key(
                &at,
                format!("`{name}` cannot stand in a $name"),
                "use a-z, 0-9 and _; scenarios speak of `alice` and `bob`",
            );
        }
        if name == THROW_AWAY {
            throw_away(findings, &at, (subscriber, subscribers));
        }
        identities(findings, &at, subscriber);
        credentials(findings, &at.key("credentials"), &subscriber.credentials);
    }
}

/// The subscriber whose association may be lost.
const THROW_AWAY: &str = "throw_away";

/// What is done to it must hurt nobody else.
fn throw_away(
    findings: &mut Findings<'_>,
    at: &Path,
    (subscriber, all): (&Subscriber, &BTreeMap<String, Subscriber>),
) {
    let username = |subscriber: &Subscriber| {
        let given = &subscriber.credentials;
        given.b_tid.clone().or_else(|| given.username.clone())
    };
    let own = username(subscriber);
    let others = all.iter().filter(|(name, _)| name.as_str() != THROW_AWAY);
    for (name, _) in others.filter(|(_, other)| own.is_some() && username(other) == own) {
        findings.tell_key(
            at,
            format!("`{THROW_AWAY}` has the username of `{name}`"),
            "give it an association of its own: scenarios may lock it or end it",
        );
    }
}

/// `sip:user@host`, `sips:user@host` or `tel:+123`.
fn is_impu(text: &str) -> bool {
    let printable = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"<>\\".contains(c));
    let rest = text
        .strip_prefix("sip:")
        .or_else(|| text.strip_prefix("sips:"));
    let sip = rest
        .and_then(|rest| rest.split_once('@'))
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    let tel = text.strip_prefix("tel:").is_some_and(|number| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-.();=+".contains(c))
    });
    printable && (sip || tel)
}

/// One part of a path, as it is written there.
fn is_xui(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_graphic() && !"/\\?#\"<>".contains(c))
}

fn identities(findings: &mut Findings<'_>, at: &Path, subscriber: &Subscriber) {
    if subscriber.impus.is_empty() {
        findings.tell(
            &at.key("impus"),
            "the subscriber has no public identity",
            "list at least one, such as `sip:alice@example.test`",
        );
    }
    for (index, impu) in subscriber.impus.iter().enumerate() {
        if !is_impu(impu) {
            findings.tell(
                &at.key("impus").index(index),
                format!("`{impu}` is not a public identity"),
                "write `sip:USER@HOST` or `tel:+NUMBER`",
            );
        }
    }
    if let Some(default) = subscriber
        .default_impu
        .as_ref()
        .filter(|impu| !subscriber.impus.contains(impu))
    {
        let help = suggest::help(
            default,
            subscriber.impus.iter().map(String::as_str),
            "there are",
        );
        findings.tell(
            &at.key("default_impu"),
            format!("`{default}` is not under `impus`"),
            help,
        );
    }
    if let Some(xui) = subscriber.xui.as_ref().filter(|xui| !is_xui(xui)) {
        findings.tell(
            &at.key("xui"),
            format!("`{xui}` is not an XCAP user identifier"),
            "write it as it stands in the path, usually an IMPU",
        );
    }
}

fn credentials(findings: &mut Findings<'_>, at: &Path, given: &SubscriberCredentials) {
    let gba = (given.b_tid.is_some(), given.ks_naf.is_some());
    let plain = (given.username.is_some(), given.password.is_some());
    let missing = match (gba, plain) {
        ((true, true), (false, false)) | ((false, false), (true, true)) => None,
        ((true, false), (false, false)) => Some("`ks_naf` is missing beside `b_tid`"),
        ((false, true), (false, false)) => Some("`b_tid` is missing beside `ks_naf`"),
        ((false, false), (true, false)) => Some("`password` is missing beside `username`"),
        ((false, false), (false, true)) => Some("`username` is missing beside `password`"),
        ((false, false), (false, false)) => Some("there are no credentials"),
        _ => Some("these are the credentials of GBA and others at once"),
    };
    if let Some(missing) = missing {
        findings.tell_key(
            at,
            missing,
            "write `b_tid` and `ks_naf`, or `username` and `password`",
        );
    }
    if let Some(shared) = &given.pre_shared_key {
        pre_shared_key(findings, &at.key("pre_shared_key"), (given, shared));
    }
    for (key, name) in [("b_tid", &given.b_tid), ("username", &given.username)] {
        let bad = name.as_ref().is_some_and(|name| {
            name.is_empty() || name.chars().any(|c| c.is_control() || c == '"')
        });
        if bad {
            findings.tell(
                &at.key(key),
                format!("`{key}` cannot be sent in an Authorization field"),
                "write the Digest username without quotes and control characters",
            );
        }
    }
}

/// A key of a bootstrapping, for a suite that takes one.
fn pre_shared_key(
    findings: &mut Findings<'_>,
    at: &Path,
    (given, shared): (&SubscriberCredentials, &PreSharedCredentials),
) {
    if given.b_tid.is_none() {
        findings.tell_key(
            at,
            "the key has no `b_tid` beside it to be named by",
            "write `b_tid` and `ks_naf` of the same bootstrapping under `credentials`",
        );
    }
    if !shared.suite.contains("PSK_WITH") && !shared.suite.contains("PSK_DHE_WITH") {
        findings.tell(
            &at.key("suite"),
            format!("`{}` takes no pre-shared key", shared.suite),
            "write the IANA name of a suite up to TLS 1.2, such as TLS_PSK_WITH_AES_128_CBC_SHA",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_have_a_shape() {
        assert!(is_impu("sip:alice@example.test") && is_impu("tel:+4930123456"));
        assert!(is_impu("sips:a@b:5061") && is_impu("tel:7042;phone-context=example.test"));
        for bad in [
            "alice@example.test",
            "sip:alice",
            "sip:@x",
            "sip:a@b@c",
            "tel:",
            "sip:a@b c",
            "\"sip:a@b\"",
        ] {
            assert!(!is_impu(bad), "{bad}");
        }
        assert!(is_xui("sip:alice@example.test") && is_xui("sip%3aalice@example.test"));
        assert!(!is_xui("a/b") && !is_xui(""));
    }
}
