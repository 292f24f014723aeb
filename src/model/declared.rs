//! Something that is given, declared absent, or (as an absent option around it) left out.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

/// Something the operator gives, or declares not to exist with the word `none`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared<T> {
    /// Declared absent.
    None,
    /// Given.
    Given(T),
}

impl<T> Declared<T> {
    /// The value, if given.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::None => None,
            Self::Given(value) => Some(value),
        }
    }
}

struct DeclaredVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for DeclaredVisitor<T> {
    type Value = Declared<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`none` or a mapping")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match text {
            "none" => Ok(Declared::None),
            _ => Err(E::custom(format!(
                "expected `none` or a mapping, found `{text}`"
            ))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Declared::Given)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Declared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DeclaredVisitor(PhantomData))
    }
}

impl<T: Serialize> Serialize for Declared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::Given(value) => value.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Declared<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Declared_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let given = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "const": "none" }, given] })
    }
}
