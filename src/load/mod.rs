//! Text to model: scenarios, the requirement register, suite sets, profiles, target files and waivers.
//!
//! The only layer that names the YAML crates. Everything an author gets wrong is told as
//! [`Diagnostics`]: file, line, column, the line itself, a caret and what to do:
//! ```text
//! error: unknown key `titel`
//!  --> my-scenarios/lab-01-hello.yaml:2:1
//!   |
//! 2 | titel: Offer nothing
//!   | ^
//! help: did you mean `title`?
//! ```

mod diagnostic;
mod folder;
mod library;
mod lint;
mod place;
mod position;
mod register;
mod scenario;
mod schema;
mod source;
mod suggest;
mod target;
mod vocabulary;
mod waiver;
mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use library::{Library, lint_paths};
pub use register::Register;
pub use scenario::scenario_from_text;
pub use schema::{SCHEMA_NAMES, schema_for};
pub use target::{LoadedTarget, load_target, target_from_text};
pub use waiver::{is_day, load_waivers, waivers_from_text};
