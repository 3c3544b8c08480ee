//! A service model of botocore (`service-2.json`), flattened to one value per path.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::error::BadModel;

/// Longest model file that is read, in bytes.
///
/// Source: ours; the longest of botocore 1.44.5 (EC2) has about 1.5 MB, that of STS 0.1 MB.
pub const MODEL_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a service model says about its operations and shapes.
///
/// A path is what a rule's `model:` source names: `durationSecondsType/min`,
/// `GetFederationTokenRequest/members/Tags` (whose value is the member's shape), `Tag/required`,
/// `RegionDisabledException/httpStatusCode`, `GetFederationToken/errors`, `metadata/xmlNamespace`.
/// Lists are joined by `, `. Prose is left out.
// INVARIANT: every path in `reachable` is in `values`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceModel {
    values: BTreeMap<String, String>,
    reachable: BTreeSet<String>,
}

impl ServiceModel {
    /// Reads a model file; what the operation's input, output and errors lead to is its own.
    pub fn parse(bytes: &[u8], operation: &str) -> Result<Self, BadModel> {
        if bytes.starts_with(&GZIP_MAGIC) {
            return Err(BadModel::Compressed);
        }
        if bytes.len() > MODEL_BYTES_MAX {
            return Err(BadModel::TooLong { bytes: bytes.len(), bytes_max: MODEL_BYTES_MAX });
        }
        let model: Value = serde_json::from_slice(bytes).map_err(BadModel::NotJson)?;
        let (Some(operations), Some(shapes)) =
            (object(&model, "operations"), object(&model, "shapes"))
        else {
            return Err(BadModel::NoModel);
        };
        let Some(own) = operations.get(operation) else {
            let service = model.pointer("/metadata/serviceId").and_then(Value::as_str);
            return Err(BadModel::NoOperation {
                operation: operation.to_owned(),
                service: service.unwrap_or("unnamed").to_owned(),
            });
        };
        let mut values = BTreeMap::new();
        for (key, value) in object(&model, "metadata").into_iter().flatten() {
            insert(&mut values, "metadata", key, value);
        }
        for (name, operation) in operations {
            insert_operation(&mut values, name, operation);
        }
        for (name, shape) in shapes {
            insert_shape(&mut values, name, shape);
        }
        let mut roots = reached_shapes(own, shapes);
        roots.insert(operation);
        let is_reached =
            |path: &&String| path.split_once('/').is_some_and(|(root, _)| roots.contains(root));
        let reachable = values.keys().filter(is_reached).cloned().collect();
        Ok(Self { values, reachable })
    }

    /// The value at a path, of this operation or any other.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&str> {
        self.values.get(path).map(String::as_str)
    }

    /// The paths that the operation leads to, with their values, sorted.
    pub fn reachable(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .filter(|(path, _)| self.reachable.contains(*path))
            .map(|(path, value)| (path.as_str(), value.as_str()))
    }
}

/// How a gzip file begins.
///
/// Source: RFC 1952, section 2.3.1.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Keys that hold prose, which may change without a change of behaviour.
const PROSE: [&str; 2] = ["documentation", "deprecatedMessage"];

fn object<'a>(value: &'a Value, key: &str) -> Option<&'a Map<String, Value>> {
    value.get(key).and_then(Value::as_object)
}

fn insert_operation(values: &mut BTreeMap<String, String>, name: &str, operation: &Value) {
    for (key, value) in operation.as_object().into_iter().flatten() {
        match key.as_str() {
            "name" => {}
            "input" | "output" => {
                insert(values, name, key, value.get("shape").unwrap_or(&Value::Null));
                if let Some(wrapper) = value.get("resultWrapper") {
                    insert(values, name, "resultWrapper", wrapper);
                }
            }
            "errors" => {
                let shapes: Vec<Value> =
                    list(value).filter_map(|error| error.get("shape").cloned()).collect();
                insert(values, name, key, &Value::Array(shapes));
            }
            _ => insert(values, name, key, value),
        }
    }
}

fn insert_shape(values: &mut BTreeMap<String, String>, name: &str, shape: &Value) {
    for (key, value) in shape.as_object().into_iter().flatten() {
        match key.as_str() {
            "members" => {
                for (member, target) in value.as_object().into_iter().flatten() {
                    insert_target(values, &format!("{name}/members/{member}"), target);
                }
            }
            // The element of a list, the key and the value of a map.
            "member" | "key" | "value" => insert_target(values, &format!("{name}/{key}"), value),
            "error" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    insert(values, name, key, value);
                }
            }
            _ => insert(values, name, key, value),
        }
    }
}

/// A reference to a shape, with what the place adds to it, such as its deprecation.
fn insert_target(values: &mut BTreeMap<String, String>, path: &str, target: &Value) {
    for (key, value) in target.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("shape", Value::String(shape)) => {
                values.insert(path.to_owned(), shape.clone());
            }
            _ => insert(values, path, key, value),
        }
    }
}

