//! Sessions that are saved and offered again, more than once and whatever their age.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls_pki_types::{ServerName, UnixTime};
use time::OffsetDateTime;

use super::identity::RecordingIdentity;
use super::lab::LabClient;
use super::verifier::RecordingVerifier;
use crate::engine::ports::Trouble;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::session::{Session, Tls13Session};

/// Most tickets kept of one connection.
const MAX_TICKETS: usize = 16;

/// Session state as its client keeps it; clones share the tickets, each of which can be taken once.
#[derive(Clone, Default)]
pub(super) struct SessionState {
    lab: Option<Session>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: Arc<Mutex<Vec<Tls13ClientSessionValue>>>,
    lab13: Arc<Mutex<Vec<LabTicket>>>,
}

/// A ticket of TLS 1.3 that the lab engine was given.
#[derive(Clone)]
pub(super) struct LabTicket {
    /// The ticket.
    pub(super) session: Tls13Session,
    /// When it came.
    pub(super) received: OffsetDateTime,
}

impl SessionState {
    /// Whether a TLS 1.2 session is there, by id or by ticket.
    pub(super) fn has_tls12(&self) -> bool {
        self.tls12.is_some() || self.lab.is_some()
    }

    /// One that the lab engine made.
    pub(super) fn of_lab(session: Session) -> Self {
        Self {
            lab: Some(session),
            ..Self::default()
        }
    }

    /// What the lab engine made.
    pub(super) fn lab(&self) -> Option<&Session> {
        self.lab.as_ref()
    }

    /// How many TLS 1.3 tickets have not been offered yet.
    pub(super) fn tickets(&self) -> usize {
        self.tickets_mut(|tickets| tickets.len()) + self.lab_tickets().len()
    }

    /// Adds the tickets of `other`, within bounds.
    pub(super) fn take_tickets_of(&self, other: &Self) {
        let more = other.tickets_mut(std::mem::take);
        self.tickets_mut(|tickets| {
            tickets.extend(more);
            tickets.truncate(MAX_TICKETS);
        });
        let more = std::mem::take(&mut *other.lab_tickets());
        let mut tickets = self.lab_tickets();
        tickets.extend(more);
        tickets.truncate(MAX_TICKETS);
    }

    /// With these tickets of the lab engine.
    pub(super) fn of_lab_tickets(tickets: Vec<LabTicket>) -> Self {
        Self {
            lab13: Arc::new(Mutex::new(tickets)),
            ..Self::default()
        }
    }

    /// The tickets of the lab engine that have not been offered yet.
    pub(super) fn lab_tickets(&self) -> MutexGuard<'_, Vec<LabTicket>> {
        self.lab13.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tickets_mut<T>(&self, change: impl FnOnce(&mut Vec<Tls13ClientSessionValue>) -> T) -> T {
        change(&mut self.tls13.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for SessionState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SessionState")
            .field("tls12", &self.has_tls12())
            .field("tls13_tickets", &self.tickets())
            .finish()
    }
}

/// The session store of one connection: offers what was saved, if anything, and learns what the server gives.
///
/// It goes by connection and not by server name, so that a session can be offered under another name than it was
/// given for. What is offered stays what it was: a resumption must not renew the session whose age is judged.
#[derive(Debug, Default)]
pub(super) struct ConnectionStore {
    offered: SessionState,
    learned: Mutex<SessionState>,
}

impl ConnectionStore {
    /// A store that offers `state`.
    pub(super) fn offering(state: SessionState) -> Self {
        Self {
            offered: state,
            learned: Mutex::default(),
        }
    }

    /// The same with one bit in the middle of the ticket flipped.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the session has no ticket that the lab engine could change.
    pub(super) fn with_flipped_ticket(mut self) -> Result<Self, Trouble> {
        let flip = |ticket: &mut Secret| {
            let mut octets = ticket.expose().to_vec();
            let middle = octets.len() / 2;
            *octets.get_mut(middle)? ^= 1;
            *ticket = Secret::new(octets);
            Some(())
        };
        let flipped = if let Some(mut taken) = self.ticket_for_lab() {
            let flipped = flip(&mut taken.session.ticket);
            self.offered = SessionState::of_lab_tickets(vec![taken]);
            flipped
        } else {
            let session = self.offered.lab.as_mut();
            let ticket = session.and_then(|session| session.ticket.as_mut());
            ticket.and_then(|held| flip(&mut held.ticket))
        };
        let missing = || Trouble::NotProven("there is no ticket to flip a bit of".to_owned());
        flipped.map(|()| self).ok_or_else(missing)
    }

