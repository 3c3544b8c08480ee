//! `GetFederationToken`: what it takes and what it answers.

use jiff::{SignedDuration, Timestamp};
use stspec_reference::{Clock, Config};

use crate::client::{ALLOW_ALL, Reply, Server};

fn at_noon() -> Server {
    let noon: Timestamp = "2026-11-21T12:00:00.75Z".parse().unwrap();
    Server::started(Config { clock: Clock::manual(noon), ..Config::default() })
}

#[track_caller]
fn check_message(reply: &Reply, code: &str, message: &str) {
    assert_eq!(reply.refusal(), (400, code), "{}", reply.body);
    assert_eq!(reply.text("Message"), message);
}

#[test]
fn a_user_gets_fresh_credentials_and_a_name() {
    let server = at_noon();
    let user = server.user("broker", ALLOW_ALL);
    let reply =
        server.sts(&user, "GetFederationToken", &[("Name", "Bob+1"), ("DurationSeconds", "900")]);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let account = server.reference.account();
    assert_eq!(reply.text("Arn"), format!("arn:aws:sts::{account}:federated-user/Bob+1"));
    assert_eq!(reply.text("FederatedUserId"), format!("{account}:Bob+1"));
    assert_eq!(reply.text("PackedPolicySize"), "0");
    assert_eq!(reply.text("Expiration"), "2026-11-21T12:15:00Z");
    assert_eq!(reply.header("date"), Some("Sat, 21 Nov 2026 12:00:00 GMT"));
    let keys = reply.keys();
    assert!(keys.id.starts_with("ASIA") && keys.id.len() == 20, "{}", keys.id);
    assert_eq!(keys.secret.len(), 40);
    assert_ne!(keys, server.mint(&user, &[]).keys());
}

#[test]
fn the_answer_is_laid_out_as_live_answers_are() {
    let server = Server::honest();
    let reply = server.mint(&server.root(), &[]);
    assert!(
        reply.body.starts_with(
            "<GetFederationTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  \
             <GetFederationTokenResult>\n    <Credentials>\n      <AccessKeyId>"
        ),
        "{}",
        reply.body
    );
    assert!(reply.body.ends_with("</GetFederationTokenResponse>\n"));
    assert_eq!(reply.header("content-type"), Some("text/xml"));
    assert_eq!(reply.header("x-amzn-requestid"), Some(reply.text("RequestId")));
    assert!(reply.header("x-amz-sts-extended-request-id").is_some());
}

#[test]
fn json_is_answered_where_it_is_asked_for() {
    let server = at_noon();
    let call = server.query("GetFederationToken", &[("Name", "json")], "2011-06-15");
    let reply =
        server.send(&call.clone().header("accept", "application/json"), Some(&server.root()));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let answer: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    let at =
        |pointer: &str| answer.pointer(&format!("/GetFederationTokenResponse{pointer}")).unwrap();
    let noon = 1_795_262_400;
    assert_eq!(at("/GetFederationTokenResult/Credentials/Expiration"), noon + 3600);
    assert_eq!(at("/GetFederationTokenResult/PackedPolicySize"), 0);
    assert_eq!(at("/ResponseMetadata/RequestId"), reply.header("x-amzn-requestid").unwrap());

    let call = server.query("GetFederationToken", &[], "2011-06-15");
    let reply = server.send(&call.header("accept", "application/json"), Some(&server.root()));
    let answer: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(answer.pointer("/Error/Code").unwrap(), "ValidationError");
}

#[test]
fn root_gets_an_hour_at_most_and_users_twelve_by_default() {
    let server = at_noon();
    let (root, user) = (server.root(), server.user("broker", ALLOW_ALL));
    let until =
        |keys, seconds: &[(&str, &str)]| server.mint(keys, seconds).text("Expiration").to_owned();
    assert_eq!(until(&root, &[]), "2026-11-21T13:00:00Z");
    assert_eq!(until(&root, &[("DurationSeconds", "129600")]), "2026-11-21T13:00:00Z");
    assert_eq!(until(&root, &[("DurationSeconds", "900")]), "2026-11-21T12:15:00Z");
    assert_eq!(until(&user, &[]), "2026-11-22T00:00:00Z");
    assert_eq!(until(&user, &[("DurationSeconds", "129600")]), "2026-11-23T00:00:00Z");
}

#[test]
fn all_violations_come_in_one_message() {
    let server = Server::honest();
    let params = [("Name", "a/"), ("DurationSeconds", "899"), ("Tags.member.1.Key", "k")];
    let reply = server.sts(&server.root(), "GetFederationToken", &params);
    check_message(
        &reply,
        "ValidationError",
        "3 validation errors detected: Value &#39;a/&#39; at &#39;name&#39; failed to satisfy \
         constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value \
         &#39;899&#39; at &#39;durationSeconds&#39; failed to satisfy constraint: Member must have \
         value greater than or equal to 900; Value null at &#39;tags.1.member.value&#39; failed to \
         satisfy constraint: Member must not be null",
    );
}

#[test]
fn a_missing_name_is_null_and_an_unreadable_duration_is_no_violation() {
    let server = Server::honest();
    let reply = server.sts(&server.root(), "GetFederationToken", &[]);
    check_message(
        &reply,
        "ValidationError",
        "1 validation error detected: Value null at &#39;name&#39; failed to satisfy constraint: \
         Member must not be null",
    );
    let reply = server.mint(&server.root(), &[("DurationSeconds", "900.0")]);
    assert_eq!(reply.refusal(), (400, "MalformedInput"));
    assert_eq!(reply.element("Message"), None);
}

