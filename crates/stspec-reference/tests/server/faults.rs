//! Every fault shows, and shows where it says.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use stspec_reference::Fault;

use crate::client::{ALLOW_ALL, Call, Keys, Reply, Server, signature};
use crate::session_faults;

mod authentication;
mod caller;
mod shapes;
mod wire;

/// A look at a server that a fault changes: what an honest one shows, and what a faulty one.
struct Case {
    fault: Fault,
    look: fn(&Server) -> String,
    honest: &'static str,
    faulty: &'static str,
}

/// Shown in `sessions.rs` instead, with buckets.
const SHOWN_BY_SESSIONS: &[Fault] = &[
    Fault::NoPolicyInheritsIssuer,
    Fault::SessionPolicyIgnored,
    Fault::SessionPolicyEscalates,
    Fault::SessionDenyIgnored,
    Fault::IdentityDenyIgnoredForSessions,
    Fault::BoundaryIgnoredForSessions,
    Fault::ResourcePolicySessionIgnored,
    Fault::ResourcePolicyUserBypasses,
    Fault::ResourcePolicyDenyIgnored,
];

/// Shown in `control.rs` instead, with a client that gives up.
const SHOWN_BY_CONTROL: &[Fault] = &[Fault::NullSilent];

/// Shown in `regions.rs` instead, with regions in which STS is switched off.
const SHOWN_BY_REGIONS: &[Fault] = &[
    Fault::IdentityRefusedInDisabledRegion,
    Fault::RegionDisabledCode,
    Fault::RegionDisabledIgnored,
    Fault::RegionDisabledStatus,
];

/// Shown in `revision.rs` instead, at the revision that they concern.
const SHOWN_BY_REVISION: &[Fault] = &[
    Fault::PackedSizeNotUtilisation,
    Fault::TokenMinimumIgnored,
    Fault::TokenMinimumUnchecked,
    Fault::TokenSizeTooHigh,
    Fault::TokenSizesMissing,
];

#[test]
fn every_fault_has_a_case() {
    let here = all_cases().map(|case| case.fault);
    let cases: BTreeSet<Fault> = here.chain(session_faults::shown()).collect();
    let elsewhere =
        [SHOWN_BY_SESSIONS, SHOWN_BY_CONTROL, SHOWN_BY_REGIONS, SHOWN_BY_REVISION].concat();
    let missing =
        Fault::ALL.iter().filter(|fault| !cases.contains(fault) && !elsewhere.contains(fault));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&Fault>::new());
}

#[test]
fn every_fault_changes_what_its_case_looks_at() {
    let mut surprises = Vec::new();
    for Case { fault, look, honest, faulty } in all_cases() {
        let seen = (look(&Server::honest()), look(&Server::with(fault)));
        if seen != (honest.to_owned(), faulty.to_owned()) {
            surprises.push((fault, seen));
        }
    }
    assert_eq!(surprises, []);
}

fn all_cases() -> impl Iterator<Item = Case> {
    let families = [authentication::cases(), caller::cases(), shapes::cases(), wire::cases()];
    cases().into_iter().chain(families.into_iter().flatten())
}

fn broker(server: &Server) -> Keys {
    server.user("broker", ALLOW_ALL)
}

fn shown(reply: &Reply) -> String {
    match reply.status {
        200 => "200".to_owned(),
        status => format!("{status} {}", reply.refusal().1),
    }
}

/// Mints as a user who may do everything.
fn mint(server: &Server, params: &[(&str, &str)]) -> Reply {
    server.mint(&broker(server), params)
}

fn named(server: &Server, name: &str) -> String {
    shown(&server.sts(&broker(server), "GetFederationToken", &[("Name", name)]))
}

fn with_policy(server: &Server, policy: &str) -> String {
    shown(&mint(server, &[("Policy", policy)]))
}

fn for_seconds(server: &Server, seconds: &str) -> String {
    shown(&mint(server, &[("DurationSeconds", seconds)]))
}

/// What a session is told after its end.
fn expired(server: &Server, keys: &Keys) -> String {
    let moved = server.advance(12 * 3600 + 1);
    assert_eq!(moved.status, 200, "{}", moved.body);
    shown(&identity(server, keys))
}

