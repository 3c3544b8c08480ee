//! One example for each rule: who is refused, with which words, and where the edge is.

use std::fmt::Write;
use std::time::{Duration, UNIX_EPOCH};

use aws_sigv4::http_request::SessionTokenMode;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use bytes::Bytes;
use http::HeaderValue;
use jiff::{SignedDuration, Timestamp};

use super::signer::{
    ACCESS_KEY_ID, Body, How, NOW_SECONDS, REGION, Refused, SECRET, caller_identity, expected, now,
    request, signed, verify, verify_at,
};
use crate::sigv4::key::sha256_hex;
use crate::sigv4::{ChunkError, Expected, KeyCache, MalformedSignature, Refusal, Region, read};
use crate::wire::request::Request;

#[track_caller]
fn refusal(request: &Request, expected: &Expected) -> Refusal {
    match verify_at(request, expected) {
        Err(Refused::Signature(refusal)) => refusal,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[track_caller]
fn check_message(refusal: &Refusal, code: &str, status: u16, message: &str) {
    assert_eq!((refusal.code(), refusal.status()), (code, status));
    assert_eq!(refusal.message(), message);
}

fn without_header(request: &Request, name: &str) -> Request {
    let mut changed = request.clone();
    changed.headers.remove(name);
    changed
}

fn with_header(request: &Request, name: &'static str, value: &str) -> Request {
    let mut changed = request.clone();
    changed.headers.insert(name, HeaderValue::from_str(value).unwrap());
    changed
}

/// The same request with this piece of its `Authorization` header replaced.
#[track_caller]
fn with_authorization(request: &Request, from: &str, to: &str) -> Request {
    let old = request.header("authorization").unwrap();
    assert!(old.contains(from), "{old}");
    with_header(request, "authorization", &old.replacen(from, to, 1))
}

#[track_caller]
fn check_malformed(request: &Request, expected_fault: &MalformedSignature) {
    assert_eq!(refusal(request, &expected("sts")), Refusal::Malformed(expected_fault.clone()));
}

#[test]
fn a_request_without_a_signature_is_not_signed() {
    assert!(read(&caller_identity()).unwrap().is_none());
    let query = "Action=GetCallerIdentity&X-Amz-Security-Token=t";
    assert!(read(&request("GET", "/", query, &[], b"")).unwrap().is_none());
}

#[test]
fn the_claims_are_read_from_header_and_query_alike() {
    for how in [How::header("sts"), How::query("sts")] {
        let how = How { token: Some("to+ken/=".to_owned()), ..how };
        let presented = read(&signed(&caller_identity(), &how)).unwrap().unwrap();
        assert_eq!(presented.access_key_id, ACCESS_KEY_ID);
        assert_eq!(presented.session_token.as_deref(), Some("to+ken/="));
        assert_eq!(presented.signed_at, now());
        let scope = &presented.scope;
        assert_eq!((scope.date(), scope.region()), ("20261121", REGION));
        assert_eq!((scope.service(), scope.terminator()), ("sts", "aws4_request"));
    }
}

#[test]
fn another_secret_does_not_match_and_the_refusal_shows_what_should_have_been_signed() {
    let request = signed(&caller_identity(), &How::header("sts"));
    let presented = read(&request).unwrap().unwrap();
    let refusal = presented.check_signature(&request, "other", &expected("sts")).unwrap_err();
    check_message(
        &refusal,
        "SignatureDoesNotMatch",
        403,
        "The request signature we calculated does not match the signature you provided. Check your \
         AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
    let Refusal::Mismatch { canonical_request, string_to_sign } = refusal else { unreachable!() };
    let hash = sha256_hex(&request.body);
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/x-www-form-urlencoded\nhost:127.0.0.1:4566\n\
         x-amz-date:20261121T000000Z\n\ncontent-type;host;x-amz-date\n{hash}"
    );
    assert_eq!(canonical_request, canonical);
    let hash = sha256_hex(canonical.as_bytes());
    let scope = "20261121/eu-central-1/sts/aws4_request";
    assert_eq!(string_to_sign, format!("AWS4-HMAC-SHA256\n20261121T000000Z\n{scope}\n{hash}"));
}

#[test]
fn a_cached_key_verifies_as_a_derived_one_does() {
    let keys = KeyCache::new();
    let request = signed(&caller_identity(), &How::header("sts"));
    let presented = read(&request).unwrap().unwrap();
    let check = |secret| {
        presented.check_signature_cached(&request, secret, &expected("sts"), &keys).is_ok()
    };
    assert!(check(SECRET) && check(SECRET));
    assert!(!check("other") && !check("other"));
}

#[test]
fn a_wrong_scope_is_refused_with_a_sentence_for_each_fault() {
    let region = "Credential should be scoped to a valid region. ";
    let service = "Credential should be scoped to correct service: 'sts'. ";
    let elsewhere = Expected { region: Region::Exactly("us-east-1"), ..expected("sts") };
    let to_iam = signed(&caller_identity(), &How::header("iam"));
    let to_sts = signed(&caller_identity(), &How::header("sts"));
    let code = "SignatureDoesNotMatch";
    check_message(&refusal(&to_sts, &elsewhere), code, 403, region);
    check_message(&refusal(&to_iam, &expected("sts")), code, 403, service);
    check_message(&refusal(&to_iam, &elsewhere), code, 403, &format!("{region}{service}"));

    let anywhere = Expected { region: Region::Any, ..expected("sts") };
    assert_eq!(verify_at(&to_sts, &anywhere), Ok(()));
}

#[test]
fn the_scope_has_to_name_the_day_of_signing_and_the_terminator() {
    let request = signed(&caller_identity(), &How::header("sts"));
    let yesterday = with_authorization(&request, "/20261121/", "/20261120/");
    check_message(
        &refusal(&yesterday, &expected("sts")),
        "SignatureDoesNotMatch",
        403,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '20261120' != '20261121', from '20261121T000000Z'. ",
    );
    let terminator = with_authorization(&request, "/aws4_request", "/aws5_request");
    check_message(
        &refusal(&terminator, &expected("sts")),
        "SignatureDoesNotMatch",
        403,
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    );
}

fn later(service: &str, seconds: i64) -> Expected<'_> {
    let now = Timestamp::from_second(i64::from(NOW_SECONDS) + seconds).unwrap();
    Expected { now, ..expected(service) }
}

#[test]
fn a_signature_holds_for_the_skew_of_its_service_in_both_directions() {
    for (service, seconds) in [("sts", 900), ("s3", 900), ("iam", 300)] {
        let request = signed(&caller_identity(), &How::header(service));
        assert_eq!(verify_at(&request, &later(service, seconds)), Ok(()));
        assert_eq!(verify_at(&request, &later(service, -seconds)), Ok(()));
        assert!(matches!(refusal(&request, &later(service, seconds + 1)), Refusal::Stale { .. }));
        assert!(matches!(refusal(&request, &later(service, -seconds - 1)), Refusal::Future { .. }));
    }
}

#[test]
fn a_stale_or_future_signature_is_refused_with_the_three_dates() {
    let request = signed(&caller_identity(), &How::header("sts"));
    check_message(
        &refusal(&request, &later("sts", 1000)),
        "SignatureDoesNotMatch",
        403,
        "Signature expired: 20261121T000000Z is now earlier than 20261121T000140Z \
         (20261121T001640Z - 15 min.)",
    );
    check_message(
        &refusal(&request, &later("sts", -1000)),
        "SignatureDoesNotMatch",
        403,
        "Signature not yet current: 20261121T000000Z is still later than 20261120T235820Z \
         (20261120T234320Z + 15 min.)",
    );
}

#[test]
fn a_presigned_request_holds_for_as_long_as_it_says() {
    for service in ["sts", "s3"] {
        let request = signed(&request("GET", "/", "Action=x", &[], b""), &How::query(service));
        assert_eq!(verify_at(&request, &later(service, 60)), Ok(()));
        assert_eq!(verify_at(&request, &later(service, -900)), Ok(()));
        assert!(matches!(refusal(&request, &later(service, 61)), Refusal::PresignedExpired { .. }));
        assert!(matches!(refusal(&request, &later(service, -901)), Refusal::Future { .. }));
    }
}

/// A presigned query for which no signer has to be asked, because it is refused before.
fn presigned_query(expires: &str) -> String {
    format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY_ID}%2F20261121%2F{REGION}%2Fs3\
         %2Faws4_request&X-Amz-Date=20261121T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00{expires}"
    )
}

