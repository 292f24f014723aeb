//! `presec report` gives later what `presec run` gave at its end, and refuses what it does not understand.
#![cfg(test)]

mod support;

use std::fs;

#[test]
fn reports_from_the_results_are_those_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let of_run = support::run_in(
        folder.path(),
        &[
            "--html",
            "run.html",
            "--sarif",
            "run.sarif",
            "--md",
            "run.md",
            "TLSC-07",
            "ID-03",
        ],
    );
    assert_eq!(of_run.code, 0, "{}", of_run.stderr);
    let later = support::presec_in(
        folder.path(),
        &[
            "report",
            "results.json",
            "--html",
            "later.html",
            "--sarif",
            "later.sarif",
            "--md",
            "later.md",
            "--junit",
            "later.xml",
            "--coverage",
            "matrix.csv",
            "--lab-form",
            "form.md",
        ],
    );
    assert_eq!(later.code, 0, "{}", later.stderr);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("run.html"), read("later.html"));
    assert_eq!(read("run.sarif"), read("later.sarif"));
    assert_eq!(read("run.md"), read("later.md"));
    assert_eq!(read("junit.xml"), read("later.xml"));
    assert!(read("matrix.csv").contains("UT-6.1.3-05,TS 33.141,6.1.3,shall,"));
    assert!(read("form.md").contains("**Execution steps**"));
    assert!(
        read("run.html").contains("X-3GPP-Intended-Identity"),
        "what was sent is told"
    );
    let table = support::presec_in(folder.path(), &["report", "results.json"]);
    assert!(
        table.stdout.contains("exit 0 under the default gate"),
        "{}",
        table.stdout
    );
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("newer.json"), "{\"schema_version\": 99}").unwrap();
    fs::write(folder.path().join("other.json"), "[1]").unwrap();
    for (arguments, part) in [
        (
            &["report", "newer.json", "--html", "x.html"][..],
            "use a newer presec",
        ),
        (
            &["report", "other.json", "--html", "x.html"],
            "not results of presec",
        ),
        (&["report", "missing.json"], "cannot read missing.json"),
    ] {
        let call = support::presec_in(folder.path(), arguments);
        assert_eq!(call.code, 2, "{arguments:?}");
        assert!(call.stderr.contains(part), "{}", call.stderr);
    }
    assert!(!folder.path().join("x.html").exists());
}
