//! TLS sessions of the front: kept in memory, honoured for at most a day of virtual time (TS 33.141, 7.1).
//!
//! The age counts from the full handshake: what is issued on a resumed connection inherits its birth.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rustls::crypto::SecureRandom;
use rustls::server::{ProducesTickets, StoresServerSessions};
use time::{Duration, OffsetDateTime};

use crate::reference::clock::VirtualClock;

/// Longest life of a session.
pub(super) const LIFETIME: Duration = Duration::DAY;
/// Most sessions kept of each kind; the oldest goes first.
const CAPACITY: usize = 4096;

/// What sessions are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Session id up to TLS 1.2.
    Id,
    /// Ticket up to TLS 1.2.
    Ticket,
    /// Identity of a pre-shared key of TLS 1.3.
    PresharedKey,
}

/// How a kind of session is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether there are such sessions at all.
    pub(super) enabled: bool,
    /// Whether they outlive [`LIFETIME`].
    pub(super) immortal: bool,
    /// Whether a session can be resumed while a connection that has it is open.
    pub(super) duplicates: bool,
}

struct Entry {
    state: Vec<u8>,
    born: OffsetDateTime,
    /// Alive while the connection that made the session is open.
    holder: Weak<()>,
}

#[derive(Default)]
struct Sessions {
    entries: BTreeMap<(Kind, Vec<u8>), Entry>,
    order: VecDeque<(Kind, Vec<u8>)>,
}

/// The sessions of one front.
pub(super) struct SessionMemory {
    clock: VirtualClock,
    random: &'static dyn SecureRandom,
    sessions: Mutex<Sessions>,
}

impl SessionMemory {
    pub(super) fn new(clock: VirtualClock, random: &'static dyn SecureRandom) -> Arc<Self> {
        Arc::new(Self {
            clock,
            random,
            sessions: Mutex::default(),
        })
    }

    /// Forgets every session.
    pub(super) fn clear(&self) {
        *self.lock() = Sessions::default();
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, key: (Kind, Vec<u8>), entry: Entry) {
        let mut sessions = self.lock();
        if sessions.entries.insert(key.clone(), entry).is_none() {
            sessions.order.push_back(key);
        }
        while sessions.order.len() > CAPACITY {
            if let Some(oldest) = sessions.order.pop_front() {
                sessions.entries.remove(&oldest);
            }
        }
    }

    fn get(&self, key: &(Kind, Vec<u8>), rules: Rules) -> Option<(Vec<u8>, OffsetDateTime)> {
        let sessions = self.lock();
        let entry = sessions.entries.get(key)?;
        let expired = self.clock.now() - entry.born >= LIFETIME && !rules.immortal;
        let held = entry.holder.strong_count() > 0 && !rules.duplicates;
        (!expired && !held).then(|| (entry.state.clone(), entry.born))
    }
}

impl fmt::Debug for SessionMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionMemory")
    }
}

/// One kind of sessions as one connection uses it.
#[derive(Debug)]
pub(super) struct ConnectionSessions {
    memory: Arc<SessionMemory>,
    kind: Kind,
    rules: Rules,
    /// Birth of the session that was resumed on this connection.
    born: Arc<Mutex<Option<OffsetDateTime>>>,
    open: Arc<()>,
}

/// What the kinds of sessions of one connection have in common.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    born: Arc<Mutex<Option<OffsetDateTime>>>,
    open: Arc<()>,
}

impl ConnectionSessions {
    pub(super) fn new(
        memory: &Arc<SessionMemory>,
        (kind, rules): (Kind, Rules),
        lineage: &Lineage,
    ) -> Arc<Self> {
        Arc::new(Self {
            memory: Arc::clone(memory),
            kind,
            rules,
            born: Arc::clone(&lineage.born),
            open: Arc::clone(&lineage.open),
        })
    }