#[test]
fn a_presigned_expiry_lies_between_a_second_and_a_week() {
    for text in ["0", "-1", "604801", "", "+60", "1e3", "99999999999999999999"] {
        let query = presigned_query(&format!("&X-Amz-Expires={}", text.replace('+', "%2B")));
        let request = request("GET", "/", &query, &[], b"");
        check_malformed(&request, &MalformedSignature::Expires(text.to_owned()));
    }
    for text in ["1", "604800"] {
        let query = presigned_query(&format!("&X-Amz-Expires={text}"));
        let refusal = refusal(&request("GET", "/", &query, &[], b""), &expected("s3"));
        assert!(matches!(refusal, Refusal::Mismatch { .. }), "{refusal:?}");
    }
}

#[test]
fn s3_wants_an_expiry_and_others_fall_back_to_the_skew() {
    let request = request("GET", "/", &presigned_query(""), &[], b"");
    let missing = MalformedSignature::MissingQuery(vec!["X-Amz-Expires"]);
    assert_eq!(refusal(&request, &expected("s3")), Refusal::Malformed(missing));

    let query = presigned_query("").replace("s3", "sts");
    let request = Request { query, ..request };
    assert!(matches!(refusal(&request, &later("sts", 900)), Refusal::Mismatch { .. }));
    assert!(matches!(refusal(&request, &later("sts", 901)), Refusal::Stale { .. }));
}

