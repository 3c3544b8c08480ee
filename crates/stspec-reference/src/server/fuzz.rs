//! Whatever arrives, every parser ends, panics never, and answers with what the client did wrong.
//!
//! `cargo test` runs each property a few hundred times; `cargo xtask fuzz` for a minute.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::faults::{Fault, Faults};

use crate::server::config::Config;
use crate::server::seed::Seed;
use crate::server::start::Server;
use crate::session_token::KeyRing;
use crate::sigv4::{self, Credentials, Endpoint, SignedRequest};
use crate::wire::request::{Params, Request};

/// What an answer may hold beyond what the request made it echo.
const ANSWER_BYTES_OWN_MAX: usize = 64 * 1024;

/// Most bytes that one byte of a request becomes: U+FFFD escaped, or `&quot;`.
const ECHO_FACTOR: usize = 8;

/// Text of the alphabet that parsers stumble over, mixed with anything else.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![
            "%", "%%", "%f", "%ff", "%00", "+", "&", "=", ";", ",", "/", "//", "..", "'", "\"",
            "<", ">", "<a>", "</a>", "<a/>", "<!--", "]]>", "&#x0;", "&amp", "{", "}", "[", "]",
            ":", "\\u", "\\ud800", "-1", "0", "1e999", "99999999999999999999", "${", "${aws:x}",
            "*", "?", "\r\n", "\n", "\u{0}", "\u{fffd}", "ß", "arn:aws:iam::1:user/x", "Allow",
            "Statement", "Action", "2012-10-17", "AWS4-HMAC-SHA256", "Credential=", "20261121",
            "chunk-signature=",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..200), text().prop_map(String::into_bytes)]
}

/// Documents that are nearly right, so that the depths of a parser are reached.
fn documents() -> impl Strategy<Value = String> {
    let policy = (text(), text()).prop_map(|(action, resource)| {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": resource,
            "Condition": {"StringLike": {(action.as_str()): resource.as_str()}}}]});
        document.to_string()
    });
    let xml = text().prop_map(|text| {
        format!("<CreateBucketConfiguration><LocationConstraint>{text}</LocationConstraint></CreateBucketConfiguration>")
    });
    prop_oneof![text(), policy, xml]
}

/// Text in which one piece is replaced by another, so that it is nearly what a parser expects.
fn nearly(document: &'static str) -> impl Strategy<Value = String> {
    let middle = any::<prop::sample::Index>();
    (middle, 0_usize..12, prop_oneof![2 => Just(String::new()), 3 => text()]).prop_map(
        move |(at, length, piece)| {
            let characters: Vec<char> = document.chars().collect();
            let at = at.index(characters.len());
            let (before, rest) = characters.split_at(at);
            let after = rest.iter().skip(length);
            before.iter().copied().chain(piece.chars()).chain(after.copied()).collect()
        },
    )
}

/// A seed with an entry of every kind.
const SEED: &str = r#"{"account": "424242424242",
    "policies": [{"name": "all", "document": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}],
    "users": [{"name": "broker", "path": "/team/", "tags": {"team": "a"},
        "access_keys": [{"id": "AKIASTSPECEXAMPLEKEY", "secret": "not/a/secret"}],
        "inline_policies": {"all": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}}}],
    "roles": [{"name": "app", "trust": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "424242424242"}, "Action": "sts:AssumeRole"}]}}],
    "buckets": [{"name": "bucket", "objects": {"key": {"text": "body"}}}]}"#;

/// A key ring of two.
const RING: &str = r#"{"keys": [
    {"id": 1, "created": "2026-01-01T00:00:00Z", "key": "c3RzcGVjLWNsaWVudHMtdGhyb3dhd2F5LWtleS0wMDE="},
    {"id": 2, "created": "2026-01-02T00:00:00Z", "key": "c3RzcGVjLWNsaWVudHMtdGhyb3dhd2F5LWtleS0wMDI="}]}"#;

/// A signed request as bytes.
const SIGNED: &str = "POST /a/./b?x=%20&X-Amz-Expires=1 HTTP/1.1\r\nHost: localhost\r\n\
    X-Amz-Date: 19700101T000000Z\r\nMy-Header: a\r\n  b\r\nAuthorization: AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/19700101/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-date, \
    Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\nbody";

/// A presigned request as bytes.
const PRESIGNED: &str = "GET /key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F\
    19700101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=19700101T000000Z&X-Amz-Expires=60&\
    X-Amz-SignedHeaders=host&X-Amz-Security-Token=t&X-Amz-Signature=00 HTTP/1.1\r\n\
    Host: localhost\r\n\r\n";

