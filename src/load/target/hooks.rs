//! Levers: commands that can be started, URLs that can be asked, placeholders that are known.

use crate::model::target::{Declared, HookAction, Target};

use super::super::place::Path;
use super::super::suggest;
use super::check::Findings;
use super::url;

/// What is filled in.
const PLACEHOLDERS: [&str; 3] = ["{subscriber}", "{b_tid}", "{seconds}"];

pub(super) fn check(findings: &mut Findings<'_>, target: &Target) {
    let hooks = &target.hooks;
    for (key, hook) in [
        ("force_reauth", &hooks.force_reauth),
        ("expire_b_tid", &hooks.expire_b_tid),
        ("advance_clock", &hooks.advance_clock),
        ("restart", &hooks.restart),
    ] {
        let at = Path::of("hooks").key(key);
        match hook.as_ref().and_then(Declared::given) {
            Some(HookAction::Command(words)) => command(findings, &at.key("command"), words),
            Some(HookAction::Http(request)) => {
                let at = at.key("http").key("url");
                placeholders(findings, &at, &request.url);
                let filled = PLACEHOLDERS
                    .iter()
                    .fold(request.url.clone(), |text, name| text.replace(name, "1"));
                let without_query = filled.split(['?', '#']).next().unwrap_or_default();
                match url::parse(without_query) {
                    Ok(parsed) if parsed.scheme == "http" || parsed.scheme == "https" => {}
                    Ok(_) => findings.tell(
                        &at,
                        "a hook is called by http or https",
                        "write `http://127.0.0.1:PORT/…`",
                    ),
                    Err(because) => findings.tell(&at, because, "write `http://127.0.0.1:PORT/…`"),
                }
            }
            None => {}
        }
    }
}

fn command(findings: &mut Findings<'_>, at: &Path, words: &[String]) {
    if words.first().is_none_or(String::is_empty) {
        findings.tell(
            at,
            "there is no program to start",
            "write a list: the program and its arguments",
        );
    }
    for (index, word) in words.iter().enumerate() {
        placeholders(findings, &at.index(index), word);
    }
}

/// Words in braces that nothing is filled in for.
fn placeholders(findings: &mut Findings<'_>, at: &Path, text: &str) {
    for part in text.split('{').skip(1) {
        let Some((name, _)) = part.split_once('}') else {
            continue;
        };
        let word = format!("{{{name}}}");
        let looks_meant =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if looks_meant && !PLACEHOLDERS.contains(&word.as_str()) {
            let help = suggest::help(&word, PLACEHOLDERS, "filled in are");
            findings.tell(at, format!("nothing is filled in for `{word}`"), help);
        }
    }
}
