//! A value in a scenario: written out, or a `$name` that gets its value when the scenario runs.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use super::names::{NameError, Names};

/// A type that can be written as a YAML scalar in a scenario.
pub trait Literal: Sized {
    /// What an author is told when the scalar does not fit, such as "a number".
    const WANTED: &'static str;

    /// Reads the scalar's text.
    ///
    /// # Errors
    /// Why the text does not fit.
    fn read(text: &str) -> Result<Self, String>;

    /// Writes the value as the text it is read from.
    fn write(&self) -> String;
}

impl Literal for String {
    const WANTED: &'static str = "text";

    fn read(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn write(&self) -> String {
        self.clone()
    }
}

impl Literal for u32 {
    const WANTED: &'static str = "a number";

    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("expected a number or a $name, found `{text}`"))
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

/// A literal, or a `$name` (`$version`, `$alice.impu`) resolved when the scenario runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind<T> {
    /// The name without its `$`.
    Name(String),
    /// The value itself.
    Literal(T),
}

impl<T: Literal + Clone> Bind<T> {
    /// The value, looked up if it is a name.
    ///
    /// # Errors
    /// [`NameError`] when the name has no value, several, or one of another type.
    pub fn resolve(&self, names: &Names) -> Result<T, NameError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Name(name) => {
                let text = names.one(name)?;
                T::read(text).map_err(|because| NameError::Unfit {
                    name: name.clone(),
                    value: text.to_owned(),
                    because,
                })
            }
        }
    }

    /// The name without `$`, if it is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Literal(_) => None,
        }
    }
}

/// Resolves a list in which a `$name` may stand for several values.
///
/// # Errors
/// [`NameError::Unknown`] for a name without a value.
pub fn resolve_all(binds: &[Bind<String>], names: &Names) -> Result<Vec<String>, NameError> {
    let mut values = Vec::new();
    for bind in binds {
        match bind {
            Bind::Literal(value) => values.push(value.clone()),
            Bind::Name(name) => values.extend_from_slice(names.list(name)?),
        }
    }
    Ok(values)
}

impl<T: Literal> fmt::Display for Bind<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "${name}"),
            Self::Literal(value) => f.write_str(&value.write()),
        }
    }
}

/// Whether `text` is the part of a `$name` behind the dollar: `a-z`, `0-9`, `_` and `.`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c))
}

struct BindVisitor<T>(PhantomData<T>);

impl<T: Literal> Visitor<'_> for BindVisitor<T> {
    type Value = Bind<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} or a $name", T::WANTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bind<T>, E> {
        match text.strip_prefix('$') {
            Some(name) if is_name(name) => Ok(Bind::Name(name.to_owned())),
            Some(_) => Err(E::custom(format!(
                "`{text}` is not a $name (a-z, 0-9, _ and .)"
            ))),
            None => T::read(text).map(Bind::Literal).map_err(E::custom),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Bind<T>, E> {
        T::read(&number.to_string())
            .map(Bind::Literal)
            .map_err(E::custom)
    }
}

impl<'de, T: Literal> Deserialize<'de> for Bind<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BindVisitor(PhantomData))
    }
}

impl<T: Literal> Serialize for Bind<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<T: JsonSchema> JsonSchema for Bind<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Bind_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let literal = generator.subschema_for::<T>();
        json_schema!({
            "description": "A literal value, or a $name resolved when the scenario runs.",
            "anyOf": [{ "type": "string", "pattern": "^\\$[a-z0-9_.]+$" }, literal]
        })
    }
}