/// Records a plain value or a list of them; anything else is no constraint.
fn insert(values: &mut BTreeMap<String, String>, root: &str, key: &str, value: &Value) {
    if PROSE.contains(&key) {
        return;
    }
    let text = match value {
        Value::Array(items) => {
            items.iter().map(plain).collect::<Option<Vec<String>>>().map(|items| items.join(", "))
        }
        value => plain(value),
    };
    if let Some(text) = text {
        values.insert(format!("{root}/{key}"), text);
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The shapes that an operation's input, output and errors lead to.
fn reached_shapes<'m>(operation: &'m Value, shapes: &'m Map<String, Value>) -> BTreeSet<&'m str> {
    let ends = [operation.get("input"), operation.get("output")].into_iter().flatten();
    let errors = operation.get("errors").into_iter().flat_map(list);
    let mut waiting: Vec<&str> = ends.chain(errors).filter_map(target).collect();
    let mut reached = BTreeSet::new();
    // Each shape is looked into once, so this ends after as many rounds as the model has references.
    while let Some(name) = waiting.pop() {
        if let (true, Some(shape)) = (reached.insert(name), shapes.get(name)) {
            let members = object(shape, "members").into_iter().flat_map(Map::values);
            let elements = ["member", "key", "value"].into_iter().filter_map(|key| shape.get(key));
            waiting.extend(members.chain(elements).filter_map(target));
        }
    }
    reached
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn target(reference: &Value) -> Option<&str> {
    reference.get("shape").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"{
        "metadata": {"serviceId": "Toll", "protocols": ["query"]},
        "operations": {
            "Cross": {
                "name": "Cross",
                "http": {"method": "POST"},
                "input": {"shape": "CrossRequest"},
                "output": {"shape": "CrossResponse", "resultWrapper": "CrossResult"},
                "errors": [{"shape": "ClosedException"}],
                "documentation": "prose"
            },
            "Build": {"name": "Build", "input": {"shape": "BuildRequest"}}
        },
        "shapes": {
            "CrossRequest": {"type": "structure", "required": ["Carts", "Toll"], "members": {
                "Carts": {"shape": "cartList", "documentation": "prose"},
                "Toll": {"shape": "tollType", "deprecated": true, "deprecatedMessage": "prose"}}},
            "CrossResponse": {"type": "structure", "members": {"Next": {"shape": "CrossResponse"}}},
            "cartList": {"type": "list", "member": {"shape": "cartType"}, "max": 3},
            "cartType": {"type": "string", "pattern": "[a-z]*"},
            "tollType": {"type": "integer", "min": 0},
            "ClosedException": {"type": "structure", "members": {}, "error": {"code": "Closed", "httpStatusCode": 400}},
            "BuildRequest": {"type": "structure", "members": {}}
        }
    }"#;

    #[track_caller]
    fn check(path: &str, value: Option<&str>, reachable: bool) {
        let model = ServiceModel::parse(MODEL.as_bytes(), "Cross").expect("a model");
        assert_eq!(model.value(path), value, "{path}");
        assert_eq!(model.reachable().any(|(other, _)| other == path), reachable, "{path}");
    }

    #[test]
    fn each_constraint_has_a_path() {
        check("Cross/input", Some("CrossRequest"), true);
        check("Cross/resultWrapper", Some("CrossResult"), true);
        check("Cross/errors", Some("ClosedException"), true);
        check("CrossRequest/required", Some("Carts, Toll"), true);
        check("CrossRequest/members/Carts", Some("cartList"), true);
        check("CrossRequest/members/Toll/deprecated", Some("true"), true);
        check("cartList/member", Some("cartType"), true);
        check("cartList/max", Some("3"), true);
        check("cartType/pattern", Some("[a-z]*"), true);
        check("tollType/min", Some("0"), true);
        check("ClosedException/code", Some("Closed"), true);
        check("ClosedException/httpStatusCode", Some("400"), true);
    }

    #[test]
    fn other_operations_and_metadata_can_be_asked_for_and_are_not_this_ones() {
        check("metadata/protocols", Some("query"), false);
        check("metadata/serviceId", Some("Toll"), false);
        check("Build/input", Some("BuildRequest"), false);
        check("BuildRequest/type", Some("structure"), false);
    }

    #[test]
    fn prose_and_nested_settings_have_no_path() {
        check("Cross/documentation", None, false);
        check("Cross/http", None, false);
        check("CrossRequest/members/Carts/documentation", None, false);
        check("CrossRequest/members/Toll/deprecatedMessage", None, false);
    }

    #[track_caller]
    fn check_refused(bytes: &[u8], message: &str) {
        let error = ServiceModel::parse(bytes, "Cross").expect_err("a fault");
        assert!(error.to_string().contains(message), "{error}");
    }

    #[test]
    fn what_is_no_model_of_the_operation_says_so() {
        check_refused(&[0x1f, 0x8b, 8, 0], "gunzip");
        check_refused(b"{", "not JSON");
        check_refused(b"[]", "no `operations`");
        check_refused(br#"{"operations": {}}"#, "no `operations`");
        check_refused(
            br#"{"operations": {}, "shapes": {}, "metadata": {"serviceId": "Ferry"}}"#,
            "the service `Ferry` has no operation `Cross`",
        );
        check_refused(&vec![b' '; MODEL_BYTES_MAX + 1], "at most");
    }
}
