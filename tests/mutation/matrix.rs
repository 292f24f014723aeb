//! What a defect did to the scenarios, and the table of it.

use std::collections::BTreeSet;

use presec::reference::Defect;
use serde_json::Value;

use super::runs::conforming_beside;
use super::support::{Call, project};

const BEGIN: &str = "<!-- begin of the generated table -->\n";
const END: &str = "<!-- end of the generated table -->";
/// As many scenarios are named; more are counted.
const NAMED: usize = 6;

/// What a run with a defect came to, beside the conforming one.
pub(crate) struct Outcome {
    /// The defect.
    pub(crate) defect: Defect,
    /// Scenarios with a case that failed or warned.
    pub(crate) red: BTreeSet<String>,
    /// Informative scenarios that observed something else.
    pub(crate) changed: BTreeSet<String>,
    /// Scenarios with a case that could not be decided.
    pub(crate) undecided: BTreeSet<String>,
}

impl Outcome {
    /// What this run came to.
    pub(crate) fn of(defect: Defect, call: &Call) -> Self {
        let usual = conforming_beside(defect);
        let scenarios = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
            let cases = call.cases().iter().filter(|case| wanted(case));
            cases
                .map(|case| text(case, "scenario").to_owned())
                .collect()
        };
        let one_of = |verdicts: &'static [&'static str]| {
            scenarios(&|case| verdicts.contains(&text(case, "verdict")))
        };
        let before = |case: &Value| {
            let known = usual.cases().iter();
            known
                .map(|known| (text(known, "id"), text(known, "observed")))
                .any(|known| known == (text(case, "id"), text(case, "observed")))
        };
        Self {
            defect,
            red: one_of(&["fail", "warn"]),
            changed: scenarios(&|case| text(case, "verdict") == "info" && !before(case)),
            undecided: one_of(&["inconclusive", "error"]),
        }
    }

    /// Declared scenarios that saw nothing.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &str> {
        let declared = self.defect.scenarios().iter().copied();
        declared.filter(|id| !self.red.contains(*id) && !self.changed.contains(*id))
    }

    /// Scenarios that are red although the defect is none of theirs.
    pub(crate) fn strays(&self) -> impl Iterator<Item = &str> {
        let red = self.red.iter().map(String::as_str);
        red.filter(|id| !self.defect.scenarios().contains(id))
    }

    /// What is wrong with it, if anything is.
    pub(crate) fn wrong(&self, may_leave_undecided: bool) -> Option<String> {
        let missed: Vec<&str> = self.missed().collect();
        let strays: Vec<&str> = self.strays().collect();
        let undecided = !self.undecided.is_empty() && !may_leave_undecided;
        (!missed.is_empty() || !strays.is_empty() || undecided).then(|| {
            format!(
                "{}: missed by {missed:?}, stray {strays:?}, undecided {:?}",
                self.defect, self.undecided
            )
        })
    }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_default()
}

/// The row of one defect.
fn row(outcome: &Outcome) -> String {
    let own = outcome.defect.scenarios().iter().map(|id| (*id).to_owned());
    let own: BTreeSet<String> = own.collect();
    let seen = outcome.changed.intersection(&own).cloned().collect();
    format!(
        "| {} | {} | {} | {} | {} |",
        outcome.defect,
        all(&own),
        all(&outcome.red),
        all(&seen),
        named(&outcome.undecided)
    )
}

fn all(ids: &BTreeSet<String>) -> String {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.join(" ")
}

fn named(ids: &BTreeSet<String>) -> String {
    if ids.len() > NAMED {
        format!("{} scenarios", ids.len())
    } else {
        all(ids)
    }
}

/// Puts the rows of these defects between the marks in `docs/assurance.md`; every other defect keeps the row it has.
pub(crate) fn write_rows(outcomes: &[Outcome]) {
    let path = project().join("docs/assurance.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the mark of the beginning");
    let (stood, after) = rest.split_once(END).expect("the mark of the end");
    let mut lines = vec![
        "| Defect | Its scenarios | Red | Observed otherwise | Undecided beside it |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(Defect::all().into_iter().filter_map(|defect| {
        let new = outcomes.iter().find(|outcome| outcome.defect == defect);
        let start = format!("| {defect} |");
        let old = || stood.lines().find(|line| line.starts_with(&start));
        new.map(row).or_else(|| old().map(str::to_owned))
    }));
    let table = lines.join("\n") + "\n";
    std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).expect("the page");
}
