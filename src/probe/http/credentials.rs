//! The Authorization value of one try: right, absent, replayed, or wrong in the way a scenario asks for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::ports::Trouble;
use crate::model::bind::Bind;
use crate::model::names::Names;
use crate::model::secret::Secret;
use crate::model::step_http::{Credentials, DigestQuirks};
use crate::model::step_http_form::KeyEncoding;
use crate::wire::http::digest::SignedRequest;
use crate::wire::http::{Authorization, Credentials as UserAndPassword};

use super::case::HttpCase;
use super::documents::{BODIES, Document, auid_of, document, document_path};
use super::plan::RequestPlan;
use super::session::Session;
use super::wrong::{in_encoding, is_session_algorithm, one_digit_off, padding};

/// How every try of one request authenticates.
#[derive(Debug, Clone)]
pub(super) enum Sending {
    /// Not at all.
    Nothing,
    /// By the session's Digest state.
    Session,
    /// With this value.
    Fixed(String),
    /// By Digest with departures.
    Departing(Box<Departures>),
}

impl Sending {
    /// Whether a nonce that went stale is none of what the step is about, so that a UE would go on with the new one.
    ///
    /// Departures on another nonce than the session's are about that nonce, and a fixed value cannot be computed again.
    pub(super) fn follows_stale(&self) -> bool {
        match self {
            Self::Session => true,
            Self::Departing(departures) => departures.nonce.is_none(),
            Self::Nothing | Self::Fixed(_) => false,
        }
    }
}

/// Departures from right Digest credentials, resolved.
#[derive(Debug, Clone, Default)]
pub(super) struct Departures {
    username: Option<String>,
    password: Option<Secret>,
    realm: Option<String>,
    nonce: Option<String>,
    qop: Option<String>,
    algorithm: Option<String>,
    uri: Option<String>,
    method: Option<String>,
    body: Option<Vec<u8>>,
    nc: Option<u32>,
    nc_text: Option<String>,
    cnonce: Option<String>,
    opaque: Option<String>,
    absolute_uri: bool,
    key_encoding: Option<KeyEncoding>,
    padding: Option<u32>,
    wrong_response: bool,
}

/// What went out in the Authorization field.
#[derive(Clone, Default)]
pub(super) struct SentCredentials {
    /// The value.
    pub(super) value: Option<String>,
    /// The same as fields, when it is Digest.
    pub(super) digest: Option<Authorization>,
}

impl HttpCase {
    /// Resolves how a step authenticates.
    pub(super) fn sending(
        &mut self,
        credentials: &Credentials,
        session: &Session,
        plan: &RequestPlan,
        names: &Names,
    ) -> Result<Sending, Trouble> {
        Ok(match credentials {
            Credentials::None => Sending::Nothing,
            Credentials::Session => Sending::Session,
            Credentials::Basic => Sending::Fixed(self.basic(session)?),
            Credentials::Replay(name) => {
                let saved = self.saved_exchange(name)?;
                let value = saved.authorization.clone().ok_or_else(|| {
                    Trouble::NotProven(format!(
                        "the request saved as `{name}` carried no credentials to replay"
                    ))
                })?;
                Sending::Fixed(value)
            }
            Credentials::Digest(quirks) => {
                Sending::Departing(Box::new(self.departures(quirks, plan, names)?))
            }
        })
    }

    fn basic(&self, session: &Session) -> Result<String, Trouble> {
        let subscriber = session.subscriber.as_deref().ok_or_else(|| {
            Trouble::Fault("Basic credentials need a session that logged in before".to_owned())
        })?;
        let subscriber = self.subscriber(subscriber)?;
        let mut pair = format!("{}:", subscriber.username).into_bytes();
        pair.extend_from_slice(subscriber.password.expose());
        Ok(format!("Basic {}", STANDARD.encode(pair)))
    }

