//! TLS sessions of the front: kept in memory, honoured for at most a day of virtual time (TS 33.141, 7.1).
//!
//! The age counts from the full handshake: what is issued on a resumed connection inherits its birth.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rustls::crypto::SecureRandom;
use rustls::server::{ProducesTickets, StoresServerSessions};
use time::{Duration, OffsetDateTime};

use super::effect::SessionLaxity;
use crate::reference::clock::VirtualClock;

/// Longest life of a session.
pub(super) const LIFETIME: Duration = Duration::DAY;
/// Life of a session that ends too early, or is said to end too late.
const SHORT_LIFETIME: Duration = Duration::minutes(30);
/// See [`SHORT_LIFETIME`].
const ADVERTISED_TOO_LONG: u32 = 7 * 86_400;
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

/// The full handshake that made a session.
#[derive(Debug, Clone)]
pub(super) struct Birth {
    /// When.
    at: OffsetDateTime,
    /// On which connection.
    pub(super) connection: u64,
    /// Under which name.
    pub(super) server_name: Option<String>,
}

struct Entry {
    state: Vec<u8>,
    born: Birth,
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
    laxities: BTreeSet<SessionLaxity>,
    sessions: Mutex<Sessions>,
}

impl SessionMemory {
    pub(super) fn new(
        clock: VirtualClock,
        random: &'static dyn SecureRandom,
        laxities: BTreeSet<SessionLaxity>,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock,
            random,
            laxities,
            sessions: Mutex::default(),
        })
    }

    pub(super) fn is(&self, laxity: SessionLaxity) -> bool {
        self.laxities.contains(&laxity)
    }

    /// Forgets every session.
    pub(super) fn clear(&self) {
        *self.lock() = Sessions::default();
    }

    /// Forgets what the full handshake behind a connection gave.
    pub(super) fn forget(&self, lineage: &Lineage) {
        if self.is(SessionLaxity::KeepsFailed) {
            return;
        }
        let inherited = lineage.inherited();
        let birth = inherited.map_or(lineage.connection, |birth| birth.connection);
        let mut sessions = self.lock();
        sessions
            .entries
            .retain(|_, entry| entry.born.connection != birth);
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

    fn get(&self, key: &(Kind, Vec<u8>), rules: Rules) -> Option<(Vec<u8>, Birth)> {
        let sessions = self.lock();
        let damaged = || {
            let resembling = |(other, _): &(&(Kind, Vec<u8>), &Entry)| is_damaged(key, other);
            let found = sessions.entries.iter().find(resembling);
            found.filter(|_| self.is(SessionLaxity::DamagedTickets))
        };
        let whole = sessions.entries.get_key_value(key);
        let (_, entry) = whole.or_else(damaged)?;
        let lifetime = match self.is(SessionLaxity::ShortLived) {
            true => SHORT_LIFETIME,
            false => LIFETIME,
        };
        let expired = self.clock.now() - entry.born.at >= lifetime && !rules.immortal;
        let held = entry.holder.strong_count() > 0 && !rules.duplicates;
        (!expired && !held).then(|| (entry.state.clone(), entry.born.clone()))
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
    lineage: Lineage,
}

/// What the kinds of sessions of one connection have in common; clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Lineage {
    /// Birth of the session that was resumed on this connection.
    born: Arc<Mutex<Option<Birth>>>,
    open: Arc<()>,
    /// Number of the connection.
    connection: u64,
    /// The name its client sent.
    server_name: Option<String>,
    /// The suite it would get in a full handshake.
    suite: Option<u16>,
}

impl Lineage {
    /// That of a connection.
    pub(super) fn new(connection: u64, server_name: Option<String>, suite: Option<u16>) -> Self {
        Self {
            connection,
            server_name,
            suite,
            ..Self::default()
        }
    }

    /// The full handshake of the session that was resumed on this connection.
    pub(super) fn inherited(&self) -> Option<Birth> {
        self.born().clone()
    }

    fn born(&self) -> MutexGuard<'_, Option<Birth>> {
        self.born.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
            lineage: lineage.clone(),
        })
    }

    fn keep(&self, key: Vec<u8>, state: Vec<u8>) {
        let now = self.memory.clock.now();
        let mut born = self.lineage.inherited().unwrap_or_else(|| Birth {
            at: now,
            connection: self.lineage.connection,
            server_name: self.lineage.server_name.clone(),
        });
        if self.memory.is(SessionLaxity::RenewsAge) {
            born.at = now;
        }
        let entry = Entry {
            state,
            born,
            holder: Arc::downgrade(&self.lineage.open),
        };
        self.memory.put((self.kind, key), entry);
    }

    fn find(&self, key: &[u8]) -> Option<Vec<u8>> {
        if !self.rules.enabled {
            return None;
        }
        let (mut state, born) = self.memory.get(&(self.kind, key.to_vec()), self.rules)?;
        let lineage = &self.lineage;
        if born.server_name != lineage.server_name {
            // RFC 6066 clause 3; what is found here may not be resumed, and its birth is not this connection's.
            self.memory.is(SessionLaxity::AnyName).then_some(())?;
            state = renamed(&state, lineage.server_name.as_deref())?;
        }
        // In TLS 1.3 any suite of the same hash may resume.
        let any_suite = self.kind != Kind::PresharedKey && self.memory.is(SessionLaxity::AnySuite);
        if let Some(suite) = lineage.suite.filter(|_| any_suite) {
            change_suite(&mut state, suite)?;
        }
        *lineage.born() = Some(born);
        Some(state)
    }
}