#[test]
fn an_authorization_that_cannot_be_read_is_incomplete() {
    check_message(
        &refusal(&with_header(&caller_identity(), "authorization", "Bearer abc"), &expected("sts")),
        "IncompleteSignature",
        400,
        "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    );
    let lacking = with_header(&caller_identity(), "authorization", "AWS4-HMAC-SHA256 Credential=a");
    check_message(
        &refusal(&lacking, &expected("sts")),
        "IncompleteSignature",
        400,
        "Authorization header requires 'Signature' parameter. Authorization header requires \
         'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
    );
}

#[test]
fn each_part_of_a_signature_has_its_form() {
    let good = signed(&caller_identity(), &How::header("sts"));
    let date = good.header("x-amz-date").unwrap();
    check_malformed(
        &with_authorization(&good, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        &MalformedSignature::Algorithm("AWS4-ECDSA-P256-SHA256".to_owned()),
    );
    check_malformed(
        &with_authorization(&good, "/sts/aws4_request", "/aws4_request"),
        &MalformedSignature::Credential(format!("{ACCESS_KEY_ID}/20261121/{REGION}/aws4_request")),
    );
    for names in ["Host", "x-amz-date;host", "host;host", "host;;x-amz-date", ""] {
        check_malformed(
            &with_authorization(&good, "content-type;host;x-amz-date", names),
            &MalformedSignature::SignedHeaders(names.to_owned()),
        );
    }
    check_malformed(
        &with_authorization(&good, "Signature=", "Signature=0, Signature="),
        &MalformedSignature::Repeated("Signature"),
    );
    check_malformed(
        &with_header(&good, "x-amz-date", "2026-11-21"),
        &MalformedSignature::Date("2026-11-21".to_owned()),
    );
    check_malformed(&without_header(&good, "x-amz-date"), &MalformedSignature::NoDate);
    check_malformed(
        &with_header(&without_header(&good, "x-amz-date"), "date", date),
        &MalformedSignature::SignedHeaderAbsent("x-amz-date".to_owned()),
    );
}

#[test]
fn a_request_is_signed_once() {
    let good = signed(&caller_identity(), &How::header("sts"));
    let query = signed(&caller_identity(), &How::query("sts")).query;
    check_malformed(&Request { query, ..good.clone() }, &MalformedSignature::TwoMechanisms);
    let mut twice = good.clone();
    twice.headers.append("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256 a=b"));
    check_malformed(&twice, &MalformedSignature::Repeated("Authorization"));
    let mut twice = signed(&caller_identity(), &How::query("sts"));
    twice.query.push_str("&X-Amz-Signature=00");
    check_malformed(&twice, &MalformedSignature::Repeated("X-Amz-Signature"));
    let some = request("GET", "/", "X-Amz-Credential=a&X-Amz-Date=b", &[], b"");
    check_malformed(
        &some,
        &MalformedSignature::MissingQuery(vec![
            "X-Amz-Algorithm",
            "X-Amz-Signature",
            "X-Amz-SignedHeaders",
        ]),
    );
}

#[test]
fn a_date_header_stands_in_for_x_amz_date() {
    let date = "Sat, 21 Nov 2026 00:00:00 GMT";
    let canonical =
        format!("GET\n/\n\ndate:{date}\nhost:127.0.0.1:4566\n\ndate;host\n{}", sha256_hex(b""));
    let request = signed_by_hand(&request("GET", "/", "", &[("date", date)], b""), &canonical);
    assert_eq!(verify(&request, "sts"), Ok(()));
    let other = with_header(&request, "date", "Sat, 21 Nov 2026 00:00:01 GMT");
    assert!(matches!(refusal(&other, &expected("sts")), Refusal::Mismatch { .. }));
}

/// Signs a canonical request that is written out, for what the signer of AWS does not do.
fn signed_by_hand(request: &Request, canonical: &str) -> Request {
    let names = canonical.lines().rev().nth(1).unwrap();
    let scope = format!("20261121/{REGION}/sts/aws4_request");
    let hash = sha256_hex(canonical.as_bytes());
    let string_to_sign = format!("AWS4-HMAC-SHA256\n20261121T000000Z\n{scope}\n{hash}");
    let signature = signature_of("sts", &string_to_sign);
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{scope}, SignedHeaders={names}, \
         Signature={signature}"
    );
    with_header(request, "authorization", &value)
}

