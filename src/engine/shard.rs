//! Cuts a plan into parts for several machines, by a hash of each case's id: adding a case moves no other.

use sha2::{Digest as _, Sha256};

use crate::model::shard::Shard;

use super::plan::PlannedCase;

/// Keeps the part `index` (from 1) of `total` of a plan, and says what the whole plan was.
pub fn keep_shard(cases: &mut Vec<PlannedCase>, index: u32, total: u32) -> Shard {
    let plan_sha256 = plan_sha256(cases.iter().map(|case| case.id.as_str()));
    let plan_size = u32::try_from(cases.len()).unwrap_or(u32::MAX);
    let mut positions = Vec::new();
    let mut position = 0;
    cases.retain(|case| {
        let here = shard_of(&case.id, total) == index;
        if here {
            positions.push(position);
        }
        position += 1;
        here
    });
    Shard {
        index,
        total,
        positions,
        plan_size,
        plan_sha256,
    }
}

/// Which part of `total`, from 1, a case belongs to.
#[must_use]
pub fn shard_of(id: &str, total: u32) -> u32 {
    let hash = Sha256::digest(id.as_bytes());
    let number = hash
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    u32::try_from(number % u64::from(total.max(1))).unwrap_or(0) + 1
}

/// SHA-256 of the ids, each ended by a line feed, in lower-case hex.
pub fn plan_sha256<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.as_bytes());
        hash.update(b"\n");
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_case_never_changes() {
        // First 8 octets of `printf TLSC-07 | sha256sum` as a number, modulo the parts.
        assert_eq!(shard_of("TLSC-07", 1), 1);
        let parts: Vec<u32> = (1..=7).map(|total| shard_of("TLSC-07", total)).collect();
        assert!(
            parts
                .iter()
                .zip(1..)
                .all(|(part, total)| (1..=total).contains(part))
        );
        assert_eq!(parts, KNOWN);
    }

    /// From `python3 -c 'import hashlib; n = int.from_bytes(hashlib.sha256(b"TLSC-07").digest()[:8], "big"); print([n % t + 1 for t in range(1, 8)])'`.
    const KNOWN: [u32; 7] = [1, 1, 2, 1, 1, 5, 1];

    #[test]
    fn the_hash_of_a_plan_depends_on_its_order() {
        assert_ne!(plan_sha256(["A", "B"]), plan_sha256(["B", "A"]));
        assert_ne!(plan_sha256(["AB"]), plan_sha256(["A", "B"]));
    }
}