    /// What the server has given up to now.
    pub(super) fn learned(&self) -> SessionState {
        self.learned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What is offered when the lab engine makes the handshake.
    pub(super) fn offered_to_lab(&self) -> Option<Session> {
        self.offered.lab.clone()
    }

    /// The ticket of TLS 1.3 that is offered when the lab engine makes the handshake; each only once.
    pub(super) fn ticket_for_lab(&self) -> Option<LabTicket> {
        let mut tickets = self.offered.lab_tickets();
        (!tickets.is_empty()).then(|| tickets.remove(0))
    }

    /// The tickets of TLS 1.3 that the server has given the lab engine up to now.
    pub(super) fn learn_tickets_by_lab(&self, given: &[Tls13Session], received: OffsetDateTime) {
        let ticket = |session: &Tls13Session| LabTicket {
            session: session.clone(),
            received,
        };
        let kept = given.iter().take(MAX_TICKETS).map(ticket).collect();
        self.learn(|state| *state.lab_tickets() = kept);
    }

    /// What the server gave the lab engine.
    pub(super) fn learn_by_lab(&self, session: Session) {
        self.learn(|state| state.lab = Some(session));
    }

    fn learn(&self, change: impl FnOnce(&mut SessionState)) {
        change(&mut self.learned.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ClientSessionStore for ConnectionStore {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.learn(|state| state.tls12 = Some(value));
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.offered.tls12.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.learn(|state| {
            state.tickets_mut(|tickets| {
                if tickets.len() < MAX_TICKETS {
                    tickets.push(value);
                }
            });
        });
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.offered
            .tickets_mut(|tickets| (!tickets.is_empty()).then(|| tickets.remove(0)))
    }
}

/// Time that stands still, so that a session is offered however old it is.
#[derive(Debug)]
pub(super) struct FrozenTime(pub(super) UnixTime);

impl rustls::time_provider::TimeProvider for FrozenTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// A moment in whole seconds since 1970, never too early: what is older than it says would be judged too strictly.
#[must_use]
pub fn seconds_up(moment: OffsetDateTime) -> i64 {
    moment
        .unix_timestamp()
        .saturating_add(i64::from(moment.nanosecond() > 0))
}

/// A TLS session saved under a name.
#[derive(Debug)]
pub(super) struct SavedSession {
    /// Session state to offer.
    pub(super) state: SessionState,
    /// What state was learned when; offered as if no time had passed since.
    pub(super) saved_at: UnixTime,
    /// When it was made, in seconds since 1970, rounded up.
    pub(super) created: i64,
    /// The versions that were offered, and are again.
    pub(super) versions: Vec<ProtocolVersion>,
    /// Whether tickets may be used in TLS 1.2.
    pub(super) tickets: bool,
    /// The lab engine's offer, when it made the session.
    pub(super) lab: Option<LabClient>,
    /// The session id of the clear ServerHello; empty in TLS 1.3.
    pub(super) session_id: Vec<u8>,
    /// The suite selected.
    pub(super) suite: Option<u16>,
    /// The version selected.
    pub(super) version: Option<ProtocolVersion>,
    /// The name that was sent in server_name.
    pub(super) server_name: String,
    /// Whether the wanted mechanism gave something to resume by.
    pub(super) resumable: bool,
    /// Resumes only with the verifier of the first connection.
    pub(super) verifier: Arc<RecordingVerifier>,
    /// Resumes only with the identity of the first connection.
    pub(super) identity: Arc<RecordingIdentity>,
}

impl SavedSession {
    /// The session, if the lab engine made it.
    pub(super) fn of_lab(&self) -> Option<&Session> {
        self.state.lab.as_ref()
    }

    /// A store for one more connection that offers this session; `None` when every ticket has been offered. rustls lets
    /// none be offered twice, and servers may take each only once (RFC 8446 C.4).
    pub(super) fn store(&self) -> Option<ConnectionStore> {
        let something = self.state.has_tls12() || self.state.tickets() > 0;
        something.then(|| ConnectionStore::offering(self.state.clone()))
    }
}
