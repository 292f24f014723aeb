//! Defects that assert another identity than the verified one, or none.

use hyper::HeaderMap;
use hyper::header::CONNECTION;

use super::connection::Connection;
use super::defect::HttpDefect;
use super::headers::INTENDED;
use super::identity::{Acting, Intended, intended};
use super::settings::ApplicationSettings;

/// Full-width letters are this far behind those of ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

/// Cyrillic letters and the Latin ones that they look like.
const LOOK_ALIKES: [(char, char); 5] = [
    ('\u{0430}', 'a'),
    ('\u{0441}', 'c'),
    ('\u{0435}', 'e'),
    ('\u{043E}', 'o'),
    ('\u{0440}', 'p'),
];

/// What a defect makes of the identity of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Departure {
    /// Nothing: the verified identity is asserted.
    None,
    /// This identity acts and is asserted instead.
    Identity(String),
    /// The verified identity acts and is not asserted.
    Withheld,
}

impl Departure {
    /// What the switched defects make of a request; the connection remembers what they need.
    pub(super) fn of(
        settings: &ApplicationSettings,
        acting: Acting<'_>,
        connection: &mut Connection,
    ) -> Self {
        let Some(own) = settings.subscribers.get(acting.subscriber) else {
            return Self::None;
        };
        let intended = intended(acting.headers);
        let given = match &intended {
            Intended::Given(fields) => fields.iter().flatten().next().cloned(),
            Intended::Absent | Intended::Unreadable => None,
        };
        let first_user = *connection.first_subscriber.get_or_insert(acting.subscriber);
        let before = connection.verified.clone();
        if let Some(identity) = given.as_ref().filter(|value| own.impus.contains(value)) {
            connection.verified = Some(identity.clone());
        }
        if first_user != acting.subscriber && settings.has(HttpDefect::FirstUserAsserted) {
            let user = settings.subscribers.get(first_user);
            return user.map_or(Self::None, |user| Self::Identity(user.default_impu.clone()));
        }
        if let Some(found) = unverified(settings, acting, (given.as_ref(), before.as_ref())) {
            return Self::Identity(found);
        }
        let fifth =
            settings.has(HttpDefect::IdentityChangesOnConnection) && connection.requests > 4;
        let absent = intended == Intended::Absent;
        let instead = match () {
            () if absent && settings.has(HttpDefect::IdentitySticks) => before,
            () if absent && fifth => own.impus.last().cloned(),
            () => None,
        };
        if let Some(identity) = instead {
            return Self::Identity(identity);
        }
        let withheld = (acting.method == "HEAD" && settings.has(HttpDefect::HeadNotAsserted))
            || (settings.has(HttpDefect::FirstIdentityLost)
                && connection.requests == 1
                && !connection.info.resumed
                && given.is_some());
        if withheld { Self::Withheld } else { Self::None }
    }
}

/// An identity that a defect takes from the request without verification.
fn unverified(
    settings: &ApplicationSettings,
    acting: Acting<'_>,
    (given, before): (Option<&String>, Option<&String>),
) -> Option<String> {
    let own = settings.subscribers.get(acting.subscriber)?;
    let raw = acting.headers.get(INTENDED)?.as_bytes();
    let raw = std::str::from_utf8(raw).ok()?.trim();
    let bare = raw.trim_matches(['"', '\'']);
    if settings.has(HttpDefect::UnquotedIdentityUnverified) && raw != format!("\"{bare}\"") {
        return Some(bare.to_owned());
    }
    if settings.has(HttpDefect::LookAlikeIdentityMapped) && !raw.is_ascii() {
        return Some(mapped(bare));
    }
    if settings.has(HttpDefect::IdentityForwardedAsSpelled) {
        let lower = bare.to_ascii_lowercase();
        let plain = |impu: &String| lower.starts_with(impu.as_str()) && bare != impu.as_str();
        if own.impus.iter().any(plain) {
            return Some(bare.to_owned());
        }
    }
    if settings.has(HttpDefect::HopByHopIdentityUnverified) && is_hop_by_hop(acting.headers) {
        return given.cloned();
    }
    let second = before.is_some_and(|before| *before != own.default_impu);
    if settings.has(HttpDefect::IdentityVerifiedOnce) && second {
        return given.cloned();
    }
    let trailer = acting.headers.contains_key(hyper::header::TRAILER);
    if settings.has(HttpDefect::TrailerIdentityTaken) && trailer {
        return given.cloned();
    }
    let writes = matches!(acting.method, "PUT" | "DELETE");
    let in_own_tree = acting.owner == Some(acting.subscriber);
    if settings.has(HttpDefect::ForeignIdentityWrites) && writes && in_own_tree {
        return given.cloned();
    }
    None
}

/// Whether exactly the identity of nobody is intended.
pub(super) fn intends_nobody(settings: &ApplicationSettings, headers: &HeaderMap) -> bool {
    let Intended::Given(fields) = intended(headers) else {
        return false;
    };
    let somebody = |value: &String| {
        settings
            .subscribers
            .iter()
            .any(|subscriber| subscriber.impus.contains(value))
    };
    !fields.iter().flatten().any(somebody)
}

fn is_hop_by_hop(headers: &HeaderMap) -> bool {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case(INTENDED))
}

/// The text with look-alikes and full-width letters replaced.
fn mapped(text: &str) -> String {
    text.chars()
        .map(|letter| {
            let found = LOOK_ALIKES.iter().find(|(alike, _)| *alike == letter);
            let narrow = u32::from(letter)
                .checked_sub(FULL_WIDTH)
                .and_then(char::from_u32)
                .filter(char::is_ascii_graphic);
            found.map(|(_, latin)| *latin).or(narrow).unwrap_or(letter)
        })
        .collect()
}