    fn departures(
        &mut self,
        quirks: &DigestQuirks,
        plan: &RequestPlan,
        names: &Names,
    ) -> Result<Departures, Trouble> {
        let text =
            |bind: &Option<Bind<String>>| bind.as_ref().map(|bind| bind.resolve(names)).transpose();
        let mut opaque = text(&quirks.opaque)?;
        let nonce = match text(&quirks.nonce)? {
            Some(nonce) if nonce == "never-issued" => Some(self.random_hex()),
            Some(nonce) => match nonce.strip_prefix("of:") {
                Some(name) => {
                    let saved = self.saved_exchange(name)?;
                    // A challenge gives nonce and opaque together.
                    let beside = saved.digest.as_ref().and_then(|sent| sent.opaque.clone());
                    opaque = opaque.or(beside);
                    Some(self.of_saved(name, "nonce", |_| saved.nonce())?)
                }
                None => Some(nonce),
            },
            None => None,
        };
        let nc_text = match text(&quirks.nc_text)? {
            Some(nc) => match nc.strip_prefix("of:") {
                Some(name) => Some(self.of_saved(name, "nc", |sent| sent.nc.clone())?),
                None => Some(nc),
            },
            None => None,
        };
        let cnonce = match text(&quirks.cnonce)? {
            Some(cnonce) => match cnonce.strip_prefix("of:") {
                Some(name) => Some(self.of_saved(name, "cnonce", |sent| sent.cnonce.clone())?),
                None => Some(cnonce),
            },
            None => None,
        };
        let key_encoding = match &quirks.key_encoding {
            Some(encoding) => Some(encoding.resolve(names)?),
            None => None,
        };
        let body = match &quirks.body {
            None => None,
            Some(name) => Some(self.body_named(name, &plan.target)?.body),
        };
        Ok(Departures {
            username: text(&quirks.username)?,
            password: text(&quirks.password)?.map(Secret::new),
            realm: text(&quirks.realm)?,
            nonce,
            qop: text(&quirks.qop)?,
            algorithm: text(&quirks.algorithm)?,
            uri: text(&quirks.uri)?,
            method: quirks.method.clone(),
            body,
            nc: quirks.nc,
            nc_text,
            cnonce,
            opaque,
            absolute_uri: quirks.absolute_uri,
            key_encoding,
            padding: quirks.padding,
            wrong_response: quirks.wrong_response,
        })
    }

    /// A directive of the credentials that a saved request was sent with.
    fn of_saved(
        &self,
        name: &str,
        directive: &str,
        find: impl Fn(&Authorization) -> Option<String>,
    ) -> Result<String, Trouble> {
        let sent = self.saved_exchange(name)?.digest.as_ref();
        sent.and_then(find).ok_or_else(|| {
            Trouble::NotProven(format!("the request saved as `{name}` used no {directive}"))
        })
    }

    /// The body that a scenario names, for the document at `path`.
    pub(super) fn body_named(&self, name: &str, path: &str) -> Result<Document, Trouble> {
        if !BODIES.contains(&name) {
            return Err(Trouble::Fault(format!(
                "there is no body `{name}`; {} are there",
                BODIES.join(" and ")
            )));
        }
        let auid = auid_of(path, &self.target.root);
        document(name, auid, document_path(path)).ok_or_else(|| {
            Trouble::NotApplicable(format!(
                "presec has no document of the AUID `{auid}` to write"
            ))
        })
    }

    /// One more than the requests this case has sent with that nonce, whatever the session: a target may give the same
    /// nonce twice, and counts per client (RFC 7616, 3.4).
    fn next_count(&self, username: &str, nonce: &str) -> u32 {
        let key = (username.to_owned(), nonce.to_owned());
        self.nonce_counts
            .get(&key)
            .map_or(1, |count| count.saturating_add(1))
    }

    fn count_nonce(&mut self, authorization: &Authorization) {
        let count = authorization
            .nc
            .as_deref()
            .and_then(|nc| u32::from_str_radix(nc, 16).ok());
        let (nonce, username) = (&authorization.nonce, &authorization.username);
        if let (Some(nonce), Some(username), Some(count)) = (nonce, username, count) {
            let key = (username.clone(), nonce.clone());
            let known = self.nonce_counts.entry(key).or_insert(0);
            *known = (*known).max(count);
        }
    }

