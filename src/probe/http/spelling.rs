//! Other spellings of a path and of an identity, as scenarios ask for them.

use crate::model::step_http_form::{IdentitySpelling, PathSpelling};

/// Latin letters and the Cyrillic ones that look like them.
const LOOK_ALIKES: [(char, char); 5] = [('a', 'а'), ('c', 'с'), ('e', 'е'), ('o', 'о'), ('p', 'р')];

/// What stands behind a line break in an identity.
const INJECTED: &str = "X-3GPP-Asserted-Identity: \"presec-injected\"";

/// How far the full-width letters are from those of ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

/// A path below `root` in another spelling; `own` is the XUI of who sends it. What a path does not have stays as it is.
pub(super) fn path(path: &str, root: &str, own: &str, spelling: PathSpelling) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let (auid, rest) = below.split_once('/').unwrap_or((below, ""));
    let application = |auid: String| format!("{root}{auid}/{rest}");
    let through = |between: &str| path.replacen("/users/", &format!("/users/{own}/{between}"), 1);
    match spelling {
        PathSpelling::DotSegment => format!("{root}./{below}"),
        PathSpelling::DoubleSlash => format!("{root}/{below}"),
        PathSpelling::PublicPrefix => format!("{root}public/../{below}"),
        PathSpelling::EncodedLetter => application(encode_first(auid)),
        PathSpelling::MatrixParameter => application(format!("{auid};x=1")),
        PathSpelling::UpperCase => application(auid.to_ascii_uppercase()),
        PathSpelling::GlobalTree => match rest.split_once("users/") {
            Some((before, tree)) => {
                let document = tree
                    .split_once('/')
                    .map_or("index", |(_, document)| document);
                format!("{root}{auid}/{before}global/{document}")
            }
            None => path.to_owned(),
        },
        PathSpelling::ThroughOwnTree => through("../"),
        PathSpelling::ThroughOwnTreeEncoded => through("%2e%2e/"),
        PathSpelling::ThroughOwnTreeTwiceEncoded => through("%252e%252e/"),
        PathSpelling::ThroughOwnTreeEncodedSlash => through("..%2f"),
        PathSpelling::ThroughOwnTreeMatrix => through("..;/"),
        PathSpelling::XuiSchemeUpperCase => in_xui(path, scheme_in_capitals),
        PathSpelling::XuiDomainUpperCase => in_xui(path, domain_in_capitals),
        PathSpelling::XuiAtEncoded => in_xui(path, |xui| xui.replacen('@', "%40", 1)),
    }
}

/// A path whose XUI is spelled otherwise.
fn in_xui(path: &str, spell: impl Fn(&str) -> String) -> String {
    match path.split_once("/users/") {
        Some((before, after)) => {
            let (xui, document) = after.split_once('/').unwrap_or((after, ""));
            format!("{before}/users/{}/{document}", spell(xui))
        }
        None => path.to_owned(),
    }
}

/// The value of an identity field for an identity in another spelling.
pub(super) fn identity(identity: &str, spelling: IdentitySpelling) -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    match spelling {
        IdentitySpelling::Unquoted => identity.to_owned(),
        IdentitySpelling::SingleQuoted => format!("'{identity}'"),
        IdentitySpelling::Unterminated => format!("\"{identity}"),
        IdentitySpelling::SchemeUpperCase => quoted(&scheme_in_capitals(identity)),
        IdentitySpelling::DomainUpperCase => quoted(&domain_in_capitals(identity)),
        IdentitySpelling::PercentEncoded => quoted(&in_user_part(identity, encode_first)),
        IdentitySpelling::WithParameter => quoted(&format!("{identity};user=phone")),
        IdentitySpelling::WithPort => quoted(&format!("{identity}:5060")),
        IdentitySpelling::LookAlike => quoted(&in_user_part(identity, look_alike)),
        IdentitySpelling::FullWidth => quoted(&in_user_part(identity, full_width)),
        IdentitySpelling::Folded => format!("\r\n \"{identity}\""),
        IdentitySpelling::Nul => quoted(&format!("{identity}\0")),
        IdentitySpelling::CarriageReturn => format!("\"{identity}\"\r{INJECTED}"),
        IdentitySpelling::LineFeed => format!("\"{identity}\"\n{INJECTED}"),
        IdentitySpelling::EncodedLineBreak => {
            quoted(&format!("{identity}%0d%0a{}", INJECTED.replace('"', "")))
        }
    }
}

