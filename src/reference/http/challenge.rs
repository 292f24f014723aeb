//! The 401 and `Authentication-Info` (RFC 7616, 3.3 and 3.5; TS 24.109, 5.2.4 and 7.2).

use std::fmt::Write as _;

use super::defect::HttpDefect;
use super::hash::{Computation, Counted, DigestAlgorithm};
use super::nonce::Nonce;
use super::settings::ApplicationSettings;

/// What a request shows that decides its challenge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Challenged<'a> {
    /// Host of the request.
    pub(super) host: &'a str,
    pub(super) user_agent: &'a str,
    /// Whether the request brought credentials.
    pub(super) had_credentials: bool,
}

/// Realm of the challenge to a request.
pub(super) fn realm(settings: &ApplicationSettings, challenged: Challenged<'_>) -> String {
    let (prefix, host) = (&settings.realm_prefix, challenged.host);
    if settings.has(HttpDefect::BootstrappingRealmMissing) && !challenged.had_credentials {
        format!("presence@{host}")
    } else if settings.has(HttpDefect::RealmNamesAnotherHost) {
        format!("{prefix}@naf.another.invalid")
    } else if settings.has(HttpDefect::UiccRealmOffered)
        && challenged.user_agent.contains("3gpp-gba-uicc")
    {
        format!("{prefix}-uicc@{host};{prefix}@{host}")
    } else {
        format!("{prefix}@{host}")
    }
}

/// Values of `WWW-Authenticate`, one field for each algorithm.
pub(super) fn fields(settings: &ApplicationSettings, nonce: &Nonce, stale: bool) -> Vec<String> {
    settings
        .algorithms
        .iter()
        .map(|algorithm| {
            let Nonce {
                realm,
                value,
                opaque,
                ..
            } = nonce;
            let mut field =
                format!("Digest realm=\"{realm}\", nonce=\"{value}\", opaque=\"{opaque}\"");
            if !settings.has(HttpDefect::QopNotOffered) {
                field.push_str(", qop=\"auth,auth-int\"");
            }
            // Writing to a String cannot fail.
            let _ = write!(field, ", algorithm={}", algorithm.name());
            if stale {
                field.push_str(", stale=true");
            }
            field
        })
        .collect()
}

/// What the server needs to prove that it knows the password too; it holds that password and has no `Debug`.
#[derive(Clone)]
pub(super) struct Proof {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) username: String,
    pub(super) realm: String,
    pub(super) password: crate::model::secret::Secret,
    pub(super) nonce: String,
    pub(super) uri: String,
    /// nc, cnonce and qop as the client sent them.
    pub(super) counted: Option<(String, String, String)>,
}

impl Proof {
    /// The computation whose fields these are.
    pub(super) fn computation(&self) -> Computation<'_> {
        Computation {
            algorithm: self.algorithm,
            username: &self.username,
            realm: &self.realm,
            password: self.password.expose(),
            nonce: &self.nonce,
            uri: &self.uri,
            counted: self
                .counted
                .as_ref()
                .map(|(nc, cnonce, qop)| Counted { nc, cnonce, qop }),
        }
    }

    /// Value of `Authentication-Info` for a response body; a defect makes it wrong.
    pub(super) fn authentication_info(&self, body: &[u8], wrong: bool) -> String {
        let method = if wrong { "PRESEC" } else { "" };
        let rspauth = self.computation().digest(method, body);
        match &self.counted {
            None => format!("rspauth=\"{rspauth}\""),
            Some((nc, cnonce, qop)) => {
                let cnonce = cnonce.replace('\\', "\\\\").replace('"', "\\\"");
                format!("qop={qop}, rspauth=\"{rspauth}\", cnonce=\"{cnonce}\", nc={nc}")
            }
        }
    }
}
