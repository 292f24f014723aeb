//! Requests that are under way at the same time, as far as defects mix them up.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::application::{Application, Received};
use super::connection::{Connection, ConnectionInfo};
use super::defect::ProxyDefect;
use super::departure::Departure;
use super::identity::{Intended, intended};

/// How long a request of a server with such a defect waits, so that others are sure to come meanwhile.
const DAWDLING: Duration = Duration::from_millis(2);

/// What is under way.
#[derive(Debug, Default)]
pub(super) struct Traffic(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    serial: u64,
    under_way: BTreeMap<u64, Passing>,
    /// The host that each subscriber used last.
    last_host: BTreeMap<usize, String>,
    /// Who authenticated first in a TLS session, by the connection that made it.
    first_users: BTreeMap<u64, usize>,
}

/// A granted request.
#[derive(Debug, Clone)]
struct Passing {
    subscriber: usize,
    host: String,
    identity: Option<String>,
}

/// Takes a request out again, however it ends.
pub(super) struct UnderWay<'a> {
    traffic: &'a Traffic,
    serial: u64,
}

impl Traffic {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.traffic.state().under_way.remove(&self.serial);
    }
}

impl Application {
    /// Whether a defect forgets the subscriber's session because another host was used meanwhile.
    pub(super) fn is_superseded(
        &self,
        (subscriber, host): (usize, &str),
        connection: &mut Connection,
    ) -> bool {
        let answers = std::mem::take(&mut connection.answers_challenge);
        if !self.settings.has_proxy(ProxyDefect::HostSessionsExclusive) {
            return false;
        }
        let mut state = self.traffic.state();
        let last = state.last_host.get(&subscriber);
        if !answers && last.is_some_and(|last| last != host) {
            return true;
        }
        state.last_host.insert(subscriber, host.to_owned());
        false
    }

    /// The identity of whoever had the TLS session first, which a defect takes for this request's.
    pub(super) fn of_session(&self, subscriber: usize, info: &ConnectionInfo) -> Option<Departure> {
        if !self.settings.has_proxy(ProxyDefect::SessionUserAsserted) {
            return None;
        }
        let mut state = self.traffic.state();
        let users = &mut state.first_users;
        let first = *users.entry(info.full_handshake).or_insert(subscriber);
        let user = self.settings.subscribers.get(first)?;
        (first != subscriber && info.resumed)
            .then(|| Departure::Identity(user.default_impu.clone()))
    }

    /// The identity of another request under way that a defect takes for this one's.
    pub(super) async fn mixed_up(
        &self,
        received: &Received,
        (subscriber, departure): (usize, Departure),
    ) -> (Departure, Option<UnderWay<'_>>) {
        let users = self.settings.has_proxy(ProxyDefect::IdentityMixed);
        let hosts = self.settings.has_proxy(ProxyDefect::IdentityOfOtherHost);
        if !users && !hosts {
            return (departure, None);
        }
        let identity = match intended(&received.parts.headers) {
            Intended::Given(fields) => fields.into_iter().flatten().next(),
            Intended::Absent | Intended::Unreadable => None,
        };
        let host = self.host_of(&received.parts).unwrap_or_default().to_owned();
        let own = Passing {
            subscriber,
            host,
            identity,
        };
        let serial = {
            let mut state = self.traffic.state();
            state.serial += 1;
            let serial = state.serial;
            state.under_way.insert(serial, own.clone());
            serial
        };
        let under_way = UnderWay {
            traffic: &self.traffic,
            serial,
        };
        tokio::time::sleep(DAWDLING).await;
        let others: Vec<Passing> = self.traffic.state().under_way.values().cloned().collect();
        let taken = others.into_iter().find_map(|other| {
            let of_user = users && other.subscriber != own.subscriber;
            let of_host = hosts && other.subscriber == own.subscriber && other.host != own.host;
            if of_user {
                let subscriber = self.settings.subscribers.get(other.subscriber);
                return subscriber.map(|subscriber| subscriber.default_impu.clone());
            }
            other.identity.filter(|_| of_host)
        });
        (
            taken.map_or(departure, Departure::Identity),
            Some(under_way),
        )
    }
}
