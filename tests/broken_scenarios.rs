//! Every kind of mistake in a scenario has a file, is told at the intended place, and its message is pinned.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use presec::load::{Diagnostics, Library, lint_paths, load_target, scenario_from_text};

fn fixtures(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(folder);
    let mut files: Vec<(String, String)> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .filter(|(name, _)| name.ends_with(".yaml"))
        .collect();
    files.sort();
    files
}

/// The place in the comment `# expected LINE:COLUMN` at the end of a file.
fn intended(text: &str) -> (usize, usize) {
    let comment = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("# expected "));
    let (line, column) = comment.unwrap().split_once(':').unwrap();
    (line.parse().unwrap(), column.parse().unwrap())
}

/// What is told somewhere else than intended, or beside something else.
fn misplaced(name: &str, text: &str, problems: &Diagnostics) -> Option<String> {
    let (line, column) = intended(text);
    let places: Vec<_> = problems.iter().map(|p| (p.line, p.column)).collect();
    (places != [(line, column)]).then(|| format!("{name}, intended {line}:{column}\n{problems}"))
}

fn pin(kind: &str, name: &str, problems: &Diagnostics) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let shown = problems.to_string();
    let stem = name.trim_end_matches(".yaml");
    settings.bind(|| insta::assert_snapshot!(format!("{kind}__{stem}"), shown));
}

#[test]
fn every_mistake_is_told_at_its_place() {
    let files = fixtures("broken-scenarios");
    assert!(files.len() >= 30);
    let mut wrong = Vec::new();
    for (name, text) in files {
        let problems = scenario_from_text(&name, &text).expect_err(&name);
        wrong.extend(misplaced(&name, &text, &problems));
        pin("scenario", &name, &problems);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_mistake_in_a_target_file_is_told_at_its_place() {
    let mut wrong = Vec::new();
    for (name, text) in fixtures("broken-targets") {
        let path = Path::new("fixtures/broken-targets").join(&name);
        let problems = load_target(&path).expect_err(&name);
        assert!(
            !problems.to_string().contains("not-to-be-shown"),
            "{problems}"
        );
        wrong.extend(misplaced(&name, &text, &problems));
        pin("target", &name, &problems);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn several_problems_are_told_at_once() {
    let text = "id: LAB-01\ntitle: T\nverifies: [UT-0-0]\nkind: conformance\nrisk: read\nroles: []\nsteps:\n  - tls-offer: { version: tls9, suites: [NONE], expect: [{ shall: refused, may: refused }] }\n";
    let problems = scenario_from_text("lab-01-x.yaml", text).unwrap_err();
    assert_eq!(problems.len(), 5, "{problems}");
}

fn scenario(id: &str) -> String {
    format!(
        "id: {id}\ntitle: T\nverifies: [UT-7.2-03]\nkind: conformance\nrisk: read\nroles: [authentication-proxy]\nsteps:\n  - tls-offer: {{ suites: [$null_enc], expect: [{{ shall: refused }}] }}\n"
    )
}

fn folder(files: &[(&str, String)]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let paths = vec![folder.path().to_path_buf()];
    (folder, paths)
}

#[test]
fn user_scenarios_stand_beside_the_embedded_ones() {
    let before = Library::embedded()
        .unwrap_or_else(|error| panic!("{error}"))
        .scenarios
        .len();
    let (_folder, paths) = folder(&[
        ("lab-01-a.yaml", scenario("LAB-01")),
        ("deeper/lab-02-b.yml", scenario("LAB-02")),
        ("notes.txt", "not a scenario".to_owned()),
    ]);
    let library = Library::with_folders(&paths).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(library.scenarios.len(), before + 2);
    assert!(
        library
            .scenarios
            .is_sorted_by_key(|loaded| loaded.scenario.id.clone())
    );
    assert_eq!(library.scenario("LAB-02").unwrap().content_sha256.len(), 64);
    assert_eq!(lint_paths(&paths), Ok(2));
}

#[test]
fn a_broken_file_is_never_left_out() {
    let (_folder, paths) = folder(&[
        ("lab-01-a.yaml", scenario("LAB-01")),
        (
            "lab-02-b.yaml",
            scenario("LAB-02").replace("refused", "refuzed"),
        ),
        ("lab-03-c.yaml", "\u{0}".to_owned()),
    ]);
    let problems = Library::with_folders(&paths).unwrap_err();
    assert_eq!(problems.len(), 2, "{problems}");
    assert!(lint_paths(&paths).is_err());
}

#[test]
fn an_id_that_is_taken_is_an_error() {
    let (_folder, paths) = folder(&[
        ("lab-01-a.yaml", scenario("LAB-01")),
        ("lab-01-b.yaml", scenario("LAB-01")),
    ]);
    let problems = Library::with_folders(&paths).unwrap_err();
    assert!(
        problems.to_string().contains("`LAB-01` is taken"),
        "{problems}"
    );
    assert!(
        problems.to_string().contains("lab-01-a.yaml has it"),
        "{problems}"
    );
}

#[test]
fn folders_that_hold_nothing_or_are_not_there_are_errors() {
    let (_folder, paths) = folder(&[]);
    assert!(Library::with_folders(&paths).is_err());
    assert!(Library::with_folders(&[paths[0].join("nowhere")]).is_err());
}

#[test]
fn every_mistake_in_a_waiver_file_is_told_at_its_place() {
    let mut wrong = Vec::new();
    let files = fixtures("broken-waivers");
    assert!(files.len() >= 14);
    for (name, text) in files {
        let problems = presec::load::waivers_from_text(&name, &text).expect_err(&name);
        wrong.extend(misplaced(&name, &text, &problems));
        pin("waivers", &name, &problems);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
