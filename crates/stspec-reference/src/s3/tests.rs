//! What S3 clients see.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Need, S3Context, execute, parse, refuse};
use crate::model::account::Partition;
use crate::state::directory::test_support::{ACCOUNT, now};
use crate::state::objects::{OBJECT_BYTES_MAX, SharedStore};
use crate::wire::answer::Answer;
use crate::wire::request::Request;

/// A store with one caller.
struct Client {
    store: SharedStore,
    region: &'static str,
    may: fn(&Need) -> bool,
}

/// A request that is yet to be sent.
struct Sent<'a> {
    target: &'a str,
    headers: &'a [(&'static str, &'a str)],
    body: &'a [u8],
}

impl Client {
    fn new() -> Self {
        Self { store: SharedStore::default(), region: "us-east-1", may: |_| true }
    }

    fn with_bucket() -> Self {
        let mut client = Self::new();
        client.check("PUT /bucket", 200);
        client
    }

    fn send(&mut self, sent: &Sent<'_>) -> Answer {
        let (method, target) = sent.target.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for (name, value) in sent.headers {
            let value = HeaderValue::from_str(value).unwrap();
            headers.insert(HeaderName::from_static(name), value);
        }
        let body = Bytes::copy_from_slice(sent.body);
        let request = Request {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.clone(),
        };
        let context = S3Context {
            store: &self.store,
            may: &self.may,
            region: self.region,
            account: ACCOUNT,
            rules: &super::Rules::default(),
            now: now(),
            request_id: "REQUEST",
        };
        let answer = match parse(&request, body, &[]) {
            Ok(call) => execute(&call, &context),
            Err(error) => refuse(&error, request.method == Method::HEAD, "REQUEST"),
        };
        assert_eq!(header(&answer, "x-amz-request-id"), Some("REQUEST"));
        assert!(header(&answer, "x-amz-id-2").is_some());
        answer
    }

    fn call(&mut self, target: &str, body: &str) -> Answer {
        self.send(&Sent { target, headers: &[], body: body.as_bytes() })
    }

    /// The body of an answer without a request body, whose status is this.
    #[track_caller]
    fn check(&mut self, target: &str, status: u16) -> String {
        let answer = self.call(target, "");
        assert_eq!(answer.status, status, "{target}: {}", text(&answer));
        text(&answer)
    }

    #[track_caller]
    fn check_refused(&mut self, target: &str, body: &str, status: u16, code: &str) -> String {
        let answer = self.call(target, body);
        let body = text(&answer);
        assert_eq!(answer.status, status, "{target}: {body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{target}: {body}");
        assert!(body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>"), "{body}");
        assert!(body.contains("<RequestId>REQUEST</RequestId>") && body.contains("<HostId>"));
        assert_eq!(header(&answer, "content-type"), Some("application/xml"));
        body
    }
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let (_, value) = answer.headers.iter().find(|(found, _)| *found == name)?;
    Some(value)
}

/// The texts of all elements of this name.
fn texts<'a>(body: &'a str, name: &str) -> Vec<&'a str> {
    let tag = format!("<{name}>");
    let tails = body.split(tag.as_str()).skip(1);
    tails.map(|tail| tail.split_once("</").unwrap().0).collect()
}

#[test]
fn a_bucket_is_created_listed_found_and_deleted() {
    let mut client = Client::new();
    client.check("PUT /bucket", 200);
    let listed = client.check("GET /", 200);
    assert_eq!(texts(&listed, "Name"), ["bucket"]);
    assert_eq!(texts(&listed, "CreationDate"), ["2026-11-21T20:00:00.000Z"]);
    let head = client.call("HEAD /bucket", "");
    assert_eq!(header(&head, "x-amz-bucket-region"), Some("us-east-1"));
    client.check("DELETE /bucket/", 204);
    client.check_refused("DELETE /bucket", "", 404, "NoSuchBucket");
    let head = client.call("HEAD /bucket", "");
    assert_eq!((head.status, head.body.len()), (404, 0));
}

