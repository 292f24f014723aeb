//! The digest, the nonce behind it, and what the answer does to a demand for re-authentication.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::authentication::{Authenticator, Decision, Incoming};
use super::challenge::Proof;
use super::defect::{HttpDefect, ProxyDefect};
use super::digest::Check;
use super::hash::equal_in_constant_time;
use super::standing::NonceStanding;
use crate::model::secret::Secret;

/// After how many wrong passwords a defect locks the owner out.
const LOCKED_AT: u32 = 20;

/// Widest gap between nonce counts that a defect lets pass.
const GAP: u32 = 500;

impl Authenticator {
    /// Judges credentials that are fit to be checked.
    pub(super) fn judge(&self, check: &Check<'_>) -> Decision {
        if !self.proves_password(check) {
            let old = matches!(
                check.standing,
                NonceStanding::Expired | NonceStanding::Revoked
            );
            let mut memory = self.memory();
            if let Some(standing) = memory.standings.get_mut(check.subscriber) {
                standing.wrong_passwords = standing.wrong_passwords.saturating_add(1);
            }
            let stale = old && self.settings.has(HttpDefect::StaleOnWrongDigest);
            return Decision::Challenge { stale };
        }
        let stale = Decision::Challenge {
            stale: !self.settings.has(HttpDefect::StaleNeverSaid),
        };
        match check.standing {
            NonceStanding::NeverIssued
                if self.settings.has(HttpDefect::NonceNeverIssuedAccepted) =>
            {
                granted(check)
            }
            NonceStanding::NeverIssued => Decision::Challenge { stale: false },
            NonceStanding::Expired => stale,
            NonceStanding::Revoked if self.spares_revoked(check) => granted(check),
            NonceStanding::Revoked => stale,
            NonceStanding::Live if self.leaves_refused_gap(check) => {
                Decision::Challenge { stale: false }
            }
            NonceStanding::Live if self.is_bound_elsewhere(check) => stale,
            NonceStanding::Live if self.counts(check) => self.answer_demand(check),
            NonceStanding::Live => stale,
        }
    }

    /// Whether the digest is right for method, target and body.
    fn proves_password(&self, check: &Check<'_>) -> bool {
        let settings = &self.settings;
        let Incoming { method, body, .. } = *check.incoming;
        let response = check.credentials.response.as_bytes();
        let computation = check.proof.computation();
        let proves = |method: &str| {
            equal_in_constant_time(computation.digest(method, body).as_bytes(), response)
        };
        let live = check.standing == NonceStanding::Live;
        let is_integrity = check.credentials.qop.as_deref() == Some("auth-int");
        let mut right = proves(method);
        right |= settings.has(HttpDefect::MethodNotInDigest) && method == "DELETE" && proves("GET");
        right |= settings.has(HttpDefect::AuthIntBodyNotBound) && is_integrity && method == "PUT";
        right |= settings.has(HttpDefect::WrongPasswordServed) && live && method == "GET";
        right |= live && self.proves_another_key(check);
        if settings.has(HttpDefect::UnofferedQopAccepted) {
            let mut plain = computation;
            plain.counted = None;
            right |= equal_in_constant_time(plain.digest(method, body).as_bytes(), response);
        }
        right
    }

    /// Defects that accept the key in another form, or that of another subscriber.
    fn proves_another_key(&self, check: &Check<'_>) -> bool {
        let settings = &self.settings;
        let Incoming { method, body, .. } = *check.incoming;
        let proves = |key: Vec<u8>| {
            let proof = Proof {
                password: Secret::new(key),
                ..check.proof.clone()
            };
            let digest = proof.computation().digest(method, body);
            equal_in_constant_time(digest.as_bytes(), check.credentials.response.as_bytes())
        };
        let own = STANDARD.decode(check.proof.password.expose());
        let in_hex = own.map(|key| hex::encode(key).into_bytes());
        let mut right = settings.has(HttpDefect::KeyEncodingAccepted) && in_hex.is_ok_and(proves);
        if settings.has(HttpDefect::KeyOfOtherSubscriberAccepted) {
            let mut others = settings.subscribers.iter();
            right |= others.any(|other| proves(other.ks_naf.expose().to_vec()));
        }
        right
    }

    /// Whether a live nonce is used with a count it has not seen. Without a quality of protection there is no count.
    fn counts(&self, check: &Check<'_>) -> bool {
        let Some(count) = check
            .credentials
            .count()
            .filter(|_| check.proof.counted.is_some())
        else {
            return true;
        };
        let fresh = self.memory().nonces.count(&check.credentials.nonce, count);
        fresh
            || self.overlooks_repetition(check, count)
            || (self.settings.has(HttpDefect::NonceCountReusedOnResumption)
                && check.incoming.connection.info.resumed)
    }

