//! Who asks? Judges the credentials of a request (RFC 7616, 3.4; TS 33.222, 5.3).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::HeaderMap;
use time::OffsetDateTime;

use super::challenge::{Challenged, Proof};
use super::connection::Connection;
use super::credentials::Presented;
use super::defect::HttpDefect;
use super::nonce::NonceTable;
use super::settings::ApplicationSettings;
use super::standing::Standing;

/// What the proxy remembers between requests.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) nonces: NonceTable,
    /// By position of the subscriber in the settings.
    pub(super) standings: Vec<Standing>,
}

/// Judges credentials.
pub(super) struct Authenticator {
    pub(super) settings: Arc<ApplicationSettings>,
    memory: Mutex<Memory>,
}

/// A request as far as authentication looks at it.
pub(super) struct Incoming<'a> {
    pub(super) method: &'a str,
    /// Request target in origin form.
    pub(super) target: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) challenged: Challenged<'a>,
    pub(super) connection: &'a Connection,
    /// Position of the subscriber whose tree the target lies in.
    pub(super) owner: Option<usize>,
}

/// What becomes of a request.
pub(super) enum Decision {
    /// It is that of the subscriber at this position; the proof is missing where a defect let it pass.
    Granted {
        subscriber: usize,
        proof: Option<Box<Proof>>,
    },
    /// 401.
    Challenge { stale: bool },
    /// 400.
    BadRequest,
    /// 500; only defects answer so.
    Broken,
    /// 403; only defects answer so before the identity is looked at.
    Forbidden,
}

impl Authenticator {
    pub(super) fn new(settings: Arc<ApplicationSettings>) -> Self {
        let memory = Memory {
            nonces: NonceTable::new(settings.seed),
            standings: vec![Standing::default(); settings.subscribers.len()],
        };
        Self {
            settings,
            memory: Mutex::new(memory),
        }
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        (self.settings.now)()
    }

    /// Judges a request.
    pub(super) fn decide(&self, incoming: &Incoming<'_>, presented: &Presented) -> Decision {
        let decision = match presented {
            Presented::Nothing => return self.without_credentials(incoming),
            Presented::Basic { username, password } => self.basic(username, password),
            Presented::Digest(credentials) => self.digest(incoming, credentials),
            Presented::OtherScheme => Decision::Challenge { stale: false },
            Presented::Malformed => Decision::BadRequest,
        };
        self.as_holder(incoming, decision)
    }

    /// Whether a subscriber has a re-authentication to answer.
    pub(super) fn is_demanded(&self, subscriber: usize) -> bool {
        let memory = self.memory();
        memory
            .standings
            .get(subscriber)
            .is_some_and(|standing| standing.demand.is_some())
    }

    /// Whether the key of a subscriber has ended.
    pub(super) fn is_expired(&self, subscriber: usize) -> bool {
        let now = self.now();
        let memory = self.memory();
        let settings = self.settings.subscribers.get(subscriber);
        let standing = memory.standings.get(subscriber).zip(settings);
        standing.is_some_and(|(standing, settings)| standing.is_expired(settings, now))
    }

    /// Serves a request as that of the owner of its target, or of the first subscriber; only defects do.
    pub(super) fn as_owner(&self, incoming: &Incoming<'_>) -> Decision {
        Decision::Granted {
            subscriber: incoming.owner.unwrap_or(0),
            proof: None,
        }
    }

    /// Position of the subscriber with that transaction identifier.
    pub(super) fn subscriber_of(&self, b_tid: &str) -> Option<usize> {
        self.settings
            .subscribers
            .iter()
            .position(|subscriber| subscriber.b_tid == b_tid)
    }

    fn basic(&self, username: &str, password: &str) -> Decision {
        let subscriber = self.subscriber_of(username).filter(|position| {
            let settings = self.settings.subscribers.get(*position);
            settings.is_some_and(|settings| settings.ks_naf.expose() == password.as_bytes())
        });
        match subscriber {
            Some(subscriber) if self.settings.has(HttpDefect::BasicAccepted) => Decision::Granted {
                subscriber,
                proof: None,
            },
            Some(_) | None => Decision::Challenge { stale: false },
        }
    }
}
