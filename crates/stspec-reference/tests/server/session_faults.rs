//! Every fault about the powers of federated sessions shows, and shows where it says.

use stspec_reference::Fault;

use crate::client::{ALLOW_ALL, Keys, Server};

/// A look at what a session may do: what an honest server shows, and what a faulty one.
struct Case {
    fault: Fault,
    look: fn(&Server) -> String,
    honest: &'static str,
    faulty: &'static str,
}

/// The faults that are shown here.
pub(crate) fn shown() -> impl Iterator<Item = Fault> {
    cases().into_iter().map(|case| case.fault)
}

#[test]
fn every_fault_about_sessions_changes_what_its_case_looks_at() {
    let mut surprises = Vec::new();
    for Case { fault, look, honest, faulty } in cases() {
        let seen = (look(&Server::honest()), look(&Server::with(fault)));
        if seen != (honest.to_owned(), faulty.to_owned()) {
            surprises.push((fault, seen));
        }
    }
    assert_eq!(surprises, []);
}

const KEY: &str = "probe";
const MINT_ONLY: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}"#;

/// Puts an object into a bucket of its own.
fn stock(server: &Server, key: &str) {
    let root = server.root();
    server.s3(&root, "PUT", "/stage", "");
    assert_eq!(server.s3(&root, "PUT", &format!("/stage/{key}"), "content").status, 200);
}

fn filled(server: &Server, text: &str) -> String {
    text.replace("ACCOUNT", server.reference.account().as_str())
}

fn bob(server: &Server, issuer: &Keys, policy: Option<&str>, tags: &[(&str, &str)]) -> Keys {
    let policy = policy.map(|policy| filled(server, policy));
    let mut params = vec![("Name".to_owned(), "Bob".to_owned())];
    params.extend(policy.map(|policy| ("Policy".to_owned(), policy)));
    for (index, (key, value)) in tags.iter().enumerate() {
        params.push((format!("Tags.member.{}.Key", index + 1), (*key).to_owned()));
        params.push((format!("Tags.member.{}.Value", index + 1), (*value).to_owned()));
    }
    let params: Vec<(&str, &str)> =
        params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    server.sts(issuer, "GetFederationToken", &params).keys()
}

fn read(server: &Server, keys: &Keys, key: &str) -> String {
    server.s3(keys, "GET", &format!("/stage/{key}"), "").status.to_string()
}

/// Reads `key` as a session with this policy, whose issuer may do everything.
fn with_document(server: &Server, policy: &str, tags: &[(&str, &str)], key: &str) -> String {
    stock(server, key);
    let broker = server.user("broker", ALLOW_ALL);
    read(server, &bob(server, &broker, Some(policy), tags), key)
}

fn with_statements(server: &Server, statements: &str, tags: &[(&str, &str)], key: &str) -> String {
    let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    with_document(server, &policy, tags, key)
}

/// Reads with a session policy that allows all under a condition.
fn on(server: &Server, condition: &str) -> String {
    tagged(server, &[], condition)
}

fn tagged(server: &Server, tags: &[(&str, &str)], condition: &str) -> String {
    let statement = format!(
        r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#
    );
    with_statements(server, &statement, tags, KEY)
}

/// Reads with a session policy that allows reading these resources, written as JSON.
fn of(server: &Server, resource: &str, tags: &[(&str, &str)], key: &str) -> String {
    let statement =
        format!(r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {resource}}}"#);
    with_statements(server, &statement, tags, key)
}

/// Puts a policy on the bucket.
fn bucket_policy(server: &Server, statement: &str) {
    let policy =
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, filled(server, statement));
    let reply = server.s3(&server.root(), "PUT", "/stage?policy", &policy);
    assert!(reply.status < 300, "{}", reply.body);
}

/// Reads as a session of `issuer`'s policy under a bucket policy about reading.
fn guarded(
    server: &Server,
    issuer: &str,
    session: Option<&str>,
    (effect, principal, more): (&str, &str, &str),
) -> String {
    stock(server, KEY);
    let broker = server.user("broker", issuer);
    bucket_policy(
        server,
        &format!(
            r#"{{"Effect": "{effect}", {principal}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::stage/{KEY}"{more}}}"#
        ),
    );
    read(server, &bob(server, &broker, session, &[]), KEY)
}

