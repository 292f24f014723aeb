//! Every word that a user may write stands in the page about it.

use std::collections::BTreeSet;
use std::fs;

use presec::engine::gate::Exit;
use presec::load::schema_for;
use presec::model::policy::POLICY_KEYS;
use presec::model::step_proxy::{MOST_CONNECTIONS, MOST_REQUESTS};
use presec::model::verdict::Verdict;
use serde_json::Value;

use crate::root;

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// What stands below the headings that hold `heading`, each up to the next heading of any depth.
fn section(page: &str, heading: &str) -> String {
    let mut text = String::new();
    let (mut inside, mut example) = (false, false);
    for line in page.lines() {
        example ^= line.starts_with("```");
        if line.starts_with('#') && !example {
            inside = line.contains(heading);
        }
        if inside {
            text.push_str(line);
            text.push('\n');
        }
    }
    assert!(!text.is_empty(), "no section {heading}");
    text
}

/// The words in code spans and examples.
fn words(text: &str) -> BTreeSet<String> {
    let (mut code, mut example) = (String::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            example = !example;
        } else if example {
            code.push_str(line);
            code.push('\n');
        } else {
            for span in line.split('`').skip(1).step_by(2) {
                code.push_str(span);
                code.push('\n');
            }
        }
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let parts = code.split(|c: char| !is_part(c)).map(str::to_owned);
    // `tls1.2` and `ut.url` count as a whole and in their parts.
    let whole = code.split(|c: char| !(is_part(c) || c == '.'));
    parts.chain(whole.map(str::to_owned)).collect()
}

