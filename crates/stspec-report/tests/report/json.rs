//! The report for machines, as `docs/design.md`, section 6, has it.

use serde_json::{Value, json};
use stspec_report::{SCHEMA, json};
use stspec_verdict::Throttled;

use crate::example::{self, clean};

#[track_caller]
fn check(pointer: &str, expected: &Value) {
    let report = json(&clean(&example::run()));
    assert_eq!(report.pointer(pointer), Some(expected), "{report:#}");
}

fn keys(value: Option<&Value>) -> Vec<&str> {
    let members = value.and_then(Value::as_object).expect("an object");
    members.keys().map(String::as_str).collect()
}

#[test]
fn the_report_has_the_documented_members_in_order() {
    let report = json(&clean(&example::run()));
    let members =
        ["schema", "target", "exit_code", "summary", "rules", "checks", "resources", "redaction"];
    assert_eq!(keys(Some(&report)), members);
    assert_eq!(SCHEMA, "stspec/report/v1");
    check("/schema", &json!("stspec/report/v1"));
    check("/target", &json!({"name": "emulator", "endpoint": "http://127.0.0.1:4566"}));
    check("/exit_code", &json!(1));
    check("/resources", &json!({"created": 12, "removed": 12, "leaked": 0}));
    check("/redaction", &json!({"registered": 1, "hits": 0}));
}

#[test]
fn what_throttling_cost_is_told_where_there_was_any() {
    let mut record = example::run();
    assert!(json(&clean(&record)).get("throttled").is_none());
    record.throttled = Throttled { answers: 3, waited_ms: 1500 };
    assert_eq!(
        json(&clean(&record)).get("throttled"),
        Some(&json!({"answers": 3, "waited_ms": 1500}))
    );
}

#[test]
fn the_summary_counts_rules_level_by_level() {
    let counts = |pass: u64, fail: u64, inconclusive: u64, unsupported: u64, observed: u64| {
        json!({
            "pass": pass, "fail": fail, "inconclusive": inconclusive, "unsupported": unsupported,
            "flaky": 0, "error": 0, "observed": observed, "deviation": 0, "changed": 0, "fixed": 0,
        })
    };
    check("/summary/must", &counts(1, 1, 1, 1, 0));
    check("/summary/should", &counts(1, 0, 0, 0, 0));
    check("/summary/observe", &counts(0, 0, 0, 0, 1));
}

#[test]
fn rules_are_sorted_by_id() {
    let report = json(&clean(&example::run()));
    let rules = report["rules"].as_array().expect("a list");
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_eq!(ids, sorted);
    assert_eq!(ids.len(), 6);
    let expected = json!({
        "id": "get-federation-token/duration/maximum", "level": "must", "evidence": "documented",
        "verdict": "fail",
    });
    check("/rules/0", &expected);
}

#[test]
fn a_failed_check_says_what_was_expected_and_observed() {
    let expected = json!({
        "id": "get-federation-token/duration/maximum/bounds/above",
        "rule": "get-federation-token/duration/maximum",
        "level": "must",
        "role": "probe",
        "verdict": "fail",
        "expected": "status equal to `400`, error.code equal to `ValidationError`",
        "observed": "200 with JSON `GetFederationTokenResponse`",
        "fingerprint": "4987413d0a8c8945",
        "duration_us": 4321,
    });
    check("/checks/0", &expected);
}

#[test]
fn a_check_that_was_not_sent_says_why() {
    let report = json(&clean(&example::run()));
    let checks = report["checks"].as_array().expect("a list");
    let id = "get-federation-token/permissions/no-session-policy/read-an-object/denied";
    let check = checks.iter().find(|check| check["id"] == id).expect("the check");
    assert_eq!(check["verdict"], "inconclusive");
    assert_eq!(check["observed"], "not sent: session `bare` was never captured");
    assert_eq!(check["reason"], "not sent: session `bare` was never captured");
    assert_eq!(check["duration_us"], 0);
}

#[test]
fn the_same_record_gives_the_same_bytes() {
    assert_eq!(
        json(&clean(&example::run())).to_string(),
        json(&clean(&example::run())).to_string()
    );
}
