//! Sessions, and exchanges that a scenario saved.

use std::collections::BTreeMap;

use crate::model::seen_http::HttpFacts;
use crate::wire::http::digest::Authorization;
use crate::wire::http::{DigestSession, Response};

use super::connection::{Connection, Recipe};

/// Cookies that a session keeps at most.
const COOKIES: usize = 32;

/// Octets of the longest cookie that is kept.
const COOKIE: usize = 4096;

/// One connection and one Digest state.
#[derive(Debug)]
pub(super) struct Session {
    /// How the connection comes about.
    pub(super) recipe: Recipe,
    /// The host it addresses, without port.
    pub(super) host: String,
    /// The connection, unless it was closed or lost.
    pub(super) connection: Option<Connection>,
    /// Who logged in, or was to.
    pub(super) subscriber: Option<String>,
    /// The answer to the newest challenge; `None` while there was none.
    pub(super) digest: Option<DigestSession>,
    /// Cookies that were set, by name.
    pub(super) cookies: BTreeMap<String, String>,
}

impl Session {
    /// A session without connection and login.
    pub(super) fn new(recipe: Recipe, host: impl Into<String>) -> Self {
        Self {
            recipe,
            host: host.into(),
            connection: None,
            subscriber: None,
            digest: None,
            cookies: BTreeMap::new(),
        }
    }

    /// Takes the cookies of an answer, name and value alone (RFC 6265, 5.2); further ones than [`COOKIES`] are passed over.
    pub(super) fn take_cookies(&mut self, response: &Response) {
        for field in response.headers_named("Set-Cookie") {
            let pair = field.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let name = name.trim();
            let known = self.cookies.contains_key(name);
            if pair.len() <= COOKIE && (known || self.cookies.len() < COOKIES) {
                self.cookies
                    .insert(name.to_owned(), value.trim().to_owned());
            }
        }
    }

    /// The Cookie field with everything that was set; `None` when nothing was.
    pub(super) fn cookie_field(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// An ordinary TLS session to `host`.
    pub(super) fn tls(host: &str) -> Self {
        Self::new(
            Recipe::Tls {
                server_name: host.to_owned(),
            },
            host,
        )
    }
}

/// An exchange saved by a scenario.
#[derive(Debug, Clone)]
pub(super) struct SavedExchange {
    /// The Authorization value as sent, if there was one.
    pub(super) authorization: Option<String>,
    /// The same as fields, if it was Digest.
    pub(super) digest: Option<Authorization>,
    /// The answer.
    pub(super) facts: HttpFacts,
    /// Its body; `None` when no answer came.
    pub(super) body: Option<Vec<u8>>,
    /// The observation in words.
    pub(super) observed: String,
}

impl SavedExchange {
    /// The nonce it used.
    pub(super) fn nonce(&self) -> Option<String> {
        self.digest.as_ref()?.nonce.clone()
    }

    /// The entity tag of the answer.
    pub(super) fn entity_tag(&self) -> Option<&str> {
        let found = self.facts.headers.iter().find(|(name, _)| name == "etag");
        found.map(|(_, value)| value.as_str())
    }
}

/// A document as the target served it in this case.
#[derive(Debug, Clone)]
pub(super) struct ServedDocument {
    /// The octets.
    pub(super) body: Vec<u8>,
    /// Its entity tag, if it has a strong one.
    pub(super) strong_etag: Option<String>,
}
