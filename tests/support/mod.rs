//! Runs the presec binary the way a user does and reads what it wrote.
#![cfg(test)]
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A finished call of the binary.
pub(crate) struct Call {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The results file, if one was written.
    pub results: Option<Value>,
}

impl Call {
    /// The verdict of one case or of the only case of a scenario.
    pub(crate) fn verdict(&self, id: &str) -> String {
        self.case(id)["verdict"].as_str().unwrap_or("?").to_owned()
    }

    /// The record of one case, or of the first case of a scenario.
    pub(crate) fn case(&self, id: &str) -> &Value {
        self.cases()
            .iter()
            .find(|case| case["id"] == id || case["scenario"] == id)
            .unwrap_or_else(|| panic!("no case {id}; stderr: {}", self.stderr))
    }

    /// All cases.
    pub(crate) fn cases(&self) -> &[Value] {
        let results = self.results.as_ref().unwrap_or_else(|| {
            panic!(
                "no results; exit {}, stdout: {}\nstderr: {}",
                self.code, self.stdout, self.stderr
            )
        });
        results["scenarios"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Verdicts of all cases of a scenario.
    pub(crate) fn verdicts_of(&self, scenario: &str) -> Vec<String> {
        self.cases()
            .iter()
            .filter(|case| case["scenario"] == scenario)
            .map(|case| case["verdict"].as_str().unwrap_or("?").to_owned())
            .collect()
    }

    /// Ids of the cases with this verdict.
    pub(crate) fn with_verdict(&self, verdict: &str) -> Vec<String> {
        self.cases()
            .iter()
            .filter(|case| case["verdict"] == verdict)
            .map(|case| case["id"].as_str().unwrap_or("?").to_owned())
            .collect()
    }
}

/// Calls presec with `args` in `folder`.
pub(crate) fn presec_in(folder: &Path, args: &[&str]) -> Call {
    let output: Output = command(folder, args).output().expect("presec starts");
    finished(folder, &output)
}

/// The command, for callers that send signals.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_presec"));
    command
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS");
    command
}

/// Reads what a call left behind; results are looked for as `results.json` in `folder`.
pub(crate) fn finished(folder: &Path, output: &Output) -> Call {
    let results = std::fs::read_to_string(folder.join("results.json"))
        .ok()
        .map(|text| serde_json::from_str(&text).expect("results are JSON"));
    Call {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        results,
    }
}

/// `presec run` with results and JUnit in a fresh folder.
pub(crate) fn run(args: &[&str]) -> Call {
    let folder = tempfile::tempdir().expect("a folder");
    run_in(folder.path(), args)
}

/// `presec run` with results and JUnit in `folder`.
pub(crate) fn run_in(folder: &Path, args: &[&str]) -> Call {
    let mut all = vec![
        "run",
        "--json",
        "results.json",
        "--junit",
        "junit.xml",
        "--seed",
        "7",
    ];
    all.extend_from_slice(args);
    presec_in(folder, &all)
}

/// The Python that has tlslite-ng, as `ci/servers/tlslite/install` makes it, when it is there; said aloud when not.
pub(crate) fn tlslite() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let environment = target.expect("the build's folder").join("tlslite-ng");
    let installed = std::fs::read(environment.join("requirements.txt")).ok();
    let wanted = std::fs::read(project().join("ci/servers/tlslite/requirements.txt"));
    if installed == Some(wanted.expect("what is to be installed")) {
        return Some(environment.join("bin/python3"));
    }
    let missing = "tlslite-ng is NOT TESTED: it is not installed (ci/servers/tlslite/install)";
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    eprintln!("{missing}");
    None
}

/// The project's folder.
pub(crate) fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
