//! The JSON Schema of rule files is up to date and says what the reader says.

use std::path::Path;

use serde_json::Value;
use stspec_scenario::{operations, rule_schema};

#[test]
fn the_schema_beside_the_rules_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/rule.schema.json");
    let text = std::fs::read_to_string(&file).expect("scenarios/rule.schema.json is there");
    let found: Value = serde_json::from_str(&text).expect("scenarios/rule.schema.json is JSON");
    assert!(
        found == rule_schema(),
        "scenarios/rule.schema.json is not what the reader accepts; \
         run `cargo run -p stspec -- lint --schema > scenarios/rule.schema.json`"
    );
}

#[test]
fn every_reference_in_the_schema_has_a_definition() {
    let schema = rule_schema();
    let mut references = Vec::new();
    collect_references(&schema, &mut references);
    assert!(references.len() > 10, "{references:?}");
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(schema.pointer(pointer).is_some_and(Value::is_object), "{reference}");
    }
}

#[test]
fn the_schema_is_closed_apart_from_the_keys_of_cases() {
    let schema = rule_schema();
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["$defs"]["step"]["additionalProperties"], false);
    assert_eq!(schema["$defs"]["case"]["additionalProperties"]["type"], "string");
}

#[test]
fn the_schema_knows_every_operation() {
    let schema = rule_schema();
    let calls = schema["$defs"]["step"]["properties"]["call"]["enum"].as_array().expect("a list");
    for operation in operations(stspec_scenario::Service::Sts) {
        assert!(calls.iter().any(|call| call == &format!("sts.{operation}")), "{operation}");
    }
}

fn collect_references<'v>(value: &'v Value, references: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_str() {
                    Some(reference) if key == "$ref" => references.push(reference),
                    _ => collect_references(member, references),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        _ => {}
    }
}
