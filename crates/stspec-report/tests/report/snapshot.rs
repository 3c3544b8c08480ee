//! Snapshots in full.

use stspec_report::{ReportError, snapshot};
use stspec_scenario::RuleId;

use crate::example::{self, clean};

#[track_caller]
fn check(rule: &str, expected: &str) {
    let rule = RuleId::parse(rule).expect("a rule id");
    let text = snapshot(&clean(&example::run()), &rule).expect("a snapshot");
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn a_snapshot_shows_requests_and_answers_in_normal_form() {
    check("get-federation-token/duration/minimum", MINIMUM);
}

#[test]
fn a_step_that_was_not_sent_leaves_a_trace() {
    check("get-federation-token/duration/root", ROOT);
}

#[test]
fn a_rule_that_was_not_run_has_no_snapshot() {
    let rule = RuleId::parse("a/b").expect("a rule id");
    let error = snapshot(&clean(&example::run()), &rule).expect_err("no such rule");
    assert!(matches!(error, ReportError::UnknownRule { .. }));
}

#[test]
fn a_parameter_that_is_sent_twice_is_a_list() {
    let mut record = example::run();
    let rule = RuleId::parse("get-federation-token/name/plus").expect("a rule id");
    for check in record.checks.iter_mut().filter(|check| check.rule == rule) {
        let exchange = check.exchange.as_mut().expect("it was sent");
        exchange.request.params.extend([("X".into(), "1".into()), ("Name".into(), "2".into())]);
        exchange.request.params.push(("Name".into(), "3".into()));
    }
    let text = snapshot(&clean(&record), &rule).expect("a snapshot");
    assert!(
        text.contains(
            "        Name:\n        - a+b\n        - '2'\n        - '3'\n        X: '1'\n"
        ),
        "{text}"
    );
}

#[test]
fn a_long_value_is_cut_with_its_length() {
    let mut record = example::run();
    let rule = RuleId::parse("get-federation-token/name/plus").expect("a rule id");
    for check in record.checks.iter_mut().filter(|check| check.rule == rule) {
        let exchange = check.exchange.as_mut().expect("it was sent");
        exchange.request.params = vec![("Policy".into(), "é".repeat(2049))];
    }
    let text = snapshot(&clean(&record), &rule).expect("a snapshot");
    assert!(text.contains("é… (2049 characters)"), "{text}");
    assert!(text.len() < 4_000);
}

const MINIMUM: &str = include_str!("minimum.yaml");
const ROOT: &str = include_str!("root.yaml");
