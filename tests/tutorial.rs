//! The tutorial does what it says: its files are written, its commands run, and they print what the page shows.

#![cfg(test)]
#![cfg(unix)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use presec::load::Library;
use support::project;

const PAGE: &str = "docs/writing-a-scenario.md";

/// A fenced block.
struct Block {
    /// The line of the page on which it begins.
    line: usize,
    /// The first word after the fence.
    language: String,
    /// What the fence says beside it: `file`, `quote` or `exit`, and its value.
    told: Option<(String, String)>,
    text: String,
}

fn page() -> String {
    fs::read_to_string(project().join(PAGE)).unwrap()
}

fn blocks(page: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(info) => {
                let mut words = info.split_whitespace();
                let language = words.next().unwrap_or_default().to_owned();
                let told = words.next().and_then(|word| word.split_once('='));
                found.push(Block {
                    line: number + 1,
                    language,
                    told: told.map(|(key, value)| (key.to_owned(), value.to_owned())),
                    text: String::new(),
                });
                inside = true;
            }
            None if inside => {
                let text = &mut found.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            None => {}
        }
    }
    assert!(!inside, "a fence is not closed");
    found
}

/// Commands with the lines they are said to print.
fn commands(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => found.push((command.to_owned(), Vec::new())),
            None => found.last_mut().expect("a command").1.push(line.to_owned()),
        }
    }
    found
}

/// Whether a printed line is the one shown, in which `…` stands for anything.
fn is_line(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (shown.trim_end(), printed.trim_end());
    let Some((first, rest)) = shown.split_once('…') else {
        return shown == printed;
    };
    let Some(mut left) = printed.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('…').collect();
    let (last, middle) = parts.split_last().expect("a part");
    for part in middle {
        match left.split_once(part) {
            Some((_, behind)) => left = behind,
            None => return false,
        }
    }
    left.ends_with(last)
}

/// Whether all that was printed is what is shown, in which a line `…` stands for any lines.
fn is_output(shown: &[String], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [any, rest @ ..] if any == "…" => {
            (0..=printed.len()).any(|from| is_output(rest, &printed[from..]))
        }
        [line, rest @ ..] => printed
            .split_first()
            .is_some_and(|(first, behind)| is_line(line, first) && is_output(rest, behind)),
    }
}

/// Runs a command as a reader does who has `presec` in the path.
fn by_hand(folder: &Path, command: &str) -> (i32, String) {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_presec"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", binary.parent().unwrap().display());
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .output()
        .expect("a shell");
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

fn run_block(folder: &Path, block: &Block) -> usize {
    let exit = match &block.told {
        Some((key, value)) if key == "exit" => value.parse().expect("a number"),
        Some((key, _)) => panic!("line {}: {key} of a console", block.line),
        None => 0,
    };
    let commands = commands(&block.text);
    for (index, (command, shown)) in commands.iter().enumerate() {
        let (code, printed) = by_hand(folder, command);
        let wanted = if index + 1 == commands.len() { exit } else { 0 };
        let place = format!("{PAGE}:{}: `{command}` printed\n{printed}", block.line);
        assert_eq!(code, wanted, "{place}");
        let lines: Vec<&str> = printed.trim_end().lines().collect();
        assert!(is_output(shown, &lines), "{place}");
    }
    commands.len()
}

#[test]
fn the_tutorial_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut quotes, mut called) = (0, 0, 0);
    for block in blocks(&page()) {
        match (block.language.as_str(), &block.told) {
            ("console", _) => called += run_block(folder.path(), &block),
            ("yaml", Some((key, path))) if key == "file" => {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, &block.text).unwrap();
                files += 1;
            }
            (_, Some((key, path))) if key == "quote" => {
                let text = fs::read_to_string(project().join(path)).unwrap();
                assert!(text.contains(&block.text), "{path}: line {}", block.line);
                quotes += 1;
            }
            (language, _) => panic!("{PAGE}:{}: what is a {language} for?", block.line),
        }
    }
    assert!(
        files >= 3 && quotes >= 2 && called >= 10,
        "{files} files, {quotes} quotes, {called} commands"
    );
}

#[test]
fn the_scenario_of_the_tutorial_is_new() {
    let library = Library::embedded().unwrap();
    let blocks = blocks(&page());
    let last = blocks
        .iter()
        .rfind(|block| matches!(&block.told, Some((key, _)) if key == "file"))
        .unwrap();
    let steps = last.text.split("steps:\n").nth(1).unwrap();
    for loaded in &library.scenarios {
        assert!(!last.text.contains(&format!("id: {}\n", loaded.scenario.id)));
        let text = fs::read_to_string(project().join("scenarios").join(&loaded.file)).unwrap();
        assert!(!text.contains(steps), "{}", loaded.file);
    }
}

#[test]
fn every_place_the_tutorial_names_exists() {
    let page = page();
    let named: Vec<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            let first = word.split('/').next().unwrap_or_default();
            !word.contains(char::is_whitespace)
                && (["docs", "scenarios", "src", "tests", "ci"].contains(&first)
                    || word.ends_with(".md"))
        })
        .collect();
    assert!(named.len() >= 8, "{named:?}");
    for path in named {
        assert!(project().join(path).exists(), "{path}");
    }
}

#[test]
fn shown_output_is_compared_line_by_line() {
    let shown = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(is_output(&shown("a\n…\nc"), &["a", "b", "b", "c"]));
    assert!(is_output(&shown("a\n…"), &["a"]));
    assert!(is_output(&shown("port …, seed …"), &["port 1, seed 2"]));
    assert!(!is_output(&shown("a\nc"), &["a", "b", "c"]));
    assert!(!is_output(&shown("a"), &["a", "b"]));
    assert!(!is_output(&shown("…\nc"), &["a", "cc"]));
    assert!(!is_output(&shown("port …, seed 3"), &["port 1, seed 2"]));
    assert!(!is_output(&shown("a"), &[]));
}
