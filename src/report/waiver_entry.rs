//! A waiver as the text of a waiver file.

use crate::model::waiver::Waiver;

/// The first line of a waiver file.
pub const HEAD: &str = "waivers:\n";

/// The entry, indented as it stands under `waivers:`, ended by a line feed.
#[must_use]
pub fn entry(waiver: &Waiver) -> String {
    let mut lines = vec![
        ("id", quoted(&waiver.id)),
        ("target", quoted(&waiver.target)),
    ];
    lines.push(("verdict", waiver.verdict.name().to_owned()));
    lines.extend(
        waiver
            .observed
            .as_deref()
            .map(|text| ("observed", quoted(text))),
    );
    lines.push(("because", quoted(&waiver.because)));
    lines.push(("owner", quoted(&waiver.owner)));
    lines.push(("expires", quoted(&waiver.expires)));
    let mut out = String::new();
    for (index, (key, value)) in lines.iter().enumerate() {
        let mark = if index == 0 { "  - " } else { "    " };
        out.push_str(&format!("{mark}{key}: {value}\n"));
    }
    out
}

/// A scalar in double quotes, or plain where every YAML reader takes it for the same text.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@[]=/".contains(c);
    let letter_first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let word = !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .contains(&text.to_ascii_lowercase().as_str());
    if letter_first && word && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || !is_shown(c) => {
                out.push_str(&format!("\\U{:08X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether an editor shows the character where it stands.
fn is_shown(c: char) -> bool {
    let shown = super::clean::printable(&c.to_string());
    shown == c.to_string()
}