const SESSION: &str = r#""Principal": {"AWS": "arn:aws:sts::ACCOUNT:federated-user/Bob"}"#;
const ALICE: &str = r#""Principal": {"AWS": "arn:aws:sts::ACCOUNT:federated-user/Alice"}"#;
const BROKER: &str = r#""Principal": {"AWS": "arn:aws:iam::ACCOUNT:user/broker"}"#;
const THE_ACCOUNT: &str = r#""Principal": {"AWS": "ACCOUNT"}"#;
const EVERYONE: &str = r#""Principal": "*""#;
const ALL_BUT_ALICE: &str =
    r#""NotPrincipal": {"AWS": "arn:aws:sts::ACCOUNT:federated-user/Alice"}"#;
const ON_A_USER: &str = r#", "Condition": {"StringEquals": {"aws:PrincipalType": "User"}}"#;
const DENY_READING: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]}"#;

/// What a denied session is told.
fn told(server: &Server) -> String {
    stock(server, KEY);
    let session = bob(server, &server.user("broker", ALLOW_ALL), None, &[]);
    let reply = server.s3(&session, "GET", &format!("/stage/{KEY}"), "");
    let message = reply.text("Message").replace(server.reference.account().as_str(), "ACCOUNT");
    let who = message.split(' ').nth(1).unwrap_or_default().to_owned();
    let why = if message.contains(" because ") { "because" } else { "without a reason" };
    format!("{who} {why}")
}

/// What a session of fifteen minutes is told that asks who it is at each of these seconds.
fn lives(server: &Server, seconds: &[i64], spoil: fn(Keys) -> Keys) -> String {
    let broker = server.user("broker", ALLOW_ALL);
    let keys = spoil(server.mint(&broker, &[("DurationSeconds", "900")]).keys());
    let mut told = String::new();
    for second in seconds {
        server.advance(*second);
        let reply = server.sts(&keys, "GetCallerIdentity", &[]);
        told = match reply.status {
            200 => "200".to_owned(),
            status => format!("{status} {}", reply.refusal().1),
        };
    }
    told
}

const FOR_TEAM_A: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Action": "*", "Resource": "*",
    "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}}"#;

/// Reads as a session of a user that may do everything, after a change.
fn changed(
    server: &Server,
    policy: Option<&str>,
    tags: &[(&str, &str)],
    change: fn(&Server),
) -> String {
    stock(server, KEY);
    let session = bob(server, &server.user("broker", ALLOW_ALL), policy, tags);
    change(server);
    read(server, &session, KEY)
}

fn tag_issuer(server: &Server, team: &str) {
    let tag = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", team)];
    server.iam("TagUser", &[&[("UserName", "broker")], &tag[..]].concat());
}

