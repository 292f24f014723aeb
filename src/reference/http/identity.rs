//! The intended identity, and the identity that is asserted (TS 33.141, 6.1.3; TS 24.109, 7.2).

use hyper::HeaderMap;

use super::defect::HttpDefect;
use super::headers::{ASSERTED, INTENDED};
use super::settings::{ApplicationSettings, Origin};

/// Intended identities of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Intended {
    /// No field.
    Absent,
    /// Something that cannot be read.
    Unreadable,
    /// For each field its values without quotes.
    Given(Vec<Vec<String>>),
}

/// Reads the intended identities of a request.
pub(super) fn intended(headers: &HeaderMap) -> Intended {
    let fields: Option<Vec<Vec<String>>> = headers
        .get_all(INTENDED)
        .iter()
        .map(|value| value.to_str().ok().and_then(list))
        .collect();
    match fields {
        Some(fields) if fields.is_empty() => Intended::Absent,
        Some(fields) => Intended::Given(fields),
        None => Intended::Unreadable,
    }
}

/// First identity that a request asserts.
pub(super) fn asserted(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(ASSERTED)?.to_str().ok()?;
    list(value)?.into_iter().next()
}

/// Values of a list, quoted or not.
fn list(text: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = text.trim();
    loop {
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at_checked(rest.find(',').unwrap_or(rest.len()))?,
        };
        let value = value.trim();
        if value.is_empty() || value.contains(['"', '\\']) {
            return None;
        }
        values.push(value.to_owned());
        let after = after.trim();
        match after.strip_prefix(',') {
            Some(next) => rest = next.trim(),
            None if after.is_empty() => return Some(values),
            None => return None,
        }
    }
}

/// What identity has to do with a request that is authenticated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Acting<'a> {
    /// Position of who authenticated.
    pub(super) subscriber: usize,
    /// Position of the subscriber whose tree the target lies in.
    pub(super) owner: Option<usize>,
    pub(super) method: &'a str,
    pub(super) headers: &'a HeaderMap,
}

/// The identity in which an authenticated request acts; `None` refuses it.
///
/// Exactly one intended identity is allowed, and it must be one of the subscriber's own; without one it is the default.
pub(super) fn acting_identity(
    settings: &ApplicationSettings,
    acting: Acting<'_>,
) -> Option<String> {
    let subscriber = settings.subscribers.get(acting.subscriber)?;
    let intended = intended(acting.headers);
    let identity = match &intended {
        Intended::Absent if settings.has(HttpDefect::DefaultImpuReplaced) => {
            subscriber.b_tid.clone()
        }
        Intended::Absent => subscriber.default_impu.clone(),
        Intended::Unreadable => return None,
        Intended::Given(fields) => verified(settings, acting.subscriber, fields)?,
    };
    Some(owner_instead(settings, acting, &intended).unwrap_or(identity))
}

fn verified(
    settings: &ApplicationSettings,
    position: usize,
    fields: &[Vec<String>],
) -> Option<String> {
    let subscriber = settings.subscribers.get(position)?;
    let value = match fields {
        [values] => match values.as_slice() {
            [value] => value,
            [.., last] if settings.has(HttpDefect::IdentityListAccepted) => {
                return Some(last.clone());
            }
            _ => return None,
        },
        [.., last] if settings.has(HttpDefect::LastIdentityFieldWins) => {
            return last.last().cloned();
        }
        _ => return None,
    };
    if subscriber.impus.contains(value) {
        let is_default = *value == subscriber.default_impu;
        return match () {
            () if is_default && settings.has(HttpDefect::OwnIdentityRefused) => None,
            () if settings.has(HttpDefect::SecondIdentityReplaced) => {
                Some(subscriber.default_impu.clone())
            }
            () => Some(value.clone()),
        };
    }
    let known = settings
        .subscribers
        .iter()
        .any(|other| other.impus.contains(value));
    let direct = matches!(settings.origin, Origin::Local(_));
    // In the direct topology the own identity acts: what is wrong there is that a foreign one is not refused.
    let accepted = match (direct, known) {
        (true, true) if settings.has(HttpDefect::DirectForeignIdentityAccepted) => {
            return Some(subscriber.default_impu.clone());
        }
        (false, true) => settings.has(HttpDefect::ForeignIdentityAccepted),
        (false, false) => settings.has(HttpDefect::UnknownIdentityAccepted),
        (true, _) => false,
    };
    accepted.then(|| value.clone())
}

/// Defects that take the identity from the path: the identity of the tree's owner.
fn owner_instead(
    settings: &ApplicationSettings,
    acting: Acting<'_>,
    intended: &Intended,
) -> Option<String> {
    let owner = acting.owner.filter(|owner| *owner != acting.subscriber)?;
    let taken = match (acting.method, intended) {
        ("GET", Intended::Absent) => settings.has(HttpDefect::CrossReadServed),
        ("PUT", Intended::Absent) => settings.has(HttpDefect::CrossWriteExecuted),
        ("DELETE", Intended::Absent) => settings.has(HttpDefect::CrossDeleteExecuted),
        ("PUT" | "DELETE", Intended::Given(_)) => settings.has(HttpDefect::IdentityTakenFromPath),
        _ => false,
    };
    let owner = settings.subscribers.get(owner).filter(|_| taken)?;
    Some(owner.default_impu.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn intended_of(values: &[&str]) -> Intended {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(INTENDED, HeaderValue::from_str(value).unwrap());
        }
        intended(&headers)
    }

    fn given(fields: &[&[&str]]) -> Intended {
        let owned = |field: &&[&str]| field.iter().map(|&value| value.to_owned()).collect();
        Intended::Given(fields.iter().map(owned).collect())
    }

    #[test]
    fn quoted_and_bare_values_are_read() {
        assert_eq!(intended_of(&[]), Intended::Absent);
        assert_eq!(intended_of(&["\"sip:a@h\""]), given(&[&["sip:a@h"]]));
        assert_eq!(intended_of(&["sip:a@h"]), given(&[&["sip:a@h"]]));
        assert_eq!(
            intended_of(&["\"sip:a@h\", sip:b@h", "\"c\""]),
            given(&[&["sip:a@h", "sip:b@h"], &["c"]])
        );
    }

    #[test]
    fn broken_values_are_unreadable() {
        for value in ["", "\"\"", "\"a", "a\"", "\"a\"b", "\"a\",", "\"a\\\"b\""] {
            assert_eq!(intended_of(&[value]), Intended::Unreadable, "{value}");
        }
    }
}