/// Form parameters with names that mean something.
fn forms() -> impl Strategy<Value = String> {
    let action = select(vec![
        "GetFederationToken",
        "GetCallerIdentity",
        "GetSessionToken",
        "AssumeRole",
        "CreateUser",
        "PutUserPolicy",
        "CreateAccessKey",
        "ListUsers",
        "CreateRole",
        "CreatePolicy",
        "TagUser",
        "GetUser",
        "",
    ]);
    let version = select(vec!["2011-06-15", "2010-05-08", ""]);
    let name = prop_oneof![
        6 => select(vec![
            "Name", "Policy", "DurationSeconds", "PolicyArns.member.1.arn", "Tags.member.1.Key",
            "Tags.member.1.Value", "Tags.member.99999999999.Key", "Tags.member.-1.Key",
            "PolicyArns.member..arn", "MinimumSessionTokenSize", "UserName", "Path", "MaxItems",
            "Marker", "PolicyDocument", "PolicyName", "AssumeRolePolicyDocument", "RoleName",
        ]).prop_map(str::to_owned),
        1 => text(),
    ];
    (action, version, vec((name, documents()), 0..6)).prop_map(|(action, version, pairs)| {
        let encode = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let pairs =
            pairs.iter().map(|(name, value)| format!("&{}={}", encode(name), encode(value)));
        format!("Action={action}&Version={version}{}", pairs.collect::<String>())
    })
}

/// Headers of which some value leads deeper into a parser.
const SPEAKING_HEADERS: [(&str, &str); 8] = [
    ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
    ("x-amz-decoded-content-length", "5"),
    ("x-amz-trailer", "x-amz-checksum-crc32"),
    ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ("x-amz-sdk-checksum-algorithm", "CRC32"),
    ("range", "bytes=0-1"),
    ("host", "bucket.s3.localhost:4566"),
];

fn speaking_values() -> impl Strategy<Value = Vec<u8>> {
    select(SPEAKING_HEADERS.map(|(_, value)| value.as_bytes().to_vec()).to_vec())
}

/// Headers with names that mean something.
fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = select(vec![
        "host",
        "authorization",
        "x-amz-date",
        "date",
        "x-amz-security-token",
        "content-type",
        "x-amz-content-sha256",
        "content-encoding",
        "range",
        "accept",
        "origin",
        "content-md5",
        "x-amz-decoded-content-length",
        "x-amz-copy-source",
        "if-match",
        "user-agent",
    ]);
    let pair = prop_oneof![
        8 => (name, bytes()),
        2 => (select(SPEAKING_HEADERS.map(|(name, _)| name).to_vec()), speaking_values()),
    ];
    vec(pair, 0..8).prop_map(|pairs| {
        let valid = pairs.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?))
        });
        valid.collect()
    })
}

/// A request of root for one of the services, signed with something that only a server without
/// signature checks takes, and with whatever else.
fn requests() -> impl Strategy<Value = Request> {
    let method = select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"]);
    let path = prop_oneof![3 => Just(String::new()), 2 => "bucket(/key)?", 1 => text()];
    let query = prop_oneof![3 => Just(String::new()), 1 => text(), 1 => forms()];
    let body = prop_oneof![2 => forms().prop_map(String::into_bytes), 1 => bytes(),
        1 => documents().prop_map(String::into_bytes)];
    let service = select(vec!["sts", "iam", "s3"]);
    (method, path, query, headers(), body, service, any::<bool>()).prop_map(
        |(method, path, query, mut headers, body, service, form)| {
            if form {
                sign(&mut headers, service);
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert("content-type", kind);
            }
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            Request { method, path: format!("/{path}"), query, headers, body: Bytes::from(body) }
        },
    )
}

fn sign(headers: &mut HeaderMap, service: &str) {
    let key = Config::default().root.access_key_id;
    let signature = "0".repeat(64);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/19700101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={signature}"
    );
    let value = HeaderValue::try_from(authorization).expect("visible ASCII");
    headers.insert("authorization", value);
    headers.insert("x-amz-date", HeaderValue::from_static("19700101T000000Z"));
    headers.insert("host", HeaderValue::from_static("localhost"));
}

/// A server that takes any signature, at the time for which [`sign`] signs.
fn credulous() -> Server {
    let faults = Faults::from_iter([Fault::SignatureUnchecked]);
    let clock = crate::Clock::manual(jiff::Timestamp::UNIX_EPOCH);
    Server::new(Config { faults, clock, ..Config::default() }).expect("a server")
}

