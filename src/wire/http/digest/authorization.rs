//! The `Authorization` value: every field can be left out, replaced or joined by others.

use super::algorithm::{Algorithm, Qop};
use super::context::{Computation, DigestContext, SessionKey};
use crate::wire::http::challenge::{Param, parse_challenges};
use std::fmt::Write as _;
use thiserror::Error;

/// Digest credentials; a field that is `None` is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authorization {
    /// User name, a B-TID with bootstrapped credentials.
    pub username: Option<String>,
    /// Protection space.
    pub realm: Option<String>,
    /// Server nonce.
    pub nonce: Option<String>,
    /// Digest URI.
    pub uri: Option<String>,
    /// The digest.
    pub response: Option<String>,
    /// Algorithm as spelled, sent without quotes.
    pub algorithm: Option<String>,
    /// Client nonce.
    pub cnonce: Option<String>,
    /// What the challenge asked to return.
    pub opaque: Option<String>,
    /// Quality of protection as spelled, sent without quotes.
    pub qop: Option<String>,
    /// Nonce count as spelled, sent without quotes.
    pub nc: Option<String>,
    /// Further parameters after the others, such as `auts`; an unquoted value goes out as it is.
    pub additional: Vec<Param>,
    /// Session key of a `-sess` algorithm if it is not that of this request; not sent.
    pub session_key: Option<SessionKey>,
}

/// Why a value is not one set of Digest credentials.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthorizationError {
    /// Another scheme, or none.
    #[error("not Digest credentials")]
    NotDigest,
    /// The grammar of RFC 9110, 11.4 is not met, or there is more than one set.
    #[error("malformed credentials")]
    Malformed,
    /// A parameter occurs twice.
    #[error("parameter `{0}` occurs twice")]
    Duplicate(String),
}

impl Authorization {
    /// The field value as sent.
    pub fn encode(&self) -> String {
        let mut out = String::from("Digest");
        let quoted = [
            ("username", &self.username),
            ("realm", &self.realm),
            ("nonce", &self.nonce),
            ("uri", &self.uri),
            ("response", &self.response),
        ];
        let mut separator = " ";
        let mut put = |name: &str, value: &str, quoted: bool| {
            let value = if quoted {
                quote(value)
            } else {
                value.to_owned()
            };
            // Writing to a String cannot fail.
            let _ = write!(out, "{separator}{name}={value}");
            separator = ", ";
        };
        for (name, value) in quoted {
            value.iter().for_each(|value| put(name, value, true));
        }
        self.algorithm
            .iter()
            .for_each(|value| put("algorithm", value, false));
        self.cnonce
            .iter()
            .for_each(|value| put("cnonce", value, true));
        self.opaque
            .iter()
            .for_each(|value| put("opaque", value, true));
        self.qop.iter().for_each(|value| put("qop", value, false));
        self.nc.iter().for_each(|value| put("nc", value, false));
        for param in &self.additional {
            put(&param.name, &param.value, param.quoted);
        }
        out
    }

    /// Reads one field value strictly, as a server should.
    ///
    /// # Errors
    /// Another scheme, a value that breaks the grammar, more than one set of credentials, a repeated parameter.
    pub fn parse(value: &str) -> Result<Self, AuthorizationError> {
        let challenges = parse_challenges([value]);
        let first = challenges
            .list
            .first()
            .filter(|challenge| challenge.is_digest());
        let credentials = first.ok_or(AuthorizationError::NotDigest)?;
        if let Some(name) = credentials.duplicate_params().into_iter().next() {
            return Err(AuthorizationError::Duplicate(name));
        }
        if !challenges.flaws.is_empty()
            || challenges.list.len() > 1
            || credentials.token68.is_some()
        {
            return Err(AuthorizationError::Malformed);
        }
        let mut authorization = Self::default();
        for param in &credentials.params {
            match authorization.field(&param.name) {
                Some(field) => *field = Some(param.value.clone()),
                None => authorization.additional.push(param.clone()),
            }
        }
        Ok(authorization)
    }

    fn field(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name.to_ascii_lowercase().as_str() {
            "username" => &mut self.username,
            "realm" => &mut self.realm,
            "nonce" => &mut self.nonce,
            "uri" => &mut self.uri,
            "response" => &mut self.response,
            "algorithm" => &mut self.algorithm,
            "cnonce" => &mut self.cnonce,
            "opaque" => &mut self.opaque,
            "qop" => &mut self.qop,
            "nc" => &mut self.nc,
            _ => return None,
        })
    }

    /// Sets `response` from the other fields as they stand; an absent one counts as empty, an unknown algorithm as MD5, an
    /// unknown quality of protection as none.
    #[must_use]
    pub fn signed(mut self, password: &[u8], method: &str, body: &[u8]) -> Self {
        let qop = self.qop.as_deref().and_then(Qop::parse);
        self.response = Some(self.digest(password, method, body, qop));
        self
    }

    /// The digest over these fields; the empty method gives `rspauth`.
    pub(super) fn digest(
        &self,
        password: &[u8],
        method: &str,
        body: &[u8],
        qop: Option<Qop>,
    ) -> String {
        let text = |field: &'_ Option<String>| field.clone().unwrap_or_default();
        let (username, realm, uri) = (text(&self.username), text(&self.realm), text(&self.uri));
        let (nonce, cnonce, nc) = (text(&self.nonce), text(&self.cnonce), text(&self.nc));
        let context = DigestContext {
            algorithm: self
                .algorithm
                .as_deref()
                .and_then(Algorithm::parse)
                .unwrap_or_default(),
            username: &username,
            realm: &realm,
            password,
            method,
            uri: &uri,
            nonce: &nonce,
            cnonce: &cnonce,
            nc: 0,
            qop,
            body,
        };
        let own = (nonce.as_str(), cnonce.as_str());
        let session_key = self
            .session_key
            .as_ref()
            .map_or(own, |key| (key.nonce.as_str(), key.cnonce.as_str()));
        Computation {
            context: &context,
            nc: &nc,
            session_key,
        }
        .digest(method)
    }
}

fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
