//! Steps over HTTP: logins, requests with any credentials, second looks at an answer, and the origin's view.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::OriginView;
use super::answer_http::Answer;
use super::bind::Bind;
use super::claim::Claim;
use super::step_http_form::{
    IdentitySpelling, KeyEncoding, PathSpelling, SecondAuthorization, TargetForm,
};

/// Opens a connection (unless the session has one) and authenticates a subscriber by answering the challenge.
/// Without claims the login itself is a control: if it fails, the scenario is inconclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The subscriber's name in the target file.
    #[serde(rename = "as")]
    pub subscriber: String,
    /// The session: one connection and one Digest state.
    pub session: String,
    /// Logs in at this host behind the proxy; the target's host unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Bind<String>>,
    /// What is claimed of the answer to the right credentials; with claims the login is judged and is no control.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Claim<Answer>>,
}

/// Departures from the right Digest credentials; every field not given is right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestQuirks {
    /// Another username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<Bind<String>>,
    /// Another password; `wrong` names nothing that exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Bind<String>>,
    /// Another realm, both in the field and in the computation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<Bind<String>>,
    /// Another nonce: `never-issued`, or `of:NAME` for the one used by the request saved under NAME.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Bind<String>>,
    /// Another qop in the field and in the computation; `none` for the form without qop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qop: Option<Bind<String>>,
    /// Another algorithm in the field and in the computation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Bind<String>>,
    /// Another uri in the field and in the computation; a `$name` of a document stands for its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Bind<String>>,
    /// The method the response is computed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The body the auth-int response is computed for; the name of a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Another nonce count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nc: Option<u32>,
    /// Another nonce count as text, or `of:NAME` for that of a saved request; `none` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nc_text: Option<Bind<String>>,
    /// Another client nonce, or `of:NAME` for that of a saved request; `none` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnonce: Option<Bind<String>>,
    /// Another opaque; `none` leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<Bind<String>>,
    /// The uri directive in absolute form, on the Host of the request.
    #[serde(default)]
    pub absolute_uri: bool,
    /// The bootstrapped key in another form than the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_encoding: Option<Bind<KeyEncoding>>,
    /// A further parameter of this many octets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding: Option<u32>,
    /// A response that is one digit off.
    #[serde(default)]
    pub wrong_response: bool,
}

/// How a request authenticates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// By the session's Digest state, right in every field; nothing when the session never logged in.
    #[default]
    Session,
    /// Not at all.
    None,
    /// With Basic, from the session's subscriber.
    Basic,
    /// With the byte-same Authorization of the request saved under this name.
    Replay(String),
    /// By Digest with departures.
    Digest(Box<DigestQuirks>),
}

/// A header field as it goes on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeaderField {
    /// Its name, spelled as sent.
    pub name: Bind<String>,
    /// Its value.
    pub value: Bind<String>,
}

/// Where a request goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Over the session's TLS connection.
    #[default]
    Tls,
    /// In clear to the TLS port.
    ClearOnTlsPort,
    /// In clear to the declared `http` endpoint.
    ClearEndpoint,
}

/// In which first flight a request goes as early data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EarlyFlight {
    /// In one that resumes the TLS session saved under this name; the lab engine made it.
    Resume(String),
    /// In the one of the request saved under this name, octet for octet.
    Again(String),
}

