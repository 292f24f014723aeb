//! The recipes for pipelines are YAML, and every flag of presec in them exists.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;
use std::fs;

use support::{presec_in, project};

const RECIPES: [&str; 4] = [
    "github/github-actions.yml",
    "gitlab/gitlab-ci.yml",
    "jenkins/Jenkinsfile",
    "kubernetes/kubernetes-indexed-job.yaml",
];

fn recipe(path: &str) -> String {
    fs::read_to_string(project().join("ci/recipes").join(path)).unwrap()
}

#[test]
fn recipes_are_yaml() {
    for path in RECIPES.iter().filter(|path| !path.ends_with("Jenkinsfile")) {
        let value: serde_json::Value =
            serde_yaml::from_str(&recipe(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(value.is_object(), "{path}");
    }
}

/// Commands and flags in the order they stand: a flag belongs to the command named last.
fn flags(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut command = None;
    let mut before = "";
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "'\"".contains(c)));
    for word in words.filter(|word| !word.is_empty() && *word != "-") {
        if before == "presec" && word.chars().all(|c| c.is_ascii_lowercase()) && word != "key:" {
            command = Some(word.to_owned());
        }
        if let (Some(command), true) = (&command, word.starts_with("--")) {
            found.push((command.clone(), word.to_owned()));
        }
        before = word;
    }
    found
}

#[test]
fn every_flag_in_a_recipe_exists() {
    let mut help: BTreeMap<String, String> = BTreeMap::new();
    for path in RECIPES {
        let flags = flags(&recipe(path));
        assert!(flags.len() >= 6, "{path}: {flags:?}");
        for (command, flag) in flags {
            let text = help
                .entry(command.clone())
                .or_insert_with(|| presec_in(&project(), &[&command, "--help"]).stdout);
            let known = text.split_whitespace().any(|word| word == flag);
            assert!(known, "{path}: presec {command} {flag}");
        }
    }
}

#[test]
fn every_shell_has_completions_and_every_command_a_page() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let call = presec_in(folder.path(), &["completions", shell]);
        assert_eq!(call.code, 0);
        assert!(
            call.stdout.contains("presec") && call.stdout.contains("waivers"),
            "{shell}"
        );
    }
    assert_eq!(presec_in(folder.path(), &["man", "pages"]).code, 0);
    for page in [
        "presec.1",
        "presec-run.1",
        "presec-merge.1",
        "presec-waive.1",
    ] {
        let text = fs::read_to_string(folder.path().join("pages").join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
    assert!(presec_in(folder.path(), &["man"]).stdout.contains(".TH"));
}