/// Names of properties and values of enumerations in a part of a schema, which refers to others by name.
fn known(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(properties) = map.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            let values = map.get("enum").and_then(Value::as_array);
            let values = values.into_iter().flatten().chain(map.get("const"));
            found.extend(values.filter_map(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| known(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| known(value, found)),
        _ => {}
    }
}

/// The sections of docs/scenario-format.md, and the definitions of the schema that each of them explains.
const SECTIONS: &[(&str, &[&str])] = &[
    ("## Keys of a scenario", &["Kind", "Risk", "Role"]),
    ("### `needs`", &["Need"]),
    (
        "## Claims",
        &[
            "Claim", "Claim2", "Claim3", "Claim4", "Claim5", "Claim6", "Claim7", "Claim8", "Unmet",
        ],
    ),
    ("## Steps", &[]),
    ("### `control`", &["ReadyControl"]),
    (
        "### `tls-offer`",
        &[
            "TlsOffer",
            "DiffersBy",
            "Flight",
            "HelloForm",
            "HelloQuirk",
            "Selection",
        ],
    ),
    (
        "### `tls-connect`",
        &[
            "TlsConnect",
            "Connection",
            "CertificateView",
            "ClientCertificate",
            "LeftOut",
            "Mechanism",
            "TlsClient",
            "TlsConnect",
            "TlsQuirk",
            "IdentityForm",
            "KeyForm",
            "KeyMode",
            "PreShared",
        ],
    ),
    (
        "### `tls-send`",
        &[
            "Aftermath",
            "ClosingWay",
            "SentAlert",
            "SentRecord",
            "TlsAlert",
            "TlsClose",
            "TlsPause",
            "TlsRenegotiate",
            "TlsSend",
        ],
    ),
    ("### `tls-compare`", &["Comparison", "TlsCompare"]),
    ("### `login`", &["Login"]),
    (
        "### `http`",
        &[
            "Http",
            "Answer",
            "ChallengeView",
            "Credentials",
            "DigestQuirks",
            "EarlyFlight",
            "HeaderField",
            "IdentitySpelling",
            "KeyEncoding",
            "PathSpelling",
            "SecondAuthorization",
            "TargetForm",
            "Transport",
        ],
    ),
    ("### `answer`", &["AnswerAgain"]),
    ("### `prepare`", &["Prepare"]),
    ("### `origin`", &["Origin", "OriginView"]),
    (
        "### `parallel`",
        &["Parallel", "ParallelSession", "ParallelView"],
    ),
    ("### `canary`", &["Canary", "CanaryView"]),
    ("`close`", &["Hook", "HookName", "Elapse", "Close"]),
];

/// Words of the schema that are not in the text.
fn missing(schema: &Value, text: &str) -> Vec<String> {
    let mut wanted = BTreeSet::new();
    known(schema, &mut wanted);
    wanted.difference(&words(text)).cloned().collect()
}

#[test]
fn every_word_of_a_scenario_is_explained_in_its_section() {
    let page = page("scenario-format.md");
    let mut schema = schema_for("scenario").unwrap();
    let Value::Object(definitions) = schema["$defs"].take() else {
        panic!("definitions");
    };
    let (mut explained, mut told) = (BTreeSet::from(["Step"]), Vec::new());
    told.extend(missing(&schema, &section(&page, "## Keys of a scenario")));
    for (heading, names) in SECTIONS {
        let text = section(&page, heading);
        for name in *names {
            explained.insert(name);
            let words = missing(&definitions[*name], &text);
            told.extend(words.iter().map(|word| format!("{heading}: {word}")));
        }
    }
    assert_eq!(told, [""; 0], "not in docs/scenario-format.md");
    let headings: Vec<&str> = page.lines().filter(|l| l.starts_with("### ")).collect();
    assert_eq!(
        missing(&definitions["Step"], &headings.join("\n")),
        [""; 0],
        "steps without a section"
    );
    for (name, definition) in &definitions {
        let mut words = BTreeSet::new();
        known(definition, &mut words);
        let elsewhere = words.is_empty() || explained.contains(name.as_str());
        assert!(elsewhere, "which section explains {name}?");
    }
}

#[test]
fn every_word_of_a_target_file_is_explained() {
    let schema = schema_for("target").unwrap();
    let told = missing(&schema, &page("target-file.md"));
    assert_eq!(told, [""; 0], "not in docs/target-file.md");
}

#[test]
fn every_policy_key_has_a_row_with_its_values() {
    for (name, heading) in [
        ("scenario-format.md", "### `applies` and `when`"),
        ("target-file.md", "## Policy keys"),
    ] {
        let text = section(&page(name), heading);
        for key in POLICY_KEYS {
            let cell = format!("| `{}` |", key.name);
            let row = text.lines().find(|line| line.starts_with(&cell));
            // Facts of the target are told in the text below the table of policy keys.
            let row = row.or_else(|| (!key.written).then_some(text.as_str()));
            let row = row.unwrap_or_else(|| panic!("{name}: no row for {}", key.name));
            let words = words(row);
            assert!(words.contains(key.name), "{name}: {}", key.name);
            if key.name == "release" || (key.name == "topology" && name == "target-file.md") {
                continue; // rows of the target file's own keys, which the schema's test has read
            }
            for value in key.values {
                assert!(words.contains(*value), "{name}: {} {value}", key.name);
            }
        }
    }
}

#[test]
fn every_verdict_and_every_exit_code_has_a_row() {
    let page = page("verdicts.md");
    for verdict in Verdict::ALL {
        let row = format!("| `{verdict}` |");
        assert!(page.contains(&row), "{row}");
    }
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for (exit, meaning) in Exit::ALL {
        let row = format!("| {} | {meaning}", exit.code());
        assert!(page.contains(&row) && readme.contains(&row), "{row}");
    }
}

#[test]
fn bounds_in_the_pages_are_those_of_the_code() {
    let parallel = section(&page("scenario-format.md"), "### `parallel`");
    let told = format!("at most {MOST_CONNECTIONS} connections and {MOST_REQUESTS} requests");
    assert!(parallel.contains(&told), "{told}");
}

#[test]
fn a_word_that_is_missing_is_found() {
    let schema = serde_json::json!({ "properties": { "here": { "enum": ["a-b"] }, "gone": {} } });
    assert_eq!(missing(&schema, "| `here` | `a-b`, gone |"), ["gone"]);
    assert_eq!(missing(&schema, "```yaml\nhere: a-b\n```\ngone"), ["gone"]);
    assert_eq!(missing(&schema, "`here` and `gone`: `a`"), ["a-b"]);
    let page = "# A\n`x`\n## B\n`y`\n```\n# no heading\n```\n## C\n`z`\n";
    assert_eq!(section(page, "## B"), "## B\n`y`\n```\n# no heading\n```\n");
}
