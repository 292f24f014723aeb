//! A target file as loaded.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::model::target::Target;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::folder;
use super::super::place::Path;
use super::super::position::WRITTEN;
use super::super::source::{Source, decode};
use super::super::yaml;
use super::{check, mask};

/// A target with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedTarget {
    /// The target as written.
    pub target: Target,
    /// SHA-256 of the file's text in lower-case hex.
    pub file_sha256: String,
    /// Policy key (also `release`, `topology` and `origin`) to `file:line` where it is set.
    pub policy_origins: BTreeMap<String, String>,
    /// The folder that relative paths in the file start from.
    pub folder: PathBuf,
    file: String,
    /// Every key by its path in dots, such as `ut.ca`, with line and column.
    places: BTreeMap<String, (usize, usize)>,
}

impl LoadedTarget {
    /// Puts file, line and column before a message that begins with the path of a key, such as `ut.ca: …`; of a path
    /// that is not written, the place of the nearest key above it.
    #[must_use]
    pub fn placed(&self, message: &str) -> String {
        let (path, _) = message.split_once(": ").unwrap_or_default();
        let mut above = path;
        while !above.is_empty() {
            if let Some((line, column)) = self.places.get(above) {
                return format!("{}:{line}:{column}: {message}", self.file);
            }
            above = above.rsplit_once('.').map_or("", |(above, _)| above);
        }
        format!("{}: {message}", self.file)
    }
}

/// Reads a target file.
///
/// # Errors
/// Everything wrong with it, each at its place; never with a secret in it.
pub fn load_target(path: &FilePath) -> Result<LoadedTarget, Diagnostics> {
    let name = path.to_string_lossy();
    let octets = folder::read(path).map_err(|error| {
        let problem = folder::unreadable(&name, &error);
        problem.with_help("`presec init` writes a target file to start from")
    })?;
    let text = decode(&name, &octets)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    target_from_text(&name, text, folder.unwrap_or_else(|| FilePath::new(".")))
}

/// Reads the text of a target file. Total: no text makes it panic.
///
/// # Errors
/// As [`load_target`].
pub fn target_from_text(
    file: &str,
    text: &str,
    folder: &FilePath,
) -> Result<LoadedTarget, Diagnostics> {
    let source =
        Source::new(file, text, WRITTEN).map_err(|problems| mask::unparsed(problems, text))?;
    let masked = |problems: Vec<Diagnostic>| mask::parsed(problems, &source);
    let unreferenced = mask::unreferenced(&source);
    if !unreferenced.is_empty() {
        return Err(masked(unreferenced));
    }
    let target: Target = yaml::parse(&source).map_err(|problem| masked(vec![problem]))?;
    let problems = check::problems(&target, &source);
    if !problems.is_empty() {
        return Err(masked(problems));
    }
    Ok(LoadedTarget {
        policy_origins: origins(&target, &source),
        target,
        file_sha256: hex::encode(Sha256::digest(text.as_bytes())),
        folder: folder.to_path_buf(),
        file: file.to_owned(),
        places: places(&source),
    })
}

fn places(source: &Source<'_>) -> BTreeMap<String, (usize, usize)> {
    let nodes = source.positions.all().into_iter();
    nodes
        .filter_map(|(keys, node)| Some((keys.join("."), node.key?)))
        .map(|(path, place)| (path, (place.line, place.column)))
        .collect()
}

/// Where each policy value is set.
fn origins(target: &Target, source: &Source<'_>) -> BTreeMap<String, String> {
    let mut paths: Vec<(String, Path)> = target
        .policy
        .keys()
        .map(|key| (key.clone(), Path::of("policy").key(key)))
        .collect();
    for (key, written) in [
        ("release", "release"),
        ("topology", "topology"),
        ("origin", "origin_observer"),
    ] {
        paths.push((key.to_owned(), Path::of(written)));
    }
    paths
        .into_iter()
        .filter_map(|(key, path)| {
            let line = source.positions.node(&path)?.key?.line;
            Some((key, format!("{}:{line}", source.file)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINIMAL: &str = "name: lab\nroles: [authentication-proxy]\nrelease: rel6\nut:\n  url: https://127.0.0.1:8443/\npolicy:\n  require_encryption: true\nsubscribers:\n  alice:\n    impus: [\"sip:alice@example.test\"]\n    credentials: { username: alice, password: \"lab:hunter2hunter2\" }\n";

    fn load(text: &str) -> Result<LoadedTarget, Diagnostics> {
        target_from_text("t.yaml", text, FilePath::new("."))
    }

    #[test]
    fn policy_values_know_their_line() {
        let loaded = load(MINIMAL).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(loaded.policy_origins["require_encryption"], "t.yaml:7");
        assert_eq!(loaded.policy_origins["release"], "t.yaml:3");
        assert!(!loaded.policy_origins.contains_key("topology"));
        assert_eq!(loaded.file_sha256.len(), 64);
    }

    #[test]
    fn what_is_wrong_outside_the_file_is_said_at_its_key() {
        let loaded = load(MINIMAL).unwrap_or_else(|error| panic!("{error}"));
        for (message, placed) in [
            ("ut.url: no", "t.yaml:5:3: ut.url: no"),
            ("ut.ca: no", "t.yaml:4:1: ut.ca: no"),
            (
                "subscribers.alice.credentials: no",
                "t.yaml:11:5: subscribers.alice.credentials: no",
            ),
            ("nothing known", "t.yaml: nothing known"),
        ] {
            assert_eq!(loaded.placed(message), placed);
        }
    }

    #[test]
    fn no_secret_in_any_message() {
        let secret = "hunter2hunter2";
        for (right, wrong) in [
            ("\"lab:hunter2hunter2\"", "hunter2hunter2"),
            ("password:", "passwort:"),
            ("password:", "b_tid:"),
            ("\"lab:hunter2hunter2\"", "[hunter2hunter2]"),
            ("\"lab:hunter2hunter2\"", "\"lab:hunter2hunter2"),
            ("\"lab:hunter2hunter2\" }", "\"lab:hunter2hunter2\", x: 1 }"),
            ("\"lab:hunter2hunter2\"", "!x hunter2hunter2"),
            ("\"lab:hunter2hunter2\"", "&x hunter2hunter2"),
            (
                "\"lab:hunter2hunter2\"",
                "\"lab:hunter2hunter2\", password: hunter2hunter2",
            ),
            (
                "{ username: alice, password: \"lab:hunter2hunter2\" }",
                "hunter2hunter2",
            ),
            (
                "username: alice, password: \"lab:hunter2hunter2\"",
                "username: hunter2hunter2",
            ),
            ("\"lab:hunter2hunter2\"", "\"lab:hunter2hunter2\" \t\u{1}"),
            ("alice, password", "alice, hunter2hunter2, password"),
        ] {
            let text = MINIMAL.replace(right, wrong);
            assert_ne!(text, MINIMAL);
            let told = load(&text).unwrap_err().to_string();
            assert!(
                !told.contains(secret) && !told.contains("hunter2"),
                "{wrong}:\n{told}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic_or_tell(at in 0..MINIMAL.len(), length in 0..20usize, put in "[-:{}\\[\\],&*!|>'\"#%@`$ \n\ta-z0-9]{0,8}") {
            let before = &MINIMAL[..at];
            let after = MINIMAL.get(at + length..).unwrap_or("");
            let text = format!("{before}{put}{after}");
            if let Err(problems) = load(&text) {
                prop_assert!(!problems.to_string().contains("hunter2hunter2"), "{}", problems);
            }
        }
    }
}
