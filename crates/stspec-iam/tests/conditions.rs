//! The condition operators: match, mismatch, missing key, `IfExists` and set operators.

use stspec_iam::{
    Context, LabelledPolicy, Policies, Policy, PolicyKind, Principal, Request, evaluate,
};

/// Whether the condition block holds; the context is a list of keys with their values.
#[track_caller]
fn check(condition: &str, present: &[(&str, &[&str])], expected: bool) {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*",
            "Resource": "*", "Condition": {condition}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Identity).expect("a policy");
    let principal = Principal::User {
        account: "123456789012".into(),
        arn: "arn:aws:iam::123456789012:user/u".into(),
    };
    let mut context = Context::new();
    for (key, values) in present {
        context.insert_many(key, values.iter().copied());
    }
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::bucket/key",
        resource_account: None,
        context: &context,
    };
    let policies =
        Policies { identity: vec![LabelledPolicy::new("policy", &policy)], ..Policies::default() };
    let holds = evaluate(&request, &policies).allowed();
    assert_eq!(holds, expected, "{condition} with {present:?}");
}

/// One key under one operator against one value of the request.
#[track_caller]
fn check_value(operator: &str, policy_value: &str, value: &str, expected: bool) {
    let condition = format!(r#"{{"{operator}": {{"x:k": "{policy_value}"}}}}"#);
    check(&condition, &[("x:k", &[value])], expected);
}

/// What a positive operator and its negation say about a value, about a missing key, and about
/// both with `IfExists`.
#[track_caller]
fn check_pair(positive: &str, negated: &str, policy_value: &str, value: &str, other: &str) {
    check_value(positive, policy_value, value, true);
    check_value(positive, policy_value, other, false);
    check_value(negated, policy_value, value, false);
    check_value(negated, policy_value, other, true);
    check_value(&format!("{positive}IfExists"), policy_value, value, true);
    check_value(&format!("{positive}IfExists"), policy_value, other, false);
    check_value(&format!("{negated}IfExists"), policy_value, value, false);
    check_missing(positive, policy_value, false);
    check_missing(negated, policy_value, true);
}

/// What an operator says if the request lacks the key; with `IfExists` it always holds.
#[track_caller]
fn check_missing(operator: &str, policy_value: &str, expected: bool) {
    check(&format!(r#"{{"{operator}": {{"x:k": "{policy_value}"}}}}"#), &[], expected);
    check(&format!(r#"{{"{operator}IfExists": {{"x:k": "{policy_value}"}}}}"#), &[], true);
    let present = format!(r#"{{"{operator}IfExists": {{"x:other": "{policy_value}"}}}}"#);
    check(&present, &[("x:k", &["irrelevant"])], true);
}

#[test]
fn string_equality_minds_case_and_knows_no_wildcards() {
    check_pair("StringEquals", "StringNotEquals", "abc", "abc", "ABC");
    check_value("StringEquals", "a*", "abc", false);
    check_value("StringEquals", "a*", "a*", true);
    check_value("StringEquals", "", "", true);
}

#[test]
fn string_equality_can_ignore_case() {
    check_pair("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "aBc", "AbC", "abd");
    check_value("StringEqualsIgnoreCase", "größe", "GRÖßE", true);
    check_value("StringEqualsIgnoreCase", "a*", "abc", false);
}

#[test]
fn string_likeness_knows_wildcards() {
    check_pair("StringLike", "StringNotLike", "a*c?", "abbcd", "abbc");
    check_value("StringLike", "A*", "abc", false);
    check_value("StringLike", "*", "", true);
    check_value("StringLike", "a*z", "a:b/z", true);
}

#[test]
fn numbers_compare_by_value() {
    check_pair("NumericEquals", "NumericNotEquals", "10", "10.0", "11");
    check_value("NumericLessThan", "10", "9", true);
    check_value("NumericLessThan", "10", "10", false);
    check_value("NumericLessThanEquals", "10", "10", true);
    check_value("NumericLessThanEquals", "10", "10.5", false);
    check_value("NumericGreaterThan", "10", "10", false);
    check_value("NumericGreaterThan", "10", "100", true);
    check_value("NumericGreaterThanEquals", "-10", "-10", true);
    check_value("NumericGreaterThanEquals", "-10", "-11", false);
    check_missing("NumericLessThan", "10", false);
    check(r#"{"NumericLessThan": {"x:k": 10}}"#, &[("x:k", &["9.5"])], true);
    check(r#"{"NumericEquals": {"x:k": 0.5}}"#, &[("x:k", &["0.50"])], true);
}

#[test]
fn a_value_that_is_no_number_matches_none() {
    check_value("NumericEquals", "10", "ten", false);
    check_value("NumericNotEquals", "10", "ten", true);
    check_value("NumericLessThan", "10", "", false);
}

#[test]
fn dates_compare_as_instants() {
    let (day, same, later) =
        ("2026-11-21T00:00:00Z", "2026-11-21T01:00:00+01:00", "2026-11-21T00:00:01Z");
    check_pair("DateEquals", "DateNotEquals", day, same, later);
    check_value("DateLessThan", later, day, true);
    check_value("DateLessThan", day, same, false);
    check_value("DateLessThanEquals", day, same, true);
    check_value("DateGreaterThan", day, later, true);
    check_value("DateGreaterThan", day, same, false);
    check_value("DateGreaterThanEquals", day, same, true);
    check_value("DateGreaterThanEquals", later, day, false);
    check_missing("DateLessThan", day, false);
}

#[test]
fn dates_may_be_seconds_or_whole_days() {
    check_value("DateEquals", "1372550400", "2013-06-30T00:00:00Z", true);
    check_value("DateEquals", "2013-06-30", "1372550400", true);
    check(r#"{"DateEquals": {"x:k": 1372550400}}"#, &[("x:k", &["2013-06-30"])], true);
}

#[test]
fn booleans_compare_as_such() {
    check_value("Bool", "true", "true", true);
    check_value("Bool", "true", "True", true);
    check_value("Bool", "true", "false", false);
    check_value("Bool", "false", "false", true);
    check_value("Bool", "false", "0", false);
    check_missing("Bool", "false", false);
    check(r#"{"Bool": {"x:k": true}}"#, &[("x:k", &["true"])], true);
}

#[test]
fn bytes_compare_behind_their_encoding() {
    check_value("BinaryEquals", "c3RzcGVj", "c3RzcGVj", true);
    check_value("BinaryEquals", "c3RzcGVj", "c3RzcGVk", false);
    check_value("BinaryEquals", "c3RzcGVj", "stspec!", false);
    check_missing("BinaryEquals", "c3RzcGVj", false);
}

#[test]
fn addresses_lie_in_networks_of_their_family() {
    check_pair("IpAddress", "NotIpAddress", "203.0.113.0/24", "203.0.113.255", "203.0.114.0");
    check_pair("IpAddress", "NotIpAddress", "2001:db8:1::/48", "2001:DB8:1::7", "2001:db8:2::");
    check_value("IpAddress", "203.0.113.7", "203.0.113.7", true);
    check_value("IpAddress", "203.0.113.7", "203.0.113.8", false);
    check_value("IpAddress", "203.0.113.9/30", "203.0.113.8", true);
    check_value("IpAddress", "0.0.0.0/0", "198.51.100.1", true);
    check_value("IpAddress", "0.0.0.0/0", "::1", false);
    check_value("IpAddress", "::/0", "::1", true);
    check_value("IpAddress", "::1", "::2", false);
    check_value("IpAddress", "0.0.0.0/0", "localhost", false);
}

#[test]
fn arn_patterns_compare_segment_by_segment() {
    let role = "arn:aws:iam::123456789012:role/app";
    for (positive, negated) in [("ArnLike", "ArnNotLike"), ("ArnEquals", "ArnNotEquals")] {
        check_pair(positive, negated, "arn:aws:iam::*:role/*", role, "arn:aws:iam::1:user/app");
        check_value(positive, "arn:aws:iam:*:role/app", role, false);
        check_value(positive, "arn:*", role, false);
        check_value(positive, "arn:aws:iam::12345678901?:role/a?p", role, true);
        check_value(positive, "arn:aws:i*m::123456789012:*", role, true);
        check_value(positive, "arn:*:role/app", role, false);
        check_value(positive, "arn:aws:sns:*:1:*", "arn:aws:sns:us:east:1:topic", false);
        check_value(positive, "arn:aws:sqs:r:1:a*z", "arn:aws:sqs:r:1:a:b:z", true);
        let log = "arn:aws:logs:r:1:log-group:app:stream";
        check_value(positive, "arn:aws:logs:r:1:log-group:a*:stream", log, true);
        check_value(positive, "arn:aws:logs:r:1:log-group:b*:stream", log, false);
        check_value(positive, "*", role, true);
        check_value(positive, "*", "no arn", false);
        check_value(negated, "*", "no arn", true);
    }
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    for (absent, without, with) in [("true", true, false), ("false", false, true)] {
        let condition = format!(r#"{{"Null": {{"x:k": "{absent}"}}}}"#);
        check(&condition, &[], without);
        check(&condition, &[("x:k", &["v"])], with);
        check(&condition, &[("x:k", &[])], without);
    }
    check(r#"{"Null": {"x:k": true}}"#, &[], true);
}

#[test]
fn one_of_several_policy_values_is_enough_and_none_may_match_a_negation() {
    check(r#"{"StringEquals": {"x:k": ["a", "b"]}}"#, &[("x:k", &["b"])], true);
    check(r#"{"StringEquals": {"x:k": ["a", "b"]}}"#, &[("x:k", &["c"])], false);
    check(r#"{"StringNotEquals": {"x:k": ["a", "b"]}}"#, &[("x:k", &["b"])], false);
    check(r#"{"StringNotEquals": {"x:k": ["a", "b"]}}"#, &[("x:k", &["c"])], true);
    check(r#"{"NotIpAddress": {"x:k": ["10.0.0.0/8", "::/0"]}}"#, &[("x:k", &["10.1.1.1"])], false);
    check(r#"{"StringEquals": {"x:k": []}}"#, &[("x:k", &["a"])], false);
}

#[test]
fn a_key_with_several_values_matches_by_any_of_them() {
    let several: &[(&str, &[&str])] = &[("x:k", &["a", "b"])];
    check(r#"{"StringEquals": {"x:k": "b"}}"#, several, true);
    check(r#"{"StringNotEquals": {"x:k": "b"}}"#, several, false);
    check(r#"{"StringNotEquals": {"x:k": "c"}}"#, several, true);
}

#[test]
fn all_operators_and_all_keys_have_to_hold() {
    let both = r#"{"StringEquals": {"x:a": "1", "x:b": "2"}, "Bool": {"x:c": "true"}}"#;
    check(both, &[("x:a", &["1"]), ("x:b", &["2"]), ("x:c", &["true"])], true);
    check(both, &[("x:a", &["0"]), ("x:b", &["2"]), ("x:c", &["true"])], false);
    check(both, &[("x:a", &["1"]), ("x:b", &["2"]), ("x:c", &["false"])], false);
    check(both, &[("x:a", &["1"]), ("x:c", &["true"])], false);
    check("{}", &[], true);
    check(r#"{"StringEquals": {}}"#, &[], true);
}

#[test]
fn key_names_compare_ignoring_case() {
    check(
        r#"{"StringEquals": {"AWS:principaltag/TEAM": "a"}}"#,
        &[("aws:PrincipalTag/team", &["a"])],
        true,
    );
}

#[test]
fn for_any_value_needs_one_value_that_satisfies() {
    let equals = r#"{"ForAnyValue:StringEquals": {"x:k": ["a", "b"]}}"#;
    check(equals, &[("x:k", &["a", "z"])], true);
    check(equals, &[("x:k", &["y", "z"])], false);
    check(equals, &[], false);
    let differs = r#"{"ForAnyValue:StringNotEquals": {"x:k": ["a", "b"]}}"#;
    check(differs, &[("x:k", &["a", "z"])], true);
    check(differs, &[("x:k", &["a", "b"])], false);
    check(differs, &[], false);
    check(r#"{"ForAnyValue:StringEqualsIfExists": {"x:k": "a"}}"#, &[], true);
    check(r#"{"ForAnyValue:StringEqualsIfExists": {"x:k": "a"}}"#, &[("x:k", &["b"])], false);
    check(r#"{"ForAnyValue:StringLike": {"x:k": "a*"}}"#, &[("x:k", &["b", "ab"])], true);
}

#[test]
fn for_all_values_needs_every_value_to_satisfy() {
    let equals = r#"{"ForAllValues:StringEquals": {"x:k": ["a", "b"]}}"#;
    check(equals, &[("x:k", &["a", "b", "a"])], true);
    check(equals, &[("x:k", &["a", "z"])], false);
    check(equals, &[], true);
    let differs = r#"{"ForAllValues:StringNotEquals": {"x:k": ["a", "b"]}}"#;
    check(differs, &[("x:k", &["y", "z"])], true);
    check(differs, &[("x:k", &["a", "z"])], false);
    check(differs, &[], true);
    check(
        r#"{"ForAllValues:IpAddress": {"x:k": "10.0.0.0/8"}}"#,
        &[("x:k", &["10.1.1.1", "11.0.0.1"])],
        false,
    );
}