/// Who a user is told to be, whatever the answer looks like.
fn as_user(server: &Server) -> Reply {
    identity(server, &broker(server))
}

fn with_tags(server: &Server, count: usize) -> String {
    let keys: Vec<(String, String)> = (1..=count)
        .map(|number| (format!("Tags.member.{number}.Key"), format!("k{number}")))
        .collect();
    let values: Vec<String> =
        (1..=count).map(|number| format!("Tags.member.{number}.Value")).collect();
    let mut params: Vec<(&str, &str)> =
        keys.iter().map(|(name, key)| (name.as_str(), key.as_str())).collect();
    params.extend(values.iter().map(|name| (name.as_str(), "")));
    shown(&mint(server, &params))
}

/// What two sessions of long names that begin alike may read, of which only the first may.
fn policies_by_name(server: &Server) -> String {
    let user = broker(server);
    let root = server.root();
    server.s3(&root, "PUT", "/shelf", "");
    server.s3(&root, "PUT", "/shelf/book", "text");
    let read = |name: &str, resource: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement":
                [{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "{resource}"}}]}}"#
        );
        let params = [("Name", name), ("Policy", &policy)];
        let session = server.sts(&user, "GetFederationToken", &params).keys();
        shown(&server.s3(&session, "GET", "/shelf/book", ""))
    };
    let first = read("sixteen-characters-one", "*");
    format!("{first} {}", read("sixteen-characters-two", "arn:aws:s3:::elsewhere/*"))
}

/// How long a session lasts, in seconds.
fn lasts(server: &Server, keys: &Keys, params: &[(&str, &str)]) -> String {
    let reply = server.mint(keys, params);
    let Some(text) = reply.element("Expiration") else { return shown(&reply) };
    let until: jiff::Timestamp = text.parse().unwrap();
    let date = jiff::fmt::rfc2822::parse(reply.header("date").unwrap()).unwrap().timestamp();
    // The answer may be written in the second after the one in which it was minted.
    let seconds = until.as_second() - date.as_second();
    (if seconds % 2 == 1 { seconds + 1 } else { seconds }).to_string()
}

fn padded(policy: &str, chars: usize) -> String {
    format!("{policy}{}", " ".repeat(chars - policy.chars().count()))
}

fn statement(effect: &str, resource: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", "Action": "sts:GetFederationToken", "Resource": "{resource}"}}"#
    )
}

/// Mints as a user with these statements.
fn mint_with(server: &Server, statements: &[String]) -> String {
    let list = statements.join(", ");
    let user =
        server.user("limited", &format!(r#"{{"Version": "2012-10-17", "Statement": [{list}]}}"#));
    shown(&server.mint(&user, &[]))
}

fn federated(server: &Server) -> Keys {
    mint(server, &[("Policy", ALLOW_ALL)]).keys()
}

fn identity(server: &Server, keys: &Keys) -> Reply {
    server.sts(keys, "GetCallerIdentity", &[])
}

fn asked(server: &Server, change: impl FnOnce(&mut Call), keys: Option<&Keys>) -> String {
    let mut call = server.query("GetCallerIdentity", &[], "2011-06-15");
    change(&mut call);
    shown(&server.send(&call, keys))
}

/// The start of an ARN or id, which tells whose it is.
fn kind_of(text: &str) -> String {
    let account = "424242424242";
    let text = text.replace(account, "ACCOUNT");
    if text.starts_with("AIDA") { "AIDA".to_owned() } else { text }
}

fn id_of(reply: &Reply) -> String {
    let mut parts = reply.text("FederatedUserId").split(':');
    kind_of(parts.next().unwrap())
}

fn distinct_ids(server: &Server) -> String {
    let user = broker(server);
    let (one, other) = (server.mint(&user, &[]).keys(), server.mint(&user, &[]).keys());
    assert!([&one, &other].iter().all(|keys| identity(server, keys).status == 200));
    (one.id != other.id).to_string()
}

fn tampered(server: &Server) -> String {
    let mut call = server.query("GetCallerIdentity", &[], "2011-06-15");
    call.headers.insert(0, ("host".to_owned(), server.host()));
    let signed = signature(&server.host(), &call, &server.root());
    call.headers.extend(signed);
    call.headers.remove(0);
    call.body.extend(b"&Extra=1");
    shown(&server.send(&call, None))
}

/// Mints with credentials of a role that may do everything.
fn role_session_mints(server: &Server) -> String {
    let user = broker(server);
    let account = server.reference.account();
    let trust = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {{"AWS": "arn:aws:iam::{account}:user/broker"}}}}]}}"#
    );
    server.iam("CreateRole", &[("RoleName", "worker"), ("AssumeRolePolicyDocument", &trust)]);
    let all = [("RoleName", "worker"), ("PolicyName", "all"), ("PolicyDocument", ALLOW_ALL)];
    server.iam("PutRolePolicy", &all);
    let arn = format!("arn:aws:iam::{account}:role/worker");
    let named = [("RoleArn", arn.as_str()), ("RoleSessionName", "s1")];
    shown(&server.mint(&server.sts(&user, "AssumeRole", &named).keys(), &[]))
}