/// Reads with an inline and a managed session policy.
fn managed(server: &Server, inline: &str, arn: &str) -> String {
    stock(server, KEY);
    let broker = server.user("broker", ALLOW_ALL);
    let params = [("Name", "Bob"), ("Policy", inline), ("PolicyArns.member.1.arn", arn)];
    read(server, &server.sts(&broker, "GetFederationToken", &params).keys(), KEY)
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
fn cases() -> Vec<Case> {
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        // Context keys.
        case(
            Fault::PrincipalArnOfIssuer,
            |s| on(s, r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:federated-user/Bob"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::UseridOfIssuer,
            |s| on(s, r#"{"StringEquals": {"aws:userid": "ACCOUNT:Bob"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::UsernameOfIssuer,
            |s| on(s, r#"{"StringEquals": {"aws:username": "broker"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::PrincipalTypeUser,
            |s| on(s, r#"{"StringEquals": {"aws:PrincipalType": "User"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::PrincipalAccountMissing,
            |s| on(s, r#"{"StringEquals": {"aws:PrincipalAccount": "ACCOUNT"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::TokenIssueTimeMissing,
            |s| on(s, r#"{"Null": {"aws:TokenIssueTime": "true"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::MfaKeyMissing,
            |s| on(s, r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::MfaKeyTrue,
            |s| on(s, r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::MfaAgePresent,
            |s| on(s, r#"{"NumericLessThan": {"aws:MultiFactorAuthAge": "9"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::FederatedProviderPresent,
            |s| on(s, r#"{"Null": {"aws:FederatedProvider": "true"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::SourceIdentityPresent,
            |s| on(s, r#"{"Null": {"aws:SourceIdentity": "true"}}"#),
            "200",
            "403",
        ),
        // Conditions of a session policy.
        case(
            Fault::SessionConditionsIgnored,
            |s| on(s, r#"{"Null": {"aws:PrincipalType": "true"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::SessionFirstConditionOnly,
            |s| {
                let both = r#"{"aws:PrincipalAccount": "ACCOUNT", "aws:PrincipalType": "User"}"#;
                on(s, &format!(r#"{{"StringEquals": {both}}}"#))
            },
            "403",
            "200",
        ),
        case(
            Fault::SessionStringEqualsLike,
            |s| on(s, r#"{"StringEquals": {"aws:PrincipalType": "Fed*"}}"#),
            "403",
            "200",
        ),
        case(
            Fault::SessionStringEqualsIgnoresCase,
            |s| on(s, r#"{"StringEquals": {"aws:PrincipalType": "federateduser"}}"#),
            "403",
            "200",
        ),
        // Tags.
        case(
            Fault::SessionTagsIgnored,
            |s| tagged(s, &[("team", "a")], r#"{"StringEquals": {"aws:PrincipalTag/team": "a"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::SessionTagValuesLowercased,
            |s| tagged(s, &[("team", "A")], r#"{"StringEquals": {"aws:PrincipalTag/team": "A"}}"#),
            "200",
            "403",
        ),
        case(
            Fault::SessionTagKeysCaseSensitive,
            |s| tagged(s, &[("Team", "a")], r#"{"StringEquals": {"aws:PrincipalTag/team": "a"}}"#),
            "200",
            "403",
        ),
        // Elements of a session policy.
        case(
            Fault::SessionNotActionInverted,
            |s| {
                let all_but =
                    r#"{"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}"#;
                with_statements(s, all_but, &[], KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::SessionNotResourceInverted,
            |s| {
                let all_but = r#"{"Effect": "Allow", "Action": "*",
                    "NotResource": "arn:aws:s3:::stage/probe"}"#;
                with_statements(s, all_but, &[], KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::SessionActionCaseSensitive,
            |s| {
                let statement = r#"{"Effect": "Allow", "Action": "S3:getobject", "Resource": "*"}"#;
                with_statements(s, statement, &[], KEY)
            },
            "200",
            "403",
        ),
        case(
            Fault::SessionFirstElementOnly,
            |s| of(s, r#"["arn:aws:s3:::other/*", "arn:aws:s3:::stage/*"]"#, &[], KEY),
            "200",
            "403",
        ),
        case(
            Fault::SessionFirstStatementOnly,
            |s| {
                let first = r#"{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}"#;
                let second = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
                with_statements(s, &format!("{first}, {second}"), &[], KEY)
            },
            "200",
            "403",
        ),
        case(
            Fault::SessionDenyBeforeAllowIgnored,
            |s| {
                let deny = r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#;
                let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
                with_statements(s, &format!("{deny}, {allow}"), &[], KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::SessionQuestionMarkLiteral,
            |s| of(s, r#""arn:aws:s3:::stage/prob?""#, &[], KEY),
            "200",
            "403",
        ),
        case(
            Fault::SessionQuestionMarkOptional,
            |s| of(s, r#""arn:aws:s3:::stage/probe?""#, &[], KEY),
            "403",
            "200",
        ),
        case(
            Fault::SessionResourcesIgnoreCase,
            |s| of(s, r#""arn:aws:s3:::stage/PROBE""#, &[], KEY),
            "403",
            "200",
        ),
        case(
            Fault::SessionStarWithinSlashes,
            |s| of(s, r#""arn:aws:s3:::stage/d*n""#, &[], "deep/down"),
            "200",
            "403",
        ),
        // Variables.
        case(
            Fault::SessionVariablesLiteral,
            |s| of(s, r#""arn:aws:s3:::stage/${aws:PrincipalTag/k}""#, &[("k", KEY)], KEY),
            "200",
            "403",
        ),
        case(
            Fault::SessionVariablesWild,
            |s| of(s, r#""arn:aws:s3:::stage/${aws:PrincipalTag/k}""#, &[("k", "other")], KEY),
            "403",
            "200",
        ),
        case(
            Fault::SessionVariablesAlways,
            |s| {
                let old = r#"{"Version": "2008-10-17", "Statement": [{"Effect": "Allow",
                    "Action": "*", "Resource": "arn:aws:s3:::stage/${aws:PrincipalTag/k}"}]}"#;
                with_document(s, old, &[("k", KEY)], KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::SessionMissingVariableEmpty,
            |s| of(s, r#""arn:aws:s3:::stage/probe${aws:PrincipalTag/k}""#, &[], KEY),
            "403",
            "200",
        ),
        case(
            Fault::SessionVariableDefaultIgnored,
            |s| of(s, r#""arn:aws:s3:::stage/${aws:PrincipalTag/k, 'probe'}""#, &[], KEY),
            "200",
            "403",
        ),
        // Bucket policies.
        case(
            Fault::ResourceGrantBeatsSessionDeny,
            |s| guarded(s, ALLOW_ALL, Some(DENY_READING), ("Allow", SESSION, "")),
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyAccountBypasses,
            |s| guarded(s, ALLOW_ALL, None, ("Allow", THE_ACCOUNT, "")),
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyConditionsIgnored,
            |s| guarded(s, ALLOW_ALL, None, ("Allow", SESSION, ON_A_USER)),
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyDenyAccountIgnored,
            |s| guarded(s, ALLOW_ALL, Some(ALLOW_ALL), ("Deny", THE_ACCOUNT, "")),
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyDenyHitsEverySession,
            |s| guarded(s, ALLOW_ALL, Some(ALLOW_ALL), ("Deny", ALICE, "")),
            "200",
            "403",
        ),
        case(
            Fault::ResourcePolicyDenyUserIgnored,
            |s| guarded(s, ALLOW_ALL, Some(ALLOW_ALL), ("Deny", BROKER, "")),
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyUserIgnored,
            |s| guarded(s, MINT_ONLY, Some(ALLOW_ALL), ("Allow", BROKER, "")),
            "200",
            "403",
        ),
        case(
            Fault::ResourcePolicyPrincipalWildcards,
            |s| {
                stock(s, KEY);
                let policy = format!(
                    r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
                        "Principal": {{"AWS": "arn:aws:sts::ACCOUNT:federated-user/B*"}},
                        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::stage/{KEY}"}}]}}"#
                );
                let policy = filled(s, &policy);
                let put = s.s3(&s.root(), "PUT", "/stage?policy", &policy).status;
                let bob = bob(s, &s.user("broker", MINT_ONLY), None, &[]);
                format!("{put} {}", read(s, &bob, KEY))
            },
            "400 403",
            "204 200",
        ),
        case(
            Fault::BucketPolicyOutlivesDeletion,
            |s| {
                guarded(s, MINT_ONLY, None, ("Allow", SESSION, ""));
                assert_eq!(s.s3(&s.root(), "DELETE", "/stage?policy", "").status, 204);
                read(s, &bob(s, &s.user("another", MINT_ONLY), None, &[]), KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::TokenIssueTimeForUsers,
            |s| {
                stock(s, KEY);
                let temporary_only = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                    "Action": "s3:*", "Resource": "*",
                    "Condition": {"Null": {"aws:TokenIssueTime": "false"}}}]}"#;
                read(s, &s.user("broker", temporary_only), KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::ResourcePolicyEveryoneIgnored,
            |s| guarded(s, ALLOW_ALL, None, ("Allow", EVERYONE, "")),
            "200",
            "403",
        ),
        case(
            Fault::ResourcePolicySessionNeedsIssuer,
            |s| guarded(s, MINT_ONLY, None, ("Allow", SESSION, "")),
            "200",
            "403",
        ),
        case(
            Fault::ResourcePolicySessionUnlimited,
            |s| {
                guarded(s, ALLOW_ALL, None, ("Allow", SESSION, ""));
                assert_eq!(s.s3(&s.root(), "PUT", "/stage/other", "x").status, 200);
                let broker = s.user("another", ALLOW_ALL);
                read(s, &bob(s, &broker, None, &[]), "other")
            },
            "403",
            "200",
        ),
        case(
            Fault::NotPrincipalIgnored,
            |s| guarded(s, ALLOW_ALL, Some(ALLOW_ALL), ("Deny", ALL_BUT_ALICE, "")),
            "403",
            "200",
        ),
        // Sessions as such.
        case(Fault::SessionsAlwaysDenied, |s| of(s, r#""*""#, &[], KEY), "200", "403"),
        case(
            Fault::RootSessionUnlimited,
            |s| {
                stock(s, KEY);
                read(s, &bob(s, &s.root(), None, &[]), KEY)
            },
            "403",
            "200",
        ),
        case(
            Fault::IssuerByName,
            |s| {
                stock(s, KEY);
                let first = bob(s, &s.user("broker", ALLOW_ALL), Some(ALLOW_ALL), &[]);
                bob(s, &s.user("limited", MINT_ONLY), Some(ALLOW_ALL), &[]);
                read(s, &first, KEY)
            },
            "200",
            "403",
        ),
        case(
            Fault::SessionTermsByName,
            |s| {
                stock(s, KEY);
                let broker = s.user("broker", ALLOW_ALL);
                let first = bob(s, &broker, Some(ALLOW_ALL), &[]);
                bob(s, &broker, Some(MINT_ONLY), &[]);
                read(s, &first, KEY)
            },
            "200",
            "403",
        ),
        // The issuer, as it is now.
        case(
            Fault::BoundaryLimitsResourceGrants,
            |s| {
                stock(s, KEY);
                let broker = s.user("broker", ALLOW_ALL);
                let boundary = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
                let bound = [("UserName", "broker"), ("PermissionsBoundary", boundary)];
                let bob = bob(s, &broker, None, &[]);
                s.iam("PutUserPermissionsBoundary", &bound);
                bucket_policy(
                    s,
                    &format!(
                        r#"{{"Effect": "Allow", {SESSION}, "Action": "s3:GetObject",
                            "Resource": "arn:aws:s3:::stage/{KEY}"}}"#
                    ),
                );
                read(s, &bob, KEY)
            },
            "200",
            "403",
        ),
        case(
            Fault::IdentityConditionsIgnoredForSessions,
            |s| {
                let issuer = r#"{"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "*", "Resource": "*"},
                    {"Effect": "Deny", "Action": "s3:*", "Resource": "*",
                     "Condition": {"Null": {"aws:PrincipalType": "true"}}}]}"#;
                stock(s, KEY);
                read(s, &bob(s, &s.user("broker", issuer), Some(ALLOW_ALL), &[]), KEY)
            },
            "200",
            "403",
        ),
        case(
            Fault::IssuerFrozenAtMint,
            |s| {
                changed(s, Some(ALLOW_ALL), &[], |s| {
                    let put = [("PolicyName", "inline"), ("PolicyDocument", MINT_ONLY)];
                    s.iam("PutUserPolicy", &[&[("UserName", "broker")], &put[..]].concat());
                })
            },
            "403",
            "200",
        ),
        case(
            Fault::IssuerTagWins,
            |s| changed(s, Some(FOR_TEAM_A), &[("team", "a")], |s| tag_issuer(s, "b")),
            "200",
            "403",
        ),
        case(
            Fault::IssuerTagsIgnoredForSessions,
            |s| changed(s, Some(FOR_TEAM_A), &[], |s| tag_issuer(s, "a")),
            "200",
            "403",
        ),
        case(
            Fault::SessionOutlivesUser,
            |s| {
                changed(s, Some(ALLOW_ALL), &[], |s| {
                    let keys = s.iam("ListAccessKeys", &[("UserName", "broker")]);
                    let id = ("AccessKeyId", keys.text("AccessKeyId"));
                    s.iam("DeleteAccessKey", &[("UserName", "broker"), id]);
                    let inline = [("UserName", "broker"), ("PolicyName", "inline")];
                    s.iam("DeleteUserPolicy", &inline);
                    s.iam("DeleteUser", &[("UserName", "broker")]);
                })
            },
            "403",
            "200",
        ),
        // Managed session policies.
        case(
            Fault::ManagedSessionDenyIgnored,
            |s| {
                let deny = [("PolicyName", "deny"), ("PolicyDocument", DENY_READING)];
                let arn = s.iam("CreatePolicy", &deny).text("Arn").to_owned();
                managed(s, ALLOW_ALL, &arn)
            },
            "403",
            "200",
        ),
        case(
            Fault::ManagedSessionPoliciesIgnored,
            |s| managed(s, MINT_ONLY, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
            "200",
            "403",
        ),
        case(
            Fault::SessionPoliciesIntersect,
            |s| managed(s, MINT_ONLY, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"),
            "200",
            "403",
        ),
        // How long a session lives.
        case(Fault::SessionEndsEarly, |s| lives(s, &[870], |keys| keys), "200", "403 ExpiredToken"),
        case(
            Fault::SessionExtendedByUse,
            |s| lives(s, &[450, 901], |keys| keys),
            "403 ExpiredToken",
            "200",
        ),
        case(
            Fault::SignatureBeforeExpiry,
            |s| lives(s, &[901], |keys| Keys { secret: "wrong".to_owned(), ..keys }),
            "403 ExpiredToken",
            "403 SignatureDoesNotMatch",
        ),
        // What a session is told.
        case(
            Fault::DenialNamesIssuer,
            told,
            "arn:aws:sts::ACCOUNT:federated-user/Bob because",
            "arn:aws:iam::ACCOUNT:user/broker because",
        ),
        case(
            Fault::DenialWithoutReason,
            told,
            "arn:aws:sts::ACCOUNT:federated-user/Bob because",
            "arn:aws:sts::ACCOUNT:federated-user/Bob without a reason",
        ),
        case(
            Fault::IamMessageWithPeriod,
            |s| {
                let session = bob(s, &s.user("broker", ALLOW_ALL), None, &[]);
                s.ask_iam(&session, "ListUsers", &[]).text("Message").ends_with('.').to_string()
            },
            "false",
            "true",
        ),
    ]
}
