//! Puts the parts of a plan together again: the result is that of the whole plan, or an error.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::model::record::{EvidenceRecord, RunRecord, ScenarioRecord};
use crate::model::requirement::Requirement;
use crate::model::shard::Shard;
use crate::model::verdict::Tally;

use super::coverage::not_judged;
use super::shard::plan_sha256;
use super::waive::overlay;

/// Why results cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("there are no results to merge")]
    Nothing,
    /// A file is not of a sharded run.
    #[error(
        "the results of run {0} are not a part of a sharded run; `presec run --shard i/n` writes parts"
    )]
    NotSharded(String),
    /// A part was given more than once.
    #[error("part {index} of {total} is there more than once")]
    Twice {
        /// Which part.
        index: u32,
        /// Of how many.
        total: u32,
    },
    /// Parts were not given.
    #[error("{} of {total} {} missing: {}", .missing.len(), if .missing.len() == 1 { "part is" } else { "parts are" }, listed(.missing))]
    Missing {
        /// Which parts.
        missing: Vec<u32>,
        /// Of how many.
        total: u32,
    },
    /// A part could not reach the target.
    #[error("part {index} found the target unreachable ({because}); run this part again")]
    Unreachable {
        /// Which part.
        index: u32,
        /// What it found.
        because: String,
    },
    /// Parts that are not of one run.
    #[error(
        "the parts are not of one run: {what} is `{one}` in part {first} and `{other}` in part {second}"
    )]
    Different {
        /// What differs.
        what: &'static str,
        /// The value of the first part.
        one: String,
        /// The value of the other.
        other: String,
        /// The index of the first part.
        first: u32,
        /// The index of the other.
        second: u32,
    },
    /// The cases of the parts do not make up the plan they say they are cut from.
    #[error(
        "the cases of the parts are not those of the plan; a results file was changed, or parts come from different runs"
    )]
    NotThePlan,
}

fn listed(parts: &[u32]) -> String {
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    parts.join(", ")
}

