//! Every defect against every scenario with an HTTP side: each turns exactly its own red.

use std::collections::BTreeSet;

use super::bench::Bench;
use super::{stories_access, stories_digest, stories_identity, stories_reauthentication};
use crate::reference::http::HttpDefect;

/// Scenarios in breadth that see defects of the main job too; the engine alone judges them, they have no story here.
const WITHOUT_STORY: [&str; 20] = [
    "AP-05", "AP-07", "AP-13", "AP-19", "AP-22", "DIG-01", "DIG-25", "GBA-13", "GBA-17", "ID-08",
    "ID-09", "ID-10", "ID-11", "ID-21", "ID-23", "ID-25", "ID-28", "ID-29", "RE-10", "XC-09",
];

/// The scenarios that have a story here, by the defects of the main job. Those in breadth are judged by the engine alone.
fn scenarios() -> BTreeSet<&'static str> {
    const MAIN_JOB: usize = 49;
    HttpDefect::ALL
        .iter()
        .take(MAIN_JOB)
        .flat_map(|defect| defect.scenarios())
        .copied()
        .filter(|id| !WITHOUT_STORY.contains(id))
        .collect()
}

async fn judge(id: &str, defect: Option<HttpDefect>) -> Option<bool> {
    let bench = Bench::start(defect, id == "ID-27").await;
    match id.split_once('-') {
        Some(("DIG", _)) => stories_digest::judge(id, &bench).await,
        Some(("ID" | "XC", _)) if id != "XC-01" => stories_identity::judge(id, &bench).await,
        Some(("RE", _)) => stories_reauthentication::judge(id, &bench).await,
        _ => stories_access::judge(id, &bench).await,
    }
}

/// Defects that the stories here, shorter than the scenarios, see in another way; tests/mutation.rs judges them by the scenarios.
const SHORTER: [&str; 2] = [
    "reauthentication-old-credentials-served",
    "nonce-bound-to-connection",
];

#[tokio::test]
async fn a_conforming_target_passes_every_scenario() {
    for id in scenarios() {
        assert_eq!(judge(id, None).await, Some(true), "{id}");
    }
}

#[tokio::test]
async fn each_defect_turns_exactly_its_own_scenarios_red() {
    let mut wrong = Vec::new();
    for defect in HttpDefect::ALL {
        if SHORTER.contains(&defect.name()) {
            continue;
        }
        let told = scenarios();
        let own: BTreeSet<&str> = defect
            .scenarios()
            .iter()
            .copied()
            .filter(|id| told.contains(id))
            .collect();
        let mut red = BTreeSet::new();
        for id in scenarios() {
            if judge(id, Some(defect)).await == Some(false) {
                red.insert(id);
            }
        }
        if red != own {
            wrong.push(format!("{defect}: {red:?} instead of {own:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