    fn born(&self) -> MutexGuard<'_, Option<OffsetDateTime>> {
        self.born.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, key: Vec<u8>, state: Vec<u8>) {
        let born = self.born().unwrap_or_else(|| self.memory.clock.now());
        let entry = Entry {
            state,
            born,
            holder: Arc::downgrade(&self.open),
        };
        self.memory.put((self.kind, key), entry);
    }

    fn find(&self, key: &[u8]) -> Option<Vec<u8>> {
        if !self.rules.enabled {
            return None;
        }
        let (state, born) = self.memory.get(&(self.kind, key.to_vec()), self.rules)?;
        *self.born() = Some(born);
        Some(state)
    }
}

impl StoresServerSessions for ConnectionSessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        if self.rules.enabled {
            self.keep(key, value);
        }
        self.rules.enabled
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key)
    }

    fn can_cache(&self) -> bool {
        self.rules.enabled
    }
}

impl ProducesTickets for ConnectionSessions {
    fn enabled(&self) -> bool {
        self.rules.enabled
    }

    fn lifetime(&self) -> u32 {
        let now = self.memory.clock.now();
        let age = self.born().map_or(Duration::ZERO, |born| now - born);
        u32::try_from((LIFETIME - age).whole_seconds().max(0)).unwrap_or(0)
    }

    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let mut handle = vec![0; 32];
        self.memory.random.fill(&mut handle).ok()?;
        self.keep(handle.clone(), plain.to_vec());
        Some(handle)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        self.find(cipher)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const HONEST: Rules = Rules {
        enabled: true,
        immortal: false,
        duplicates: true,
    };

    fn memory() -> (Arc<SessionMemory>, VirtualClock) {
        let clock = VirtualClock::new(Arc::new(|| datetime!(2026-06-01 12:00 UTC)));
        let random = rustls::crypto::ring::default_provider().secure_random;
        (SessionMemory::new(clock.clone(), random), clock)
    }

    fn connection(memory: &Arc<SessionMemory>, rules: Rules) -> Arc<ConnectionSessions> {
        ConnectionSessions::new(memory, (Kind::Ticket, rules), &Lineage::default())
    }

    fn hours(clock: &VirtualClock, hours: u64) {
        clock.advance(std::time::Duration::from_secs(3600 * hours));
    }

    #[test]
    fn renewed_tickets_do_not_outlive_the_day_of_the_full_handshake() {
        let (memory, clock) = memory();
        let first = connection(&memory, HONEST);
        assert_eq!(first.lifetime(), 86_400);
        let ticket = first.encrypt(b"state").unwrap();
        hours(&clock, 20);
        let second = connection(&memory, HONEST);
        assert_eq!(second.decrypt(&ticket).unwrap(), b"state");
        assert_eq!(second.lifetime(), 4 * 3600);
        let renewed = second.encrypt(b"state").unwrap();
        hours(&clock, 4);
        let third = connection(&memory, HONEST);
        assert!(third.decrypt(&ticket).is_none() && third.decrypt(&renewed).is_none());
        let immortal = connection(
            &memory,
            Rules {
                immortal: true,
                ..HONEST
            },
        );
        assert!(immortal.decrypt(&ticket).is_some());
    }

    #[test]
    fn kinds_do_not_mix_and_memory_is_bounded() {
        let (memory, _) = memory();
        let tickets = connection(&memory, HONEST);
        let ids = ConnectionSessions::new(&memory, (Kind::Id, HONEST), &Lineage::default());
        let ticket = tickets.encrypt(b"state").unwrap();
        assert!(ids.get(&ticket).is_none());
        for _ in 0..CAPACITY {
            tickets.encrypt(b"other").unwrap();
        }
        assert!(tickets.decrypt(&ticket).is_none());
        assert_eq!(memory.lock().entries.len(), CAPACITY);
        memory.clear();
        assert_eq!(memory.lock().entries.len(), 0);
    }

    #[test]
    fn a_held_session_can_be_refused() {
        let (memory, _) = memory();
        let rules = Rules {
            duplicates: false,
            ..HONEST
        };
        let first = connection(&memory, rules);
        let ticket = first.encrypt(b"state").unwrap();
        let second = connection(&memory, rules);
        assert!(second.decrypt(&ticket).is_none());
        drop(first);
        assert!(second.decrypt(&ticket).is_some());
    }
}
