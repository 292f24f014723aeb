//! The library of scenarios and requirements as text: what there is, what would run, and what each thing means.

mod catalogue;
mod checks;
mod explain;
mod plan;
mod show;
mod words;

pub use catalogue::{list_json, list_markdown, list_table};
pub use checks::checks;
pub use explain::{explain_clause, explain_exit_codes, explain_verdict};
pub use plan::{PlanRow, Planned, plan};
pub use show::show;
pub use words::{kind_name, need_text, risk_name, role_name};
