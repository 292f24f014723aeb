//! Policy keys and values, wherever they are written.

use crate::model::policy::{Guard, POLICY_KEYS, policy_key};

use super::super::diagnostic::Diagnostic;
use super::super::place::Path;
use super::super::source::Source;
use super::super::suggest;

/// Keys and values of a guard at `path` that do not exist.
pub(super) fn guard_problems(guard: &Guard, path: &Path, source: &Source<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (key, values) in guard {
        let at_key = path.key(key);
        let Some(known) = policy_key(key) else {
            let help = suggest::help(key, POLICY_KEYS.iter().map(|key| key.name), "policy keys");
            let problem = source.at_key(&at_key, format!("unknown policy key `{key}`"));
            problems.push(problem.with_help(help));
            continue;
        };
        if values.is_empty() {
            let problem = source.at(&at_key, format!("no value of `{key}` is admitted"));
            problems.push(problem.with_help("list the values under which this holds"));
        }
        for (index, value) in values.iter().enumerate() {
            if !known.values.contains(&value.as_str()) {
                let help = suggest::help(value, known.values.iter().copied(), "its values");
                let message = format!("`{key}` has no value `{value}`");
                problems.push(source.at(&at_key.index(index), message).with_help(help));
            }
        }
    }
    problems
}
