//! The two switches that make the reference as unsteady as AWS: changes that take their time, and a
//! limit to how much is answered.

use std::thread::sleep;
use std::time::Duration;

use stspec_reference::Config;

use crate::client::{ALLOW_ALL, Keys, Server};

/// Long enough that every request before its end is sent before its end.
const DELAY: Duration = Duration::from_millis(1500);

fn slow() -> Server {
    Server::started(Config { propagation_delay: DELAY, ..Config::default() })
}

fn wait() {
    sleep(DELAY + Duration::from_millis(200));
}

/// What a caller is answered by STS, IAM and S3: status and code.
fn refusals(server: &Server, keys: &Keys) -> [(u16, String); 3] {
    let replies = [
        server.sts(keys, "GetCallerIdentity", &[]),
        server.ask_iam(keys, "ListUsers", &[]),
        server.s3(keys, "GET", "/", ""),
    ];
    replies.map(|reply| {
        let code = if reply.status == 200 { String::new() } else { reply.refusal().1.to_owned() };
        (reply.status, code)
    })
}

fn of(status: u16, codes: [&str; 3]) -> [(u16, String); 3] {
    codes.map(|code| (status, code.to_owned()))
}

#[test]
fn a_new_key_is_unknown_until_the_delay_is_over_though_iam_shows_it_at_once() {
    let server = slow();
    let user = server.user("new", ALLOW_ALL);
    let listed = server.iam("ListAccessKeys", &[("UserName", "new")]);
    assert!(listed.body.contains(&user.id), "{}", listed.body);
    let unknown = ["InvalidClientTokenId", "InvalidClientTokenId", "InvalidAccessKeyId"];
    assert_eq!(refusals(&server, &user), of(403, unknown));
    wait();
    assert_eq!(refusals(&server, &user), of(200, [""; 3]));
}

#[test]
fn what_is_taken_away_works_until_the_delay_is_over() {
    let server = slow();
    let user = server.user("leaving", ALLOW_ALL);
    wait();
    server.iam("DeleteUserPolicy", &[("UserName", "leaving"), ("PolicyName", "inline")]);
    let policies = server.iam("ListUserPolicies", &[("UserName", "leaving")]);
    assert!(!policies.body.contains("inline"), "{}", policies.body);
    assert_eq!(server.mint(&user, &[]).status, 200);
    wait();
    assert_eq!(server.mint(&user, &[]).refusal(), (403, "AccessDenied"));
    server.iam("DeleteAccessKey", &[("UserName", "leaving"), ("AccessKeyId", &user.id)]);
    assert_eq!(server.sts(&user, "GetCallerIdentity", &[]).status, 200);
    wait();
    let refused = server.sts(&user, "GetCallerIdentity", &[]);
    assert_eq!(refused.refusal(), (403, "InvalidClientTokenId"));
}

#[test]
fn one_request_too_many_is_throttled_in_the_words_of_its_service() {
    let config = Config { throttle: Some("3/s".parse().unwrap()), ..Config::default() };
    let server = Server::started(config);
    let root = server.root();
    // More than a bucket holds and refills while they are sent.
    let many = 0..40;
    let throttled =
        |status: u16, code: &str, words: &str, ask: &dyn Fn() -> crate::client::Reply| {
            let replies: Vec<_> = many.clone().map(|_| ask()).collect();
            let (fine, refused): (Vec<_>, Vec<_>) =
                replies.iter().partition(|reply| reply.status == 200);
            assert!(fine.len() >= 3 && !refused.is_empty(), "{} of 40", fine.len());
            for reply in refused {
                assert_eq!(reply.refusal(), (status, code));
                assert!(reply.body.contains(words), "{}", reply.body);
            }
        };
    throttled(400, "Throttling", "Rate exceeded", &|| server.sts(&root, "GetCallerIdentity", &[]));
    throttled(400, "Throttling", "Rate exceeded", &|| server.ask_iam(&root, "ListUsers", &[]));
    throttled(503, "SlowDown", "Please reduce", &|| server.s3(&root, "GET", "/", ""));
}

#[test]
fn without_the_switches_everything_is_answered_and_works_at_once() {
    let server = Server::started(Config::default());
    let user = server.user("new", ALLOW_ALL);
    for _ in 0..100 {
        assert_eq!(server.sts(&user, "GetCallerIdentity", &[]).status, 200);
    }
}
