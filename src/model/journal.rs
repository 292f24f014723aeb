//! What is known of a document before it is written, so that a killed run can be cleaned up after.

use serde::{Deserialize, Serialize};

/// A document that a case is about to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalEntry {
    /// The case, with its expansion.
    pub case: String,
    /// Path of the document at the target.
    pub path: String,
    /// The subscriber who restores it; nobody can where there is none.
    pub owner: Option<String>,
    /// What it was.
    pub before: DocumentBefore,
}

/// A document as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum DocumentBefore {
    /// It was not there.
    Absent,
    /// It was there.
    Document {
        /// Its media type.
        content_type: String,
        /// Its octets in base64.
        body: String,
    },
    /// Nobody we may be could see it, and why.
    Unknown(String),
}
