//! The client's state between a challenge and the next.

use super::algorithm::{Algorithm, Qop};
use super::authentication_info::AuthenticationInfo;
use super::authorization::Authorization;
use super::context::SessionKey;
use crate::wire::http::challenge::Challenge;
use thiserror::Error;

/// User name and password of one subscriber. It borrows the password and has no `Debug`.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// User name, a B-TID with bootstrapped credentials.
    pub username: &'a str,
    /// Password as octets.
    pub password: &'a [u8],
}

/// What a request puts under its digest.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// Method.
    pub method: &'a str,
    /// Request target.
    pub uri: &'a str,
    /// Body, read with [`Qop::AuthInt`].
    pub body: &'a [u8],
    /// Client nonce of this request.
    pub cnonce: &'a str,
}

/// Why a challenge cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unusable {
    /// Another scheme.
    #[error("not a Digest challenge")]
    NotDigest,
    /// No realm.
    #[error("challenge without a realm")]
    NoRealm,
    /// No nonce.
    #[error("challenge without a nonce")]
    NoNonce,
    /// An algorithm that is not known; it is to be ignored (RFC 7616, 3.3).
    #[error("unknown algorithm `{0}`")]
    UnknownAlgorithm(String),
    /// No quality of protection that is known.
    #[error("unknown quality of protection `{0}`")]
    UnknownQop(String),
}

/// Nonce state of one protection space; all fields may be set to what a test needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSession {
    /// Server nonce for the next request.
    pub nonce: String,
    /// Nonce count of the next request, 1 after a challenge.
    pub nc: u32,
    /// What the challenge asked to return.
    pub opaque: Option<String>,
    /// Quality of protection that was selected, none when the challenge offered none.
    pub qop: Option<Qop>,
    /// Algorithm of the challenge.
    pub algorithm: Algorithm,
    /// Algorithm as the challenge spelled it; not returned when it was absent.
    pub algorithm_spelling: Option<String>,
    /// Realm to return and to hash, as in the challenge.
    pub realm: String,
    /// Session key of a `-sess` algorithm, set by the first request.
    pub session_key: Option<SessionKey>,
}

impl DigestSession {
    /// Starts with a challenge. Of the qualities on offer `prefer` is selected, else `auth`, else `auth-int`.
    ///
    /// # Errors
    /// A challenge that cannot be answered.
    pub fn from_challenge(challenge: &Challenge, prefer: Option<Qop>) -> Result<Self, Unusable> {
        if !challenge.is_digest() {
            return Err(Unusable::NotDigest);
        }
        let realm = challenge.realm().ok_or(Unusable::NoRealm)?.to_owned();
        let nonce = challenge.nonce().ok_or(Unusable::NoNonce)?.to_owned();
        let spelling = challenge.algorithm().map(str::to_owned);
        let algorithm = match &spelling {
            None => Algorithm::Md5,
            Some(name) => {
                Algorithm::parse(name).ok_or_else(|| Unusable::UnknownAlgorithm(name.clone()))?
            }
        };
        Ok(Self {
            nonce,
            nc: 1,
            opaque: challenge.opaque().map(str::to_owned),
            qop: select_qop(challenge, prefer)?,
            algorithm,
            algorithm_spelling: spelling,
            realm,
            session_key: None,
        })
    }

    /// Credentials for the next request; the nonce count moves on.
    pub fn authorize(
        &mut self,
        credentials: Credentials<'_>,
        request: SignedRequest<'_>,
    ) -> Authorization {
        let uses_cnonce = self.qop.is_some() || self.algorithm.has_session_key();
        if self.algorithm.has_session_key() && self.session_key.is_none() {
            self.session_key = Some(SessionKey {
                nonce: self.nonce.clone(),
                cnonce: request.cnonce.to_owned(),
            });
        }
        let authorization = Authorization {
            username: Some(credentials.username.to_owned()),
            realm: Some(self.realm.clone()),
            nonce: Some(self.nonce.clone()),
            uri: Some(request.uri.to_owned()),
            response: None,
            algorithm: self.algorithm_spelling.clone(),
            cnonce: uses_cnonce.then(|| request.cnonce.to_owned()),
            opaque: self.opaque.clone(),
            qop: self.qop.map(|qop| qop.as_str().to_owned()),
            nc: self.qop.map(|_| format!("{:08x}", self.nc)),
            additional: Vec::new(),
            session_key: self.session_key.clone(),
        };
        self.nc = self.nc.wrapping_add(1);
        authorization.signed(credentials.password, request.method, request.body)
    }

    /// Moves to the nonce that the server announced, if any (RFC 7616, 3.5).
    pub fn follow(&mut self, info: &AuthenticationInfo) {
        if let Some(nonce) = &info.nextnonce {
            self.nonce.clone_from(nonce);
            self.nc = 1;
        }
    }
}

/// The first challenge that can be answered; servers send the one they prefer first (RFC 7616, 3.7).
pub fn select_challenge(challenges: &[Challenge]) -> Option<&Challenge> {
    challenges
        .iter()
        .find(|challenge| DigestSession::from_challenge(challenge, None).is_ok())
}

fn select_qop(challenge: &Challenge, prefer: Option<Qop>) -> Result<Option<Qop>, Unusable> {
    let Some(text) = challenge.param("qop") else {
        return Ok(None);
    };
    let offered: Vec<Qop> = challenge.qop().into_iter().filter_map(Qop::parse).collect();
    let order = [prefer, Some(Qop::Auth), Some(Qop::AuthInt)];
    let selected = order
        .into_iter()
        .flatten()
        .find(|qop| offered.contains(qop));
    selected
        .map(Some)
        .ok_or_else(|| Unusable::UnknownQop(text.to_owned()))
}