/// Puts all parts of one plan together: cases in the order of the plan, tally, waivers and what was not judged counted anew.
/// `register` is the requirements the run knows.
///
/// # Errors
/// [`MergeError`]: a part that is missing, there twice, of another run, or without its target.
pub fn merge<'a>(
    parts: Vec<RunRecord>,
    register: impl IntoIterator<Item = &'a Requirement>,
) -> Result<RunRecord, MergeError> {
    let parts = by_index(parts)?;
    let Some(first) = parts.values().next().cloned() else {
        return Err(MergeError::Nothing);
    };
    for record in parts.values() {
        same_run(&first, record)?;
    }
    let scenarios = in_order(&parts)?;
    let mut notes = Vec::new();
    for note in parts.values().flat_map(|record| &record.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    let certificates: BTreeSet<_> = parts
        .values()
        .filter_map(|record| record.target.certificate_sha256.as_ref())
        .collect();
    if certificates.len() > 1 && first.target.file_sha256.is_some() {
        notes.push("the parts met different certificates: the target is more than one server, or it changed meanwhile".to_owned());
    }
    let mut whole = RunRecord {
        started: earliest(&parts).unwrap_or_else(|| first.started.clone()),
        duration_ms: parts
            .values()
            .map(|record| record.duration_ms)
            .max()
            .unwrap_or(0),
        interrupted: parts.values().find_map(|record| record.interrupted.clone()),
        tally: scenarios.iter().map(|case| case.verdict).collect::<Tally>(),
        not_judged: not_judged(register, &scenarios),
        scenarios,
        evidence: evidence(&parts),
        notes,
        shard: None,
        ..first
    };
    overlay(&mut whole);
    Ok(whole)
}

/// The parts have a manifest each, and the whole none.
fn evidence(parts: &BTreeMap<u32, RunRecord>) -> Option<EvidenceRecord> {
    let mut kept = parts.values().filter_map(|record| record.evidence.as_ref());
    let first = kept.next()?;
    Some(EvidenceRecord {
        folder: first.folder.clone(),
        captures: first.captures && kept.all(|evidence| evidence.captures),
        manifest_sha256: None,
    })
}

fn earliest(parts: &BTreeMap<u32, RunRecord>) -> Option<String> {
    parts.values().map(|record| record.started.clone()).min()
}

fn by_index(records: Vec<RunRecord>) -> Result<BTreeMap<u32, RunRecord>, MergeError> {
    let mut parts = BTreeMap::new();
    let mut total = 0;
    for record in records {
        let Some(shard) = &record.shard else {
            return Err(MergeError::NotSharded(record.run_id));
        };
        if let Some(because) = &record.target.unreachable {
            return Err(MergeError::Unreachable {
                index: shard.index,
                because: because.clone(),
            });
        }
        let index = shard.index;
        total = shard.total;
        if parts.insert(index, record).is_some() {
            return Err(MergeError::Twice { index, total });
        }
    }
    let missing: Vec<u32> = (1..=total)
        .filter(|index| !parts.contains_key(index))
        .collect();
    if missing.is_empty() {
        Ok(parts)
    } else {
        Err(MergeError::Missing { missing, total })
    }
}

/// What two parts of one run share. The address and the URL of the embedded target change with every process.
fn same_run(one: &RunRecord, other: &RunRecord) -> Result<(), MergeError> {
    let shards = (one.shard.as_ref(), other.shard.as_ref());
    let of = |shard: Option<&Shard>| shard.map_or(0, |shard| shard.index);
    let plan = |shard: Option<&Shard>| {
        shard
            .map(|shard| format!("{} cases, {}", shard.plan_size, shard.plan_sha256))
            .unwrap_or_default()
    };
    let total = |shard: Option<&Shard>| shard.map_or(0, |shard| shard.total).to_string();
    let url = |record: &RunRecord| match record.target.file_sha256 {
        Some(_) => record.target.url.clone(),
        None => "embedded".to_owned(),
    };
    let file = |record: &RunRecord| record.target.file_sha256.clone().unwrap_or_default();
    let pairs = [
        ("the number of parts", total(shards.0), total(shards.1)),
        (
            "the version of presec",
            one.tool.version.clone(),
            other.tool.version.clone(),
        ),
        (
            "the target",
            one.target.name.clone(),
            other.target.name.clone(),
        ),
        ("the URL", url(one), url(other)),
        ("the SHA-256 of the target file", file(one), file(other)),
        ("the run id", one.run_id.clone(), other.run_id.clone()),
        ("the seed", one.seed.to_string(), other.seed.to_string()),
        ("the plan", plan(shards.0), plan(shards.1)),
    ];
    for (what, left, right) in pairs {
        if left != right {
            return Err(different(what, (left, of(shards.0)), (right, of(shards.1))));
        }
    }
    if one.policy != other.policy {
        let sides = ((String::new(), of(shards.0)), (String::new(), of(shards.1)));
        return Err(different("the policy", sides.0, sides.1));
    }
    if one.waivers != other.waivers {
        let count = |record: &RunRecord| format!("{} waivers", record.waivers.len());
        return Err(different(
            "the waiver file",
            (count(one), of(shards.0)),
            (count(other), of(shards.1)),
        ));
    }
    Ok(())
}

fn different(what: &'static str, one: (String, u32), other: (String, u32)) -> MergeError {
    MergeError::Different {
        what,
        one: one.0,
        other: other.0,
        first: one.1,
        second: other.1,
    }
}

/// The cases of all parts in the order of the plan, which must be complete and free of doubles.
fn in_order(parts: &BTreeMap<u32, RunRecord>) -> Result<Vec<ScenarioRecord>, MergeError> {
    let mut cases: BTreeMap<u32, &ScenarioRecord> = BTreeMap::new();
    let mut given = 0;
    let mut size = 0;
    let mut wanted = "";
    for record in parts.values() {
        let Some(shard) = &record.shard else { continue };
        if shard.positions.len() != record.scenarios.len() {
            return Err(MergeError::NotThePlan);
        }
        (size, wanted) = (shard.plan_size, shard.plan_sha256.as_str());
        given += record.scenarios.len();
        cases.extend(shard.positions.iter().copied().zip(&record.scenarios));
    }
    let found = plan_sha256(cases.values().map(|case| case.id.as_str()));
    if cases.len() != given || u32::try_from(given) != Ok(size) || found != wanted {
        return Err(MergeError::NotThePlan);
    }
    Ok(cases.into_values().cloned().collect())
}
