//! Digest credentials up to the point where only the digest itself is left to judge.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::authentication::{Authenticator, Decision, Incoming};
use super::challenge::Proof;
use super::credentials::DigestCredentials;
use super::defect::{HttpDefect, ProxyDefect};
use super::hash::DigestAlgorithm;
use super::nonce::Nonce;
use super::settings::SubscriberSettings;
use super::standing::NonceStanding;

/// Octets of a RAND.
const RAND_OCTETS: usize = 16;

/// Digest credentials that are fit to be checked.
pub(super) struct Check<'a> {
    pub(super) incoming: &'a Incoming<'a>,
    pub(super) credentials: &'a DigestCredentials,
    pub(super) subscriber: usize,
    pub(super) nonce: Option<Nonce>,
    pub(super) standing: NonceStanding,
    pub(super) proof: Proof,
}

impl Authenticator {
    pub(super) fn digest(
        &self,
        incoming: &Incoming<'_>,
        credentials: &DigestCredentials,
    ) -> Decision {
        if let Err(decision) = self.check_form(incoming, credentials) {
            return decision;
        }
        let Some(subscriber) = self.subscriber_of(&credentials.username) else {
            return self.unknown_b_tid(incoming, &credentials.username);
        };
        let Some(settings) = self.settings.subscribers.get(subscriber) else {
            return Decision::Challenge { stale: false };
        };
        if settings.superseded && self.settings.has(HttpDefect::SupersededBTidRefused) {
            return Decision::Challenge { stale: false };
        }
        match self.prepare(incoming, credentials, (subscriber, settings)) {
            Ok(check) => self.judge(&check),
            Err(decision) => decision,
        }
    }

    /// What can be said of credentials without knowing anybody.
    fn check_form(
        &self,
        incoming: &Incoming<'_>,
        credentials: &DigestCredentials,
    ) -> Result<(), Decision> {
        let none_offered = self.settings.has(HttpDefect::QopNotOffered);
        match &credentials.qop {
            None if none_offered || self.settings.has(HttpDefect::QopOmissionAccepted) => {}
            None => return Err(Decision::Challenge { stale: false }),
            Some(qop) => {
                let offered = !none_offered && matches!(qop.as_str(), "auth" | "auth-int");
                if !offered && !self.settings.has(HttpDefect::UnofferedQopAccepted) {
                    return Err(Decision::BadRequest);
                }
                let has_cnonce = credentials
                    .cnonce
                    .as_ref()
                    .is_some_and(|cnonce| !cnonce.is_empty());
                let lenient = self.settings.has(HttpDefect::MalformedNonceCountAccepted)
                    && credentials.nc.is_some();
                if !has_cnonce || (credentials.count().is_none() && !lenient) {
                    return Err(Decision::BadRequest);
                }
            }
        }
        let refused = self.settings.has(HttpDefect::AbsoluteDigestUriRefused)
            && credentials.uri.starts_with("https://");
        let named = names_target(&credentials.uri, incoming)
            || self.settings.has(HttpDefect::DigestUriNotCompared);
        if refused {
            return Err(Decision::Challenge { stale: false });
        }
        if !named {
            return Err(Decision::BadRequest);
        }
        Ok(())
    }

    fn unknown_b_tid(&self, incoming: &Incoming<'_>, b_tid: &str) -> Decision {
        let settings = &self.settings;
        let served = (settings.has(HttpDefect::UnknownBTidServed) && has_form_of_b_tid(b_tid))
            || (settings.has(HttpDefect::MalformedBTidServed) && !b_tid.contains('@'));
        if served {
            self.as_owner(incoming)
        } else {
            Decision::Challenge { stale: false }
        }
    }

