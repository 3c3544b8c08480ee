//! The grammar of policy documents: what is accepted, what is refused and with which words.

use stspec_iam::{
    Context, DOCUMENT_CHARS_MAX, GrammarError, LabelledPolicy, Policies, Policy, PolicyKind,
    Principal, Request, evaluate,
};

#[track_caller]
fn check_accepted(text: &str, kind: PolicyKind) {
    if let Err(malformed) = Policy::parse(text, kind) {
        panic!("{text}: {malformed}");
    }
}

#[track_caller]
fn check_refused(text: &str, kind: PolicyKind, expected: GrammarError, path: &str) {
    let malformed = Policy::parse(text, kind).expect_err("a grammar error");
    assert_eq!(malformed.grammar_error(), expected, "{text}: {malformed}");
    assert!(malformed.detail().contains(path), "{text}: {malformed}");
}

/// A session policy of one statement.
fn statement(members: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#)
}

#[track_caller]
fn check_statement(members: &str) {
    check_accepted(&statement(members), PolicyKind::Session);
}

#[track_caller]
fn check_bad_statement(members: &str, expected: GrammarError, path: &str) {
    check_refused(&statement(members), PolicyKind::Session, expected, path);
}

/// A policy of a resource with one principal element.
fn with_principal(element: &str) -> String {
    statement(&format!(r#""Effect": "Allow", {element}, "Action": "s3:*", "Resource": "*""#))
}

#[test]
fn text_that_is_not_json_is_called_so() {
    for text in ["", "   ", "{", "arn:aws:iam::aws:policy/ReadOnlyAccess", "{'Version': 1}", "{}{}"]
    {
        check_refused(text, PolicyKind::Session, GrammarError::NotJson, "line 1");
    }
    let deep = "[".repeat(100_000);
    check_refused(&deep, PolicyKind::Session, GrammarError::NotJson, "recursion");
}

#[test]
fn json_that_is_no_policy_is_a_syntax_error() {
    for text in ["null", "[]", "1", "\"text\"", "{}", r#"{"Version": "2012-10-17"}"#] {
        check_refused(text, PolicyKind::Session, GrammarError::Syntax, "document");
    }
    for statements in ["[]", "{}", "null", "\"*\"", "[[]]", "[null]"] {
        let text = format!(r#"{{"Statement": {statements}}}"#);
        check_refused(&text, PolicyKind::Session, GrammarError::Syntax, "Statement");
    }
}

#[test]
fn a_statement_stands_alone_or_in_a_list() {
    let one = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    check_accepted(&format!(r#"{{"Statement": {one}}}"#), PolicyKind::Identity);
    check_accepted(&format!(r#"{{"Statement": [{one}, {one}]}}"#), PolicyKind::Identity);
    check_accepted(&format!(" \r\n\t{{\"Statement\": {one}}} \n"), PolicyKind::Identity);
}

#[test]
fn version_is_one_of_two_and_may_be_absent() {
    let versioned = |version: &str| {
        format!(
            r#"{{"Version": {version}, "Id": "x",
                "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*"}}}}"#
        )
    };
    check_accepted(&versioned("\"2012-10-17\""), PolicyKind::Session);
    check_accepted(&versioned("\"2008-10-17\""), PolicyKind::Session);
    for version in ["\"2012-10-18\"", "\"\"", "20121017", "null"] {
        check_refused(&versioned(version), PolicyKind::Session, GrammarError::Syntax, "Version");
    }
}

#[test]
fn unknown_and_repeated_elements_are_refused() {
    let rest = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    check_bad_statement(
        &format!(r#"{rest}, "Actions": "*""#),
        GrammarError::Syntax,
        "Statement[0].Actions",
    );
    check_bad_statement(
        &format!(r#"{rest}, "effect": "Deny""#),
        GrammarError::Syntax,
        "Statement[0].effect",
    );
    check_bad_statement(
        &format!(r#"{rest}, "Effect": "Deny""#),
        GrammarError::Syntax,
        "`Effect` occurs twice",
    );
    let top = format!(r#"{{"Statements": [], "Statement": {{{rest}}}}}"#);
    check_refused(&top, PolicyKind::Session, GrammarError::Syntax, "Statements");
}

#[test]
fn effect_is_allow_or_deny_in_this_spelling() {
    let rest = r#""Action": "*", "Resource": "*""#;
    check_statement(&format!(r#"{rest}, "Effect": "Deny""#));
    check_bad_statement(rest, GrammarError::Syntax, "`Effect` is missing");
    for effect in ["\"allow\"", "\"DENY\"", "\"\"", "true", "[\"Allow\"]"] {
        check_bad_statement(
            &format!(r#"{rest}, "Effect": {effect}"#),
            GrammarError::Syntax,
            "Effect",
        );
    }
}

#[test]
fn a_statement_names_actions_or_all_but_some() {
    let rest = r#""Effect": "Allow", "Resource": "*""#;
    for action in ["\"*\"", "\"s3:*\"", "\"S3:get?bject\"", "[\"s3:A\", \"iam:B\"]", "\"*:*\""] {
        check_statement(&format!(r#"{rest}, "Action": {action}"#));
        check_statement(&format!(r#"{rest}, "NotAction": {action}"#));
    }
    check_bad_statement(rest, GrammarError::ActionMissing, "Statement[0]");
    check_bad_statement(&format!(r#"{rest}, "Action": []"#), GrammarError::ActionMissing, "Action");
    check_bad_statement(
        &format!(r#"{rest}, "NotAction": []"#),
        GrammarError::ActionMissing,
        "NotAction",
    );
    check_bad_statement(
        &format!(r#"{rest}, "Action": "*", "NotAction": "s3:A""#),
        GrammarError::Syntax,
        "NotAction",
    );
    for action in ["\"GetObject\"", "\"\"", "\":GetObject\"", "\"s*:GetObject\"", "\"a b:C\""] {
        check_bad_statement(
            &format!(r#"{rest}, "Action": {action}"#),
            GrammarError::VendorMissing,
            "Action",
        );
    }
    for action in ["\"s3:\"", "\"s3:Get:Object\"", "7", "{}", "[[\"s3:A\"]]", "null"] {
        check_bad_statement(
            &format!(r#"{rest}, "Action": {action}"#),
            GrammarError::Syntax,
            "Action",
        );
    }
}

#[test]
fn a_statement_names_resources_or_all_but_some() {
    let rest = r#""Effect": "Allow", "Action": "*""#;
    for resource in ["\"*\"", "\"arn:aws:s3:::b/*\"", "[\"arn:aws:s3:::a\", \"*\"]"] {
        check_statement(&format!(r#"{rest}, "Resource": {resource}"#));
        check_statement(&format!(r#"{rest}, "NotResource": {resource}"#));
    }
    check_bad_statement(rest, GrammarError::ResourceMissing, "Statement[0]");
    check_bad_statement(
        &format!(r#"{rest}, "Resource": []"#),
        GrammarError::ResourceMissing,
        "Resource",
    );
    check_bad_statement(
        &format!(r#"{rest}, "Resource": "*", "NotResource": "*""#),
        GrammarError::Syntax,
        "NotResource",
    );
    for resource in ["\"bucket\"", "\"\"", "\"*b\"", "\"ARN:aws:s3:::b\"", "1"] {
        check_bad_statement(
            &format!(r#"{rest}, "Resource": {resource}"#),
            GrammarError::Syntax,
            "Resource",
        );
    }
}

#[test]
fn identity_and_session_policies_have_no_principal() {
    for kind in [PolicyKind::Identity, PolicyKind::Session] {
        for element in [r#""Principal": "*""#, r#""NotPrincipal": "*""#, r#""Principal": 5"#] {
            check_refused(
                &with_principal(element),
                kind,
                GrammarError::PrincipalForbidden,
                "rincipal",
            );
        }
    }
}

#[test]
fn resource_policies_have_a_principal() {
    for element in [
        r#""Principal": "*""#,
        r#""NotPrincipal": {"AWS": "123456789012"}"#,
        r#""Principal": {"AWS": "*"}"#,
        r#""Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:root"]}"#,
        r#""Principal": {"AWS": "arn:aws-cn:sts::123456789012:federated-user/Bob"}"#,
        r#""Principal": {"Service": "s3.amazonaws.com", "Federated": ["a", "b"]}"#,
        r#""Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}"#,
    ] {
        check_accepted(&with_principal(element), PolicyKind::Resource);
    }
    let without = statement(r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#);
    check_refused(&without, PolicyKind::Resource, GrammarError::Syntax, "`Principal` is missing");
    for element in [
        r#""Principal": "123456789012""#,
        r#""Principal": {}"#,
        r#""Principal": {"AWS": []}"#,
        r#""Principal": {"AWS": "arn:aws:iam::123456789012:user/*"}"#,
        r#""Principal": {"AWS": "arn:aws:iam::123456789012:user/b?b"}"#,
        r#""Principal": {"AWS": "arn:aws:s3:::bucket"}"#,
        r#""Principal": {"AWS": "12345678901"}"#,
        r#""Principal": {"AWS": ""}"#,
        r#""Principal": {"Person": "Bob"}"#,
        r#""Principal": {"Service": ""}"#,
        r#""Principal": ["*"]"#,
        r#""Principal": "*", "NotPrincipal": "*""#,
    ] {
        check_refused(
            &with_principal(element),
            PolicyKind::Resource,
            GrammarError::Syntax,
            "rincipal",
        );
    }
}

#[test]
fn a_trust_policy_has_a_principal_and_no_resource() {
    let members = r#""Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*""#;
    check_accepted(&statement(members), PolicyKind::Trust);
    let with_resource = statement(&format!(r#"{members}, "Resource": "*""#));
    check_refused(&with_resource, PolicyKind::Trust, GrammarError::Syntax, "Statement[0].Resource");
    let no_principal = statement(r#""Effect": "Allow", "Action": "sts:AssumeRole""#);
    check_refused(&no_principal, PolicyKind::Trust, GrammarError::Syntax, "Principal");
}

#[test]
fn sids_are_unique_letters_and_digits() {
    let with_sid = |sid: &str| {
        format!(r#"{{"Sid": "{sid}", "Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
    };
    let two = |left: &str, right: &str| {
        format!(r#"{{"Statement": [{}, {}]}}"#, with_sid(left), with_sid(right))
    };
    check_accepted(&two("a1", "A1"), PolicyKind::Identity);
    check_accepted(&two("", ""), PolicyKind::Identity);
    check_refused(&two("a1", "a1"), PolicyKind::Identity, GrammarError::Syntax, "Statement[1].Sid");
    check_refused(&two("a", "b c"), PolicyKind::Identity, GrammarError::Syntax, "Statement[1].Sid");
    let free = with_principal(r#""Sid": "of the bucket", "Principal": "*""#);
    check_accepted(&free, PolicyKind::Resource);
    check_bad_statement(
        r#""Sid": 1, "Effect": "Allow", "Action": "*", "Resource": "*""#,
        GrammarError::Syntax,
        "Sid",
    );
}

#[test]
fn conditions_have_known_operators_qualified_keys_and_readable_values() {
    let with = |condition: &str| {
        format!(r#""Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}"#)
    };
    for condition in [
        "{}",
        r#"{"StringEquals": {"aws:a": ["x", 1, true]}}"#,
        r#"{"ForAllValues:ArnNotLikeIfExists": {"aws:PrincipalTag/a:b": "*"}}"#,
        r#"{"ForAnyValue:DateGreaterThanEquals": {"aws:a": "2026-11-21"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "::1"]}}"#,
    ] {
        check_statement(&with(condition));
    }
    for (condition, expected) in [
        ("[]", GrammarError::Syntax),
        ("null", GrammarError::Syntax),
        (r#"{"StringEquals": []}"#, GrammarError::Syntax),
        (r#"{"stringequals": {"aws:a": "x"}}"#, GrammarError::Syntax),
        (r#"{"StringEquals": {"key": "x"}}"#, GrammarError::VendorMissing),
        (r#"{"StringEquals": {":key": "x"}}"#, GrammarError::VendorMissing),
        (r#"{"StringEquals": {"aws:a": null}}"#, GrammarError::Syntax),
        (r#"{"StringEquals": {"aws:a": {"b": "c"}}}"#, GrammarError::Syntax),
        (r#"{"StringEquals": {"aws:a": ["x", ["y"]]}}"#, GrammarError::Syntax),
        (r#"{"ForSomeValues:StringEquals": {"aws:a": "x"}}"#, GrammarError::Syntax),
        (r#"{"IfExistsBool": {"aws:a": "true"}}"#, GrammarError::Syntax),
        (r#"{"NullIfExists": {"aws:a": "true"}}"#, GrammarError::Syntax),
        (r#"{"ForAnyValue:Null": {"aws:a": "true"}}"#, GrammarError::Syntax),
        (r#"{"Null": {"aws:a": "perhaps"}}"#, GrammarError::Syntax),
        (r#"{"Bool": {"aws:a": "yes"}}"#, GrammarError::Syntax),
        (r#"{"NumericEquals": {"aws:a": "ten"}}"#, GrammarError::Syntax),
        (r#"{"DateLessThan": {"aws:a": "soon"}}"#, GrammarError::Syntax),
        (r#"{"BinaryEquals": {"aws:a": "?"}}"#, GrammarError::Syntax),
        (r#"{"IpAddress": {"aws:a": "10.0.0.0/33"}}"#, GrammarError::Syntax),
        (r#"{"IpAddress": {"aws:a": "10.0.0.0/+8"}}"#, GrammarError::Syntax),
        (r#"{"IpAddress": {"aws:a": "10.0.0"}}"#, GrammarError::Syntax),
        (r#"{"NotIpAddress": {"aws:a": "::/129"}}"#, GrammarError::Syntax),
    ] {
        check_bad_statement(&with(condition), expected, "Condition");
    }
}

#[test]
fn a_document_may_fill_its_limit_and_no_more() {
    let policy = statement(r#""Effect": "Allow", "Action": "*", "Resource": "*""#);
    let padding = DOCUMENT_CHARS_MAX - policy.chars().count();
    let full = policy + &" ".repeat(padding);
    check_accepted(&full, PolicyKind::Session);
    check_refused(&(full + " "), PolicyKind::Session, GrammarError::Syntax, "131072");
}

#[test]
fn an_error_has_the_message_of_aws_and_the_path() {
    let policy = with_principal(r#""Principal": "*""#);
    let malformed = Policy::parse(&policy, PolicyKind::Session).expect_err("a grammar error");
    assert_eq!(malformed.message(), "Policy document should not specify a principal.");
    assert_eq!(malformed.detail(), "Statement[0].Principal: belongs to resource policies only");
    let malformed = Policy::parse("x", PolicyKind::Session).expect_err("a grammar error");
    assert_eq!(malformed.message(), "The policy is not in the valid JSON format.");
}

#[test]
fn a_policy_keeps_its_text() {
    let text = statement(r#""Effect":  "Allow", "Action": "*",   "Resource": "*""#);
    let policy = Policy::parse(&text, PolicyKind::Session).expect("a policy");
    assert_eq!((policy.text(), policy.kind()), (text.as_str(), PolicyKind::Session));
}

/// Whether an identity policy with this `Action` or `NotAction` covers the action.
#[track_caller]
fn check_action(element: &str, action: &str, expected: bool) {
    let text = statement(&format!(r#""Effect": "Allow", {element}, "Resource": "*""#));
    let policy = Policy::parse(&text, PolicyKind::Identity).expect("a policy");
    let principal = Principal::User { account: String::new(), arn: String::new() };
    let context = Context::new();
    let request = Request {
        principal: &principal,
        action,
        resource: "*",
        resource_account: None,
        context: &context,
    };
    let policies =
        Policies { identity: vec![LabelledPolicy::new("p", &policy)], ..Policies::default() };
    assert_eq!(evaluate(&request, &policies).allowed(), expected, "{element} ~ {action}");
}

#[test]
fn actions_compare_ignoring_case_with_wildcards() {
    check_action(r#""Action": "S3:getobject""#, "s3:GetObject", true);
    check_action(r#""Action": "s3:Get*""#, "s3:GetObjectAcl", true);
    check_action(r#""Action": "s3:GetObjec?""#, "s3:GetObject", true);
    check_action(r#""Action": "s3:Get""#, "s3:GetObject", false);
    check_action(r#""Action": "s3:*""#, "s3express:CreateSession", false);
    check_action(r#""Action": ["iam:*", "s3:*"]"#, "s3:PutObject", true);
    check_action(r#""Action": "*:*""#, "sts:AssumeRole", true);
}

#[test]
fn not_action_means_every_other_action() {
    check_action(r#""NotAction": "iam:*""#, "s3:GetObject", true);
    check_action(r#""NotAction": "IAM:*""#, "iam:CreateUser", false);
    check_action(r#""NotAction": ["iam:*", "s3:*"]"#, "s3:GetObject", false);
}
