//! Policy variables: where they are expanded, and what a missing or hostile value does.

use stspec_iam::{
    Context, LabelledPolicy, Policies, Policy, PolicyKind, Principal, Request, evaluate,
};

const V2012: &str = "2012-10-17";
const V2008: &str = "2008-10-17";

/// The rest of a statement, a resource and context keys; `Effect` and `Action` are the same always.
#[track_caller]
fn allows(version: &str, rest: &str, resource: &str, keys: &[(&str, &str)]) -> bool {
    let text = format!(
        r#"{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Action": "s3:*", {rest}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Identity).expect("a policy");
    let principal = Principal::User {
        account: "123456789012".into(),
        arn: "arn:aws:iam::123456789012:user/u".into(),
    };
    let mut context = Context::new();
    for (key, value) in keys {
        context.insert(key, *value);
    }
    if keys.iter().any(|(key, _)| *key == "x:several") {
        context.insert_many("x:several", ["a", "b"]);
    }
    let request = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource,
        resource_account: None,
        context: &context,
    };
    let policies =
        Policies { identity: vec![LabelledPolicy::new("policy", &policy)], ..Policies::default() };
    let allowed = evaluate(&request, &policies).allowed();
    if !policies.need_context() {
        let without = Request { context: &Context::new(), ..request };
        assert_eq!(evaluate(&without, &policies).allowed(), allowed, "without the key: {text}");
    }
    allowed
}

