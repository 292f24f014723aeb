//! Evidence of cases: what went over the wire is taken down while a case runs, secrets are found and taken out, and
//! what is to be kept is written case by case (docs/evidence.md).

mod book;
mod capture;
mod decisive;
mod forms;
mod line;
mod manifest;
mod masks;
mod name;
mod notebook;
mod redact;
mod secrets;
mod settings;
mod storage;
mod streams;
mod transcript;

pub use book::EvidenceBook;
pub use manifest::MANIFEST;
pub use name::folder_name;
pub use settings::{EvidenceSettings, Kept, RunFacts};
pub use storage::{Parcel, Storage};
