//! From an answer to facts and one line of text.

use sha2::{Digest as _, Sha256};

use crate::model::seen_http::{ChallengeFacts, HttpFacts};
use crate::wire::http::digest::{AuthenticationInfo, check_authentication_info};
use crate::wire::http::{Challenge, Response, clean, parse_challenges};

use super::case::HttpCase;
use super::credentials::SentCredentials;
use super::documents::document_path;
use super::session::ServedDocument;

/// Longest realm or location in an observation.
const SHOWN: usize = 120;

/// Shortest body whose reappearance is more than chance.
const TELLING: usize = 32;

/// The challenges of a 401.
pub(super) fn challenges(response: &Response) -> Vec<Challenge> {
    if response.status != 401 {
        return Vec::new();
    }
    parse_challenges(response.headers_named("WWW-Authenticate")).list
}

/// The answer in one line.
pub(super) fn observed(response: &Response) -> String {
    let challenges = challenges(response);
    let reason = clean(response.reason.as_bytes(), SHOWN);
    if !challenges.is_empty() {
        let list: Vec<String> = challenges.iter().map(challenge_text).collect();
        return format!("{} {}", response.status, list.join(", "));
    }
    let mut text = format!("{} {reason}", response.status)
        .trim_end()
        .to_owned();
    if let Some(location) = response.header("Location") {
        text.push_str(&format!(" to {}", clean(location.as_bytes(), SHOWN)));
    }
    text
}

fn challenge_text(challenge: &Challenge) -> String {
    let mut text = clean(challenge.scheme.as_bytes(), SHOWN);
    if let Some(realm) = challenge.realm() {
        text.push_str(&format!(" realm=\"{}\"", clean(realm.as_bytes(), SHOWN)));
    }
    if let Some(stale) = challenge.stale() {
        text.push_str(&format!(" stale={stale}"));
    }
    text
}

fn strong_etag(response: &Response) -> Option<String> {
    response
        .header("ETag")
        .filter(|etag| etag.starts_with('"') && etag.len() > 2)
        .map(str::to_owned)
}

impl HttpCase {
    /// The facts of an answer to a request for `path`.
    pub(super) fn facts(
        &mut self,
        response: &Response,
        path: &str,
        info: Option<&AuthenticationInfo>,
    ) -> HttpFacts {
        let challenges = challenges(response)
            .iter()
            .map(|challenge| self.challenge_facts(challenge))
            .collect();
        self.note_nonces(response);
        let body = &response.body;
        HttpFacts {
            handshake_demanded: false,
            early_data_accepted: None,
            status: Some(response.status),
            challenges,
            headers: response
                .headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
            body_sha256: (!body.is_empty()).then(|| hex::encode(Sha256::digest(body).as_slice())),
            body_length: body.len(),
            leaks_document: self.leaks(response, path),
            response_authentication: info
                .and_then(|info| info.rspauth_ok.map(|right| right && info.echoes_match)),
            closed_instead: false,
            series: None,
            equal_to_saved: self
                .saved
                .iter()
                .filter_map(|(name, saved)| Some((name.clone(), saved.body.as_ref()? == body)))
                .collect(),
            same_status_as_saved: self
                .saved
                .iter()
                .map(|(name, saved)| (name.clone(), saved.facts.status == Some(response.status)))
                .collect(),
            other_tag_than_saved: self
                .saved
                .iter()
                .filter_map(|(name, saved)| {
                    let tag = response.header("ETag")?;
                    Some((name.clone(), tag != saved.entity_tag()?))
                })
                .collect(),
            shows_stack_trace: shows_stack_trace(body),
        }
    }

    fn challenge_facts(&self, challenge: &Challenge) -> ChallengeFacts {
        ChallengeFacts {
            scheme: challenge.scheme.to_ascii_lowercase(),
            realm: challenge.realm().map(str::to_owned),
            qop: challenge
                .qop()
                .into_iter()
                .map(str::to_ascii_lowercase)
                .collect(),
            algorithm: challenge
                .is_digest()
                .then(|| challenge.algorithm().unwrap_or("MD5").to_owned()),
            stale: challenge.stale(),
            fresh_nonce: challenge
                .nonce()
                .is_some_and(|nonce| !self.nonces.contains(nonce)),
            opaque: challenge.opaque().is_some(),
        }
    }

    /// Remembers the nonces of an answer, so that a later one can be told to be fresh.
    pub(super) fn note_nonces(&mut self, response: &Response) {
        for challenge in challenges(response) {
            self.nonces.extend(challenge.nonce().map(str::to_owned));
        }
    }

    /// Remembers a document that was served or stored at `path`.
    pub(super) fn note_served(&mut self, path: &str, body: &[u8], response: &Response) {
        let document = ServedDocument {
            body: body.to_vec(),
            strong_etag: strong_etag(response),
        };
        self.served.insert(document_path(path).to_owned(), document);
    }

    /// Whether an answer that serves nothing holds something that was served before in this case.
    fn leaks(&self, response: &Response, path: &str) -> bool {
        if (200..300).contains(&response.status) {
            return false;
        }
        let path = document_path(path);
        let same_tag = self.served.get(path).is_some_and(|document| {
            document.strong_etag.is_some() && document.strong_etag == strong_etag(response)
        });
        same_tag
            || self.served.values().any(|document| {
                document.body.len() >= TELLING && contains(&response.body, &document.body)
            })
    }

    /// Checks the Authentication-Info of an answer against what was sent (RFC 7616, 3.5).
    pub(super) fn authentication_info(
        &self,
        response: &Response,
        sent: &SentCredentials,
        subscriber: Option<&str>,
    ) -> Option<AuthenticationInfo> {
        let value = response.header("Authentication-Info")?;
        let authorization = sent.digest.as_ref()?;
        let subscriber = self.target.subscribers.get(subscriber?)?;
        let password = subscriber.password.expose();
        Some(check_authentication_info(
            value,
            authorization,
            password,
            &response.body,
        ))
    }
}

/// Beginnings of lines that servers write when they fail: Java, Python, .NET, Perl and PHP, Rust, Go.
const TRACES: [&str; 9] = [
    "\tat ",
    "Traceback (most recent call last)",
    "   at System.",
    "Exception in thread ",
    "Caused by: java.",
    "PHP Fatal error:",
    "Fatal error: Uncaught",
    "thread 'main' panicked at",
    "goroutine 1 [running]",
];

fn shows_stack_trace(body: &[u8]) -> bool {
    TRACES.iter().any(|trace| contains(body, trace.as_bytes()))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len().max(1))
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, reason: &str, headers: &[(&str, &str)]) -> Response {
        Response {
            status,
            reason: reason.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Response::default()
        }
    }

    #[test]
    fn observations_are_short_and_say_what_matters() {
        assert_eq!(observed(&answer(403, "Forbidden", &[])), "403 Forbidden");
        assert_eq!(observed(&answer(204, "", &[])), "204");
        assert_eq!(
            observed(&answer(301, "Moved", &[("Location", "https://x/")])),
            "301 Moved to https://x/"
        );
        let digest = "Digest realm=\"a@b\", nonce=\"n\", stale=TRUE";
        assert_eq!(
            observed(&answer(
                401,
                "Unauthorized",
                &[("WWW-Authenticate", digest)]
            )),
            "401 Digest realm=\"a@b\" stale=true"
        );
    }
}
