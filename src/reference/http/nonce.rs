//! Nonces that were issued, and how often each was used.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use time::OffsetDateTime;

/// Nonces that are remembered; the oldest is forgotten first and then counts as never issued.
const CAPACITY: usize = 65_536;

/// A nonce that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nonce {
    pub(super) value: String,
    pub(super) opaque: String,
    /// Realm of the challenge.
    pub(super) realm: String,
    /// Host whose challenge it was.
    pub(super) host: String,
    pub(super) issued: OffsetDateTime,
    /// Connection that got the challenge.
    pub(super) connection: u64,
    /// Position in the order of issue, from 1.
    pub(super) serial: u64,
    /// Highest nonce count seen.
    pub(super) count: u32,
}

/// The nonces of one application.
#[derive(Debug)]
pub(super) struct NonceTable {
    entries: BTreeMap<String, Nonce>,
    order: VecDeque<String>,
    /// Those from before the last restart.
    forgotten: BTreeSet<String>,
    serial: u64,
    opaque: String,
    random: ChaCha20Rng,
}

impl NonceTable {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        let mut random = ChaCha20Rng::from_seed(seed);
        Self {
            entries: BTreeMap::new(),
            order: VecDeque::new(),
            forgotten: BTreeSet::new(),
            serial: 0,
            opaque: random_hex(&mut random),
            random,
        }
    }

    /// A fresh nonce of 128 bits; all share one opaque, so that a client may join it with an older nonce.
    pub(super) fn issue(
        &mut self,
        realm: String,
        host: &str,
        now: OffsetDateTime,
        connection: u64,
    ) -> Nonce {
        let value = random_hex(&mut self.random);
        self.serial = self.serial.saturating_add(1);
        let nonce = Nonce {
            value: value.clone(),
            opaque: self.opaque.clone(),
            realm,
            host: host.to_owned(),
            issued: now,
            connection,
            serial: self.serial,
            count: 0,
        };
        self.order.push_back(value.clone());
        self.entries.insert(value, nonce.clone());
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        nonce
    }

    pub(super) fn find(&self, value: &str) -> Option<&Nonce> {
        self.entries.get(value)
    }

    /// Notes a use; whether its count is higher than every earlier one.
    pub(super) fn count(&mut self, value: &str, count: u32) -> bool {
        match self.entries.get_mut(value) {
            Some(nonce) if count > nonce.count => {
                nonce.count = count;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Whether a nonce was issued before the last restart; of use to a defect alone.
    pub(super) fn is_forgotten(&self, value: &str) -> bool {
        self.forgotten.contains(value)
    }

    /// Serial of the last nonce issued.
    pub(super) fn last_serial(&self) -> u64 {
        self.serial
    }

    /// Forgets every nonce; the random source goes on.
    pub(super) fn clear(&mut self) {
        self.forgotten = std::mem::take(&mut self.entries).into_keys().collect();
        self.order.clear();
    }
}

fn random_hex(random: &mut ChaCha20Rng) -> String {
    let mut octets = [0_u8; 16];
    random.fill_bytes(&mut octets);
    hex::encode(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_rise_and_the_oldest_is_forgotten() {
        let mut table = NonceTable::new([1; 32]);
        let first = table.issue("r".into(), "h", OffsetDateTime::UNIX_EPOCH, 1);
        assert!(table.count(&first.value, 1));
        assert!(!table.count(&first.value, 1));
        assert!(table.count(&first.value, 9));
        assert!(!table.count(&first.value, 8));
        for _ in 0..CAPACITY {
            let next = table.issue("r".into(), "h", OffsetDateTime::UNIX_EPOCH, 1);
            assert_ne!(next.value, first.value);
        }
        assert_eq!(table.find(&first.value), None);
        assert!(!table.count(&first.value, 10));
        assert_eq!(table.entries.len(), CAPACITY);
    }

    #[test]
    fn seeds_decide() {
        let issue = |seed| {
            NonceTable::new([seed; 32])
                .issue("r".into(), "h", OffsetDateTime::UNIX_EPOCH, 1)
                .value
        };
        assert_eq!(issue(1), issue(1));
        assert_ne!(issue(1), issue(2));
    }
}
