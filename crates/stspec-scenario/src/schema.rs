//! The JSON Schema of rule files, for editors.

use serde_json::{Map, Value, json};

use crate::keys::{Keys, RULE, Shape};

/// The schema of files below `scenarios/rules`, made from the tables that the reader uses.
///
/// It is weaker than the reader: it can't know accounts, sessions or company.
#[must_use]
pub fn rule_schema() -> Value {
    let mut definitions = Map::new();
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("stspec rule"));
    for (key, value) in keys_schema(&RULE, &mut definitions) {
        schema.insert(key, value);
    }
    definitions.sort_keys();
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

fn keys_schema(keys: &'static Keys, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys.known {
        let mut property = shape_schema(&key.shape, definitions);
        property.insert("description".to_owned(), json!(key.says));
        properties.insert(key.name.to_owned(), Value::Object(property));
    }
    let required: Vec<&str> =
        keys.known.iter().filter(|key| key.required).map(|key| key.name).collect();
    let further = match keys.open {
        Some(shape) => Value::Object(shape_schema(shape, definitions)),
        None => json!(false),
    };
    object([
        ("type", json!("object")),
        ("properties", Value::Object(properties)),
        ("required", json!(required)),
        ("additionalProperties", further),
    ])
}

fn shape_schema(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    match shape {
        Shape::Text => object([("type", json!("string"))]),
        Shape::TextOrInteger => object([("type", json!(["string", "integer"]))]),
        Shape::Pattern(pattern) => object([("type", json!("string")), ("pattern", json!(pattern))]),
        Shape::Integer { min, max } => integer_schema(*min, *max),
        Shape::True => object([("const", json!(true))]),
        Shape::Words(words) => object([("enum", json!(words()))]),
        Shape::Json => Map::new(),
        Shape::Null => object([("type", json!("null"))]),
        Shape::List(item) => {
            let item = shape_schema(item, definitions);
            object([("type", json!("array")), ("items", Value::Object(item))])
        }
        Shape::Keys(keys) => {
            let name = definition_name(keys.what);
            define(&name, definitions, |definitions| keys_schema(keys, definitions))
        }
        Shape::Map(value) => {
            let value = shape_schema(value, definitions);
            object([("type", json!("object")), ("additionalProperties", Value::Object(value))])
        }
        Shape::Any(shapes) => {
            let shapes = shapes.iter().map(|shape| Value::Object(shape_schema(shape, definitions)));
            let shapes: Vec<Value> = shapes.collect();
            object([("anyOf", json!(shapes))])
        }
        Shape::Named(name, shape) => {
            define(name, definitions, |definitions| shape_schema(shape, definitions))
        }
    }
}

fn integer_schema(min: i64, max: i64) -> Map<String, Value> {
    let mut schema = object([("type", json!("integer"))]);
    if min != i64::MIN {
        schema.insert("minimum".to_owned(), json!(min));
    }
    if max != i64::MAX {
        schema.insert("maximum".to_owned(), json!(max));
    }
    schema
}

/// A reference to a definition, which is made unless it is there or being made already.
fn define(
    name: &str,
    definitions: &mut Map<String, Value>,
    make: impl FnOnce(&mut Map<String, Value>) -> Map<String, Value>,
) -> Map<String, Value> {
    if !definitions.contains_key(name) {
        definitions.insert(name.to_owned(), Value::Null);
        let schema = make(definitions);
        definitions.insert(name.to_owned(), Value::Object(schema));
    }
    object([("$ref", json!(format!("#/$defs/{name}")))])
}

/// What a mapping is called among the definitions: `a json parameter` → `json-parameter`.
fn definition_name(what: &str) -> String {
    let (_article, name) = what.split_once(' ').unwrap_or(("", what));
    crate::name::slug(name)
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
