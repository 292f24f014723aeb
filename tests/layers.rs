//! Modules only look down: who may use whom is a table (docs/architecture.md), and this test reads it.
#![cfg(test)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module to the modules it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &["model"]),
    ("load", &["model"]),
    ("engine", &["model"]),
    ("tls", &["wire", "model"]),
    ("probe", &["engine", "tls", "wire", "model"]),
    ("testbed", &["engine", "wire", "model"]),
    ("record", &["engine", "wire", "model"]),
    ("report", &["model"]),
    ("reference", &["tls", "wire", "model"]),
    (
        "cli",
        &[
            "model",
            "wire",
            "load",
            "engine",
            "tls",
            "probe",
            "testbed",
            "record",
            "report",
            "reference",
        ],
    ),
];

/// What else a module may not name: the crate of YAML stays in load, sockets stay out of the lower layers.
const MAY_NOT_NAME: &[(&str, &[&str])] = &[
    (
        "model",
        &[
            "tokio",
            "std::net",
            "std::fs",
            "serde_yaml",
            "std::time::Instant",
        ],
    ),
    ("wire", &["tokio", "std::net", "std::fs", "serde_yaml"]),
    (
        "tls",
        &[
            "std::net",
            "tokio::net",
            "std::fs",
            "serde_yaml",
            "rustls",
            "Instant::now",
            "SystemTime::now",
            "now_utc",
        ],
    ),
    (
        "engine",
        &[
            "std::net",
            "std::fs",
            "serde_yaml",
            "rustls",
            "Instant::now",
            "SystemTime::now",
        ],
    ),
    (
        "probe",
        &["serde_yaml", "Instant::now", "SystemTime::now", "now_utc"],
    ),
    (
        "testbed",
        &["serde_yaml", "Instant::now", "SystemTime::now", "now_utc"],
    ),
    (
        "reference",
        &["serde_yaml", "Instant::now", "SystemTime::now", "now_utc"],
    ),
    (
        "report",
        &[
            "std::fs",
            "std::net",
            "tokio",
            "serde_yaml",
            "Instant::now",
            "now_utc",
        ],
    ),
    ("record", &["std::fs", "std::net", "serde_yaml", "now_utc"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

/// The text without comments, strings and its test module.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first segments behind `crate::`, nested braces expanded.
fn used_modules(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            used.extend(first_segments(list));
        } else {
            used.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    used
}

/// The first segment of each entry of a brace list, given the text behind `{`.
fn first_segments(list: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let (mut depth, mut current) = (0, String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => segments.push(std::mem::take(&mut current)),
            _ if depth == 0 => current.push(c),
            _ => {}
        }
    }
    segments.push(current);
    segments
        .iter()
        .map(|entry| {
            entry
                .trim()
                .split("::")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
        .filter(|segment| !segment.is_empty())
        .collect()
}

fn violations(src: &Path) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let forbidden: BTreeMap<&str, &[&str]> = MAY_NOT_NAME.iter().copied().collect();
    let mut violations = Vec::new();
    for (module, may_use) in &allowed {
        let mut files = Vec::new();
        rust_files(&src.join(module), &mut files);
        assert!(!files.is_empty(), "src/{module} has no files");
        for file in files {
            let is_test = file.to_string_lossy().contains("tests");
            let code = code(&std::fs::read_to_string(&file).unwrap());
            for used in used_modules(&code) {
                let known = allowed.contains_key(used.as_str());
                if known && used != *module && !may_use.contains(&used.as_str()) {
                    violations.push(format!("{} uses {used}", file.display()));
                }
            }
            for name in forbidden
                .get(module)
                .into_iter()
                .flat_map(|names| names.iter())
            {
                if !is_test && code.contains(name) {
                    violations.push(format!("{} names {name}", file.display()));
                }
            }
        }
    }
    violations
}

#[test]
fn modules_only_look_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(violations(&src), Vec::<String>::new());
}

#[test]
fn every_module_of_the_crate_has_a_place_in_the_table() {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = std::fs::read_to_string(lib).unwrap();
    let declared: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let mut known: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    known.sort_unstable();
    assert_eq!(declared, known);
}

#[test]
fn nested_uses_are_seen() {
    let planted =
        "use crate::{model::{a, b}, probe::{self, tls::x}};\nfn f() { crate::cli::main() }";
    assert_eq!(used_modules(planted), ["model", "probe", "cli"]);
}