/// What a null server does to somebody, and to root asking who it is.
fn for_user_and_root(server: &Server) -> String {
    let user = broker(server);
    let reply = server.mint(&user, &[]);
    let root = shown(&identity(server, &server.root()));
    let start = match reply.body.split(['>', ' ', '=']).next() {
        Some(start) if reply.body.is_ascii() => start,
        _ => "noise",
    };
    format!("{} {start} {root}", shown(&reply))
}

#[expect(clippy::too_many_lines, reason = "one table, one row for each fault")]
fn cases() -> Vec<Case> {
    let case = |fault, look, honest, faulty| Case { fault, look, honest, faulty };
    vec![
        case(
            Fault::AccessKeyAkia,
            |s| mint(s, &[]).keys().id.chars().take(4).collect(),
            "ASIA",
            "AKIA",
        ),
        case(
            Fault::AnswerWithoutFederatedUser,
            |s| mint(s, &[]).element("Arn").is_some().to_string(),
            "true",
            "false",
        ),
        case(
            Fault::AnswerWithoutPackedSize,
            |s| mint(s, &[]).element("PackedPolicySize").is_some().to_string(),
            "true",
            "false",
        ),
        case(Fault::AppendedParametersAccepted, tampered, "403 SignatureDoesNotMatch", "200"),
        case(
            Fault::CallerIdentityDeniedByPolicy,
            |s| {
                let deny = r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
                let keys = mint(s, &[("Policy", deny)]).keys();
                shown(&identity(s, &keys))
            },
            "200",
            "403 AccessDenied",
        ),
        case(
            Fault::CallerIdentityOfIssuer,
            |s| kind_of(identity(s, &federated(s)).text("Arn")),
            "arn:aws:sts::ACCOUNT:federated-user/stspec",
            "arn:aws:iam::ACCOUNT:user/broker",
        ),
        case(
            Fault::ContentTypeJson,
            |s| mint(s, &[]).header("content-type").unwrap().to_owned(),
            "text/xml",
            "application/json",
        ),
        case(Fault::DurationDefaultOneHour, |s| lasts(s, &broker(s), &[]), "43200", "3600"),
        case(
            Fault::DurationIgnored,
            |s| lasts(s, &broker(s), &[("DurationSeconds", "900")]),
            "900",
            "43200",
        ),
        case(
            Fault::DurationMaximumIgnored,
            |s| for_seconds(s, "129601"),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::DurationMaximumOffByOne,
            |s| for_seconds(s, "129600"),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::DurationMinimumIgnored,
            |s| for_seconds(s, "899"),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::DurationMinimumOffByOne,
            |s| for_seconds(s, "900"),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::ErrorTypeReceiver,
            |s| mint(s, &[("DurationSeconds", "1")]).text("Type").to_owned(),
            "Sender",
            "Receiver",
        ),
        case(
            Fault::ExpirationEpoch,
            |s| mint(s, &[]).text("Expiration").contains('T').to_string(),
            "true",
            "false",
        ),
        case(
            Fault::ExpirationTooLate,
            |s| lasts(s, &broker(s), &[("DurationSeconds", "900")]),
            "900",
            "4500",
        ),
        case(
            Fault::FederatedArnWithIamService,
            |s| kind_of(mint(s, &[]).text("Arn")),
            "arn:aws:sts::ACCOUNT:federated-user/stspec",
            "arn:aws:iam::ACCOUNT:federated-user/stspec",
        ),
        case(Fault::FederatedIdFromUserId, |s| id_of(&mint(s, &[])), "ACCOUNT", "AIDA"),
        case(
            Fault::FederatedSessionCallsSts,
            |s| {
                let root = s.root();
                shown(&s.sts(&federated(s), "GetAccessKeyInfo", &[("AccessKeyId", &root.id)]))
            },
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::FederatedSessionGetsSessionToken,
            |s| shown(&s.sts(&federated(s), "GetSessionToken", &[])),
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::FederatedSessionMints,
            |s| shown(&s.mint(&federated(s), &[])),
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::FutureDateAccepted,
            |s| asked(s, |call| call.signed_at += SignedDuration::from_hours(2), Some(&s.root())),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(
            Fault::IamAccessDeniedCode,
            |s| shown(&s.ask_iam(&federated(s), "ListUsers", &[])),
            "403 InvalidClientTokenId",
            "403 AccessDenied",
        ),
        case(
            Fault::IamByPolicy,
            |s| shown(&s.ask_iam(&federated(s), "ListUsers", &[])),
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::KeyDeactivationEndsSession,
            |s| {
                let user = broker(s);
                let session = s.mint(&user, &[]).keys();
                let key =
                    [("UserName", "broker"), ("AccessKeyId", &user.id), ("Status", "Inactive")];
                assert_eq!(shown(&identity(s, &session)), "200");
                s.iam("UpdateAccessKey", &key);
                assert_eq!(shown(&identity(s, &user)), "403 InvalidClientTokenId");
                shown(&identity(s, &session))
            },
            "200",
            "403 InvalidClientTokenId",
        ),
        case(
            Fault::MalformedPolicyCodeSuffixed,
            |s| with_policy(s, "{"),
            "400 MalformedPolicyDocument",
            "400 MalformedPolicyDocumentException",
        ),
        case(
            Fault::MessagesReworded,
            |s| {
                mint(s, &[("DurationSeconds", "1")])
                    .text("Message")
                    .contains("durationSeconds")
                    .to_string()
            },
            "true",
            "false",
        ),
        case(
            Fault::MintDenyIgnored,
            |s| mint_with(s, &[statement("Allow", "*"), statement("Deny", "*")]),
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::MintResourceIgnored,
            |s| mint_with(s, &[statement("Allow", "arn:aws:sts::*:federated-user/other")]),
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::MintResourceStarOnly,
            |s| mint_with(s, &[statement("Allow", "arn:aws:sts::*:federated-user/stspec")]),
            "200",
            "403 AccessDenied",
        ),
        case(
            Fault::NameLowercased,
            |s| {
                let reply = s.sts(&broker(s), "GetFederationToken", &[("Name", "BoB")]);
                kind_of(identity(s, &reply.keys()).text("Arn"))
            },
            "arn:aws:sts::ACCOUNT:federated-user/BoB",
            "arn:aws:sts::ACCOUNT:federated-user/bob",
        ),
        case(
            Fault::NameMaximumIgnored,
            |s| named(s, &"n".repeat(33)),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::NameMaximumOffByOne,
            |s| named(s, &"n".repeat(32)),
            "200",
            "400 ValidationError",
        ),
        case(Fault::NameMinimumIgnored, |s| named(s, "n"), "400 ValidationError", "200"),
        case(Fault::NameMinimumOffByOne, |s| named(s, "nn"), "200", "400 ValidationError"),
        case(
            Fault::NameOptional,
            |s| shown(&s.sts(&broker(s), "GetFederationToken", &[])),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::MissingParameterCode,
            |s| shown(&s.sts(&broker(s), "GetFederationToken", &[])),
            "400 ValidationError",
            "400 MissingParameter",
        ),
        case(Fault::NamePatternIgnored, |s| named(s, "a b/c"), "400 ValidationError", "200"),
        case(Fault::NamePlusRefused, |s| named(s, "a+b"), "200", "400 ValidationError"),
        case(
            Fault::NamespaceMissing,
            |s| mint(s, &[]).body.contains("xmlns").to_string(),
            "true",
            "false",
        ),
        case(
            Fault::ExpiredSessionAccepted,
            |s| expired(s, &federated(s)),
            "403 ExpiredToken",
            "200",
        ),
        case(
            Fault::ExpiredTokenCode,
            |s| expired(s, &federated(s)),
            "403 ExpiredToken",
            "400 ExpiredTokenException",
        ),
        case(Fault::SessionsMixedUp, policies_by_name, "200 403 AccessDenied", "200 200"),
        case(Fault::TagsMaximumIgnored, |s| with_tags(s, 51), "400 ValidationError", "200"),
        case(Fault::TagsMaximumOffByOne, |s| with_tags(s, 50), "200", "400 ValidationError"),
        case(Fault::NullClosing, |s| as_user(s).status.to_string(), "200", "0"),
        case(
            Fault::NullIdentity,
            |s| as_user(s).text("Arn").rsplit(':').next().unwrap().to_owned(),
            "user/broker",
            "root",
        ),
        case(
            Fault::NullTruncated,
            |s| as_user(s).body.contains("</GetCallerIdentityResponse>").to_string(),
            "true",
            "false",
        ),
        case(
            Fault::NullAccessDenied,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "403 AccessDenied <ErrorResponse 200",
        ),
        case(
            Fault::NullEcho,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "200 Action 200",
        ),
        case(
            Fault::NullGarbage,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "200 noise 200",
        ),
        case(
            Fault::NullInternalError,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "500 InternalFailure <ErrorResponse 200",
        ),
        case(
            Fault::NullSuccess,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "200 <Ok/ 200",
        ),
        case(
            Fault::NullValidationError,
            for_user_and_root,
            "200 <GetFederationTokenResponse 200",
            "400 ValidationError <ErrorResponse 200",
        ),
        case(
            Fault::PackedSizeOverHundred,
            |s| mint(s, &[("Policy", ALLOW_ALL)]).text("PackedPolicySize").to_owned(),
            "4",
            "104",
        ),
        case(
            Fault::PermissionUnchecked,
            |s| mint_with(s, &[statement("Allow", "arn:aws:sts::*:federated-user/other")]),
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::PolicyCharactersUnchecked,
            |s| with_policy(s, &ALLOW_ALL.replacen('*', "s3:\u{100}*", 1)),
            "400 ValidationError",
            "200",
        ),
        case(Fault::PolicyEmptyAccepted, |s| with_policy(s, ""), "400 ValidationError", "200"),
        case(
            Fault::PolicyGrammarUnchecked,
            |s| with_policy(s, "{}"),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyJsonUnchecked,
            |s| with_policy(s, "no JSON at all"),
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(
            Fault::PolicyLengthIgnored,
            |s| with_policy(s, &padded(ALLOW_ALL, 2049)),
            "400 ValidationError",
            "200",
        ),
        case(
            Fault::PolicyLengthInBytes,
            |s| {
                let accented = ALLOW_ALL.replacen('*', "s3:\u{e9}*", 1);
                with_policy(s, &padded(&accented, 2048))
            },
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::PolicyLengthOffByOne,
            |s| with_policy(s, &padded(ALLOW_ALL, 2048)),
            "200",
            "400 ValidationError",
        ),
        case(
            Fault::PolicyPrincipalAccepted,
            |s| {
                let principal = r#""Principal": "*", "Effect""#;
                with_policy(s, &ALLOW_ALL.replacen("\"Effect\"", principal, 1))
            },
            "400 MalformedPolicyDocument",
            "200",
        ),
        case(Fault::PolicyRequired, |s| shown(&mint(s, &[])), "200", "400 ValidationError"),
        case(
            Fault::RequestIdHeaderDiffers,
            |s| {
                let reply = mint(s, &[]);
                (reply.header("x-amzn-requestid") == reply.element("RequestId")).to_string()
            },
            "true",
            "false",
        ),
        case(
            Fault::RequestIdMissing,
            |s| mint(s, &[]).element("RequestId").is_some().to_string(),
            "true",
            "false",
        ),
        case(Fault::RootDefaultTwelveHours, |s| lasts(s, &s.root(), &[]), "3600", "43200"),
        case(
            Fault::RootDurationRefused,
            |s| lasts(s, &s.root(), &[("DurationSeconds", "3601")]),
            "3600",
            "400 ValidationError",
        ),
        case(
            Fault::RootDurationUncapped,
            |s| lasts(s, &s.root(), &[("DurationSeconds", "7200")]),
            "3600",
            "7200",
        ),
        case(Fault::RootRefused, |s| shown(&s.mint(&s.root(), &[])), "200", "403 AccessDenied"),
        case(
            Fault::ScopeRegionUnchecked,
            |s| asked(s, |call| call.region = "eu-west-1", Some(&s.root())),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(
            Fault::ScopeServiceUnchecked,
            |s| asked(s, |call| call.service = "ec2", Some(&s.root())),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(Fault::RoleSessionMints, role_session_mints, "403 AccessDenied", "200"),
        case(Fault::SecretShort, |s| mint(s, &[]).keys().secret.len().to_string(), "40", "20"),
        case(
            Fault::SessionCredentialsMint,
            |s| {
                let session = s.sts(&broker(s), "GetSessionToken", &[]).keys();
                shown(&s.mint(&session, &[]))
            },
            "403 AccessDenied",
            "200",
        ),
        case(
            Fault::SessionInForeignAccount,
            |s| identity(s, &federated(s)).text("Account").to_owned(),
            "424242424242",
            "000000000000",
        ),
        case(
            Fault::SessionTokenEmpty,
            |s| mint(s, &[]).text("SessionToken").is_empty().to_string(),
            "false",
            "true",
        ),
        case(
            Fault::SessionTokenOptional,
            |s| shown(&identity(s, &Keys { token: None, ..federated(s) })),
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::SessionTokenUnbound,
            |s| {
                let user = broker(s);
                let (one, other) = (s.mint(&user, &[]).keys(), s.mint(&user, &[]).keys());
                shown(&identity(s, &Keys { token: other.token, ..one }))
            },
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::SignatureUnchecked,
            |s| shown(&identity(s, &Keys { secret: "x".repeat(40), ..s.root() })),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(
            Fault::StaleDateAccepted,
            |s| asked(s, |call| call.signed_at -= SignedDuration::from_hours(2), Some(&s.root())),
            "403 SignatureDoesNotMatch",
            "200",
        ),
        case(Fault::StaticCredentials, distinct_ids, "true", "false"),
        case(
            Fault::UnknownKeyAccepted,
            |s| shown(&identity(s, &Keys { id: "AKIAUNKNOWNUNKNOWN12".to_owned(), ..s.root() })),
            "403 InvalidClientTokenId",
            "200",
        ),
        case(
            Fault::UnknownKeyCode,
            |s| shown(&identity(s, &Keys { id: "AKIAUNKNOWNUNKNOWN12".to_owned(), ..s.root() })),
            "403 InvalidClientTokenId",
            "403 UnrecognizedClientException",
        ),
        case(
            Fault::UnsignedAccepted,
            |s| asked(s, |_| (), None),
            "403 MissingAuthenticationToken",
            "200",
        ),
        case(
            Fault::ValidationMessageMemberCase,
            |s| {
                mint(s, &[("DurationSeconds", "1")])
                    .text("Message")
                    .contains("DurationSeconds")
                    .to_string()
            },
            "false",
            "true",
        ),
        case(
            Fault::ValidationStopsAtFirst,
            |s| {
                let reply = s.sts(&broker(s), "GetFederationToken", &[("Name", "/")]);
                reply.text("Message").split(' ').next().unwrap().to_owned()
            },
            "2",
            "1",
        ),
    ]
}
