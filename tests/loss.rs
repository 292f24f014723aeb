//! A network that loses connections must not change a verdict into another: at worst a case stays undecided.

#![cfg(test)]
#![expect(unreachable_pub, reason = "what tests share is public to their crates")]

#[path = "support/relay.rs"]
mod relay;
#[path = "support/served.rs"]
mod served;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use relay::{Loss, Relay};
use served::Served;
use support::Call;

/// Weak in several ways, so that the truth holds passes and fails.
const WEAK: [&str; 10] = [
    "--defect",
    "selects-one-anonymous",
    "--defect",
    "selects-unencrypted",
    "--defect",
    "selects-rc4",
    "--defect",
    "selects-3des",
    "--defect",
    "speaks-tls10",
];

/// What is run: everything, and the offers once more with other randomness.
const PICKS: [&[&str]; 2] = [&[], &["TLSC-*", "TLSV-*", "--seed", "8"]];

struct Measured {
    verdicts: BTreeMap<String, String>,
    offers: usize,
    connections: u64,
    lost: u64,
}

/// Runs everything through a relay in front of `served`.
fn measure(served: &Served, loss: Loss, seed: u64) -> Measured {
    let relay = Relay::start(served.address("tls"), loss, (seed, 5));
    let timeout = if loss == Loss::Silence { "700ms" } else { "5s" };
    let name = format!("{loss:?}-{seed}.yaml");
    let target = served.target(&name, |target| {
        target["ut"]["address"] = relay.address().to_string().into();
        target["limits"]["timeout"] = timeout.into();
    });
    let mut measured = Measured {
        verdicts: BTreeMap::new(),
        offers: 0,
        connections: 0,
        lost: 0,
    };
    for (number, picks) in PICKS.iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut all: Vec<&str> = picks.to_vec();
        if picks.is_empty() {
            all.extend_from_slice(&["--seed", "7"]);
        }
        all.extend_from_slice(&["--target", &target, "--progress", "none", "-q"]);
        let call = call(folder.path(), &all);
        for case in call.cases() {
            let id = format!("{number} {}", case["id"].as_str().unwrap_or_default());
            measured
                .verdicts
                .insert(id, case["verdict"].as_str().unwrap_or_default().to_owned());
            let steps = case["steps"].as_array().map_or(&[][..], Vec::as_slice);
            measured.offers += steps
                .iter()
                .filter(|step| step["step"] == "tls-offer")
                .count();
        }
    }
    (measured.connections, measured.lost) = relay.counts();
    measured
}

fn call(folder: &Path, args: &[&str]) -> Call {
    let mut all = vec!["run", "--json", "results.json", "--junit", "junit.xml"];
    all.extend_from_slice(args);
    support::presec_in(folder, &all)
}

/// Cases whose verdict is neither the true one nor inconclusive, and how many are inconclusive beyond the truth.
fn compared(truth: &Measured, lossy: &Measured) -> (Vec<String>, usize) {
    assert_eq!(
        truth.verdicts.keys().collect::<Vec<_>>(),
        lossy.verdicts.keys().collect::<Vec<_>>(),
        "loss must not change what is run"
    );
    let different = truth
        .verdicts
        .iter()
        .filter(|(id, verdict)| lossy.verdicts[*id] != **verdict);
    let (undecided, flipped): (Vec<_>, Vec<_>) =
        different.partition(|(id, _)| lossy.verdicts[*id] == "inconclusive");
    let flipped = flipped
        .iter()
        .map(|(id, verdict)| format!("{id}: {verdict} became {}", lossy.verdicts[*id]));
    (flipped.collect(), undecided.len())
}

fn of(measured: &Measured, verdict: &str) -> usize {
    measured
        .verdicts
        .values()
        .filter(|one| *one == verdict)
        .count()
}

fn through_loss(label: &str, defects: &[&str]) {
    let served = Served::start(defects);
    let truth = measure(&served, Loss::Nothing, 0);
    let fails = of(&truth, "fail");
    println!(
        "{label}: {} cases ({} pass, {fails} fail), {} offers, {} connections",
        truth.verdicts.len(),
        of(&truth, "pass"),
        truth.offers,
        truth.connections
    );
    assert_eq!(label == "weak", fails > 0);
    for (seed, loss) in [
        (1, Loss::Reset),
        (2, Loss::Reset),
        (3, Loss::Reset),
        (4, Loss::Silence),
    ] {
        let lossy = measure(&served, loss, seed);
        let (flipped, undecided) = compared(&truth, &lossy);
        let extra = lossy.connections.saturating_sub(truth.connections);
        println!(
            "{label}, seed {seed}, {loss:?}: {} connections lost, {extra} more made, {undecided} cases undecided, {} flipped",
            lossy.lost,
            flipped.len(),
        );
        assert_eq!(flipped, Vec::<String>::new(), "{label}, seed {seed}");
        assert!(lossy.lost > 0);
        // For a lost attempt: the attempt made again and a control beside it.
        let allowed = 2 * lossy.lost + truth.connections / 20;
        assert!(extra <= allowed, "{extra} more for {} lost", lossy.lost);
        assert!(
            undecided * 50 <= truth.verdicts.len(),
            "{undecided} undecided"
        );
    }
}

#[test]
fn no_verdict_about_a_conforming_target_flips() {
    through_loss("conforming", &[]);
}

#[test]
fn no_verdict_about_a_weak_target_flips() {
    through_loss("weak", &WEAK);
}