#[test]
fn a_bucket_with_objects_is_not_deleted() {
    let mut client = Client::with_bucket();
    client.call("PUT /bucket/k", "x");
    client.check_refused("DELETE /bucket", "", 409, "BucketNotEmpty");
    client.check("DELETE /bucket/k", 204);
    client.check("DELETE /bucket/k", 204);
    client.check("DELETE /bucket", 204);
}

#[test]
fn only_the_first_region_lets_a_bucket_be_created_again() {
    let mut client = Client::with_bucket();
    client.check("PUT /bucket", 200);
    client.region = "eu-west-1";
    client.check_refused("PUT /bucket", "", 409, "BucketAlreadyOwnedByYou");
    client.check("PUT /other", 200);
    client.region = "us-east-1";
    client.check_refused("PUT /other", "", 409, "BucketAlreadyOwnedByYou");
}

#[test]
fn the_location_is_the_constraint_or_the_region_of_the_request() {
    let mut client = Client::new();
    let constraint = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    assert_eq!(client.call("PUT /central", constraint).status, 200);
    let location = client.check("GET /central?location", 200);
    assert!(location.contains(">eu-central-1</LocationConstraint>"), "{location}");
    client.check("PUT /first", 200);
    let location = client.check("GET /first?location", 200);
    assert!(location.contains("2006-03-01/\"></LocationConstraint>"), "{location}");
    client.check_refused("PUT /third", "<Create", 400, "MalformedXML");
}

#[test]
fn names_that_break_the_rules_are_refused_and_escaped() {
    let body = Client::new().check_refused("PUT /A%26%3C", "", 400, "InvalidBucketName");
    assert_eq!(texts(&body, "BucketName"), ["A&amp;&lt;"]);
}

