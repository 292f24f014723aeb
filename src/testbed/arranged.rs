//! Header fields that a scenario wants in the answers to its marked requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Markers for which something is arranged; further ones are refused.
const MARKERS: usize = 10_000;

/// A header field, name and value.
type Field = (String, String);

/// What was arranged, by marker.
#[derive(Debug, Default)]
pub(super) struct Arranged(Mutex<BTreeMap<String, Vec<Field>>>);

impl Arranged {
    /// Arranges fields for a marker and its repetitions; whether there was room.
    pub(super) fn put(&self, marker: &str, fields: &[Field]) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = all.len() < MARKERS || all.contains_key(marker);
        if room {
            all.insert(marker.to_owned(), fields.to_vec());
        }
        room
    }

    /// What is arranged for a request that came under `marker`; a repetition has a number behind a dot.
    pub(super) fn of(&self, marker: &str) -> Vec<Field> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = || {
            let (base, number) = marker.rsplit_once('.')?;
            number.parse::<u32>().ok()?;
            all.get(base)
        };
        all.get(marker).or_else(first).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_get_what_the_first_one_gets() {
        let arranged = Arranged::default();
        let fields = [("Set-Cookie".to_owned(), "a=b".to_owned())];
        assert!(arranged.put("r-1-x", &fields));
        assert_eq!(arranged.of("r-1-x"), fields);
        assert_eq!(arranged.of("r-1-x.2"), fields);
        assert_eq!(arranged.of("r-1-x.y"), []);
        assert_eq!(arranged.of("r-1-y"), []);
    }
}
