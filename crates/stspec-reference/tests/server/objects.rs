//! Buckets and objects over sockets.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::client::{ALLOW_ALL, Server};

const NOTHING: &str = r#"{"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}]}"#;

#[test]
fn a_bucket_that_is_not_there_is_said_to_be_missing_whoever_asks() {
    let server = Server::honest();
    let user = server.user("powerless", NOTHING);
    for (method, target) in [
        ("GET", "/nowhere"),
        ("GET", "/nowhere/key"),
        ("PUT", "/nowhere/key"),
        ("DELETE", "/nowhere"),
        ("GET", "/nowhere?policy"),
    ] {
        let reply = server.s3(&user, method, target, "");
        assert_eq!(reply.refusal(), (404, "NoSuchBucket"), "{method} {target}");
    }
    let anonymous = server.send(&server.s3_call("GET", "/nowhere/key", ""), None);
    assert_eq!(anonymous.refusal(), (404, "NoSuchBucket"));
    // Where there is one, the permission counts again; and to create one it always does.
    assert_eq!(server.s3(&user, "PUT", "/somewhere", "").refusal(), (403, "AccessDenied"));
    assert_eq!(server.s3(&server.root(), "PUT", "/somewhere", "").status, 200);
    assert_eq!(server.s3(&user, "GET", "/somewhere", "").refusal(), (403, "AccessDenied"));
}

#[test]
fn metadata_passes_through_the_wire() {
    let server = Server::honest();
    let user = server.user("writer", ALLOW_ALL);
    assert_eq!(server.s3(&user, "PUT", "/stage", "").status, 200);
    let put = server.s3_call("PUT", "/stage/probe", "content").header("x-amz-meta-team", "a");
    assert_eq!(server.send(&put, Some(&user)).status, 200);
    let reply = server.s3(&user, "GET", "/stage/probe", "");
    assert_eq!((reply.status, reply.header("x-amz-meta-team")), (200, Some("a")));
}

#[test]
fn readers_and_writers_of_one_object_end() {
    let server = Server::honest();
    let user = server.user("writer", ALLOW_ALL);
    assert_eq!(server.s3(&user, "PUT", "/stage", "").status, 200);
    assert_eq!(server.s3(&user, "PUT", "/stage/probe", "0").status, 200);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(server.s3(&user, "GET", "/stage/probe", "").status, 200);
                    assert_eq!(server.s3(&user, "GET", "/stage/missing", "").status, 404);
                }
            });
        }
        for number in 0..50 {
            assert_eq!(server.s3(&user, "PUT", "/stage/probe", &number.to_string()).status, 200);
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(server.s3(&user, "GET", "/stage/probe", "").body, "49");
}
