//! JSON as a policy document needs it: duplicate keys are refused, and each error names its path.

use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::error::{GrammarError, MalformedPolicy};

/// A JSON value whose objects hold each key once.
#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A number in the notation in which conditions compare it.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// Reads one JSON value that fills the text.
///
/// Nesting is bounded by the limit of `serde_json` (128 levels), far above what the policy grammar
/// needs; deeper text counts as not being JSON.
pub(crate) fn read(text: &str) -> Result<Json, MalformedPolicy> {
    serde_json::from_str(text).map_err(|error| {
        let grammar_error = match error.classify() {
            Category::Data => GrammarError::Syntax,
            Category::Io | Category::Syntax | Category::Eof => GrammarError::NotJson,
        };
        MalformedPolicy::new(grammar_error, error.to_string())
    })
}

impl Json {
    pub(crate) fn object(
        &self,
        path: &JsonPath,
    ) -> Result<&BTreeMap<String, Json>, MalformedPolicy> {
        match self {
            Json::Object(members) => Ok(members),
            _ => Err(path.syntax("must be an object")),
        }
    }

    pub(crate) fn string(&self, path: &JsonPath) -> Result<&str, MalformedPolicy> {
        match self {
            Json::String(text) => Ok(text),
            _ => Err(path.syntax("must be a string")),
        }
    }

    /// The strings of an element that takes one string or a list of them.
    pub(crate) fn strings(&self, path: &JsonPath) -> Result<Vec<&str>, MalformedPolicy> {
        self.one_or_many().map(|(_, value)| value.string(path)).collect()
    }

    /// The values of a condition key: strings, numbers and booleans, one or a list, as text.
    pub(crate) fn scalars(&self, path: &JsonPath) -> Result<Vec<String>, MalformedPolicy> {
        self.one_or_many()
            .map(|(_, value)| match value {
                Json::String(text) | Json::Number(text) => Ok(text.clone()),
                Json::Bool(value) => Ok(value.to_string()),
                Json::Null | Json::Array(_) | Json::Object(_) => {
                    Err(path.syntax("must be a string, a number or a boolean"))
                }
            })
            .collect()
    }

    /// The items of an array, or the value itself, each with its index.
    pub(crate) fn one_or_many(&self) -> impl Iterator<Item = (usize, &Json)> {
        match self {
            Json::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        }
        .iter()
        .enumerate()
    }
}

/// The path of a value in the document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum JsonPath<'a> {
    Document,
    Member(&'a JsonPath<'a>, &'a str),
    Item(&'a JsonPath<'a>, usize),
}

impl<'a> JsonPath<'a> {
    pub(crate) fn member(&'a self, name: &'a str) -> JsonPath<'a> {
        JsonPath::Member(self, name)
    }

    pub(crate) fn item(&'a self, index: usize) -> JsonPath<'a> {
        JsonPath::Item(self, index)
    }

    pub(crate) fn syntax(&self, fact: impl fmt::Display) -> MalformedPolicy {
        self.error(GrammarError::Syntax, fact)
    }

    pub(crate) fn error(
        &self,
        grammar_error: GrammarError,
        fact: impl fmt::Display,
    ) -> MalformedPolicy {
        MalformedPolicy::new(grammar_error, format!("{self}: {fact}"))
    }
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonPath::Document => f.write_str("document"),
            JsonPath::Member(JsonPath::Document, name) => f.write_str(name),
            JsonPath::Member(parent, name) => write!(f, "{parent}.{name}"),
            JsonPath::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, value)) = members.next_entry::<String, Json>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` occurs twice")));
            }
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}