fn signature_of(service: &str, message: &str) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(NOW_SECONDS.into());
    calculate_signature(generate_signing_key(SECRET, time, REGION, service), message.as_bytes())
}

#[test]
fn the_host_has_to_be_signed() {
    let date = ("x-amz-date", "20261121T000000Z");
    let canonical = format!("GET\n/\n\n{}:{}\n\nx-amz-date\n{}", date.0, date.1, sha256_hex(b""));
    let request = signed_by_hand(&request("GET", "/", "", &[date], b""), &canonical);
    check_message(
        &refusal(&request, &expected("sts")),
        "SignatureDoesNotMatch",
        403,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
}

#[test]
fn a_path_signed_in_any_customary_spelling_is_accepted_outside_s3() {
    let date = ("x-amz-date", "20261121T000000Z");
    let sent = request("GET", "/a//b%20c/./d", "", &[date], b"");
    let sign = |path: &str| {
        let hash = sha256_hex(b"");
        let headers = format!("host:127.0.0.1:4566\n{}:{}", date.0, date.1);
        signed_by_hand(&sent, &format!("GET\n{path}\n\n{headers}\n\nhost;x-amz-date\n{hash}"))
    };
    for path in ["/a/b%2520c/d", "/a/b%20c/d", "/a//b%2520c/./d", "/a//b%20c/./d"] {
        assert_eq!(verify(&sign(path), "sts"), Ok(()), "{path}");
    }
    for path in ["/a/b%20c", "/a/b c/d", "/a//b%20c/d", "/"] {
        assert!(verify(&sign(path), "sts").is_err(), "{path}");
    }
}

#[test]
fn unsigned_headers_are_ignored_but_s3_wants_every_x_amz_header_signed() {
    for service in ["sts", "s3"] {
        let request = signed(&caller_identity(), &How::header(service));
        let request = with_header(&request, "user-agent", "added by a proxy");
        assert_eq!(verify(&request, service), Ok(()));
        let request = with_header(&request, "x-amz-acl", "public-read");
        let expected_result = match service {
            "s3" => Err(Refused::Signature(Refusal::UnsignedHeader("x-amz-acl".to_owned()))),
            _ => Ok(()),
        };
        assert_eq!(verify(&request, service), expected_result);
    }
}

#[test]
fn a_token_may_be_added_after_signing_except_for_s3() {
    let how = |how: How| How {
        token: Some("token".to_owned()),
        token_mode: SessionTokenMode::Exclude,
        ..how
    };
    for form in [How::header("sts"), How::query("sts")] {
        assert_eq!(verify(&signed(&caller_identity(), &how(form)), "sts"), Ok(()));
    }
    let header = signed(&caller_identity(), &how(How::header("s3")));
    let unsigned = Refusal::UnsignedHeader("x-amz-security-token".to_owned());
    assert_eq!(refusal(&header, &expected("s3")), unsigned);
    let query = signed(&caller_identity(), &how(How::query("s3")));
    assert!(matches!(refusal(&query, &expected("s3")), Refusal::Mismatch { .. }));
}

#[test]
fn a_header_token_counts_before_a_query_token() {
    let mut request = signed(&caller_identity(), &How::header("sts"));
    request.query = "X-Amz-Security-Token=query".to_owned();
    let token = |request: &Request| read(request).unwrap().unwrap().session_token;
    assert_eq!(token(&request).as_deref(), Some("query"));
    let request = with_header(&request, "x-amz-security-token", "header");
    assert_eq!(token(&request).as_deref(), Some("header"));
}

#[test]
fn an_unsigned_payload_is_honoured_by_s3_alone() {
    for (service, accepted) in [("s3", true), ("sts", false)] {
        let how = How { body: Body::Unsigned, ..How::header(service) };
        let request = signed(&caller_identity(), &how);
        assert_eq!(verify(&request, service).is_ok(), accepted);
        let body = Bytes::from_static(b"other");
        assert_eq!(verify(&Request { body, ..request }, service).is_ok(), accepted);
    }
}

#[test]
fn other_services_hash_the_body_whatever_a_header_says_of_it() {
    let honest = sha256_hex(&caller_identity().body);
    for (claim, accepted) in [(honest.as_str(), true), ("UNSIGNED-PAYLOAD", false)] {
        let body = if accepted { Body::Hashed } else { Body::Unsigned };
        let request = with_header(&caller_identity(), "x-amz-content-sha256", claim);
        let request = signed(&request, &How { body, ..How::header("sts") });
        assert_eq!(verify(&request, "sts").is_ok(), accepted);
        let body = Bytes::from_static(b"other");
        assert!(verify(&Request { body, ..request }, "sts").is_err());
    }
}

#[test]
fn s3_tells_a_changed_body_from_a_wrong_signature() {
    let request = signed(&caller_identity(), &How::header("s3"));
    let claimed = sha256_hex(&request.body);
    let body = Bytes::from_static(b"other");
    let computed = sha256_hex(&body);
    let changed = Request { body, ..request.clone() };
    assert_eq!(refusal(&changed, &expected("s3")), Refusal::PayloadHash { claimed, computed });

    let to_sts = signed(&caller_identity(), &How::header("sts"));
    let body = Bytes::from_static(b"other");
    let changed = refusal(&Request { body, ..to_sts }, &expected("sts"));
    assert!(matches!(changed, Refusal::Mismatch { .. }));
}

#[test]
fn s3_wants_to_be_told_of_the_body() {
    let request = signed(&caller_identity(), &How::header("s3"));
    let other =
        with_header(&request, "x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD");
    let fault =
        MalformedSignature::ContentSha256("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD".to_owned());
    assert_eq!(refusal(&other, &expected("s3")), Refusal::Malformed(fault));
    let request = with_authorization(&request, "x-amz-content-sha256;", "");
    let request = without_header(&request, "x-amz-content-sha256");
    let fault = Refusal::Malformed(MalformedSignature::ContentSha256Absent);
    assert_eq!(refusal(&request, &expected("s3")), fault);
}

#[test]
fn chunks_without_signatures_are_left_to_the_decoder() {
    let body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let request = request("PUT", "/bucket/key", "", &[], body);
    let request = signed(&request, &How { body: Body::UnsignedChunks, ..How::header("s3") });
    assert_eq!(verify(&request, "s3"), Ok(()));
    let presented = read(&request).unwrap().unwrap();
    assert!(presented.body_is_aws_chunked());
    assert_eq!(crate::sigv4::decode_aws_chunked(&request.body).unwrap().data, "hello");

    let plain = signed(&caller_identity(), &How::header("s3"));
    assert!(!read(&plain).unwrap().unwrap().body_is_aws_chunked());
}

/// A request with a chain of signed chunks, made with the key functions of AWS's signer alone.
fn signed_chunks(data: &[&str], trailer: Option<&str>) -> Request {
    let kind = match trailer {
        None => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        Some(_) => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    };
    let headers = [("x-amz-content-sha256", kind), ("x-amz-date", "20261121T000000Z")];
    let scope = format!("20261121/{REGION}/s3/aws4_request");
    let names = "host;x-amz-content-sha256;x-amz-date";
    let canonical = format!(
        "PUT\n/bucket/key\n\nhost:127.0.0.1:4566\nx-amz-content-sha256:{kind}\n\
         x-amz-date:20261121T000000Z\n\n{names}\n{kind}"
    );
    let sign = |algorithm: &str, rest: &str| {
        signature_of("s3", &format!("{algorithm}\n20261121T000000Z\n{scope}\n{rest}"))
    };
    let seed = sign("AWS4-HMAC-SHA256", &sha256_hex(canonical.as_bytes()));
    let mut body = String::new();
    let mut previous = seed.clone();
    for chunk in data.iter().chain([&""]) {
        let (nothing, hash) = (sha256_hex(b""), sha256_hex(chunk.as_bytes()));
        previous = sign("AWS4-HMAC-SHA256-PAYLOAD", &format!("{previous}\n{nothing}\n{hash}"));
        let end = if chunk.is_empty() { "" } else { "\r\n" };
        write!(body, "{:x};chunk-signature={previous}\r\n{chunk}{end}", chunk.len()).unwrap();
    }
    if let Some(trailer) = trailer {
        let hash = sha256_hex(format!("{trailer}\n").as_bytes());
        let signature = sign("AWS4-HMAC-SHA256-TRAILER", &format!("{previous}\n{hash}"));
        write!(body, "{trailer}\r\nx-amz-trailer-signature:{signature}\r\n").unwrap();
    }
    body.push_str("\r\n");
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{scope},SignedHeaders={names},Signature={seed}"
    );
    let request = request("PUT", "/bucket/key", "", &headers, body.as_bytes());
    with_header(&request, "authorization", &value)
}