/// Sends one request and reads the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The session; opened without authentication if it does not exist.
    pub session: String,
    /// The method.
    pub method: String,
    /// The document: a `$name` of the target file, or a path.
    pub document: Bind<String>,
    /// The same document under another AUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auid: Option<Bind<String>>,
    /// Another spelling of the document's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_spelling: Option<Bind<PathSpelling>>,
    /// Stands behind the path: a node selector or a query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<Bind<String>>,
    /// Another form of the request target than the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_form: Option<Bind<TargetForm>>,
    /// The host in a target of another form; the request's own unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Bind<String>>,
    /// The Host field; the target's host unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Bind<String>>,
    /// Exactly these Host fields, in order; none for the empty list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_fields: Option<Vec<Bind<String>>>,
    /// Values of X-3GPP-Intended-Identity, one field each, quoted as the specification shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intended_identities: Vec<Bind<String>>,
    /// Several values in one X-3GPP-Intended-Identity field, each quoted, separated by commas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intended_identity_list: Vec<Bind<String>>,
    /// One X-3GPP-Intended-Identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_identity: Option<Bind<String>>,
    /// Another spelling of the intended identities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_spelling: Option<Bind<IdentitySpelling>>,
    /// If-Match with the entity tag of the answer saved under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    /// Sends the cookies that the session was given.
    #[serde(default)]
    pub cookies: bool,
    /// Header fields that the origin observer adds to its answer to this marked request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origin_adds: Vec<HeaderField>,
    /// The status that the origin observer answers this marked request with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_status: Option<u16>,
    /// Further header fields, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderField>,
    /// Product tokens added to User-Agent; `[3gpp-gba]` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Vec<String>>,
    /// The body: `document` for a valid document of the AUID, `other-document` for a different one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Marks the request, so that the origin step can find it; unique in the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// Saves request and answer under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save: Option<String>,
    /// How it authenticates.
    #[serde(default)]
    pub credentials: Credentials,
    /// Sends it this many times, one after the other, at most 200; claims are about the last answer and about all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u16>,
    /// Fields of a trailer section; the request goes in chunks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<HeaderField>,
    /// The header field that carries the credentials; Authorization unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_field: Option<String>,
    /// A second Authorization field, whose response is one digit off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_authorization: Option<SecondAuthorization>,
    /// Goes as early data of TLS 1.3 in a first flight after which nothing follows, over a connection of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_data: Option<EarlyFlight>,
    /// Where it goes.
    #[serde(default)]
    pub transport: Transport,
    /// Goes over the connection that the session has open, and over no other: an orderly end instead of an answer counts at once.
    #[serde(default)]
    pub kept_connection: bool,
    /// What is claimed.
    #[serde(default)]
    pub expect: Vec<Claim<Answer>>,
}

impl Http {
    /// An ordinary GET of a document in a session, without any claim.
    #[must_use]
    pub fn get(session: &str, document: Bind<String>) -> Self {
        Self {
            session: session.to_owned(),
            method: "GET".to_owned(),
            document,
            auid: None,
            path_spelling: None,
            suffix: None,
            target_form: None,
            authority: None,
            host: None,
            host_fields: None,
            intended_identities: Vec::new(),
            intended_identity_list: Vec::new(),
            intended_identity: None,
            identity_spelling: None,
            if_match: None,
            cookies: false,
            origin_adds: Vec::new(),
            origin_status: None,
            headers: Vec::new(),
            user_agent: None,
            body: None,
            marker: None,
            save: None,
            credentials: Credentials::Session,
            times: None,
            trailers: Vec::new(),
            credentials_field: None,
            second_authorization: None,
            early_data: None,
            transport: Transport::Tls,
            kept_connection: false,
            expect: Vec::new(),
        }
    }

    /// Whether the origin observer is told how to answer it.
    #[must_use]
    pub fn arranges_answer(&self) -> bool {
        !self.origin_adds.is_empty() || self.origin_status.is_some()
    }

    /// Whether the request is meant to change a document.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "DELETE" | "POST" | "PATCH")
    }
}

/// Makes sure, as its owner, that a document exists; undone when the scenario ends. A control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepare {
    /// The owner's name in the target file.
    #[serde(rename = "as")]
    pub subscriber: String,
    /// The document.
    pub document: Bind<String>,
    /// The same document under another AUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auid: Option<Bind<String>>,
}

/// Looks once more at a saved answer, for a claim of another level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerAgain {
    /// The name under which the answer was saved.
    pub of: String,
    /// What is claimed.
    pub expect: Vec<Claim<Answer>>,
}

/// Looks at what the origin received under a marker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The marker of an earlier request.
    pub marker: String,
    /// How long to wait at most when the provoking request got no answer, such as `3s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// What is claimed.
    pub expect: Vec<Claim<OriginView>>,
}