    /// Defects that overlook a nonce count that was used before.
    fn overlooks_repetition(&self, check: &Check<'_>, count: u32) -> bool {
        let settings = &self.settings;
        if check.incoming.connection.info.early_data {
            return true;
        }
        if check.incoming.method == "PUT" {
            return settings.has(HttpDefect::ReplayedWriteExecuted);
        }
        let last = check.nonce.as_ref().map_or(0, |nonce| nonce.count);
        let full = !check.incoming.connection.info.resumed;
        full && match count.cmp(&last) {
            Ordering::Equal => settings.has(HttpDefect::LastNonceCountRepeated),
            Ordering::Less => settings.has(HttpDefect::LowerNonceCountAccepted),
            Ordering::Greater => false,
        }
    }

    /// A defect refuses counts that leave a gap of more than [`GAP`].
    fn leaves_refused_gap(&self, check: &Check<'_>) -> bool {
        let last = check.nonce.as_ref().map_or(0, |nonce| nonce.count);
        let count = check.credentials.count().unwrap_or_default();
        self.settings.has(HttpDefect::NonceCountGapRefused) && count > last.saturating_add(GAP)
    }

    /// A defect binds a nonce to its connection, once another one has a nonce of its own.
    fn is_bound_elsewhere(&self, check: &Check<'_>) -> bool {
        let connection = check.incoming.connection;
        let elsewhere = check
            .nonce
            .as_ref()
            .is_some_and(|nonce| nonce.connection != connection.info.id);
        self.settings.has(HttpDefect::NonceBoundToConnection) && connection.challenged && elsewhere
    }

    /// Defects that serve credentials from before a demand for re-authentication.
    fn spares_revoked(&self, check: &Check<'_>) -> bool {
        let settings = &self.settings;
        let connection = check.incoming.connection;
        let challenged = connection.reauthentication_challenged.is_some();
        if connection.info.resumed {
            let writes = matches!(check.incoming.method, "PUT" | "DELETE");
            return if writes {
                settings.has_proxy(ProxyDefect::ResumedWritesServed)
            } else {
                settings.has(HttpDefect::ResumedOldCredentialsServed)
            };
        }
        if settings.has(HttpDefect::ReauthenticationOldCredentialsServed) && challenged {
            return true;
        }
        if !settings.has(HttpDefect::ReauthenticationIgnored) {
            return false;
        }
        let count = check.credentials.count().unwrap_or_default();
        let mut memory = self.memory();
        let fresh = memory.nonces.count(&check.credentials.nonce, count);
        let demand = memory
            .standings
            .get_mut(check.subscriber)
            .and_then(|standing| standing.demand.as_mut());
        demand.is_some_and(|demand| fresh && !std::mem::replace(&mut demand.spared, true))
    }

    /// The last step of a right answer: it ends a demand for re-authentication.
    fn answer_demand(&self, check: &Check<'_>) -> Decision {
        let settings = &self.settings;
        let connection = check.incoming.connection;
        let resumed = connection.info.resumed;
        let mut memory = self.memory();
        let Some(standing) = memory.standings.get_mut(check.subscriber) else {
            return Decision::Challenge { stale: false };
        };
        if let Some(demand) = &mut standing.demand {
            let refuses = (settings.has(HttpDefect::ReauthenticationAnswerRefused) && !resumed)
                || (settings.has(HttpDefect::ResumedAnswerRefused) && resumed);
            if refuses && !std::mem::replace(&mut demand.refused, true) {
                return Decision::Challenge { stale: false };
            }
            standing.demand = None;
            return granted(check);
        }
        let issued_here = check
            .nonce
            .as_ref()
            .is_some_and(|nonce| nonce.connection == connection.info.id);
        // Before the login a client may have asked once without credentials, to see that the session really works.
        let opens = connection.requests == 1 || (connection.requests <= 3 && issued_here);
        if settings.has(HttpDefect::ValidCredentialsRefused)
            || (settings.has(HttpDefect::OwnerLockedOut) && standing.wrong_passwords > LOCKED_AT)
            || (settings.has(HttpDefect::ResumedRequestRefused) && resumed && opens)
        {
            return Decision::Forbidden;
        }
        granted(check)
    }
}

fn granted(check: &Check<'_>) -> Decision {
    Decision::Granted {
        subscriber: check.subscriber,
        proof: Some(Box::new(check.proof.clone())),
    }
}
