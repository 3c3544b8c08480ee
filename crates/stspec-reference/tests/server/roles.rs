//! `AssumeRole`, and what role sessions may do afterwards.

use jiff::SignedDuration;
use stspec_reference::{Clock, Config};

use crate::client::{ALLOW_ALL, Keys, Reply, Server};

/// A server with a user, a role that trusts it, and a bucket that holds one object.
struct Stage {
    server: Server,
    user: Keys,
}

const READ: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::stage/*"}]}"#;

const NOTHING: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}]}"#;

/// Trusts one principal with everything that assuming a role may need.
fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
        "Principal": {{"AWS": "{principal}"}}, "Action": ["sts:AssumeRole", "sts:TagSession"]}}]}}"#
    )
}

impl Stage {
    /// The role `reader` has this inline policy.
    fn new(policy: &str) -> Self {
        let clock = Clock::manual("2026-11-21T12:00:00Z".parse().unwrap());
        let server = Server::started(Config { clock, ..Config::default() });
        let root = server.root();
        assert_eq!(server.s3(&root, "PUT", "/stage", "").status, 200);
        assert_eq!(server.s3(&root, "PUT", "/stage/probe", "content").status, 200);
        let user = server.user("caller", NOTHING);
        let stage = Self { server, user };
        stage.role("reader", &stage.arn("iam", "user/caller"), &[]);
        stage.put_policy("reader", policy);
        stage
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}::{}:{resource}", self.server.reference.account())
    }

    fn role(&self, name: &str, trusted: &str, params: &[(&str, &str)]) -> String {
        let trust = trust(trusted);
        let all = [&[("RoleName", name), ("AssumeRolePolicyDocument", &trust)], params].concat();
        let reply = self.server.iam("CreateRole", &all);
        reply.text("RoleId").to_owned()
    }

    fn put_policy(&self, role: &str, policy: &str) {
        let params = [("RoleName", role), ("PolicyName", "inline"), ("PolicyDocument", policy)];
        self.server.iam("PutRolePolicy", &params);
    }

    fn assume(&self, keys: &Keys, role: &str, params: &[(&str, &str)]) -> Reply {
        let arn = self.arn("iam", &format!("role/{role}"));
        let named = [&[("RoleArn", arn.as_str()), ("RoleSessionName", "s1")], params].concat();
        self.server.sts(keys, "AssumeRole", &named)
    }

    /// A session of `reader`.
    #[track_caller]
    fn session(&self, params: &[(&str, &str)]) -> Keys {
        self.assume(&self.user, "reader", params).keys()
    }

    fn read(&self, keys: &Keys) -> u16 {
        self.server.s3(keys, "GET", "/stage/probe", "").status
    }
}

#[track_caller]
fn check_refusal(reply: &Reply, status: u16, code: &str, message: &str) {
    assert_eq!(reply.refusal(), (status, code), "{}", reply.body);
    assert_eq!(reply.text("Message").replace("&#39;", "'"), message);
}

#[test]
fn a_role_session_has_credentials_and_a_name_of_its_own() {
    let stage = Stage::new(READ);
    let id = stage.role("other", &stage.arn("iam", "user/caller"), &[("Path", "/team/")]);
    let params = [
        ("RoleArn", stage.arn("iam", "role/team/other")),
        ("RoleSessionName", "My@session".to_owned()),
    ];
    let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
    let reply = stage.server.sts(&stage.user, "AssumeRole", &params);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let arn = stage.arn("sts", "assumed-role/other/My@session");
    assert_eq!(reply.text("Arn"), arn);
    assert_eq!(reply.text("AssumedRoleId"), format!("{id}:My@session"));
    assert_eq!(reply.text("Expiration"), "2026-11-21T13:00:00Z");
    assert_eq!(reply.element("PackedPolicySize"), None);
    let keys = reply.keys();
    assert!(keys.id.starts_with("ASIA") && id.starts_with("AROA"));
    let identity = stage.server.sts(&keys, "GetCallerIdentity", &[]);
    assert_eq!(identity.text("Arn"), arn);
    assert_eq!(identity.text("UserId"), format!("{id}:My@session"));
}

#[test]
fn the_size_is_answered_where_something_was_passed() {
    let stage = Stage::new(READ);
    let size = |params: &[(&str, &str)]| {
        let reply = stage.assume(&stage.user, "reader", params);
        reply.element("PackedPolicySize").map(str::to_owned)
    };
    assert_eq!(size(&[]), None);
    assert_eq!(size(&[("Policy", ALLOW_ALL)]).as_deref(), Some("4"));
    let tag = [("Tags.member.1.Key", "c"), ("Tags.member.1.Value", "c")];
    assert_eq!(size(&tag).as_deref(), Some("1"));
}

#[test]
fn without_session_policies_a_session_has_all_that_its_role_has() {
    let stage = Stage::new(ALLOW_ALL);
    let (bare, scoped) = (stage.session(&[]), stage.session(&[("Policy", READ)]));
    assert_eq!((stage.read(&bare), stage.read(&scoped)), (200, 200));
    let put = |keys| stage.server.s3(keys, "PUT", "/stage/new", "x").status;
    assert_eq!((put(&bare), put(&scoped)), (200, 403));
    let arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    let managed = stage.session(&[("PolicyArns.member.1.arn", arn)]);
    assert_eq!((stage.read(&managed), put(&managed)), (200, 403));
}

#[test]
fn a_session_never_has_more_than_its_role_has_now() {
    let stage = Stage::new(READ);
    let session = stage.session(&[("Policy", ALLOW_ALL)]);
    assert_eq!(stage.read(&session), 200);
    assert_eq!(stage.server.s3(&session, "PUT", "/stage/new", "x").status, 403);
    stage.put_policy("reader", NOTHING);
    let reply = stage.server.s3(&session, "GET", "/stage/probe", "");
    assert_eq!(
        reply.text("Message").replace("&quot;", "\""),
        format!(
            "User: {} is not authorized to perform: s3:GetObject on resource: \
             \"arn:aws:s3:::stage/probe\" because no identity-based policy allows the \
             s3:GetObject action",
            stage.arn("sts", "assumed-role/reader/s1")
        )
    );
}

#[test]
fn a_boundary_of_the_role_bounds_its_sessions() {
    let stage = Stage::new(ALLOW_ALL);
    let boundary = ("PermissionsBoundary", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    stage.role("bounded", &stage.arn("iam", "user/caller"), &[boundary]);
    stage.put_policy("bounded", ALLOW_ALL);
    let session = stage.assume(&stage.user, "bounded", &[]).keys();
    assert_eq!(stage.read(&session), 403);
    assert_eq!(stage.server.ask_iam(&session, "ListUsers", &[]).status, 200);
}

#[test]
fn the_role_has_to_trust_and_an_account_only_delegates() {
    let stage = Stage::new(READ);
    let account = stage.arn("iam", "root");
    stage.role("delegating", &account, &[]);
    let refused = |keys: &Keys, who: &str, role: &str| {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {}",
            stage.arn("iam", &format!("user/{who}")),
            stage.arn("iam", &format!("role/{role}"))
        );
        check_refusal(&stage.assume(keys, role, &[]), 403, "AccessDenied", &message);
    };
    // Trusted by name, the caller needs no policy; as a member of the account it does.
    assert_eq!(stage.assume(&stage.user, "reader", &[]).status, 200);
    refused(&stage.user, "caller", "delegating");
    let admin = stage.server.user("admin", ALLOW_ALL);
    assert_eq!(stage.assume(&admin, "delegating", &[]).status, 200);
    refused(&admin, "admin", "reader");
    refused(&admin, "admin", "missing");
}

#[test]
fn a_trust_policy_can_ask_for_an_external_id_and_for_tags() {
    let stage = Stage::new(READ);
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal":
        {"AWS": "USER"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals":
        {"sts:ExternalId": "e-1", "sts:RoleSessionName": "s1"}}}]}"#
        .replace("USER", &stage.arn("iam", "user/caller"));
    let update = [("RoleName", "reader"), ("PolicyDocument", trust.as_str())];
    stage.server.iam("UpdateAssumeRolePolicy", &update);
    let assume = |params: &[(&str, &str)]| stage.assume(&stage.user, "reader", params);
    assert_eq!(assume(&[]).refusal(), (403, "AccessDenied"));
    assert_eq!(assume(&[("ExternalId", "e-2")]).refusal(), (403, "AccessDenied"));
    assert_eq!(assume(&[("ExternalId", "e-1")]).status, 200);
    let tagged =
        [("ExternalId", "e-1"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")];
    let reply = assume(&tagged);
    assert_eq!(reply.refusal(), (403, "AccessDenied"));
    assert!(reply.text("Message").contains("sts:TagSession"), "{}", reply.body);
}

#[test]
fn session_tags_are_principal_tags() {
    let by_tag = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}}]}"#;
    let stage = Stage::new(by_tag);
    let tag = |value| [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", value)];
    assert_eq!(stage.read(&stage.session(&[])), 403);
    assert_eq!(stage.read(&stage.session(&tag("a"))), 200);
    assert_eq!(stage.read(&stage.session(&tag("b"))), 403);
}

#[test]
fn the_duration_is_bounded_by_shape_by_role_and_by_chaining() {
    let stage = Stage::new(ALLOW_ALL);
    let two_hours = [("MaxSessionDuration", "7200")];
    stage.role("long", &stage.arn("iam", "user/caller"), &two_hours);
    stage.role("chained", &stage.arn("sts", "assumed-role/reader/s1"), &two_hours);
    let assume = |keys: &Keys, role: &str, seconds| {
        stage.assume(keys, role, &[("DurationSeconds", seconds)])
    };
    let violation = |seconds, bound| {
        format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to \
             satisfy constraint: Member must have value {bound}"
        )
    };
    let reply = assume(&stage.user, "long", "899");
    let message = violation("899", "greater than or equal to 900");
    check_refusal(&reply, 400, "ValidationError", &message);
    let reply = assume(&stage.user, "long", "43201");
    let message = violation("43201", "less than or equal to 43200");
    check_refusal(&reply, 400, "ValidationError", &message);
    for seconds in ["900", "7200"] {
        assert_eq!(assume(&stage.user, "long", seconds).status, 200, "{seconds}");
    }
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    check_refusal(&assume(&stage.user, "long", "7201"), 400, "ValidationError", message);
    let session = stage.session(&[]);
    assert_eq!(assume(&session, "chained", "3600").status, 200);
    let message = "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                   assumed by role chaining";
    check_refusal(&assume(&session, "chained", "3601"), 400, "ValidationError", message);
}

#[test]
fn all_violations_are_gathered() {
    let stage = Stage::new(READ);
    let reply = stage.server.sts(&stage.user, "AssumeRole", &[("RoleSessionName", "a:")]);
    check_refusal(
        &reply,
        400,
        "ValidationError",
        "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: \
         Member must not be null; Value 'a:' at 'roleSessionName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    );
    let params = [("RoleArn", "not-an-arn-of-any-kind"), ("RoleSessionName", "s1")];
    let reply = stage.server.sts(&stage.user, "AssumeRole", &params);
    check_refusal(&reply, 400, "ValidationError", "not-an-arn-of-any-kind is invalid");
}

#[test]
fn a_policy_has_no_length_of_its_own_but_its_token_has() {
    let stage = Stage::new(READ);
    let assume = |chars: usize| {
        let padded = format!("{ALLOW_ALL}{}", " ".repeat(chars - ALLOW_ALL.len()));
        stage.assume(&stage.user, "reader", &[("Policy", &padded)])
    };
    assert_eq!(stage.read(&assume(20_000).keys()), 200);
    let message = "Serialized token too large for session";
    check_refusal(&assume(30_000), 400, "PackedPolicyTooLarge", message);
    assert_eq!(assume(200_000).refusal(), (400, "MalformedPolicyDocument"));
}

#[test]
fn who_may_not_assume_roles_may_not_whatever_policies_say() {
    let stage = Stage::new(READ);
    stage.role("open", "*", &[]);
    let message = "Roles may not be assumed by root accounts.";
    let root = stage.server.root();
    check_refusal(&stage.assume(&root, "open", &[]), 403, "AccessDenied", message);
    let of_root = stage.server.sts(&root, "GetSessionToken", &[]).keys();
    check_refusal(&stage.assume(&of_root, "open", &[]), 403, "AccessDenied", message);
    let admin = stage.server.user("admin", ALLOW_ALL);
    let federated = stage.server.mint(&admin, &[("Policy", ALLOW_ALL)]).keys();
    let message = "Cannot call AssumeRole with session credentials";
    check_refusal(&stage.assume(&federated, "open", &[]), 403, "AccessDenied", message);
    assert_eq!(stage.assume(&admin, "open", &[]).status, 200);
}

#[test]
fn sessions_of_get_session_token_assume_roles_and_nothing_else_of_sts() {
    let stage = Stage::new(READ);
    let session = stage.server.sts(&stage.user, "GetSessionToken", &[]).keys();
    let role = stage.assume(&session, "reader", &[]).keys();
    assert_eq!(stage.read(&role), 200);
    let key = [("AccessKeyId", session.id.as_str())];
    let reply = stage.server.sts(&session, "GetAccessKeyInfo", &key);
    assert_eq!(reply.refusal(), (403, "AccessDenied"));
}

#[test]
fn role_sessions_do_not_mint_and_are_known_to_iam() {
    let stage = Stage::new(ALLOW_ALL);
    let session = stage.session(&[]);
    for action in ["GetFederationToken", "GetSessionToken"] {
        let reply = stage.server.sts(&session, action, &[("Name", "again")]);
        let message = format!("Cannot call {action} with session credentials");
        check_refusal(&reply, 403, "AccessDenied", &message);
    }
    assert_eq!(stage.server.ask_iam(&session, "ListUsers", &[]).status, 200);
    let scoped = stage.session(&[("Policy", READ)]);
    assert_eq!(stage.server.ask_iam(&scoped, "ListUsers", &[]).refusal(), (403, "AccessDenied"));
}

#[test]
fn the_account_of_a_temporary_key_is_told_by_its_form() {
    let stage = Stage::new(ALLOW_ALL);
    let session = stage.session(&[]);
    let ask = |id: &str| stage.server.sts(&session, "GetAccessKeyInfo", &[("AccessKeyId", id)]);
    let account = stage.server.reference.account().as_str();
    assert_eq!(ask(&session.id).text("Account"), account);
    assert_eq!(ask(&stage.user.id).text("Account"), account);
    for id in ["ASIA", "ASIA2REFERENCE23456", "ASIA2REFERENCE2345678", "ASIA2REFERENCE23456!"] {
        assert_eq!(ask(id).refusal(), (400, "ValidationError"), "{id}");
    }
    assert_eq!(ask("AKIA2REFERENCE234567").refusal(), (400, "ValidationError"));
}

#[test]
fn a_session_ends_with_its_role_and_another_role_of_the_name_does_not_revive_it() {
    let stage = Stage::new(READ);
    let session = stage.session(&[]);
    let gone = || {
        let reply = stage.server.sts(&session, "GetCallerIdentity", &[]);
        let message = "The security token included in the request is invalid.";
        check_refusal(&reply, 403, "InvalidClientTokenId", message);
    };
    stage.server.iam("DeleteRolePolicy", &[("RoleName", "reader"), ("PolicyName", "inline")]);
    stage.server.iam("DeleteRole", &[("RoleName", "reader")]);
    gone();
    stage.role("reader", &stage.arn("iam", "user/caller"), &[]);
    gone();
}

#[test]
fn an_expired_session_is_told_so_before_its_signature_is_looked_at() {
    let stage = Stage::new(ALLOW_ALL);
    let session = stage.session(&[("DurationSeconds", "900")]);
    let forged = Keys { secret: "x".repeat(40), ..session.clone() };
    let message = "The security token included in the request is expired";
    let last = SignedDuration::from_secs(899);
    stage.server.clock.advance(last);
    assert_eq!(stage.read(&session), 200);
    assert_eq!(
        stage.server.sts(&forged, "GetCallerIdentity", &[]).refusal(),
        (403, "SignatureDoesNotMatch")
    );
    stage.server.clock.advance(SignedDuration::from_secs(1));
    for keys in [&session, &forged] {
        let reply = stage.server.sts(keys, "GetCallerIdentity", &[]);
        check_refusal(&reply, 403, "ExpiredToken", message);
        let reply = stage.server.ask_iam(keys, "ListUsers", &[]);
        check_refusal(&reply, 403, "ExpiredToken", message);
        let reply = stage.server.s3(keys, "GET", "/stage/probe", "");
        check_refusal(&reply, 400, "ExpiredToken", "The provided token has expired.");
    }
}
