//! What ends a command early: who must act, said once, with its exit code.

use crate::engine::gate::Exit;
use crate::load::Diagnostics;

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// The text for standard error.
    pub(crate) text: String,
}

impl Failure {
    /// The user must act: usage, scenario file or target file.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            text: format!("error: {}", text.into()),
        }
    }

    /// The target or something around it is in the way.
    pub(crate) fn trouble(text: impl Into<String>) -> Self {
        Self {
            exit: Exit::Undecided,
            text: format!("error: {}", text.into()),
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Self {
            exit: Exit::Usage,
            text: diagnostics.to_string(),
        }
    }
}
