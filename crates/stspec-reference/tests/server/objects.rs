//! Buckets and objects over sockets.

use std::sync::atomic::{AtomicBool, Ordering};

use stspec_reference::{Config, Partition};

use crate::client::{ALLOW_ALL, Call, Server};

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

/// A body in one chunk with a checksum behind it, and what it says of its length.
fn chunked(server: &Server, data: &str, length: Option<&str>, trailer: &str) -> Call {
    let body = format!("{:x}\r\n{data}\r\n0\r\n{trailer}\r\n", data.len());
    let call = server
        .s3_call("PUT", "/stage/probe", &body)
        .header("x-amz-trailer", "x-amz-checksum-crc32");
    match length {
        Some(length) => call.header("x-amz-decoded-content-length", length),
        None => call,
    }
}

#[test]
fn a_body_in_chunks_has_the_length_and_the_checksum_that_it_says() {
    const CRC32: &str = "x-amz-checksum-crc32:NhCmhg==\r\n";
    let server = Server::honest();
    let root = server.root();
    assert_eq!(server.s3(&root, "PUT", "/stage", "").status, 200);
    let put =
        |length, trailer| server.send(&chunked(&server, "hello", length, trailer), Some(&root));
    for (length, trailer, refusal) in [
        (Some("3"), CRC32, (400, "IncompleteBody")),
        (Some("6"), CRC32, (400, "IncompleteBody")),
        (Some("five"), CRC32, (411, "MissingContentLength")),
        (None, CRC32, (411, "MissingContentLength")),
        (Some("5"), "x-amz-checksum-crc32:AAAAAA==\r\n", (400, "BadDigest")),
        (Some("5"), "", (400, "MalformedTrailerError")),
    ] {
        assert_eq!(put(length, trailer).refusal(), refusal, "{length:?} {trailer}");
        assert_eq!(server.s3(&root, "GET", "/stage/probe", "").status, 404);
    }
    let short = put(Some("3"), CRC32);
    assert_eq!((short.text("NumberBytesExpected"), short.text("NumberBytesProvided")), ("3", "5"));
    assert_eq!(put(Some("5"), CRC32).status, 200);
    assert_eq!(server.s3(&root, "GET", "/stage/probe", "").body, "hello");
}

#[test]
fn a_plain_body_may_say_what_it_will_of_a_decoded_length() {
    let server = Server::honest();
    let root = server.root();
    assert_eq!(server.s3(&root, "PUT", "/stage", "").status, 200);
    let put = server.s3_call("PUT", "/stage/probe", "hello");
    let put = put.header("x-amz-decoded-content-length", "3");
    assert_eq!(server.send(&put, Some(&root)).status, 200);
}

#[test]
fn another_partition_has_its_own_arns() {
    let config = Config { partition: Partition::China, ..Config::default() };
    let server = Server::started(config);
    let policy = |partition: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3:*",
            "Resource": "arn:{partition}:s3:::stage"}}]}}"#
        )
    };
    let native = server.user("native", &policy("aws-cn"));
    let foreign = server.user("foreign", &policy("aws"));
    assert_eq!(server.s3(&foreign, "PUT", "/stage", "").refusal(), (403, "AccessDenied"));
    assert_eq!(server.s3(&native, "PUT", "/stage", "").status, 200);
    assert_eq!(server.s3(&native, "GET", "/", "").refusal(), (403, "AccessDenied"));
}