#[track_caller]
fn check_asks(version: &str, rest: &str, expected: bool) {
    let text = format!(
        r#"{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Action": "s3:*", {rest}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Session).expect("a policy");
    let labelled = LabelledPolicy::new("policy", &policy);
    let everywhere = [
        Policies { identity: vec![labelled], ..Policies::default() },
        Policies { boundary: Some(labelled), ..Policies::default() },
        Policies { session: Some(vec![labelled]), ..Policies::default() },
        Policies { resource: Some(labelled), ..Policies::default() },
    ];
    assert!(everywhere.iter().all(|policies| policies.need_context() == expected), "{text}");
}

#[test]
fn only_conditions_and_variables_ask_for_context_keys() {
    let variable = r#""Resource": "arn:aws:s3:::${aws:username}/*""#;
    check_asks(V2012, r#""Resource": ["*", "arn:aws:s3:::b/?${*}"]"#, false);
    check_asks(V2012, variable, true);
    check_asks(V2008, variable, false);
    check_asks(V2012, r#""NotResource": ["*", "arn:aws:s3:::${aws:userid}"]"#, true);
    check_asks(V2012, r#""Resource": "*", "Condition": {"Null": {"aws:userid": "true"}}"#, true);
}

#[track_caller]
fn check_resource(pattern: &str, resource: &str, keys: &[(&str, &str)], expected: bool) {
    let rest = format!(r#""Resource": "{pattern}""#);
    assert_eq!(allows(V2012, &rest, resource, keys), expected, "{pattern} ~ {resource} {keys:?}");
}

/// The key `x:k` is the one that is compared.
#[track_caller]
fn check_condition(operator: &str, value: &str, keys: &[(&str, &str)], expected: bool) {
    let rest = format!(r#""Resource": "*", "Condition": {{"{operator}": {{"x:k": "{value}"}}}}"#);
    let holds = allows(V2012, &rest, "*", keys);
    assert_eq!(holds, expected, "{operator} {value} {keys:?}");
}

const HOME: &str = "arn:aws:s3:::bucket/home/${aws:username}/*";
const ALICE: &[(&str, &str)] = &[("aws:username", "alice")];

#[test]
fn a_variable_in_a_resource_takes_the_value_of_its_key() {
    check_resource(HOME, "arn:aws:s3:::bucket/home/alice/notes", ALICE, true);
    check_resource(HOME, "arn:aws:s3:::bucket/home/bob/notes", ALICE, false);
    check_resource("arn:aws:s3:::${AWS:UserName}", "arn:aws:s3:::alice", ALICE, true);
    check_resource(
        "arn:aws:s3:::b/${aws:username}${aws:username}",
        "arn:aws:s3:::b/alicealice",
        ALICE,
        true,
    );
}

#[test]
fn a_resource_whose_variable_has_no_value_matches_nothing() {
    check_resource(HOME, "arn:aws:s3:::bucket/home//notes", &[], false);
    check_resource(HOME, "arn:aws:s3:::bucket/home/${aws:username}/notes", &[], false);
    check_resource(
        "arn:aws:s3:::bucket/${x:several}",
        "arn:aws:s3:::bucket/a",
        &[("x:several", "")],
        false,
    );
    check_resource("arn:aws:s3:::b/${username}", "arn:aws:s3:::b/alice", ALICE, false);
}

#[test]
fn not_resource_with_a_variable_without_value_excludes_nothing() {
    let rest = format!(r#""NotResource": "{HOME}""#);
    assert!(allows(V2012, &rest, "arn:aws:s3:::bucket/home/alice/x", &[]));
    assert!(!allows(V2012, &rest, "arn:aws:s3:::bucket/home/alice/x", ALICE));
}

#[test]
fn wildcards_inside_a_value_are_literal_characters() {
    for value in ["*", "a?ice", "al*", "${aws:username}"] {
        check_resource(HOME, "arn:aws:s3:::bucket/home/alice/x", &[("aws:username", value)], false);
    }
    check_resource(HOME, "arn:aws:s3:::bucket/home/*/x", &[("aws:username", "*")], true);
    let star: &[(&str, &str)] = &[("x:k", "anything"), ("x:v", "*")];
    check_condition("StringLike", "${x:v}", star, false);
    check_condition("StringLike", "${x:v}*", &[("x:k", "*anything"), ("x:v", "*")], true);
    let arn: &[(&str, &str)] = &[("x:k", "arn:aws:iam::1:role/app"), ("x:v", "*")];
    check_condition("ArnLike", "arn:aws:iam::1:role/${x:v}", arn, false);
}

#[test]
fn variables_are_expanded_only_in_the_2012_version() {
    let rest = format!(r#""Resource": "{HOME}""#);
    assert!(allows(V2012, &rest, "arn:aws:s3:::bucket/home/alice/x", ALICE));
    assert!(!allows(V2008, &rest, "arn:aws:s3:::bucket/home/alice/x", ALICE));
    assert!(allows(V2008, &rest, "arn:aws:s3:::bucket/home/${aws:username}/x", ALICE));
    let escaped = r#""Resource": "arn:aws:s3:::bucket/${*}""#;
    assert!(!allows(V2012, escaped, "arn:aws:s3:::bucket/${abc}", &[]));
    assert!(allows(V2008, escaped, "arn:aws:s3:::bucket/${abc}", &[]));
}

#[test]
fn variables_are_expanded_only_in_the_resource_part_of_an_arn() {
    let keys: &[(&str, &str)] = &[("x:v", "123456789012")];
    let queue = "arn:aws:sqs:r:123456789012:q";
    check_resource("arn:aws:sqs:r:${x:v}:q", queue, keys, false);
    check_resource("arn:aws:sqs:r:123456789012:${x:q}", queue, &[("x:q", "q")], true);
}

#[test]
fn escapes_stand_for_the_characters_that_have_a_meaning() {
    check_resource("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", &[], true);
    check_resource("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", &[], false);
    check_resource("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/?", &[], true);
    check_resource("arn:aws:s3:::b/${?}", "arn:aws:s3:::b/x", &[], false);
    check_resource("arn:aws:s3:::b/${$}{x:v}", "arn:aws:s3:::b/${x:v}", &[("x:v", "no")], true);
    check_condition("StringLike", "${*}*", &[("x:k", "*x")], true);
    check_condition("StringLike", "${*}*", &[("x:k", "xx")], false);
    check_condition("StringEquals", "${$}", &[("x:k", "$")], true);
}

#[test]
fn a_default_replaces_a_missing_value() {
    let pattern = "arn:aws:s3:::b/${aws:PrincipalTag/team, 'company-wide'}/*";
    check_resource(pattern, "arn:aws:s3:::b/company-wide/x", &[], true);
    check_resource(
        pattern,
        "arn:aws:s3:::b/yellow/x",
        &[("aws:PrincipalTag/Team", "yellow")],
        true,
    );
    check_resource(
        pattern,
        "arn:aws:s3:::b/company-wide/x",
        &[("aws:PrincipalTag/team", "yellow")],
        false,
    );
    check_resource("arn:aws:s3:::b/${x:v,'*'}", "arn:aws:s3:::b/x", &[], false);
    check_resource("arn:aws:s3:::b/${x:v,''}", "arn:aws:s3:::b/", &[], true);
    check_resource("arn:aws:s3:::b/${x:v, bare}", "arn:aws:s3:::b/bare", &[], false);
    check_condition("StringEquals", "${x:v, 'd'}", &[("x:k", "d")], true);
}

#[test]
fn an_unclosed_variable_is_literal_text() {
    check_resource("arn:aws:s3:::b/${aws:username", "arn:aws:s3:::b/${aws:username", ALICE, true);
    check_resource("arn:aws:s3:::b/${aws:username}/${x", "arn:aws:s3:::b/alice/${x", ALICE, true);
}

#[test]
fn string_and_arn_conditions_expand_variables() {
    let same: &[(&str, &str)] = &[("x:k", "red"), ("x:v", "red")];
    check_condition("StringEquals", "${x:v}", same, true);
    check_condition("StringEquals", "${x:v}", &[("x:k", "red"), ("x:v", "blue")], false);
    check_condition("StringEqualsIgnoreCase", "${x:v}", &[("x:k", "RED"), ("x:v", "red")], true);
    check_condition("StringLike", "*-${x:v}", &[("x:k", "dark-red"), ("x:v", "red")], true);
    let arn: &[(&str, &str)] = &[("x:k", "arn:aws:iam::1:role/red"), ("x:v", "red")];
    check_condition("ArnLike", "arn:aws:iam::*:role/${x:v}", arn, true);
    check_condition("ArnEquals", "arn:aws:iam::*:role/${x:w}", arn, false);
    let account: &[(&str, &str)] = &[("x:k", "arn:aws:iam::1:role/red"), ("x:v", "1")];
    check_condition("ArnLike", "arn:aws:iam::${x:v}:role/*", account, true);
}

#[test]
fn a_value_with_colons_does_not_shift_the_segments_of_an_arn() {
    let keys: &[(&str, &str)] = &[("x:k", "arn:aws:iam::1:role/red"), ("x:v", "iam::1")];
    check_condition("ArnLike", "arn:aws:${x:v}:role/red", keys, false);
}

#[test]
fn a_condition_whose_variable_has_no_value_fails_and_its_negation_holds() {
    let key: &[(&str, &str)] = &[("x:k", "red")];
    check_condition("StringEquals", "${x:v}", key, false);
    check_condition("StringNotEquals", "${x:v}", key, true);
    check_condition("StringLike", "${x:v}*", key, false);
    check_condition("StringNotLike", "${x:v}*", key, true);
    check_condition("ArnNotLike", "${x:v}", &[("x:k", "arn:aws:iam::1:role/red")], true);
}

#[test]
fn other_operators_take_variables_for_what_they_are_not() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*",
        "Resource": "*", "Condition": {"NumericEquals": {"x:k": "${x:v}"}}}}"#;
    assert!(Policy::parse(text, PolicyKind::Identity).is_err());
}

#[test]
fn actions_expand_no_variables() {
    let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Action": "s3:${aws:username}", "Resource": "*"}}"#;
    assert!(Policy::parse(text, PolicyKind::Identity).is_err());
}
