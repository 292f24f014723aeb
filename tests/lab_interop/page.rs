//! Tables in `docs/assurance.md` that tests write and hold.

use std::sync::{Mutex, PoisonError};

use crate::support::project;

/// Writes the rows of a peer below a table's head, or holds that they stand there when the page speaks of this peer's version.
pub(crate) fn hold(head: &str, (name, version): (&str, &str), lines: &[String]) {
    let path = project().join("docs/assurance.md");
    let own = format!("| {name} (");
    // Several peers may be written at the same time.
    static PAGE: Mutex<()> = Mutex::new(());
    let _one = PAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let page = std::fs::read_to_string(&path).expect("the page");
    let there: Vec<&str> = page.lines().filter(|line| line.starts_with(&own)).collect();
    if std::env::var("PRESEC_WRITE_INTEROP").is_ok_and(|value| value == "1") {
        let rest: Vec<&str> = page
            .lines()
            .filter(|line| !line.starts_with(&own))
            .collect();
        // Where they stood, or first in the table.
        let stood = page.lines().position(|line| line.starts_with(&own));
        let at = rest.iter().position(|line| line.starts_with(head));
        let (before, after) =
            rest.split_at(stood.unwrap_or_else(|| at.expect("the table's head") + 2));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let page = [before, &lines, after].concat().join("\n");
        std::fs::write(&path, page + "\n").expect("the page is written");
    } else if there.iter().any(|line| line.contains(version)) {
        assert_eq!(there, lines, "PRESEC_WRITE_INTEROP=1 writes it");
    }
}

/// What kinds of suites only the peer has, said in one word each.
pub(crate) fn kind(name: &str) -> &str {
    let kinds = [
        "DSS",
        "EXPORT",
        "ECDH_ECDSA",
        "ECDH_RSA",
        "ARIA",
        "SRP",
        "SEED",
        "IDEA",
        "GOST",
    ];
    let kind = kinds.into_iter().find(|kind| name.contains(kind));
    // Three code points of a draft before RFC 7905; no registry has them.
    let drafts = ["0xCCA1", "0xCCA2", "0xCCA3"].contains(&name);
    kind.unwrap_or(if drafts { "ChaCha20 of a draft" } else { name })
}
