//! Target files: read, looked at for sense, with secrets kept out of every message.

mod check;
mod endpoint;
mod file;
mod hooks;
mod mask;
mod subscribers;
mod url;

pub use file::{LoadedTarget, load_target, target_from_text};
