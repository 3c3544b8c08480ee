//! Who is believed, and how the others are refused.

use jiff::SignedDuration;

use crate::client::{ALLOW_ALL, Call, Keys, Reply, Server, signature};

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

fn identity(server: &Server) -> Call {
    server.query("GetCallerIdentity", &[], "2011-06-15")
}

#[track_caller]
fn check(reply: &Reply, code: &str, message: &str) {
    assert_eq!(reply.refusal(), (403, code), "{}", reply.body);
    assert_eq!(reply.text("Message").replace("&#39;", "'"), message);
}

#[test]
fn an_unsigned_request_misses_its_token() {
    let server = Server::honest();
    let reply = server.send(&identity(&server), None);
    check(&reply, "MissingAuthenticationToken", "Request is missing Authentication Token");
}

#[test]
fn unknown_inactive_and_half_known_keys_are_invalid_tokens() {
    let server = Server::honest();
    let user = server.user("broker", ALLOW_ALL);
    let session = server.mint(&user, &[]).keys();
    let other = server.mint(&user, &[]).keys();
    let ask = |keys: &Keys| server.sts(keys, "GetCallerIdentity", &[]);
    let unknown = Keys { id: "AKIAUNKNOWNUNKNOWN12".to_owned(), ..user.clone() };
    let foreign = Keys { token: other.token.clone(), ..session.clone() };
    for keys in [
        unknown,
        Keys { token: None, ..session.clone() },
        Keys { token: Some("bm90IGEgdG9rZW4=".to_owned()), ..session.clone() },
        Keys { token: session.token.clone(), ..user.clone() },
        foreign,
    ] {
        check(&ask(&keys), "InvalidClientTokenId", INVALID_TOKEN);
    }
    assert_eq!(ask(&session).status, 200);
    let inactive =
        [("UserName", "broker"), ("AccessKeyId", user.id.as_str()), ("Status", "Inactive")];
    server.iam("UpdateAccessKey", &inactive);
    check(&ask(&user), "InvalidClientTokenId", INVALID_TOKEN);
}

#[test]
fn s3_names_the_signature_that_it_takes_to_a_client_that_presigns_with_version_2() {
    let server = Server::honest();
    let ask = |target: &str| server.send(&server.s3_call("GET", target, ""), None);
    let reply = ask("/bucket/key?AWSAccessKeyId=AKIASTSPECROOTDEVKEY&Signature=c2ln&Expires=9");
    assert_eq!(reply.refusal(), (400, "InvalidRequest"), "{}", reply.body);
    assert!(reply.text("Message").ends_with("Please use AWS4-HMAC-SHA256."));
    assert_eq!(ask("/bucket/key").refusal(), (404, "NoSuchBucket"), "an ordinary unsigned request");
}

#[test]
fn a_wrong_secret_does_not_match() {
    let server = Server::honest();
    let user = server.user("broker", ALLOW_ALL);
    let session = server.mint(&user, &[]).keys();
    for keys in [user, session, server.root()] {
        let wrong = Keys { secret: "x".repeat(40), ..keys };
        let reply = server.sts(&wrong, "GetCallerIdentity", &[]);
        assert_eq!(reply.refusal(), (403, "SignatureDoesNotMatch"));
        assert!(!reply.body.contains("StringToSign"));
    }
}

#[test]
fn a_body_that_was_changed_after_signing_does_not_match() {
    let server = Server::honest();
    let mut call = identity(&server);
    call.headers.insert(0, ("host".to_owned(), server.host()));
    let signed = signature(&server.host(), &call, &server.root());
    call.headers.extend(signed);
    call.headers.remove(0);
    assert_eq!(server.send(&call, None).status, 200);
    call.body.extend(b"&Extra=1");
    assert_eq!(server.send(&call, None).refusal(), (403, "SignatureDoesNotMatch"));
}

#[test]
fn the_clock_may_be_off_by_a_quarter_of_an_hour() {
    let server = Server::honest();
    let ask = |seconds: i64| {
        let mut call = identity(&server);
        call.signed_at += SignedDuration::from_secs(seconds);
        server.send(&call, Some(&server.root()))
    };
    assert_eq!((ask(-890).status, ask(890).status), (200, 200));
    let (stale, future) = (ask(-910), ask(910));
    assert_eq!(stale.refusal(), (403, "SignatureDoesNotMatch"));
    assert!(stale.text("Message").starts_with("Signature expired: "));
    assert_eq!(future.refusal(), (403, "SignatureDoesNotMatch"));
    assert!(future.text("Message").starts_with("Signature not yet current: "));
}