#[test]
fn policies_are_judged_by_length_then_by_grammar() {
    let server = Server::honest();
    let root = server.root();
    let mint = |policy: &str| server.mint(&root, &[("Policy", policy)]);
    let padded = |chars: usize| format!("{ALLOW_ALL}{}", " ".repeat(chars - ALLOW_ALL.len()));
    assert_eq!(mint(&padded(2048)).status, 200);
    assert_eq!(mint(&padded(2049)).refusal(), (400, "ValidationError"));
    assert_eq!(mint("").refusal(), (400, "ValidationError"));
    check_message(
        &mint("arn:aws:iam::aws:policy/X"),
        "MalformedPolicyDocument",
        "The policy is not in the valid JSON format.",
    );
    let principal =
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}}"#;
    check_message(
        &mint(principal),
        "MalformedPolicyDocument",
        "Policy document should not specify a principal.",
    );
}

#[test]
fn managed_policies_have_to_exist() {
    let server = Server::honest();
    let mint = |arn: &str| server.mint(&server.root(), &[("PolicyArns.member.1.arn", arn)]);
    assert_eq!(mint("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess").status, 200);
    assert_eq!(
        mint("arn:aws:iam::aws:policy/NoSuchPolicyAnywhere").refusal(),
        (400, "MalformedPolicyDocument")
    );
    let arns: Vec<String> = (1..=11).map(|n| format!("PolicyArns.member.{n}.arn")).collect();
    let reply = |count: usize| {
        let params: Vec<(&str, &str)> = arns
            .iter()
            .take(count)
            .map(|name| (name.as_str(), "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"))
            .collect();
        server.mint(&server.root(), &params)
    };
    assert_eq!(reply(10).status, 200);
    assert_eq!(reply(11).status, 400);
}

#[test]
fn tags_need_a_permission_of_their_own() {
    let server = Server::honest();
    let only_mint = r#"{"Statement": {"Effect": "Allow", "Action": "sts:GetFederationToken", "Resource": "*"}}"#;
    let user = server.user("broker", only_mint);
    let tags = [("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "")];
    let reply = server.mint(&user, &tags);
    let account = server.reference.account();
    assert_eq!(reply.refusal(), (403, "AccessDenied"));
    assert_eq!(
        reply.text("Message"),
        format!(
            "User: arn:aws:iam::{account}:user/broker is not authorized to perform: \
             sts:TagSession on resource: arn:aws:sts::{account}:federated-user/stspec"
        )
    );
    assert_eq!(server.mint(&server.root(), &tags).status, 200);
    let twice =
        [&tags[..], &[("Tags.member.2.Key", "TEAM"), ("Tags.member.2.Value", "x")]].concat();
    check_message(
        &server.mint(&server.root(), &twice),
        "InvalidParameterValue",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
}

#[test]
fn permission_is_asked_for_the_name() {
    let server = Server::honest();
    let account = server.reference.account().to_string();
    let scoped = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
        "Action": "sts:GetFederationToken", "Resource": "arn:aws:sts::{account}:federated-user/team-*"}}}}"#
    );
    let user = server.user("broker", &scoped);
    let mint = |name| server.sts(&user, "GetFederationToken", &[("Name", name)]);
    assert_eq!(mint("team-a").status, 200);
    let reply = mint("other");
    assert_eq!(reply.refusal(), (403, "AccessDenied"));
    assert_eq!(
        reply.text("Message"),
        format!(
            "User: arn:aws:iam::{account}:user/broker is not authorized to perform: \
             sts:GetFederationToken on resource: arn:aws:sts::{account}:federated-user/other"
        )
    );
}

#[test]
fn temporary_credentials_do_not_mint() {
    let server = Server::honest();
    let user = server.user("broker", ALLOW_ALL);
    let federated = server.mint(&user, &[("Policy", ALLOW_ALL)]).keys();
    let session = server.sts(&user, "GetSessionToken", &[]).keys();
    for keys in [&federated, &session] {
        for action in ["GetFederationToken", "GetSessionToken"] {
            let reply = server.sts(keys, action, &[("Name", "again")]);
            assert_eq!(reply.refusal(), (403, "AccessDenied"));
            let message = format!("Cannot call {action} with session credentials");
            assert_eq!(reply.text("Message"), message);
        }
    }
}

#[test]
fn the_longest_documented_session_can_be_used() {
    let server = at_noon();
    let name = "n".repeat(32);
    let padded = format!("{ALLOW_ALL}{}", " ".repeat(2048 - ALLOW_ALL.len()));
    let params = [("Name", name.as_str()), ("Policy", &padded)];
    let keys = server.sts(&server.root(), "GetFederationToken", &params).keys();
    assert_eq!(server.sts(&keys, "GetCallerIdentity", &[]).status, 200);
    server.clock.advance(SignedDuration::from_secs(3599));
    assert_eq!(server.sts(&keys, "GetCallerIdentity", &[]).status, 200);
    server.clock.advance(SignedDuration::from_secs(1));
    let reply = server.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "ExpiredToken"));
    assert_eq!(reply.text("Message"), "The security token included in the request is expired");
}
