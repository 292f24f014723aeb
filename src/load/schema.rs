//! JSON Schema of the files presec reads and writes, from the types that read and write them.

use schemars::{Schema, schema_for as schema_of};
use serde_json::Value;

use crate::model::record::RunRecord;
use crate::model::scenario::Scenario;
use crate::model::target::Target;
use crate::model::waiver::WaiverFile;

/// What there is a schema for.
pub const SCHEMA_NAMES: [&str; 4] = ["scenario", "target", "results", "waivers"];

/// The schema (JSON Schema 2020-12) of a `scenario`, a `target` file, a run's `results` or a file of `waivers`; `None` for another name.
#[must_use]
pub fn schema_for(name: &str) -> Option<Value> {
    let schema: Schema = match name {
        "scenario" => schema_of!(Scenario),
        "target" => schema_of!(Target),
        "results" => schema_of!(RunRecord),
        "waivers" => schema_of!(WaiverFile),
        _ => return None,
    };
    Some(schema.to_value())
}