/// Whether the second is a ticket that differs from the first in one bit.
fn is_damaged((kind, key): &(Kind, Vec<u8>), (other_kind, other): &(Kind, Vec<u8>)) -> bool {
    let bits = |(one, other): (&u8, &u8)| (one ^ other).count_ones();
    *kind != Kind::Id
        && kind == other_kind
        && key.len() == other.len()
        && key.iter().zip(other).map(bits).sum::<u32>() == 1
}

/// Where the name ends in a session as rustls writes it: whether there is one, its length, the name; then version and suite.
fn behind_name(state: &[u8]) -> Option<usize> {
    match state {
        [1, length, ..] => Some(2 + usize::from(*length)),
        [0, ..] => Some(1),
        _ => None,
    }
}

fn renamed(state: &[u8], name: Option<&str>) -> Option<Vec<u8>> {
    let mut renamed = match name {
        Some(name) => vec![1, u8::try_from(name.len()).ok()?],
        None => vec![0],
    };
    renamed.extend(name.unwrap_or_default().bytes());
    renamed.extend(state.get(behind_name(state)?..)?);
    Some(renamed)
}

fn change_suite(state: &mut [u8], suite: u16) -> Option<()> {
    let at = behind_name(state)? + 2;
    state
        .get_mut(at..at + 2)?
        .copy_from_slice(&suite.to_be_bytes());
    Some(())
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
        if self.memory.is(SessionLaxity::AdvertisesWeek) {
            return ADVERTISED_TOO_LONG;
        }
        let now = self.memory.clock.now();
        let born = self.lineage.inherited();
        let age = born.map_or(Duration::ZERO, |born| now - born.at);
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
        (
            SessionMemory::new(clock.clone(), random, BTreeSet::new()),
            clock,
        )
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

    fn lax(laxity: SessionLaxity) -> (Arc<SessionMemory>, VirtualClock) {
        let (_, clock) = memory();
        let random = rustls::crypto::ring::default_provider().secure_random;
        let laxities = BTreeSet::from([laxity]);
        (SessionMemory::new(clock.clone(), random, laxities), clock)
    }

    fn named(memory: &Arc<SessionMemory>, name: &str, suite: u16) -> Arc<ConnectionSessions> {
        let lineage = Lineage::new(1, Some(name.to_owned()), Some(suite));
        ConnectionSessions::new(memory, (Kind::Ticket, HONEST), &lineage)
    }

    #[test]
    fn a_session_is_not_found_under_another_name_unless_a_defect_rewrites_it() {
        let state = b"\x01\x01a\x03\x03\xC0\x2B rest";
        let (honest, _) = memory();
        let ticket = named(&honest, "a", 0xC02B).encrypt(state).unwrap();
        assert!(named(&honest, "bb", 0xC02B).decrypt(&ticket).is_none());
        assert_eq!(named(&honest, "a", 0xC02C).decrypt(&ticket).unwrap(), state);
        let (lax_names, _) = lax(SessionLaxity::AnyName);
        let ticket = named(&lax_names, "a", 0xC02B).encrypt(state).unwrap();
        let other = named(&lax_names, "bb", 0xC02C);
        assert_eq!(
            other.decrypt(&ticket).unwrap(),
            b"\x01\x02bb\x03\x03\xC0\x2B rest"
        );
        assert_eq!(
            other.lineage.inherited().unwrap().server_name.as_deref(),
            Some("a")
        );
        let (lax_suites, _) = lax(SessionLaxity::AnySuite);
        let ticket = named(&lax_suites, "a", 0xC02B).encrypt(state).unwrap();
        assert_eq!(
            named(&lax_suites, "a", 0xC02C).decrypt(&ticket).unwrap(),
            b"\x01\x01a\x03\x03\xC0\x2C rest"
        );
    }

    #[test]
    fn a_flipped_bit_is_one_bit() {
        let (memory, _) = lax(SessionLaxity::DamagedTickets);
        let mut ticket = connection(&memory, HONEST).encrypt(b"state").unwrap();
        ticket[7] ^= 1;
        assert!(connection(&memory, HONEST).decrypt(&ticket).is_some());
        ticket[8] ^= 1;
        assert!(connection(&memory, HONEST).decrypt(&ticket).is_none());
    }

    #[test]
    fn ages_and_lifetimes_can_be_wrong() {
        let (memory, clock) = lax(SessionLaxity::RenewsAge);
        let ticket = connection(&memory, HONEST).encrypt(b"state").unwrap();
        hours(&clock, 20);
        let second = connection(&memory, HONEST);
        assert!(second.decrypt(&ticket).is_some());
        let renewed = second.encrypt(b"state").unwrap();
        hours(&clock, 5);
        let third = connection(&memory, HONEST);
        assert!(third.decrypt(&ticket).is_none() && third.decrypt(&renewed).is_some());
        let (memory, _) = lax(SessionLaxity::AdvertisesWeek);
        assert_eq!(connection(&memory, HONEST).lifetime(), 604_800);
        let (memory, clock) = lax(SessionLaxity::ShortLived);
        let ticket = connection(&memory, HONEST).encrypt(b"state").unwrap();
        hours(&clock, 1);
        assert!(connection(&memory, HONEST).decrypt(&ticket).is_none());
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
