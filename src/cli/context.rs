//! What the process was given: environment and terminals, read once; everything below gets it as an argument.

use std::io::{IsTerminal, Write};

use super::args::When;

/// Environment and terminals.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Whether to colour standard output.
    pub(crate) colour: bool,
    /// Whether standard error is a terminal.
    pub(crate) terminal_errors: bool,
    /// Columns of the terminal, or the usual 80.
    pub(crate) width: u16,
}

impl Context {
    /// Looks at the process.
    pub(crate) fn of_process(colour: When) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let columns = std::env::var("COLUMNS")
            .ok()
            .and_then(|text| text.parse().ok());
        Self {
            colour: match colour {
                When::Always => true,
                When::Never => false,
                When::Auto => terminal && !no_colour,
            },
            terminal_errors: std::io::stderr().is_terminal(),
            width: columns
                .or_else(|| terminal.then(terminal_width))
                .unwrap_or(80)
                .clamp(60, 160),
        }
    }

    /// A variable of the environment.
    #[expect(
        clippy::unused_self,
        reason = "the environment is reached through the context only"
    )]
    pub(crate) fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

fn terminal_width() -> u16 {
    comfy_table::Table::new().width().unwrap_or(80)
}

/// Writes to standard output; a closed pipe is no error.
pub(crate) fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes a line to standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
