//! `presec init`: a commented target file with the strict policy.

use std::fmt::Write as _;

use crate::engine::gate::Exit;
use crate::model::policy::POLICY_KEYS;

use super::args::InitArgs;
use super::context::say;
use super::failure::Failure;
use super::files::write_new;

const HEAD: &str = include_str!("init/head.yaml");
const TAIL: &str = include_str!("init/tail.yaml");

/// Writes the file.
///
/// # Errors
/// The file exists, or cannot be written.
pub(crate) fn init(args: &InitArgs) -> Result<Exit, Failure> {
    write_new(&args.file, &template(&args.url)).map_err(Failure::usage)?;
    say(&format!(
        "{path} is written, with the strict reading of every policy.\n\
         Next: fill in addresses, subscribers and policy; then\n  \
         presec lint --target {path}\n  presec doctor --target {path}\n  presec run --target {path}\n",
        path = args.file.display()
    ));
    Ok(Exit::Met)
}

/// The text of a target file for `url`.
pub(crate) fn template(url: &str) -> String {
    let mut text = HEAD.replace("{url}", url);
    for key in POLICY_KEYS.iter().filter(|key| key.written) {
        for line in fold(key.meaning, 96) {
            let _ = writeln!(text, "  # {line}");
        }
        let _ = writeln!(text, "  # values: {}", key.values.join(", "));
        let _ = writeln!(text, "  {}: {}", key.name, key.strict);
    }
    text.push_str(TAIL);
    text
}

fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + word.len() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
