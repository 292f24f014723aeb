//! Sessions of the lab server: kept in memory, honoured for at most a day of virtual time (TS 33.141, 7.1), as those of rustls.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

use super::sessions::LIFETIME;
use crate::reference::clock::VirtualClock;
use crate::tls::server::{Found, SessionStore, StoredSession};
use crate::tls::session::Mechanism;

/// Most sessions kept; the oldest goes first.
const CAPACITY: usize = 4096;

type Key = (bool, Vec<u8>);

#[derive(Default)]
struct Entries {
    by_key: BTreeMap<Key, (StoredSession, OffsetDateTime)>,
    order: VecDeque<Key>,
}

/// The sessions of one front's lab servers.
pub(super) struct LabSessions {
    clock: VirtualClock,
    entries: Mutex<Entries>,
}

fn key(mechanism: Mechanism, handle: &[u8]) -> Key {
    (mechanism == Mechanism::SessionId, handle.to_vec())
}

impl LabSessions {
    pub(super) fn new(clock: VirtualClock) -> Arc<Self> {
        Arc::new(Self {
            clock,
            entries: Mutex::default(),
        })
    }

    /// Forgets every session.
    pub(super) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for LabSessions {
    fn keep(&self, mechanism: Mechanism, handle: &[u8], session: StoredSession) {
        let key = key(mechanism, handle);
        let born = self.clock.now();
        let mut entries = self.lock();
        if entries
            .by_key
            .insert(key.clone(), (session, born))
            .is_none()
        {
            entries.order.push_back(key);
        }
        while entries.order.len() > CAPACITY {
            if let Some(oldest) = entries.order.pop_front() {
                entries.by_key.remove(&oldest);
            }
        }
    }

    fn find(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Found> {
        let entries = self.lock();
        let (session, born) = entries.by_key.get(&key(mechanism, handle))?;
        Some(Found {
            session: session.clone(),
            expired: self.clock.now() - *born >= LIFETIME,
        })
    }

    fn age(&self, mechanism: Mechanism, handle: &[u8]) -> Option<Duration> {
        let entries = self.lock();
        let (_, born) = entries.by_key.get(&key(mechanism, handle))?;
        Duration::try_from(self.clock.now() - *born).ok()
    }

    fn forget(&self, mechanism: Mechanism, handle: &[u8]) {
        self.lock().by_key.remove(&key(mechanism, handle));
    }
}

impl fmt::Debug for LabSessions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LabSessions")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::model::secret::Secret;
    use crate::model::suite::ProtocolVersion;

    #[test]
    fn sessions_grow_old_and_memory_is_bounded() {
        let clock = VirtualClock::new(Arc::new(|| datetime!(2026-06-01 12:00 UTC)));
        let sessions = LabSessions::new(clock.clone());
        let session = StoredSession {
            version: ProtocolVersion::Tls12,
            suite: 0xC02B,
            secret: Secret::new([1; 48]),
            extended_master_secret: true,
            server_name: None,
            client_certificates: Vec::new(),
            age_add: 0,
            max_early_data: 0,
        };
        let keep = |handle: &[u8]| sessions.keep(Mechanism::Ticket, handle, session.clone());
        let find = |handle: &[u8]| sessions.find(Mechanism::Ticket, handle);
        keep(b"one");
        assert!(!find(b"one").unwrap().expired);
        assert!(sessions.find(Mechanism::SessionId, b"one").is_none());
        clock.advance(Duration::from_secs(86_400));
        assert!(find(b"one").unwrap().expired);
        for number in 0..CAPACITY {
            keep(&number.to_be_bytes());
        }
        assert!(find(b"one").is_none());
        sessions.forget(Mechanism::Ticket, &9_usize.to_be_bytes());
        assert!(find(&9_usize.to_be_bytes()).is_none() && find(&8_usize.to_be_bytes()).is_some());
        sessions.clear();
        assert!(find(&8_usize.to_be_bytes()).is_none());
    }
}