#[track_caller]
fn check_changed_body(request: &Request, from: &str, to: &str, what: &str) {
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    assert!(body.contains(from), "{body}");
    let body = Bytes::from(body.replacen(from, to, 1));
    let expected_refusal = Refusal::Chunks(ChunkError::Signature { what: what.to_owned() });
    assert_eq!(refusal(&Request { body, ..request.clone() }, &expected("s3")), expected_refusal);
}

#[test]
fn every_signature_in_a_chain_of_chunks_is_checked() {
    let request = signed_chunks(&["hello ", "world"], None);
    assert_eq!(verify(&request, "s3"), Ok(()));
    assert_eq!(crate::sigv4::decode_aws_chunked(&request.body).unwrap().data, "hello world");
    check_changed_body(&request, "hello", "jello", "chunk 1");
    check_changed_body(&request, "world", "worle", "chunk 2");
    check_changed_body(&request, "0;chunk-signature", "0;chunk-signatura", "chunk 3");
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    let (_, second) = body.split_once("hello \r\n").unwrap();
    let dropped = Request { body: Bytes::from(second.to_owned()), ..request };
    assert!(matches!(refusal(&dropped, &expected("s3")), Refusal::Chunks(_)));
}

#[test]
fn a_signed_trailer_is_checked_and_can_neither_go_nor_come() {
    let request = signed_chunks(&["hello"], Some("x-amz-checksum-crc32:NhCmhg=="));
    assert_eq!(verify(&request, "s3"), Ok(()));
    check_changed_body(&request, "NhCmhg", "NhCmhh", "the trailer");
    check_changed_body(&request, "x-amz-trailer-signature", "x-amz-trailer", "the trailer");
    let trailer = "\r\nx-amz-checksum-crc32:NhCmhg==\r\n";
    check_changed_body(&request, trailer, "\r\n", "the trailer");
    let without = signed_chunks(&["hello"], None);
    let body = String::from_utf8(without.body.to_vec()).unwrap();
    let body = format!("{}a:b\r\n\r\n", body.strip_suffix("\r\n").unwrap());
    let with = Request { body: Bytes::from(body), ..without };
    let what = "the trailer".to_owned();
    let expected_refusal = Refusal::Chunks(ChunkError::Signature { what });
    assert_eq!(refusal(&with, &expected("s3")), expected_refusal);
}

#[test]
fn the_last_second_of_time_is_no_trouble() {
    let request = signed(&caller_identity(), &How::header("sts"));
    for now in [Timestamp::MIN, Timestamp::MAX] {
        let expected = Expected { now, ..expected("sts") };
        let message = refusal(&request, &expected).message();
        assert!(message.starts_with("Signature "), "{message}");
    }
    let almost = now().checked_add(SignedDuration::from_millis(900_999)).unwrap();
    assert_eq!(verify_at(&request, &Expected { now: almost, ..expected("sts") }), Ok(()));
}