    /// The Authorization value of one try; the session's nonce count moves on.
    pub(super) fn authorize(
        &mut self,
        session: &mut Session,
        plan: &RequestPlan,
        sending: &Sending,
    ) -> Result<SentCredentials, Trouble> {
        let departures = match sending {
            Sending::Nothing => return Ok(SentCredentials::default()),
            Sending::Fixed(value) => {
                return Ok(SentCredentials {
                    digest: Authorization::parse(value).ok(),
                    value: Some(value.clone()),
                });
            }
            Sending::Session if session.digest.is_none() => return Ok(SentCredentials::default()),
            Sending::Session => None,
            Sending::Departing(departures) => Some(departures),
        };
        let name = session.subscriber.clone().ok_or_else(|| {
            Trouble::Fault("Digest credentials need a session that logged in before".to_owned())
        })?;
        let subscriber = self.subscriber(&name)?.clone();
        let cnonce = self.random_hex();
        let next = session.digest.as_ref().map_or(1, |state| {
            self.next_count(&subscriber.username, &state.nonce)
        });
        let state = session.digest.as_mut().ok_or_else(|| {
            Trouble::NotProven(
                "the target served the login without a challenge, so there is nothing to depart from"
                    .to_owned(),
            )
        })?;
        state.nc = state.nc.max(next);
        let request = SignedRequest {
            method: &plan.method,
            uri: plan.request_target(),
            body: plan.body_bytes(),
            cnonce: &cnonce,
        };
        let user = UserAndPassword {
            username: &subscriber.username,
            password: subscriber.password.expose(),
        };
        let mut authorization = state.authorize(user, request);
        if let Some(departures) = departures {
            // A nonce count beyond the session's own would make its next right request look replayed.
            if departures.nonce.is_none() {
                state.nc = state.nc.max(departures.nc.unwrap_or(0).saturating_add(1));
            }
            let count = departures
                .nonce
                .as_ref()
                .map(|nonce| self.next_count(&subscriber.username, nonce));
            let right = Right {
                password: subscriber.password,
                cnonce,
                count,
            };
            authorization = departures.applied(authorization, right, plan);
        }
        self.count_nonce(&authorization);
        Ok(SentCredentials {
            value: Some(authorization.encode()),
            digest: Some(authorization),
        })
    }
}

/// What departures fall back on.
struct Right {
    password: Secret,
    cnonce: String,
    /// The next count of the departing nonce, as often as this case has used it.
    count: Option<u32>,
}

impl Departures {
    /// Puts the departures into right credentials and computes the response over the result.
    fn applied(
        &self,
        mut authorization: Authorization,
        right: Right,
        plan: &RequestPlan,
    ) -> Authorization {
        let cnonce = right.cnonce;
        let replace = |field: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                field.clone_from(value);
            }
        };
        replace(&mut authorization.username, &self.username);
        replace(&mut authorization.realm, &self.realm);
        replace(&mut authorization.nonce, &self.nonce);
        replace(&mut authorization.algorithm, &self.algorithm);
        replace(&mut authorization.uri, &self.uri);
        if self.absolute_uri {
            authorization.uri = Some(format!("https://{}{}", plan.host, plan.target));
        }
        match self.qop.as_deref() {
            None => {}
            Some("none") => {
                authorization.qop = None;
                authorization.nc = None;
                authorization.cnonce = None;
            }
            Some(qop) => {
                authorization.qop = Some(qop.to_owned());
                authorization
                    .nc
                    .get_or_insert_with(|| "00000001".to_owned());
                authorization.cnonce.get_or_insert_with(|| cnonce.clone());
            }
        }
        if authorization.nc.is_some()
            && let Some(nc) = self.nc.or(right.count)
        {
            authorization.nc = Some(format!("{nc:08x}"));
        }
        if authorization
            .algorithm
            .as_deref()
            .is_some_and(is_session_algorithm)
        {
            authorization.cnonce.get_or_insert(cnonce);
        }
        for (field, value) in [
            (&mut authorization.nc, &self.nc_text),
            (&mut authorization.cnonce, &self.cnonce),
            (&mut authorization.opaque, &self.opaque),
        ] {
            match value.as_deref() {
                None => {}
                Some("none") => *field = None,
                Some(value) => *field = Some(value.to_owned()),
            }
        }
        authorization.additional.extend(self.padding.map(padding));
        self.sign(&authorization, right.password, plan)
    }

    /// Computes the response over the fields as they stand, with what departs in the computation itself.
    fn sign(
        &self,
        authorization: &Authorization,
        right: Secret,
        plan: &RequestPlan,
    ) -> Authorization {
        let password = self.password.clone().unwrap_or(right);
        let password = match self.key_encoding {
            None => password,
            Some(encoding) => in_encoding(&password, encoding),
        };
        let method = self.method.as_deref().unwrap_or(&plan.method);
        let body = self.body.as_deref().unwrap_or_else(|| plan.body_bytes());
        let mut signed = authorization
            .clone()
            .signed(password.expose(), method, body);
        if self.wrong_response {
            signed.response = signed.response.as_deref().map(one_digit_off);
        }
        signed
    }
}
