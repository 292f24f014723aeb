//! The values behind `$names`: what `each`, the target file, the suite sets and the survey of the target give.

use std::collections::BTreeMap;

use thiserror::Error;

/// A `$name` that could not become a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing gives this name a value.
    #[error("`${0}` has no value for this target")]
    Unknown(String),
    /// The name stands for a list (or for nothing) where one value is needed.
    #[error("`${name}` stands for {count} values where one is needed")]
    NotOne {
        /// The name without `$`.
        name: String,
        /// How many values it has.
        count: usize,
    },
    /// The value does not have the type the field needs.
    #[error("`${name}` is `{value}`: {because}")]
    Unfit {
        /// The name without `$`.
        name: String,
        /// Its value.
        value: String,
        /// What the field needs.
        because: String,
    },
}

/// Values of `$names`; every name stands for a list, a scalar is a list of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, Vec<String>>);

impl Names {
    /// Gives `name` one value.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), vec![value.into()]);
    }

    /// Gives `name` a list of values.
    pub fn set_list(&mut self, name: impl Into<String>, values: Vec<String>) {
        self.0.insert(name.into(), values);
    }

    /// The values behind `name`.
    ///
    /// # Errors
    /// [`NameError::Unknown`] when nothing gives it a value.
    pub fn list(&self, name: &str) -> Result<&[String], NameError> {
        self.0
            .get(name)
            .map(Vec::as_slice)
            .ok_or_else(|| NameError::Unknown(name.to_owned()))
    }

    /// The one value behind `name`.
    ///
    /// # Errors
    /// [`NameError::Unknown`], or [`NameError::NotOne`] when it stands for a list.
    pub fn one(&self, name: &str) -> Result<&str, NameError> {
        match self.list(name)? {
            [value] => Ok(value),
            values => Err(NameError::NotOne {
                name: name.to_owned(),
                count: values.len(),
            }),
        }
    }

    /// Whether `name` has a value.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Adds every name of `other`, which wins over names already here.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(
            other
                .0
                .iter()
                .map(|(name, values)| (name.clone(), values.clone())),
        );
    }
}