#[test]
fn both_faults_of_a_scope_are_named_and_come_before_the_key() {
    let server = Server::honest();
    let nobody = Keys { id: "AKIAUNKNOWNUNKNOWN12".to_owned(), ..server.root() };
    let ask = |service, region| {
        let call = Call { service, region, ..identity(&server) };
        server.send(&call, Some(&nobody))
    };
    let region = "Credential should be scoped to a valid region. ";
    let service = "Credential should be scoped to correct service: 'sts'. ";
    check(&ask("sts", "eu-west-1"), "SignatureDoesNotMatch", region);
    check(&ask("ec2", "us-east-1"), "SignatureDoesNotMatch", service);
    check(&ask("ec2", "eu-west-1"), "SignatureDoesNotMatch", &format!("{region}{service}"));
}

#[test]
fn an_expired_session_is_expired_even_with_a_wrong_secret() {
    let clock = stspec_reference::Clock::manual("2026-11-21T12:00:00Z".parse().unwrap());
    let server = Server::started(stspec_reference::Config { clock, ..Default::default() });
    let session = server.mint(&server.root(), &[("DurationSeconds", "900")]).keys();
    server.clock.advance(SignedDuration::from_secs(900));
    let wrong = Keys { secret: "x".repeat(40), ..session };
    let reply = server.sts(&wrong, "GetCallerIdentity", &[]);
    check(&reply, "ExpiredToken", "The security token included in the request is expired");
    assert_eq!(server.s3(&wrong, "GET", "/", "").refusal(), (400, "ExpiredToken"));
}

#[test]
fn an_unreadable_authorization_is_incomplete() {
    let server = Server::honest();
    let call = identity(&server).header("authorization", "AWS4-HMAC-SHA256 nonsense");
    let reply = server.send(&call, None);
    assert_eq!(reply.refusal(), (400, "IncompleteSignature"), "{}", reply.body);
}

#[test]
fn s3_and_iam_have_words_of_their_own() {
    let server = Server::honest();
    let session = server.mint(&server.root(), &[]).keys();
    let bare = Keys { token: None, ..session.clone() };
    let unreadable = Keys { token: Some("%%%".to_owned()), ..session.clone() };
    let wrong = Keys { secret: "x".repeat(40), ..server.root() };
    assert_eq!(server.s3(&bare, "GET", "/", "").refusal(), (403, "InvalidAccessKeyId"));
    assert_eq!(server.s3(&unreadable, "GET", "/", "").refusal(), (400, "InvalidToken"));
    let mismatch = server.s3(&wrong, "GET", "/", "");
    assert_eq!(mismatch.refusal(), (403, "SignatureDoesNotMatch"));
    assert!(mismatch.element("CanonicalRequest").is_some());
    assert_eq!(server.s3(&server.root(), "PUT", "/bucket", "").status, 200);
    assert_eq!(
        server.send(&server.s3_call("GET", "/bucket/key", ""), None).refusal(),
        (403, "AccessDenied")
    );
    let unknown = Keys { id: "AKIAUNKNOWNUNKNOWN12".to_owned(), ..server.root() };
    let reply = server.ask_iam(&unknown, "ListUsers", &[]);
    check(&reply, "InvalidClientTokenId", "The security token included in the request is invalid");
}

#[test]
fn servers_with_the_same_keys_know_each_others_sessions() {
    let keys = r#"{"keys": [{"id": 7, "created": "2026-11-21T00:00:00Z",
        "key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}]}"#;
    let config = || stspec_reference::Config {
        session_keys: Some(stspec_reference::SessionKeys(keys.to_owned())),
        ..stspec_reference::Config::default()
    };
    let (one, other) = (Server::started(config()), Server::started(config()));
    let session = one.mint(&one.root(), &[]).keys();
    assert_eq!(other.sts(&session, "GetCallerIdentity", &[]).status, 200);
    let stranger = Server::honest();
    assert_eq!(stranger.sts(&session, "GetCallerIdentity", &[]).status, 403);
}
