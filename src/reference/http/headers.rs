//! Header fields that a proxy must not pass on (RFC 9110, 7.6.1; TS 24.109, 7.2 and 7.3).

use hyper::HeaderMap;
use hyper::header::{CONNECTION, HeaderName, HeaderValue};

/// From the UE: whom it wants to be.
pub(super) const INTENDED: &str = "x-3gpp-intended-identity";

/// To the application server: who it is.
pub(super) const ASSERTED: &str = "x-3gpp-asserted-identity";

/// Fields that assert something only the proxy may assert; hyphens stand for underscores too.
const ASSERTIONS: [&str; 7] = [
    ASSERTED,
    "x-3gpp-authorization-flags",
    "x-xcap-asserted-identity",
    "p-asserted-identity",
    "p-preferred-identity",
    "x-forwarded-user",
    "x-remote-user",
];

const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
];

/// Fields of a request that may go on to the application server.
pub(super) fn for_origin(headers: &HeaderMap) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut kept = HeaderMap::new();
    for (name, value) in headers {
        let spelled = name.as_str().replace('_', "-");
        let dropped = is_hop_by_hop(name, &named)
            || matches!(
                spelled.as_str(),
                "authorization" | "content-length" | INTENDED
            )
            || ASSERTIONS.contains(&spelled.as_str());
        if !dropped {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// Fields of an answer that may go back to the UE. The length stays with a body that is not sent.
pub(super) fn for_client(headers: &HeaderMap, is_head: bool) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut kept = HeaderMap::new();
    for (name, value) in headers {
        let own = matches!(name.as_str(), "authentication-info" | "www-authenticate");
        let length = name.as_str() == "content-length" && !is_head;
        if !is_hop_by_hop(name, &named) && !own && !length {
            kept.append(name.clone(), value.clone());
        }
    }
    kept
}

/// The identity as the application server gets it.
pub(super) fn asserted(identity: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{identity}\"")).ok()
}

fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

fn is_hop_by_hop(name: &HeaderName, named: &[String]) -> bool {
    HOP_BY_HOP.contains(&name.as_str()) || named.iter().any(|other| other == name.as_str())
}
