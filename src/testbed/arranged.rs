//! What a scenario wants of the answers to its marked requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::engine::ports::ArrangedAnswer;

/// Markers for which something is arranged; further ones are refused.
const MARKERS: usize = 10_000;

/// What was arranged, by marker.
#[derive(Debug, Default)]
pub(super) struct Arranged(Mutex<BTreeMap<String, ArrangedAnswer>>);

impl Arranged {
    /// Arranges the answers to a marker and its repetitions; whether there was room.
    pub(super) fn put(&self, marker: &str, answer: &ArrangedAnswer) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = all.len() < MARKERS || all.contains_key(marker);
        if room {
            all.insert(marker.to_owned(), answer.clone());
        }
        room
    }

    /// What is arranged for a request that came under `marker`; a repetition has a number behind a dot.
    pub(super) fn of(&self, marker: &str) -> ArrangedAnswer {
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
        let answer = ArrangedAnswer {
            status: Some(302),
            fields: vec![("Set-Cookie".to_owned(), "a=b".to_owned())],
        };
        assert!(arranged.put("r-1-x", &answer));
        assert_eq!(arranged.of("r-1-x"), answer);
        assert_eq!(arranged.of("r-1-x.2"), answer);
        assert_eq!(arranged.of("r-1-x.y"), ArrangedAnswer::default());
        assert_eq!(arranged.of("r-1-y"), ArrangedAnswer::default());
    }
}
