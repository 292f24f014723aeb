//! The examples of steps in docs/scenario-format.md are scenarios that lint, and the embedded target answers them as they say.
#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use support::{Call, project, run_in};

/// In which a step of some example says what it wants to see.
const SHAPES: [&[&str]; 5] = [
    &[],
    &["--auth-mode", "psk"],
    &["--auth-mode", "certificate"],
    &["--defect", "serves-unencrypted"],
    TELLING,
];

/// The one that has RSA key exchange at all, and does with it what the example of `tls-compare` warns of.
const TELLING: &[&str] = &["--defect", "tells-premaster"];

/// Steps that must have an example that is run.
const STEPS: [&str; 14] = [
    "tls-offer",
    "tls-connect",
    "tls-send",
    "tls-alert",
    "tls-renegotiate",
    "tls-pause",
    "tls-close",
    "tls-compare",
    "login",
    "http",
    "prepare",
    "hook",
    "close",
    "control",
];

/// What examples may need.
const NEEDS: &str = "subscriber-alice, subscriber-bob, client-certificate, force-reauth, writable-document, elapsed-time, origin-observer, origin-address";

/// The lists of steps in the page, each with the line it begins in.
fn examples() -> Vec<(usize, String)> {
    let page = fs::read_to_string(project().join("docs/scenario-format.md")).expect("the page");
    let steps = page
        .lines()
        .position(|line| line == "## Steps")
        .expect("steps");
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate().skip(steps) {
        if line.starts_with("```") {
            inside = line == "```yaml";
            if inside {
                found.push((number + 2, String::new()));
            }
        } else if let Some((_, text)) = found.last_mut().filter(|_| inside) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    found
}

/// A scenario of the steps of an example, with what stands around steps.
fn scenario(number: usize, steps: &str) -> String {
    let each: Vec<&str> = [
        ("$version", "version: [tls1.2]"),
        ("$mechanism", "mechanism: [ticket]"),
    ]
    .into_iter()
    .filter_map(|(name, values)| steps.contains(name).then_some(values))
    .collect();
    let each = match each.is_empty() {
        true => String::new(),
        false => format!("each: {{ {} }}\n", each.join(", ")),
    };
    let key = match steps.contains("pre_shared_key") {
        true => ", pre-shared-key",
        false => "",
    };
    format!(
        "id: LAB-{number}\ntitle: Do what the example says\nverifies: [UT-6.1.1-05]\nkind: conformance\nrisk: write\nroles: [authentication-proxy]\n{each}needs: [{NEEDS}{key}]\nsteps:\n  - control: tls-baseline\n{steps}  - tls-connect: {{ expect: [{{ shall: completes }}] }}\n  - control: tls-baseline\n"
    )
}

fn judged(folder: &Path, shape: &[&str]) -> Call {
    let mut all = vec!["--scenarios", "lab"];
    all.extend(shape);
    all.push("LAB-*");
    run_in(folder, &all)
}

#[test]
fn every_example_of_steps_runs_and_sees_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let lab = folder.path().join("lab");
    fs::create_dir(&lab).expect("a folder");
    let examples = examples();
    for (line, steps) in &examples {
        let file = lab.join(format!("lab-{line}-example.yaml"));
        fs::write(file, scenario(*line, steps)).expect("written");
    }
    let mut verdicts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for shape in SHAPES {
        let call = judged(folder.path(), shape);
        for case in call.cases() {
            let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
            let compared = case["steps"].to_string().contains("tls-compare");
            let warned = shape == TELLING && compared && text("verdict") == "warn";
            let verdict = if warned {
                "pass".to_owned()
            } else {
                text("verdict")
            };
            let told = format!("{verdict} {}", text("because"));
            verdicts.entry(text("scenario")).or_default().push(told);
        }
    }
    assert_eq!(verdicts.len(), examples.len());
    let good = |told: &String| told.starts_with("pass") || told.starts_with("info");
    verdicts.retain(|_, told| !told.iter().any(good));
    assert!(verdicts.is_empty(), "{verdicts:#?}");
    for step in STEPS {
        let key = format!("- {step}:");
        let shown = examples.iter().any(|(_, text)| text.contains(&key));
        assert!(shown, "no example of `{step}` is run");
    }
}
