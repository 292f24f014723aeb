//! A finished run to text, pure: functions of the model's records, without input, output or clock.

mod case_block;
pub mod clean;
pub mod comparison;
pub mod coverage;
mod describe;
mod gfm;
pub mod group;
pub mod html;
pub mod json;
pub mod junit;
pub mod lab_form;
mod ladder;
pub(crate) mod layout;
pub mod listing;
pub mod markdown;
mod not_judged;
pub mod sarif;
mod sentence;
pub mod table;
mod uri;
mod waived;
pub mod waiver_entry;

pub use describe::{answers as describe_claims, step as describe_step};
pub use layout::count;
