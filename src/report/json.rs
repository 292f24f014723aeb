//! Results as JSON, written and read.

use serde::Deserialize;
use thiserror::Error;

use crate::model::record::{RunRecord, SCHEMA_VERSION};

/// Why results could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not JSON, or not results.
    #[error("not results of presec: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer presec.
    #[error(
        "the results have schema version {found}, this presec reads up to {SCHEMA_VERSION}; use a newer presec"
    )]
    Newer {
        /// Their schema version.
        found: u32,
    },
}

/// The record as JSON: pretty, keys in the order of the type, ended by a line feed.
#[must_use]
pub fn to_json(record: &RunRecord) -> String {
    // Every key of the record is text, so this writes; were it ever not so, a reader refuses what stands here.
    let mut text = serde_json::to_string_pretty(record)
        .unwrap_or_else(|error| serde_json::json!({ "error": error.to_string() }).to_string());
    text.push('\n');
    text
}

#[derive(Deserialize)]
struct Versioned {
    schema_version: u32,
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// [`ReadError`]; results of a newer schema version are refused before anything else is looked at.
pub fn from_json(text: &str) -> Result<RunRecord, ReadError> {
    let Versioned { schema_version } = serde_json::from_str(text)?;
    if schema_version > SCHEMA_VERSION {
        return Err(ReadError::Newer {
            found: schema_version,
        });
    }
    Ok(serde_json::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_version_is_named_even_when_nothing_else_fits() {
        let error = from_json("{\"schema_version\": 99, \"unheard_of\": {}}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the results have schema version 99, this presec reads up to 1; use a newer presec"
        );
    }

    #[test]
    fn what_is_not_results_is_refused() {
        for text in [
            "",
            "[]",
            "{}",
            "{\"schema_version\": 1}",
            "{\"schema_version\": -1}",
        ] {
            assert!(
                matches!(from_json(text), Err(ReadError::Malformed(_))),
                "{text}"
            );
        }
    }
}
