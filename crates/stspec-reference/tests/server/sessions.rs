//! What federated sessions may do afterwards.

use stspec_reference::Fault;

use crate::client::{ALLOW_ALL, Keys, Server};

/// A server with a user, and a bucket that holds one object.
struct Stage {
    server: Server,
    user: Keys,
}

const READ: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::stage/*"}]}"#;

const MINT_ONLY: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}"#;

impl Stage {
    fn new(server: Server, policy: &str) -> Self {
        let root = server.root();
        assert_eq!(server.s3(&root, "PUT", "/stage", "").status, 200);
        assert_eq!(server.s3(&root, "PUT", "/stage/probe", "content").status, 200);
        let user = server.user("broker", policy);
        Self { server, user }
    }

    fn honest(policy: &str) -> Self {
        Self::new(Server::honest(), policy)
    }

    /// Mints a session called Bob.
    #[track_caller]
    fn bob(&self, params: &[(&str, &str)]) -> Keys {
        let named = [&[("Name", "Bob")], params].concat();
        self.server.sts(&self.user, "GetFederationToken", &named).keys()
    }

    fn read(&self, keys: &Keys) -> u16 {
        self.server.s3(keys, "GET", "/stage/probe", "").status
    }

    /// Puts a policy on the bucket with one statement about reading objects.
    #[track_caller]
    fn bucket_policy(&self, effect: &str, principal: &str) {
        let account = self.server.reference.account().as_str();
        let principal = principal.replace("ACCOUNT", account);
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "{effect}",
            "Principal": {{"AWS": "{principal}"}}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::stage/*"}}]}}"#
        );
        let reply = self.server.s3(&self.server.root(), "PUT", "/stage?policy", &policy);
        assert!(reply.status < 300, "{}", reply.body);
    }
}

const BOB: &str = "arn:aws:sts::ACCOUNT:federated-user/Bob";
const BROKER: &str = "arn:aws:iam::ACCOUNT:user/broker";

#[test]
fn without_a_session_policy_a_session_may_do_nothing() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[]);
    let reply = stage.server.s3(&bob, "GET", "/stage/probe", "");
    assert_eq!(reply.refusal(), (403, "AccessDenied"));
    let message = reply.text("Message").replace("&quot;", "\"");
    let account = stage.server.reference.account();
    assert_eq!(
        message,
        format!(
            "User: arn:aws:sts::{account}:federated-user/Bob is not authorized to perform: \
             s3:GetObject on resource: \"arn:aws:s3:::stage/probe\" because no session policy \
             allows the s3:GetObject action"
        )
    );
    assert_eq!(stage.read(&stage.user), 200);
}

#[test]
fn a_session_has_what_both_its_policy_and_its_issuer_allow() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[("Policy", READ)]);
    assert_eq!(stage.read(&bob), 200);
    assert_eq!(stage.server.s3(&bob, "PUT", "/stage/new", "x").status, 403);
    let limited = Stage::honest(MINT_ONLY);
    assert_eq!(limited.read(&limited.bob(&[("Policy", ALLOW_ALL)])), 403);
}

#[test]
fn managed_session_policies_count_like_inline_ones() {
    let stage = Stage::honest(ALLOW_ALL);
    let arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let bob = stage.bob(&[("PolicyArns.member.1.arn", arn)]);
    assert_eq!(stage.read(&bob), 200);
    assert_eq!(stage.server.s3(&bob, "PUT", "/stage/new", "x").status, 403);
}

#[test]
fn the_issuers_policies_are_looked_up_at_each_request() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[("Policy", READ)]);
    assert_eq!(stage.read(&bob), 200);
    let put = |document| {
        let params =
            [("UserName", "broker"), ("PolicyName", "inline"), ("PolicyDocument", document)];
        stage.server.iam("PutUserPolicy", &params);
    };
    put(MINT_ONLY);
    assert_eq!(stage.read(&bob), 403);
    put(ALLOW_ALL);
    assert_eq!(stage.read(&bob), 200);
}

#[test]
fn a_session_outlives_the_key_that_minted_it_but_not_the_user() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[("Policy", READ)]);
    let key = [("UserName", "broker"), ("AccessKeyId", stage.user.id.as_str())];
    stage.server.iam("UpdateAccessKey", &[&key[..], &[("Status", "Inactive")]].concat());
    assert_eq!(stage.server.sts(&stage.user, "GetCallerIdentity", &[]).status, 403);
    assert_eq!(stage.read(&bob), 200);
    stage.server.iam("DeleteAccessKey", &key);
    assert_eq!(stage.read(&bob), 200);
    stage.server.iam("DeleteUserPolicy", &[("UserName", "broker"), ("PolicyName", "inline")]);
    stage.server.iam("DeleteUser", &[("UserName", "broker")]);
    let gone = |keys| stage.server.sts(keys, "GetCallerIdentity", &[]);
    assert_eq!(gone(&bob).refusal(), (403, "InvalidClientTokenId"));
    assert_eq!(
        stage.server.s3(&bob, "GET", "/stage/probe", "").refusal(),
        (403, "InvalidAccessKeyId")
    );
    // Another user under the same name is another issuer.
    stage.server.user("broker", ALLOW_ALL);
    assert_eq!(gone(&bob).refusal(), (403, "InvalidClientTokenId"));
}

#[test]
fn a_bucket_policy_for_the_session_grants_and_one_for_the_issuer_does_not() {
    let stage = Stage::honest(MINT_ONLY);
    let (bare, scoped) = (stage.bob(&[]), stage.bob(&[("Policy", READ)]));
    stage.bucket_policy("Allow", BOB);
    assert_eq!((stage.read(&bare), stage.read(&scoped)), (200, 200));
    stage.bucket_policy("Allow", BROKER);
    assert_eq!((stage.read(&bare), stage.read(&scoped)), (403, 200));
}

#[test]
fn a_deny_in_a_bucket_policy_hits_the_session_by_either_name() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[("Policy", READ)]);
    let alice = stage.server.mint(&stage.user, &[("Policy", READ)]).keys();
    stage.bucket_policy("Deny", BOB);
    assert_eq!((stage.read(&bob), stage.read(&alice), stage.read(&stage.user)), (403, 200, 200));
    stage.bucket_policy("Deny", BROKER);
    assert_eq!((stage.read(&bob), stage.read(&alice), stage.read(&stage.user)), (403, 403, 403));
}

#[test]
fn session_tags_are_principal_tags_and_win_over_the_users() {
    let stage = Stage::honest(ALLOW_ALL);
    let tag = [("UserName", "broker"), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "a")];
    stage.server.iam("TagUser", &tag);
    let by_tag = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "TEAM"}}}]}"#;
    let (a, b) = (by_tag.replace("TEAM", "a"), by_tag.replace("TEAM", "b"));
    let tags = [("Tags.member.1.Key", "tEAM"), ("Tags.member.1.Value", "b")];
    assert_eq!(stage.read(&stage.bob(&[("Policy", &a)])), 200);
    assert_eq!(stage.read(&stage.bob(&[("Policy", &b)])), 403);
    assert_eq!(stage.read(&stage.bob(&[&[("Policy", b.as_str())], &tags[..]].concat())), 200);
    assert_eq!(stage.read(&stage.bob(&[&[("Policy", a.as_str())], &tags[..]].concat())), 403);
}

#[test]
fn everybody_may_ask_who_they_are() {
    let stage = Stage::honest(ALLOW_ALL);
    let server = &stage.server;
    let account = server.reference.account().to_string();
    let check = |keys: &Keys, arn: &str| {
        let reply = server.sts(keys, "GetCallerIdentity", &[]);
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.text("Account"), account);
        assert_eq!(reply.text("Arn"), arn.replace("ACCOUNT", &account));
        reply.text("UserId").to_owned()
    };
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    assert_eq!(check(&server.root(), "arn:aws:iam::ACCOUNT:root"), account);
    let user_id = check(&stage.user, BROKER);
    assert!(user_id.starts_with("AIDA") && user_id.len() == 20, "{user_id}");
    assert_eq!(check(&stage.bob(&[("Policy", deny)]), BOB), format!("{account}:Bob"));
    let session = server.sts(&stage.user, "GetSessionToken", &[]).keys();
    assert_eq!(check(&session, BROKER), user_id);
    check(&server.user("denied", deny), "arn:aws:iam::ACCOUNT:user/denied");
}

#[test]
fn iam_does_not_know_temporary_credentials() {
    let stage = Stage::honest(ALLOW_ALL);
    let session = stage.server.sts(&stage.user, "GetSessionToken", &[]).keys();
    for keys in [stage.bob(&[("Policy", ALLOW_ALL)]), session] {
        let reply = stage.server.ask_iam(&keys, "ListUsers", &[]);
        assert_eq!(reply.refusal(), (403, "InvalidClientTokenId"));
        assert_eq!(reply.text("Message"), "The security token included in the request is invalid");
    }
    assert_eq!(stage.server.ask_iam(&stage.user, "ListUsers", &[]).status, 200);
}

#[test]
fn federated_sessions_have_nothing_else_of_sts() {
    let stage = Stage::honest(ALLOW_ALL);
    let bob = stage.bob(&[("Policy", ALLOW_ALL)]);
    let role = [("RoleArn", "arn:aws:iam::424242424242:role/r"), ("RoleSessionName", "s1")];
    let key = [("AccessKeyId", stage.user.id.as_str())];
    let calls: [(&str, &[(&str, &str)]); 4] = [
        ("AssumeRole", &role),
        ("GetAccessKeyInfo", &key),
        ("DecodeAuthorizationMessage", &[("EncodedMessage", "x")]),
        ("GetWebIdentityToken", &[("Audience.member.1", "a"), ("SigningAlgorithm", "RS256")]),
    ];
    for (action, params) in calls {
        let reply = stage.server.sts(&bob, action, params);
        assert_eq!(reply.refusal(), (403, "AccessDenied"), "{action}");
    }
    let reply = stage.server.sts(&stage.user, "GetAccessKeyInfo", &key);
    assert_eq!(reply.text("Account"), stage.server.reference.account().as_str());
    assert_eq!(stage.server.sts(&stage.user, "AssumeRole", &role).refusal(), (403, "AccessDenied"));
}

/// Reads under a fault: the status with a session of these parameters.
#[track_caller]
fn check_read(fault: Fault, issuer: &str, params: &[(&str, &str)], honest: u16, faulty: u16) {
    let stage = Stage::honest(issuer);
    assert_eq!(stage.read(&stage.bob(params)), honest, "honest");
    let stage = Stage::new(Server::with(fault), issuer);
    assert_eq!(stage.read(&stage.bob(params)), faulty, "{fault}");
}

#[track_caller]
fn check_read_with_bucket_policy(
    fault: Fault,
    (effect, principal): (&str, &str),
    params: &[(&str, &str)],
    honest: u16,
    faulty: u16,
) {
    for (server, expected) in [(Server::honest(), honest), (Server::with(fault), faulty)] {
        let stage = Stage::new(server, ALLOW_ALL);
        stage.bucket_policy(effect, principal);
        assert_eq!(stage.read(&stage.bob(params)), expected, "{fault}");
    }
}

const DENY_READ: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]}"#;

#[test]
fn faults_of_session_policies_show() {
    check_read(Fault::NoPolicyInheritsIssuer, ALLOW_ALL, &[], 403, 200);
    check_read(Fault::NoPolicyInheritsIssuer, MINT_ONLY, &[], 403, 403);
    check_read(Fault::SessionPolicyIgnored, ALLOW_ALL, &[("Policy", MINT_ONLY)], 403, 200);
    check_read(Fault::SessionPolicyIgnored, ALLOW_ALL, &[], 403, 403);
    check_read(Fault::SessionPolicyEscalates, MINT_ONLY, &[("Policy", READ)], 403, 200);
    check_read(Fault::SessionPolicyEscalates, ALLOW_ALL, &[("Policy", MINT_ONLY)], 403, 403);
    check_read(Fault::SessionDenyIgnored, ALLOW_ALL, &[("Policy", DENY_READ)], 403, 200);
    check_read(Fault::SessionDenyIgnored, ALLOW_ALL, &[("Policy", MINT_ONLY)], 403, 403);
    check_read(Fault::IdentityDenyIgnoredForSessions, DENY_READ, &[("Policy", READ)], 403, 200);
}

#[test]
fn a_boundary_that_sessions_ignore_still_limits_their_issuer() {
    for (server, seen) in
        [(Server::honest(), 403), (Server::with(Fault::BoundaryIgnoredForSessions), 200)]
    {
        let stage = Stage::new(server, ALLOW_ALL);
        let cap = [("PolicyName", "cap"), ("PolicyDocument", MINT_ONLY)];
        let arn = stage.server.iam("CreatePolicy", &cap).text("Arn").to_owned();
        let bound = [("UserName", "broker"), ("PermissionsBoundary", arn.as_str())];
        stage.server.iam("PutUserPermissionsBoundary", &bound);
        assert_eq!(stage.read(&stage.user), 403);
        assert_eq!(stage.read(&stage.bob(&[("Policy", READ)])), seen);
    }
}

#[test]
fn faults_of_bucket_policies_show() {
    let with_policy = [("Policy", READ)];
    check_read_with_bucket_policy(
        Fault::ResourcePolicySessionIgnored,
        ("Allow", BOB),
        &[],
        200,
        403,
    );
    check_read_with_bucket_policy(
        Fault::ResourcePolicyUserBypasses,
        ("Allow", BROKER),
        &[],
        403,
        200,
    );
    check_read_with_bucket_policy(
        Fault::ResourcePolicyDenyIgnored,
        ("Deny", BOB),
        &with_policy,
        403,
        200,
    );
    check_read_with_bucket_policy(
        Fault::ResourcePolicyDenyIgnored,
        ("Deny", BROKER),
        &with_policy,
        403,
        403,
    );
}
