//! An account that begins with a seed.

use stspec_reference::{Config, Reference, Seed, SessionKeys, StartError};

use crate::client::{Keys, Server};

const SEED: &str = r#"{
    "account": "123456789012",
    "policies": [{"name": "reading", "path": "/team/", "document": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}],
    "users": [{
        "name": "broker", "path": "/team/", "tags": {"team": "a"},
        "attached": ["arn:aws:iam::123456789012:policy/team/reading"],
        "inline_policies": {"mint": {"Version": "2012-10-17", "Statement":
            [{"Effect": "Allow", "Action": ["sts:*", "s3:*"], "Resource": "*"}]}},
        "access_keys": [
            {"id": "AKIASTSPECSEEDBROKER", "secret": "broker/secret"},
            {"id": "AKIASTSPECSEEDBROKE2", "secret": "broker/other", "status": "Inactive"}]
    }, {
        "name": "bounded", "boundary": "arn:aws:iam::123456789012:policy/team/reading",
        "inline_policies": {"all": {"Statement":
            [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}},
        "access_keys": [{"id": "AKIASTSPECSEEDBOUNDS", "secret": "bounded/secret"}]
    }],
    "roles": [{"name": "reader", "max_session_duration": 7200,
        "trust": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:user/team/broker"}}]},
        "inline_policies": {"read": {"Statement":
            [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}}],
    "buckets": [{"name": "stage", "region": "eu-west-1",
        "policy": {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::stage/secret"}]},
        "objects": {"probe": {"text": "content", "content_type": "text/plain"},
            "secret": {"base64": "AAEC"}}}]
}"#;

const KEY_RING: &str = r#"{"keys": [{"id": 1, "created": "2026-11-21T00:00:00Z",
    "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}"#;

fn config(seed: &str) -> Config {
    let seed = Seed::from_json(seed).unwrap();
    let account = seed.account().cloned().unwrap();
    Config { account, seed: Some(seed), ..Config::default() }
}

fn with_ring(seed: &str) -> Server {
    Server::started(Config { session_keys: Some(SessionKeys(KEY_RING.to_owned())), ..config(seed) })
}

fn keys(id: &str, secret: &str) -> Keys {
    Keys { id: id.to_owned(), secret: secret.to_owned(), token: None }
}

fn broker() -> Keys {
    keys("AKIASTSPECSEEDBROKER", "broker/secret")
}

#[test]
fn everything_in_a_seed_is_there() {
    let server = Server::started(config(SEED));
    let broker = broker();
    let identity = server.sts(&broker, "GetCallerIdentity", &[]);
    assert_eq!(identity.text("Arn"), "arn:aws:iam::123456789012:user/team/broker");
    let inactive = keys("AKIASTSPECSEEDBROKE2", "broker/other");
    assert_eq!(
        server.sts(&inactive, "GetCallerIdentity", &[]).refusal(),
        (403, "InvalidClientTokenId")
    );
    assert!(server.iam("ListUserTags", &[("UserName", "broker")]).body.contains("<Value>a<"));
    let read = server.s3(&broker, "GET", "/stage/probe", "");
    assert_eq!((read.status, read.body.as_str()), (200, "content"));
    assert_eq!(read.header("content-type"), Some("text/plain"));
    assert_eq!(server.s3(&broker, "GET", "/stage/secret", "").status, 403);
    let location = server.s3(&broker, "GET", "/stage?location", "");
    assert!(location.body.contains("eu-west-1"), "{}", location.body);
    let bounded = keys("AKIASTSPECSEEDBOUNDS", "bounded/secret");
    assert_eq!(server.s3(&bounded, "GET", "/stage/probe", "").status, 200);
    assert_eq!(server.s3(&bounded, "PUT", "/stage/new", "x").status, 403);
    let role = [
        ("RoleArn", "arn:aws:iam::123456789012:role/reader"),
        ("RoleSessionName", "s1"),
        ("DurationSeconds", "7200"),
    ];
    let session = server.sts(&broker, "AssumeRole", &role).keys();
    assert_eq!(server.s3(&session, "GET", "/stage/probe", "").status, 200);
}

#[test]
fn servers_with_one_seed_and_one_key_ring_know_each_others_sessions() {
    let (one, two) = (with_ring(SEED), with_ring(SEED));
    let federated = one.mint(&broker(), &[]).keys();
    let role = [("RoleArn", "arn:aws:iam::123456789012:role/reader"), ("RoleSessionName", "s1")];
    let assumed = two.sts(&broker(), "AssumeRole", &role).keys();
    for server in [&one, &two] {
        for keys in [&federated, &assumed] {
            assert_eq!(server.sts(keys, "GetCallerIdentity", &[]).status, 200);
        }
    }
    // The same ring without the seed knows the session, but not its issuer.
    let bare = with_ring(r#"{"account": "123456789012"}"#);
    let reply = bare.sts(&federated, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "InvalidClientTokenId"));
    let other_ring = Server::started(config(SEED));
    let reply = other_ring.sts(&federated, "GetCallerIdentity", &[]);
    assert_eq!(reply.refusal(), (403, "InvalidClientTokenId"));
}

#[track_caller]
fn check_fault(from: &str, to: &str, expected: &str) {
    assert!(SEED.contains(from), "{from}");
    let config = config(&SEED.replacen(from, to, 1));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(Reference::start(config)).unwrap_err();
    assert!(matches!(error, StartError::Seed(_)), "{error:?}");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_fault_is_reported_with_place_fact_and_remedy() {
    check_fault(
        r#""name": "bounded""#,
        r#""name": "broker""#,
        "`users[1]` of the seed: User with name broker already exists; give it a name of its own",
    );
    check_fault(
        "policy/team/reading\"]",
        "policy/reading\"]",
        "`users[0].attached[0]` of the seed: Policy arn:aws:iam::123456789012:policy/reading does \
         not exist or is not attachable; name something that the seed creates, or that AWS has",
    );
    check_fault(
        r#""mint": {"Version": "2012-10-17", "Statement":"#,
        r#""mint": {"Version": "2012-10-17", "Statements":"#,
        "`users[0].inline_policies.mint` of the seed: Syntax errors in policy; write what IAM takes",
    );
    check_fault(
        "Inactive",
        "Off",
        "`users[0].access_keys[1].status` of the seed: 1 validation error detected: Value 'Off' at \
         'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, \
         Inactive]; write what IAM takes",
    );
}

#[test]
fn a_fault_of_a_key_a_bucket_or_an_object_is_too() {
    check_fault(
        "AKIASTSPECSEEDBOUNDS",
        "AKIASTSPECSEEDBROKER",
        "`users[1].access_keys[0].id` of the seed: `AKIASTSPECSEEDBROKER` is another access key's; \
         give each access key an id of its own",
    );
    check_fault(
        "AKIASTSPECSEEDBOUNDS",
        "ASIASTSPECSEEDBOUNDS",
        "`users[1].access_keys[0].id` of the seed: `ASIASTSPECSEEDBOUNDS` is no id of a long-term \
         access key; write `AKIA` and 16 upper-case letters or digits",
    );
    check_fault(
        r#""name": "stage""#,
        r#""name": "Stage""#,
        "`buckets[0].name` of the seed: `Stage` is no name of a bucket; write 3 to 63 lower-case \
         letters, digits, dots or hyphens",
    );
    check_fault(
        r#""base64": "AAEC""#,
        r#""base64": "AAEC", "text": """#,
        "`buckets[0].objects.secret` of the seed: the object needs one body; write either `text` \
         or `base64`",
    );
    check_fault(
        "arn:aws:s3:::stage/secret",
        "arn:aws:s3:::other/secret",
        "`buckets[0].policy` of the seed: Policy has invalid resource; write what S3 takes",
    );
}

#[test]
fn a_seed_for_another_account_is_refused() {
    let seed = Seed::from_json(SEED).unwrap();
    let config = Config { seed: Some(seed), ..Config::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let error = runtime.block_on(Reference::start(config)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the seed is for account 123456789012, and the server for 424242424242; give both the same"
    );
}
