//! The embedded data is whole: register, scenarios, sets, schemas and example files fit together.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail loudly"
)]

#[cfg(test)]
#[path = "register/documented.rs"]
mod documented;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use presec::load::{Library, SCHEMA_NAMES, load_target, schema_for};
use presec::model::requirement::{Level, State};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn library() -> Library {
    Library::embedded().unwrap_or_else(|error| panic!("{error}"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn the_register_is_whole() {
    let library = library();
    assert!(library.register.len() > 100);
    for requirement in library.register.iter() {
        let id = &requirement.id;
        assert!(!requirement.text.trim().is_empty(), "{id} has no text");
        assert!(!requirement.roles.is_empty(), "{id} binds nobody");
        let reason = match &requirement.state {
            State::Tested | State::CoveredBy(_) => continue,
            State::Planned(reason)
            | State::NotTestable(reason)
            | State::Informative(reason)
            | State::OutOfScope(reason) => reason,
        };
        assert!(!reason.trim().is_empty(), "{id} gives no reason");
        let demands = matches!(requirement.level, Level::Shall | Level::ShallNot);
        let informative = matches!(requirement.state, State::Informative(_));
        assert!(
            !(demands && informative),
            "{id} demands something, so it is not informative"
        );
    }
}

#[test]
fn every_tested_requirement_is_verified_and_no_other_is() {
    let library = library();
    let contradictions = library.register.contradictions(&library.scenarios);
    let told: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn scenarios_cite_what_exists() {
    let library = library();
    for loaded in &library.scenarios {
        let scenario = &loaded.scenario;
        assert!(!scenario.verifies.is_empty(), "{}", scenario.id);
        for id in &scenario.verifies {
            assert!(
                library.requirement(id).is_some(),
                "{} cites {id}",
                scenario.id
            );
        }
        if let Some(slug) = &scenario.interpretation {
            assert!(
                library.interpretation(slug).is_some(),
                "{} cites {slug}",
                scenario.id
            );
        }
    }
}

#[test]
fn the_binary_holds_the_scenarios_that_are_in_the_folder() {
    let folder = root().join("scenarios");
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    let on_disk: BTreeSet<String> = files
        .iter()
        .map(|path| {
            path.strip_prefix(&folder)
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|path| {
            path.ends_with(".yaml")
                && !["requirements", "sets", "profiles"]
                    .iter()
                    .any(|data| path.starts_with(data))
        })
        .collect();
    let embedded: BTreeSet<String> = library()
        .scenarios
        .iter()
        .map(|loaded| loaded.file.clone())
        .collect();
    assert_eq!(
        embedded, on_disk,
        "build again: the binary holds other files than the folder"
    );
}

#[test]
fn every_set_has_members_with_names() {
    let library = library();
    for set in library.sets.0.keys() {
        let members = library.set_members(set).unwrap();
        assert!(!members.is_empty(), "{set}");
    }
    let null = library.set_members("null_enc").unwrap();
    assert!(null.contains(&"TLS_RSA_WITH_NULL_SHA".to_owned()));
}

fn validator(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&schema_for(name).unwrap()).unwrap()
}

fn complaints(validator: &jsonschema::Validator, text: &str) -> Vec<String> {
    let value: serde_json::Value = serde_yaml::from_str(text).unwrap();
    validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for name in SCHEMA_NAMES {
        let path = root().join(format!("reports/schema/{name}.schema.json"));
        let schema = format!(
            "{}\n",
            serde_json::to_string_pretty(&schema_for(name).unwrap()).unwrap()
        );
        if std::env::var_os("PRESEC_WRITE_SCHEMAS").is_some() {
            fs::write(&path, &schema).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == schema,
            "{} is out of date; PRESEC_WRITE_SCHEMAS=1 cargo test --test register writes it",
            path.display()
        );
    }
    assert!(schema_for("nothing").is_none());
}

#[test]
fn embedded_scenarios_fit_the_schema() {
    let validator = validator("scenario");
    for loaded in library().scenarios {
        let text = fs::read_to_string(root().join("scenarios").join(&loaded.file)).unwrap();
        assert_eq!(complaints(&validator, &text), [""; 0], "{}", loaded.file);
    }
    let right = "id: LAB-01\ntitle: T\nverifies: [UT-7.2-03]\nkind: conformance\nrisk: read\nroles: [authentication-proxy]\neach: { suite: [$rc4, TLS_RSA_WITH_NULL_SHA] }\nsteps:\n  - control: tls-baseline\n  - tls-offer: { suites: [$suite], expect: [{ when: { release: [rel6] }, may: { selected: { suite: [$suite] } } }, { control: refused, else: not-applicable }] }\n  - origin: { marker: m, expect: [{ shall: { requests: 0 } }] }\n";
    assert_eq!(complaints(&validator, right), [""; 0]);
    assert!(!complaints(&validator, &right.replace("shall:", "shal:")).is_empty());
}

#[test]
fn example_targets_load_and_fit_the_schema() {
    let validator = validator("target");
    let mut files = Vec::new();
    files_below(&root().join("fixtures/targets"), &mut files);
    assert!(files.len() >= 3);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(complaints(&validator, &text), [""; 0], "{}", path.display());
        let loaded = load_target(&path).unwrap_or_else(|error| panic!("{error}"));
        let keys: Vec<&String> = loaded.target.policy.keys().collect();
        assert!(
            keys.iter()
                .all(|key| loaded.policy_origins.contains_key(*key))
        );
    }
}
