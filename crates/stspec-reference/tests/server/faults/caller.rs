//! Faults about who may mint and pass tags.

use stspec_reference::Fault;

use super::{Case, broker, mint_with, shown};
use crate::client::{ALLOW_ALL, Server};

const TAG: [(&str, &str); 2] = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "blue")];

/// A statement with an effect and more of these elements.
fn effect(effect: &str, rest: &str) -> String {
    format!(r#"{{"Effect": "{effect}", {rest}}}"#)
}

fn minting(rest: &str) -> String {
    effect("Allow", &format!(r#""Action": "sts:GetFederationToken", {rest}"#))
}

fn tagging(rest: &str) -> String {
    effect("Allow", &format!(r#""Action": "sts:TagSession", {rest}"#))
}

/// Mints with a tag as a user who may mint, and who has this statement as well.
fn tag_with(server: &Server, statement: &str) -> String {
    let list = [minting(ANY), statement.to_owned()].join(", ");
    let user =
        server.user("limited", &format!(r#"{{"Version": "2012-10-17", "Statement": [{list}]}}"#));
    shown(&server.mint(&user, &TAG))
}

const ANY: &str = r#""Resource": "*""#;
const TEAM_RED: &str = r#""Condition": {"StringEquals": {"aws:RequestTag/team": "red"}}"#;
const TEAM_BLUE: &str = r#""Condition": {"StringEquals": {"aws:RequestTag/team": "blue"}}"#;
const MFA: &str = r#""Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#;
const NO_MFA: &str = r#""Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}"#;

/// A policy that allows everything of S3.
fn without_sts() -> String {
    allow("s3:*")
}

fn allow(action: &str) -> String {
    let statement = effect("Allow", &format!(r#""Action": "{action}", {ANY}"#));
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#)
}

/// Makes a managed policy that allows these actions, and puts it to use for a user.
fn managed_by(server: &Server, user: &str, action: &str, call: &str, member: &str) {
    let document = allow(action);
    let made =
        server.iam("CreatePolicy", &[("PolicyName", "managed"), ("PolicyDocument", &document)]);
    server.iam(call, &[("UserName", user), (member, made.text("Arn"))]);
}

/// A resource that ends in this federated user's name.
fn on(name: &str) -> String {
    format!(r#""Resource": "arn:aws:sts::*:federated-user/{name}""#)
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
pub(super) fn cases() -> Vec<Case> {
    let denied = "403 AccessDenied";
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        case(
            Fault::GetSessionTokenNeedsPermission,
            |s| {
                let user = s.user("limited", &without_sts());
                shown(&s.sts(&user, "GetSessionToken", &[]))
            },
            "200",
            denied,
        ),
        case(
            Fault::MintActionCaseSensitive,
            |s| {
                let action = r#""Action": "STS:getfederationtoken""#;
                mint_with(s, &[effect("Allow", &format!("{action}, {ANY}"))])
            },
            "200",
            denied,
        ),
        case(
            Fault::MintActionPrefixIgnored,
            |s| {
                let action = r#""Action": ["sts:Get*"]"#;
                mint_with(s, &[effect("Allow", &format!("{action}, {ANY}"))])
            },
            "200",
            denied,
        ),
        case(
            Fault::MintBoundaryGrants,
            |s| {
                let user = s.user("limited", &without_sts());
                managed_by(
                    s,
                    "limited",
                    "sts:*",
                    "PutUserPermissionsBoundary",
                    "PermissionsBoundary",
                );
                shown(&s.mint(&user, &[]))
            },
            denied,
            "200",
        ),
        case(
            Fault::MintBoundaryIgnored,
            |s| {
                let user = broker(s);
                managed_by(
                    s,
                    "broker",
                    "s3:*",
                    "PutUserPermissionsBoundary",
                    "PermissionsBoundary",
                );
                shown(&s.mint(&user, &[]))
            },
            denied,
            "200",
        ),
        case(
            Fault::MintManagedPoliciesIgnored,
            |s| {
                let user = s.user("limited", &without_sts());
                managed_by(s, "limited", "sts:*", "AttachUserPolicy", "PolicyArn");
                shown(&s.mint(&user, &[]))
            },
            "200",
            denied,
        ),
        case(
            Fault::MintConditionIgnored,
            |s| mint_with(s, &[minting(&format!("{ANY}, {MFA}"))]),
            denied,
            "200",
        ),
        case(
            Fault::MintConditionNeverMet,
            |s| mint_with(s, &[minting(&format!("{ANY}, {NO_MFA}"))]),
            "200",
            denied,
        ),
        case(
            Fault::MintNotActionIgnored,
            |s| mint_with(s, &[effect("Allow", &format!(r#""NotAction": "iam:*", {ANY}"#))]),
            "200",
            denied,
        ),
        case(
            Fault::MintNotResourceIgnored,
            |s| mint_with(s, &[minting(r#""NotResource": "arn:aws:sts::*:federated-user/chief""#)]),
            "200",
            denied,
        ),
        case(
            Fault::MintQuestionMarkGreedy,
            |s| mint_with(s, &[minting(&on("s?c"))]),
            denied,
            "200",
        ),
        case(
            Fault::MintQuestionMarkLiteral,
            |s| mint_with(s, &[minting(&on("stspe?"))]),
            "200",
            denied,
        ),
        case(
            Fault::MintVariablesLiteral,
            |s| {
                let user = s.user(
                    "stspec",
                    &format!(
                        r#"{{"Version": "2012-10-17", "Statement": {}}}"#,
                        minting(&on("${aws:username}"))
                    ),
                );
                shown(&s.mint(&user, &[]))
            },
            "200",
            denied,
        ),
        case(
            Fault::MintVariablesMatchAnything,
            |s| mint_with(s, &[minting(&on("${aws:username}"))]),
            denied,
            "200",
        ),
        case(
            Fault::PermissionBeforeValidation,
            |s| {
                let user = s.user("limited", &ALLOW_ALL.replacen("Allow", "Deny", 1));
                shown(&s.mint(&user, &[("DurationSeconds", "1")]))
            },
            "400 ValidationError",
            denied,
        ),
        case(
            Fault::TagConditionIgnored,
            |s| tag_with(s, &tagging(&format!("{ANY}, {TEAM_RED}"))),
            denied,
            "200",
        ),
        case(
            Fault::TagConditionNeverMet,
            |s| tag_with(s, &tagging(&format!("{ANY}, {TEAM_BLUE}"))),
            "200",
            denied,
        ),
        case(Fault::TagSessionAlwaysRefused, |s| tag_with(s, &tagging(ANY)), "200", denied),
        case(Fault::TagSessionStarOnly, |s| tag_with(s, &tagging(&on("stspec"))), "200", denied),
        case(Fault::TagSessionUnchecked, |s| tag_with(s, &tagging(&on("other"))), denied, "200"),
        case(Fault::UserRefused, |s| shown(&s.mint(&broker(s), &[])), "200", denied),
    ]
}