/// A GET by root that has to succeed.
#[track_caller]
fn check_believed(server: &Server, query: &str) {
    let mut headers = HeaderMap::new();
    sign(&mut headers, "sts");
    let (path, query) = ("/".to_owned(), query.to_owned());
    let request = Request { method: Method::GET, path, query, headers, body: Bytes::new() };
    let answer = server.answer(&request, IpAddr::V4(Ipv4Addr::LOCALHOST));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

#[test]
fn the_credulous_server_believes_what_the_generator_signs() {
    check_believed(&credulous(), "Action=GetCallerIdentity&Version=2011-06-15");
}

#[test]
fn what_the_generators_damage_is_whole() {
    assert!(KeyRing::from_json(RING).is_ok());
    let seed = Seed::from_json(SEED).expect("a seed");
    assert!(Server::new(Config { seed: Some(seed), ..Config::default() }).is_ok());
    for request in [SIGNED, PRESIGNED] {
        assert!(SignedRequest::from_http(request.as_bytes()).is_ok());
    }
}

#[test]
fn minting_leaves_nothing_behind() {
    let server = credulous();
    let mint = "Action=GetFederationToken&Version=2011-06-15&Name=nobody";
    check_believed(&server, mint);
    let before = (server.state.stored(), format!("{:?}", server.state.directory()));
    for _ in 0..1000 {
        check_believed(&server, mint);
    }
    assert_eq!((server.state.stored(), format!("{:?}", server.state.directory())), before);
}

proptest! {
    #[test]
    fn every_request_gets_an_answer_that_blames_nobody_but_its_sender(
        requests in vec(requests(), 1..6),
    ) {
        let server = credulous();
        for request in &requests {
            let answer = server.answer(request, IpAddr::V4(Ipv4Addr::LOCALHOST));
            // 501 is how S3 refuses what it has no code for.
            let fair = (200..500).contains(&answer.status) || answer.status == 501;
            prop_assert!(fair, "{} for {request:?}", answer.status);
            let echo = request.body.len() + request.query.len() + request.path.len();
            prop_assert!(answer.body.len() <= ANSWER_BYTES_OWN_MAX + ECHO_FACTOR * echo);
        }
    }

    #[test]
    fn a_form_holds_no_more_than_was_sent(text in text()) {
        let params = Params::parse(&text);
        let decoded: usize = params.iter().map(|(name, value)| name.len() + value.len()).sum();
        // A byte that is not UTF-8 becomes U+FFFD, three bytes long.
        prop_assert!(decoded <= 3 * text.len());
    }

    #[test]
    fn a_signature_in_any_form_is_read_or_refused(
        query in text(), headers in headers(), signed in any::<bool>(), tail in text(),
    ) {
        let mut headers = headers;
        let presented = format!("AWS4-HMAC-SHA256 Credential={tail}");
        if signed && let Ok(value) = HeaderValue::try_from(presented) {
            headers.insert("authorization", value);
        }
        let query = format!("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={query}");
        let request =
            Request { method: Method::GET, path: "/".to_owned(), query, headers, body: Bytes::new() };
        if let Err(refusal) = sigv4::read(&request) {
            prop_assert!((400..500).contains(&refusal.status()));
        }
    }

    #[test]
    fn chunks_decode_to_no_more_than_was_sent(body in bytes(), sizes in vec(0_usize..40, 0..4)) {
        let framed = sizes.iter().flat_map(|size| {
            let data = "x".repeat(*size);
            format!("{size:x};chunk-signature={}\r\n{data}\r\n", "0".repeat(64)).into_bytes()
        });
        let body = Bytes::from(framed.chain(body).collect::<Vec<u8>>());
        if let Ok(decoded) = sigv4::decode_aws_chunked(&body) {
            let trailer = decoded.trailer.iter().map(|(name, value)| name.len() + value.len());
            prop_assert!(decoded.data.len() + trailer.sum::<usize>() <= body.len());
        }
    }

    #[test]
    fn no_text_is_a_session_token_unless_it_was_sealed(
        text in prop_oneof![text(), "[A-Za-z0-9+/]{40,400}"],
    ) {
        prop_assert!(KeyRing::generate().open("ASIA2REFERENCE234567", &text).is_err());
    }

    #[test]
    fn no_text_but_a_ring_is_a_ring(text in documents()) {
        prop_assert!(KeyRing::from_json(&text).is_err());
    }

    #[test]
    fn a_damaged_ring_is_read_or_refused_without_its_keys(text in nearly(RING)) {
        if let Err(error) = KeyRing::from_json(&text) {
            prop_assert!(!error.to_string().contains("c3RzcGVj"), "{error}");
        }
    }

    #[test]
    fn a_damaged_seed_is_planted_or_refused(text in nearly(SEED)) {
        if let Ok(seed) = Seed::from_json(&text) {
            // What can't be applied is an error with a place in it, and no panic.
            let applied = Server::new(Config { seed: Some(seed), ..Config::default() });
            let refusal = applied.err().map(|error| error.to_string());
            prop_assert!(refusal.is_none_or(|refusal| !refusal.contains("not/a/secret")));
        }
    }

    #[test]
    fn a_damaged_request_is_verified_by_nobody(
        text in prop_oneof![nearly(SIGNED), nearly(PRESIGNED), text()],
    ) {
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE", secret_access_key: "s", session_token: None };
        for service in ["sts", "s3"] {
            let now = jiff::Timestamp::UNIX_EPOCH;
            let endpoint = Endpoint { service, region: "us-east-1", now };
            if let Ok(request) = SignedRequest::from_http(text.as_bytes()) {
                prop_assert!(sigv4::verify(&request, &credentials, &endpoint).is_err());
            }
        }
    }
}