#[test]
fn an_object_comes_back_as_it_was_put() {
    let mut client = Client::with_bucket();
    let put = client.send(&Sent {
        target: "PUT /bucket/a/b%20%2B+%C3%A9",
        headers: &[("content-type", "text/plain")],
        body: b"hello",
    });
    assert_eq!(header(&put, "etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let got = client.call("GET /bucket/a/b%20%2B%2B%C3%A9", "");
    assert_eq!((got.status, text(&got).as_str()), (200, "hello"));
    assert_eq!(header(&got, "content-type"), Some("text/plain"));
    assert_eq!(header(&got, "last-modified"), Some("Sat, 21 Nov 2026 20:00:00 GMT"));
    let head = client.call("HEAD /bucket/a/b%20%2B%2B%C3%A9", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(header(&head, "content-length"), Some("5"));
}

#[test]
fn a_bucket_in_the_host_name_is_the_bucket() {
    let mut client = Client::with_bucket();
    client.call("PUT /bucket/k", "hello");
    for (host, target, status) in [
        ("bucket.localhost:8080", "GET /k", 200),
        ("bucket.s3.localhost", "GET /k", 200),
        ("localhost:8080", "GET /bucket/k", 200),
        ("127.0.0.1:8080", "GET /bucket/k", 200),
        ("s3.localhost", "GET /bucket/k", 200),
        ("other.localhost", "GET /k", 404),
    ] {
        let answer = client.send(&Sent { target, headers: &[("host", host)], body: b"" });
        assert_eq!(answer.status, status, "{host}");
    }
}

#[test]
fn a_range_selects_bytes() {
    let mut client = Client::with_bucket();
    client.call("PUT /bucket/k", "0123456789");
    let get = |client: &mut Client, target, range| {
        client.send(&Sent { target, headers: &[("range", range)], body: b"" })
    };
    let part = get(&mut client, "GET /bucket/k", "bytes=2-4");
    assert_eq!((part.status, text(&part).as_str()), (206, "234"));
    assert_eq!(header(&part, "content-range"), Some("bytes 2-4/10"));
    let head = get(&mut client, "HEAD /bucket/k", "bytes=-3");
    assert_eq!((head.status, header(&head, "content-length")), (206, Some("3")));
    let beyond = get(&mut client, "GET /bucket/k", "bytes=10-");
    assert_eq!(beyond.status, 416);
    assert_eq!(texts(&text(&beyond), "ActualObjectSize"), ["10"]);
}

#[test]
fn a_missing_key_is_shown_to_those_who_may_list() {
    let mut client = Client::with_bucket();
    let body = client.check_refused("GET /bucket/a%26b", "", 404, "NoSuchKey");
    assert_eq!(texts(&body, "Key"), ["a&amp;b"]);
    client.may = |need| need.action != "s3:ListBucket" || need.path != "bucket";
    client.check_refused("GET /bucket/k", "", 403, "AccessDenied");
    let head = client.call("HEAD /bucket/k", "");
    assert_eq!((head.status, head.body.len()), (403, 0));
    client.check_refused("GET /other/k", "", 404, "NoSuchBucket");
}

#[test]
fn an_object_has_one_mebibyte_at_most() {
    let mut client = Client::with_bucket();
    let large = "x".repeat(OBJECT_BYTES_MAX + 1);
    let body = client.check_refused("PUT /bucket/k", &large, 400, "EntityTooLarge");
    assert_eq!(texts(&body, "MaxSizeAllowed"), ["1048576"]);
    assert_eq!(client.call("PUT /bucket/k", &large[1..]).status, 200);
}

#[test]
fn a_body_that_does_not_match_its_digest_is_not_stored() {
    let mut client = Client::with_bucket();
    for (digest, status) in
        [("XUFAKrxLKna5cZ2REBfFkg==", 200), ("1B2M2Y8AsgTpgAmY7PhCfg==", 400), ("x", 400)]
    {
        let headers = [("content-md5", digest)];
        let answer =
            client.send(&Sent { target: "PUT /bucket/k", headers: &headers, body: b"hello" });
        assert_eq!(answer.status, status, "{digest}");
    }
}

#[test]
fn a_key_has_1024_bytes_at_most() {
    let mut client = Client::with_bucket();
    client.check(&format!("PUT /bucket/{}", "k".repeat(1024)), 200);
    let target = format!("PUT /bucket/{}", "k".repeat(1025));
    client.check_refused(&target, "", 400, "KeyTooLongError");
    client.check_refused("GET /bucket/%FF", "", 400, "InvalidURI");
}

#[test]
fn version_two_pages_cover_every_key_once() {
    let mut client = Client::with_bucket();
    for key in ["a", "b/1", "b/2", "c%26", "d/1"] {
        client.call(&format!("PUT /bucket/{key}"), "x");
    }
    let list = "GET /bucket?list-type=2&delimiter=/&max-keys=2";
    let first = client.check(list, 200);
    assert_eq!(texts(&first, "Key"), ["a"]);
    assert_eq!(texts(&first, "KeyCount"), ["2"]);
    assert!(first.contains("<CommonPrefixes>\n    <Prefix>b/</Prefix>"), "{first}");
    let token = texts(&first, "NextContinuationToken")[0];
    let second = client.check(&format!("{list}&continuation-token={token}"), 200);
    assert_eq!(texts(&second, "Key"), ["c&amp;"]);
    assert_eq!(texts(&second, "IsTruncated"), ["false"]);
    assert_eq!(texts(&second, "ContinuationToken"), [token]);
    let encoded = client.check("GET /bucket?list-type=2&encoding-type=url&prefix=c", 200);
    assert_eq!(texts(&encoded, "Key"), ["c%26"]);
    let encoded = client.check("GET /bucket?list-type=2&encoding-type=url&prefix=d", 200);
    assert_eq!(texts(&encoded, "Key"), ["d/1"]);
    let after = client.check("GET /bucket?list-type=2&start-after=b/2", 200);
    assert_eq!(texts(&after, "Key"), ["c&amp;", "d/1"]);
    assert_eq!(texts(&after, "StartAfter"), ["b/2"]);
    let bad = "GET /bucket?list-type=2&continuation-token=!";
    client.check_refused(bad, "", 400, "InvalidArgument");
}

#[test]
fn version_one_pages_go_on_after_a_marker() {
    let mut client = Client::with_bucket();
    for key in ["a", "b/1", "c"] {
        client.call(&format!("PUT /bucket/{key}"), "x");
    }
    let first = client.check("GET /bucket?max-keys=2", 200);
    assert_eq!(texts(&first, "Key"), ["a", "b/1"]);
    assert!(!first.contains("NextMarker") && !first.contains("KeyCount"), "{first}");
    let second = client.check("GET /bucket?max-keys=2&marker=b/1", 200);
    assert_eq!(texts(&second, "Key"), ["c"]);
    let rolled = client.check("GET /bucket?max-keys=2&delimiter=/", 200);
    assert_eq!(texts(&rolled, "NextMarker"), ["b/"]);
    let rest = client.check("GET /bucket?max-keys=2&delimiter=/&marker=b/", 200);
    assert_eq!(texts(&rest, "Key"), ["c"]);
    let capped = client.check("GET /bucket?max-keys=5000", 200);
    assert_eq!(texts(&capped, "MaxKeys"), ["1000"]);
    client.check_refused("GET /bucket?max-keys=-1", "", 400, "InvalidArgument");
    client.check_refused("GET /bucket?max-keys=x", "", 400, "InvalidArgument");
    client.check_refused("GET /bucket?encoding-type=x", "", 400, "InvalidArgument");
}

#[test]
fn many_objects_are_deleted_but_those_that_may_not() {
    let mut client = Client::with_bucket();
    for key in ["a%26", "b", "kept"] {
        client.call(&format!("PUT /bucket/{key}"), "x");
    }
    client.may = |need| !(need.action == "s3:DeleteObject" && need.path.ends_with("/kept"));
    let keys = "<Delete><Object><Key>a&amp;</Key></Object><Object><Key>none</Key></Object><Object><Key>kept</Key></Object></Delete>";
    let body = text(&client.call("POST /bucket?delete", keys));
    assert_eq!(texts(&body, "Key"), ["a&amp;", "none", "kept"]);
    assert_eq!(texts(&body, "Code"), ["AccessDenied"]);
    assert_eq!(texts(&client.check("GET /bucket", 200), "Key"), ["b", "kept"]);
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
    assert_eq!(texts(&text(&client.call("POST /bucket?delete", quiet)), "Key").len(), 0);
    client.check_refused("POST /bucket?delete", "<Delete></Delete>", 400, "MalformedXML");
    client.check_refused("POST /bucket?delete", "", 400, "MalformedXML");
    let version = "<Delete><Object><Key>k</Key><VersionId>1</VersionId></Object></Delete>";
    client.check_refused("POST /bucket?delete", version, 501, "NotImplemented");
    let many = format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(1001));
    client.check_refused("POST /bucket?delete", &many, 400, "MalformedXML");
}

#[test]
fn a_bucket_policy_is_put_shown_and_deleted_twice() {
    let mut client = Client::with_bucket();
    client.check_refused("GET /bucket?policy", "", 404, "NoSuchBucketPolicy");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::123456789012:federated-user/bob"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}"#;
    assert_eq!(client.call("PUT /bucket?policy", policy).status, 204);
    let shown = client.call("GET /bucket?policy", "");
    assert_eq!((shown.status, text(&shown).as_str()), (200, policy));
    assert_eq!(header(&shown, "content-type"), Some("application/json"));
    let elsewhere = policy.replace(":::bucket", ":::other");
    client.check_refused("PUT /bucket?policy", &elsewhere, 400, "MalformedPolicy");
    client.check_refused("PUT /bucket?policy", "hello", 400, "MalformedPolicy");
    let nobody = policy.replace("Principal", "Nobody");
    client.check_refused("PUT /bucket?policy", &nobody, 400, "MalformedPolicy");
    client.check("DELETE /bucket?policy", 204);
    client.check("DELETE /bucket?policy", 204);
    client.check_refused("PUT /other?policy", policy, 404, "NoSuchBucket");
}

#[test]
fn what_is_not_implemented_says_so() {
    let mut client = Client::with_bucket();
    client.check_refused("GET /bucket?acl", "", 501, "NotImplemented");
    client.check_refused("POST /bucket/k?uploads", "", 501, "NotImplemented");
    let headers = [("x-amz-copy-source", "/bucket/other")];
    let copy = client.send(&Sent { target: "PUT /bucket/k", headers: &headers, body: b"" });
    assert_eq!((copy.status, texts(&text(&copy), "Header")), (501, vec!["x-amz-copy-source"]));
    client.check_refused("POST /bucket", "", 405, "MethodNotAllowed");
    client.check_refused("PATCH /bucket/k", "", 405, "MethodNotAllowed");
    client.check_refused("DELETE /", "", 405, "MethodNotAllowed");
}

#[test]
fn each_operation_needs_its_own_action_and_resource() {
    for (target, action, resource) in [
        ("GET /", "s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        ("PUT /bucket", "s3:CreateBucket", "arn:aws:s3:::bucket"),
        ("HEAD /bucket", "s3:ListBucket", "arn:aws:s3:::bucket"),
        ("GET /bucket?prefix=x", "s3:ListBucket", "arn:aws:s3:::bucket"),
        ("GET /bucket?location", "s3:GetBucketLocation", "arn:aws:s3:::bucket"),
        ("GET /bucket?policy", "s3:GetBucketPolicy", "arn:aws:s3:::bucket"),
        ("PUT /bucket?policy", "s3:PutBucketPolicy", "arn:aws:s3:::bucket"),
        ("DELETE /bucket?policy", "s3:DeleteBucketPolicy", "arn:aws:s3:::bucket"),
        ("DELETE /bucket", "s3:DeleteBucket", "arn:aws:s3:::bucket"),
        ("PUT /bucket/a/b", "s3:PutObject", "arn:aws:s3:::bucket/a/b"),
        ("GET /bucket/a%20b", "s3:GetObject", "arn:aws:s3:::bucket/a b"),
        ("HEAD /bucket/k", "s3:GetObject", "arn:aws:s3:::bucket/k"),
        ("DELETE /bucket/k", "s3:DeleteObject", "arn:aws:s3:::bucket/k"),
    ] {
        let (method, target) = target.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        let call = parse(&request, Bytes::new(), &[]).unwrap();
        let need = call.operation().need().unwrap();
        assert_eq!((need.action, &*need.resource(Partition::Aws)), (action, resource));
        let elsewhere = resource.replace("arn:aws:", "arn:aws-cn:");
        assert_eq!(need.resource(Partition::China), elsewhere);
    }
}

#[test]
fn metadata_comes_back_with_the_object() {
    let mut client = Client::with_bucket();
    let headers = [("x-amz-meta-team", "a b"), ("x-amz-meta-empty", "")];
    let put = Sent { target: "PUT /bucket/k", headers: &headers, body: b"content" };
    assert_eq!(client.send(&put).status, 200);
    for target in ["GET /bucket/k", "HEAD /bucket/k"] {
        let answer = client.call(target, "");
        assert_eq!(header(&answer, "x-amz-meta-team"), Some("a b"), "{target}");
        assert_eq!(header(&answer, "x-amz-meta-empty"), Some(""), "{target}");
    }
    client.call("PUT /bucket/k", "content");
    assert_eq!(header(&client.call("GET /bucket/k", ""), "x-amz-meta-team"), None);
}

#[test]
fn metadata_holds_two_kibibytes_and_no_byte_more() {
    let mut client = Client::with_bucket();
    let mut put = |bytes: usize| {
        let value = "v".repeat(bytes - "k".len());
        let headers = [("x-amz-meta-k", value.as_str())];
        client.send(&Sent { target: "PUT /bucket/k", headers: &headers, body: b"" })
    };
    assert_eq!(put(2048).status, 200);
    let refused = put(2049);
    assert_eq!(refused.status, 400);
    assert!(text(&refused).contains("<Code>MetadataTooLarge</Code>"), "{}", text(&refused));
}