    /// Looks up nonce and standing and compares realm, opaque and algorithm.
    fn prepare<'a>(
        &self,
        incoming: &'a Incoming<'a>,
        credentials: &'a DigestCredentials,
        (subscriber, settings): (usize, &SubscriberSettings),
    ) -> Result<Check<'a>, Decision> {
        let now = self.now();
        let challenge = || Decision::Challenge { stale: false };
        let (nonce, standing) = {
            let memory = self.memory();
            let standing = memory.standings.get(subscriber).ok_or_else(challenge)?;
            let nonce = memory.nonces.find(&credentials.nonce);
            let overlooked =
                nonce.is_some() && self.settings.has_proxy(ProxyDefect::ExpiredKeyServed);
            if standing.is_expired(settings, now) && !overlooked {
                return Err(challenge());
            }
            if memory.nonces.is_forgotten(&credentials.nonce)
                && self.settings.has_proxy(ProxyDefect::RestartBreaksNonces)
            {
                return Err(Decision::Broken);
            }
            let lifetime = self.settings.nonce_lifetime;
            let of_nonce = standing.of_nonce(nonce, lifetime, now);
            (nonce.cloned(), of_nonce)
        };
        let algorithm = self
            .algorithm(credentials.algorithm.as_deref())
            .ok_or_else(challenge)?;
        let elsewhere = nonce
            .as_ref()
            .is_some_and(|nonce| nonce.host != incoming.challenged.host);
        let elsewhere_accepted =
            elsewhere && self.settings.has(HttpDefect::NonceOfOtherHostAccepted);
        let offered = match &nonce {
            Some(_) if elsewhere_accepted => {
                super::challenge::realm(&self.settings, incoming.challenged)
            }
            Some(nonce) => nonce.realm.clone(),
            None => super::challenge::realm(&self.settings, incoming.challenged),
        };
        // Of a realm with parts the client may pick one (TS 24.109, 5.2).
        let known = credentials.realm == offered
            || offered
                .split(';')
                .any(|part| part.trim() == credentials.realm);
        if !known && !self.settings.has(HttpDefect::RealmNotChecked) {
            return Err(challenge());
        }
        if elsewhere && !elsewhere_accepted {
            return Err(challenge());
        }
        if let Some(nonce) = &nonce
            && !self.settings.has(HttpDefect::ChangedOpaqueAccepted)
            && credentials.opaque.as_ref() != Some(&nonce.opaque)
        {
            return Err(challenge());
        }
        let proof = Self::proof(credentials, algorithm, settings);
        Ok(Check {
            incoming,
            credentials,
            subscriber,
            nonce,
            standing,
            proof,
        })
    }

    /// What the response has to be computed from.
    fn proof(
        credentials: &DigestCredentials,
        algorithm: DigestAlgorithm,
        settings: &SubscriberSettings,
    ) -> Proof {
        let counted = match (&credentials.nc, &credentials.cnonce, &credentials.qop) {
            (Some(nc), Some(cnonce), Some(qop)) => Some((nc.clone(), cnonce.clone(), qop.clone())),
            _ => None,
        };
        Proof {
            algorithm,
            username: credentials.username.clone(),
            realm: credentials.realm.clone(),
            password: settings.ks_naf.clone(),
            nonce: credentials.nonce.clone(),
            uri: credentials.uri.clone(),
            counted,
        }
    }

    fn algorithm(&self, name: Option<&str>) -> Option<DigestAlgorithm> {
        let name = name.unwrap_or("MD5");
        if self.settings.has(HttpDefect::UnofferedAlgorithmAccepted) && name == "SHA-256" {
            return Some(DigestAlgorithm::Sha256);
        }
        self.settings
            .algorithms
            .iter()
            .copied()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }
}

/// Whether a digest URI names the resource of the request, in origin or absolute form (RFC 7616, 3.4.6).
fn names_target(uri: &str, incoming: &Incoming<'_>) -> bool {
    if uri == incoming.target {
        return true;
    }
    let absolute = uri.strip_prefix("https://").and_then(|rest| {
        rest.find('/')
            .and_then(|slash| rest.split_at_checked(slash))
    });
    absolute.is_some_and(|(authority, path)| {
        let host = authority.split(':').next().unwrap_or_default();
        path == incoming.target && host.eq_ignore_ascii_case(incoming.challenged.host)
    })
}

/// Whether a name is base64 of a RAND and the name of a BSF (TS 33.220, 4.5.2).
fn has_form_of_b_tid(name: &str) -> bool {
    name.split_once('@').is_some_and(|(random, bsf)| {
        let octets = STANDARD.decode(random).unwrap_or_default();
        octets.len() >= RAND_OCTETS && !bsf.is_empty()
    })
}
