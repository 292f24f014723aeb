//! What the TLS front learns of the bootstrappings that the application knows.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::http::{Application, SubscriberSettings};
use super::tls::{Association, Associations};
use crate::model::secret::Secret;

/// The bootstrappings of an application's subscribers.
pub(super) struct OfSubscribers(pub(super) Arc<Application>);

impl OfSubscribers {
    fn of(&self, subscriber: &SubscriberSettings) -> Association {
        Association {
            b_tid: subscriber.b_tid.clone(),
            key: octets(&subscriber.ks_naf_of_tls),
            key_of_tls13: octets(&subscriber.ks_naf_of_tls13),
            digest_key: octets(&subscriber.ks_naf),
            expired: self.0.is_expired(&subscriber.b_tid),
        }
    }
}

impl Associations for OfSubscribers {
    fn find(&self, b_tid: &str) -> Option<Association> {
        let mut subscribers = self.0.settings().subscribers.iter();
        let found = subscribers.find(|subscriber| subscriber.b_tid == b_tid);
        found.map(|subscriber| self.of(subscriber))
    }

    fn first(&self) -> Option<Association> {
        let first = self.0.settings().subscribers.first();
        first.map(|subscriber| self.of(subscriber))
    }
}

fn octets(base64: &Secret) -> Secret {
    Secret::new(STANDARD.decode(base64.expose()).unwrap_or_default())
}
