//! Results files, read.

use std::path::Path;

use crate::model::record::RunRecord;
use crate::report::json;

use super::failure::Failure;

/// The largest results file that is read, in octets.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Reads a results file.
///
/// # Errors
/// A file that is not there, too large, not results, or of a newer schema version.
pub(crate) fn read_results(path: &Path) -> Result<RunRecord, Failure> {
    let refuse = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot read {}: {error}", path.display()))
    };
    let size = std::fs::metadata(path)
        .map_err(|error| refuse(&error))?
        .len();
    if size > LARGEST {
        return Err(refuse(&format!("it is larger than {LARGEST} octets")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| refuse(&error))?;
    json::from_json(&text).map_err(|error| refuse(&error))
}
