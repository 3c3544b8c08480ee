//! The worked examples of AWS's own documentation, with the signatures that are printed there.

use jiff::Timestamp;

use super::signer::request;
use crate::sigv4::{Expected, Refusal, Region, SKEW_SECONDS_S3, date, decode_aws_chunked, read};
use crate::wire::request::Request;

/// The secret of the S3 examples.
const S3_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The secret of the IAM example; it differs in one character.
const IAM_SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn verify(request: &Request, service: &str, secret: &str, now: &str) -> Result<(), Refusal> {
    let now: Timestamp = date::parse_basic(now).unwrap();
    let region = Region::Exactly("us-east-1");
    let expected = Expected { service, region, now, skew_seconds: SKEW_SECONDS_S3 };
    let presented = read(request)?.unwrap();
    presented.check_scope(&expected)?;
    presented.check_time(&expected)?;
    presented.check_signature(request, secret, &expected)
}

#[track_caller]
fn check(request: &Request, service: &str, secret: &str, now: &str) {
    assert_eq!(verify(request, service, secret, now), Ok(()));
    assert!(verify(request, service, "other", now).is_err());
}

fn authorization(id: &str, scope: &str, names: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
}

/// Source: AWS General Reference, "Signature Version 4 signing process", the `ListUsers` example.
#[test]
fn the_iam_example_verifies() {
    let authorization = authorization(
        "AKIDEXAMPLE",
        "20150830/us-east-1/iam/aws4_request",
        "content-type;host;x-amz-date",
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
    let headers = [
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("x-amz-date", "20150830T123600Z"),
        ("authorization", &authorization),
    ];
    let request = request("GET", "/", "Action=ListUsers&Version=2010-05-08", &headers, b"");
    check(&with_host(request, "iam.amazonaws.com"), "iam", IAM_SECRET, "20150830T123600Z");
}

/// Source: S3 API Reference, "Signature calculations for the Authorization header", `GET` Object.
#[test]
fn the_s3_header_example_verifies() {
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let authorization = authorization(
        "AKIAIOSFODNN7EXAMPLE",
        "20130524/us-east-1/s3/aws4_request",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    let headers = [
        ("range", "bytes=0-9"),
        ("x-amz-content-sha256", nothing),
        ("x-amz-date", "20130524T000000Z"),
        ("authorization", &authorization),
    ];
    let request = request("GET", "/test.txt", "", &headers, b"");
    let request = with_host(request, "examplebucket.s3.amazonaws.com");
    check(&request, "s3", S3_SECRET, "20130524T000000Z");
}

/// Source: S3 API Reference, "Authenticating requests: using query parameters".
#[test]
fn the_s3_presigned_example_verifies_for_a_day() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
        &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let request = request("GET", "/test.txt", query, &[], b"");
    let request = with_host(request, "examplebucket.s3.amazonaws.com");
    check(&request, "s3", S3_SECRET, "20130525T000000Z");
    let late = verify(&request, "s3", S3_SECRET, "20130525T000001Z");
    assert!(matches!(late, Err(Refusal::PresignedExpired { .. })), "{late:?}");
}

/// Source: S3 API Reference, "Transferring payload in multiple chunks", the `PUT` Object example.
#[test]
fn the_s3_chunked_example_verifies_and_decodes() {
    let authorization = authorization(
        "AKIAIOSFODNN7EXAMPLE",
        "20130524/us-east-1/s3/aws4_request",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
         x-amz-decoded-content-length;x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("content-length", "66824"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("x-amz-date", "20130524T000000Z"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("authorization", &authorization),
    ];
    let chunks = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ];
    let body: String = chunks
        .iter()
        .map(|(size, signature)| {
            let data = "a".repeat(*size);
            format!("{size:x};chunk-signature={signature}\r\n{data}\r\n")
        })
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(body.len(), 66_824);
    let request = request("PUT", "/examplebucket/chunkObject.txt", "", &headers, body.as_bytes());
    let request = with_host(request, "s3.amazonaws.com");
    check(&request, "s3", S3_SECRET, "20130524T000000Z");
    assert_eq!(decode_aws_chunked(&request.body).unwrap().data, "a".repeat(66_560));
}

fn with_host(mut request: Request, host: &'static str) -> Request {
    request.headers.insert("host", http::HeaderValue::from_static(host));
    request
}