fn encode_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("%{:02x}{}", u32::from(first), characters.as_str()),
        None => String::new(),
    }
}

fn scheme_in_capitals(identity: &str) -> String {
    match identity.split_once(':') {
        Some((scheme, rest)) => format!("{}:{rest}", scheme.to_ascii_uppercase()),
        None => identity.to_ascii_uppercase(),
    }
}

fn domain_in_capitals(identity: &str) -> String {
    match identity.split_once('@') {
        Some((user, domain)) => format!("{user}@{}", domain.to_ascii_uppercase()),
        None => identity.to_owned(),
    }
}

/// The identity with another user part: what stands between scheme and `@`.
fn in_user_part(identity: &str, spell: impl Fn(&str) -> String) -> String {
    let (scheme, rest) = identity.split_once(':').unwrap_or(("sip", identity));
    let (user, domain) = rest.split_once('@').unwrap_or((rest, ""));
    let at = if domain.is_empty() { "" } else { "@" };
    format!("{scheme}:{}{at}{domain}", spell(user))
}

/// Letters replaced; a joiner that shows nothing where there is none to replace.
fn look_alike(user: &str) -> String {
    let replaced: String = user
        .chars()
        .map(|letter| {
            let found = LOOK_ALIKES.iter().find(|(latin, _)| *latin == letter);
            found.map_or(letter, |(_, cyrillic)| *cyrillic)
        })
        .collect();
    if replaced == user {
        format!("{user}\u{200D}")
    } else {
        replaced
    }
}

fn full_width(user: &str) -> String {
    user.chars()
        .map(|letter| {
            let graphic = letter.is_ascii_graphic();
            let wide = char::from_u32(u32::from(letter) + FULL_WIDTH);
            wide.filter(|_| graphic).unwrap_or(letter)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/xcap/pres-rules/users/sip:bob@example.test/index";

    fn spelled(spelling: PathSpelling) -> String {
        path(PATH, "/xcap/", "sip:alice@example.test", spelling)
    }

    #[test]
    fn paths() {
        assert_eq!(
            spelled(PathSpelling::DotSegment),
            "/xcap/./pres-rules/users/sip:bob@example.test/index"
        );
        assert_eq!(
            spelled(PathSpelling::EncodedLetter),
            "/xcap/%70res-rules/users/sip:bob@example.test/index"
        );
        assert_eq!(
            spelled(PathSpelling::GlobalTree),
            "/xcap/pres-rules/global/index"
        );
        assert_eq!(
            spelled(PathSpelling::ThroughOwnTreeEncodedSlash),
            "/xcap/pres-rules/users/sip:alice@example.test/..%2fsip:bob@example.test/index"
        );
        assert_eq!(
            spelled(PathSpelling::XuiDomainUpperCase),
            "/xcap/pres-rules/users/sip:bob@EXAMPLE.TEST/index"
        );
        for name in PathSpelling::NAMES {
            let spelling = crate::model::bind::Literal::read(name).expect("spelling");
            assert_ne!(spelled(spelling), PATH, "{name}");
        }
    }

    #[test]
    fn identities() {
        let bob = |spelling| identity("sip:bob@example.test", spelling);
        assert_eq!(bob(IdentitySpelling::Unquoted), "sip:bob@example.test");
        assert_eq!(
            bob(IdentitySpelling::PercentEncoded),
            "\"sip:%62ob@example.test\""
        );
        assert_eq!(
            bob(IdentitySpelling::FullWidth),
            "\"sip:\u{FF42}\u{FF4F}\u{FF42}@example.test\""
        );
        assert_eq!(
            bob(IdentitySpelling::LookAlike),
            "\"sip:b\u{043E}b@example.test\""
        );
        assert_eq!(
            identity("sip:1@x", IdentitySpelling::LookAlike),
            "\"sip:1\u{200D}@x\""
        );
        for name in IdentitySpelling::NAMES {
            let spelling = crate::model::bind::Literal::read(name).expect("spelling");
            assert_ne!(bob(spelling), "\"sip:bob@example.test\"", "{name}");
        }
    }
}
