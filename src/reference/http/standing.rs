//! How each subscriber stands with the proxy: key, forced re-authentication, failure.

use std::time::Duration;

use time::OffsetDateTime;

use super::connection::ConnectionInfo;
use super::nonce::Nonce;
use super::settings::{ReauthenticationSettings, SubscriberSettings};

/// How far a subscriber's re-authentication is (TS 33.141, 6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthenticationState {
    /// None is demanded.
    Running,
    /// It was demanded and is not answered yet.
    Demanded,
    /// It was not answered in time; nothing is served until it is, while TLS sessions stay usable.
    Failed,
}

/// A re-authentication that was demanded and not answered rightly yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    since: OffsetDateTime,
    /// A defect let one request pass in spite of it.
    pub(super) spared: bool,
    /// A defect refused one right answer to it.
    pub(super) refused: bool,
}

/// A subscriber's standing.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) demand: Option<Demand>,
    /// Nonces up to this serial are revoked.
    revoked: u64,
    /// Handshakes of connections up to this number prove nothing any more.
    revoked_connection: u64,
    expired_by_lever: bool,
    /// Wrong passwords ever presented for it.
    pub(super) wrong_passwords: u32,
}

/// What a nonce is worth to a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonceStanding {
    Live,
    /// Older than its lifetime.
    Expired,
    /// Issued before re-authentication was demanded.
    Revoked,
    NeverIssued,
}

impl Standing {
    /// Demands re-authentication; nonces up to `serial` and handshakes up to `connection` are of no use to the subscriber from now on.
    pub(super) fn demand(&mut self, now: OffsetDateTime, (serial, connection): (u64, u64)) {
        self.revoked = serial;
        self.revoked_connection = connection;
        self.demand = Some(Demand {
            since: now,
            spared: false,
            refused: false,
        });
    }

    /// Whether the full handshake behind a connection came after every demand. Where it is not known which that was, it did not
    /// unless there was no demand.
    pub(super) fn is_later(&self, info: &ConnectionInfo) -> bool {
        let unknown = info.resumed && info.full_handshake == info.id;
        match self.revoked_connection {
            0 => true,
            last => info.full_handshake > last && !unknown,
        }
    }

    pub(super) fn expire(&mut self) {
        self.expired_by_lever = true;
    }

    /// Whether the bootstrapped key has ended.
    pub(super) fn is_expired(&self, settings: &SubscriberSettings, now: OffsetDateTime) -> bool {
        self.expired_by_lever || settings.key_expiry.is_some_and(|end| end <= now)
    }

    pub(super) fn state(
        &self,
        settings: ReauthenticationSettings,
        now: OffsetDateTime,
    ) -> AuthenticationState {
        let Some(demand) = self.demand else {
            return AuthenticationState::Running;
        };
        let allowed = settings.time_limit.saturating_mul(settings.attempts);
        if now - demand.since > allowed {
            AuthenticationState::Failed
        } else {
            AuthenticationState::Demanded
        }
    }

    pub(super) fn of_nonce(
        &self,
        nonce: Option<&Nonce>,
        lifetime: Duration,
        now: OffsetDateTime,
    ) -> NonceStanding {
        match nonce {
            None => NonceStanding::NeverIssued,
            Some(nonce) if nonce.serial <= self.revoked => NonceStanding::Revoked,
            Some(nonce) if now - nonce.issued > lifetime => NonceStanding::Expired,
            Some(_) => NonceStanding::Live,
        }
    }
}
