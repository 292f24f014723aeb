//! Secrets that print as stars, and references to where they are kept.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A password or key; its text leaves only through [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes of a secret.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes themselves; the one place where they become visible.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret is kept: `env:NAME`, `file:PATH`, or `lab:VALUE` for a value that protects nothing.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable.
    Environment(String),
    /// The first line of a file, relative to the target file.
    File(String),
    /// A lab value written into the file itself, marked as such by its `lab:` prefix.
    Lab(Secret),
}

impl fmt::Debug for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Lab(_) => f.write_str("lab:***"),
        }
    }
}

impl FromStr for SecretReference {
    type Err = String;

    /// # Errors
    /// Anything without one of the three prefixes, or with nothing behind it. The text is not repeated: it may be the secret.
    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            "a secret is written as `env:NAME`, `file:PATH` or, for a lab value that protects nothing, `lab:VALUE`"
                .to_owned()
        };
        let (kind, rest) = text.split_once(':').ok_or_else(refuse)?;
        if rest.is_empty() {
            return Err(refuse());
        }
        match kind {
            "env" => Ok(Self::Environment(rest.to_owned())),
            "file" => Ok(Self::File(rest.to_owned())),
            "lab" => Ok(Self::Lab(Secret::new(rest))),
            _ => Err(refuse()),
        }
    }
}

impl<'de> Deserialize<'de> for SecretReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl Serialize for SecretReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl JsonSchema for SecretReference {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SecretReference".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^(env|file|lab):.+$",
            "description": "Where a secret is kept: env:NAME, file:PATH, or lab:VALUE for a value that protects nothing."
        })
    }
}
