//! Any request that AWS's signer signs is accepted, and refused with any one byte of it changed.

use aws_sigv4::http_request::SessionTokenMode;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use proptest::sample::Index;

use super::signer::{Body, How, Refused, request, signed, verify};
use crate::wire::request::Request;

/// Paths as they stand on the wire, with all that a URI allows.
fn paths(service: &'static str) -> BoxedStrategy<String> {
    // S3's clients escape all but unreserved characters, and send the slashes of a key as they are.
    let s3 = "([a-zA-Z0-9._~-]|%2[1-9A-CF]|%7[BCD]|%E1%88%B4){0,6}";
    let other = "([a-zA-Z0-9._~!$&'()*+,;=:@-]|%[2-7][0-9A-Fa-f]|%E1%88%B4){0,6}";
    let segment = if service == "s3" { s3 } else { other };
    let segment = prop_oneof![8 => segment, 1 => "\\.", 1 => "\\.\\."];
    prop::collection::vec(segment, 1..5).prop_map(|parts| format!("/{}", parts.join("/"))).boxed()
}

fn queries() -> impl Strategy<Value = String> {
    let word = "([a-zA-Z0-9._~!$'()*+,;:@/?-]|%[2-7][0-9A-Fa-f]|%E1%88%B4){0,5}";
    let pair = (word, prop::option::of(word)).prop_map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => name,
    });
    prop::collection::vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

fn requests(service: &'static str) -> impl Strategy<Value = Request> {
    let name =
        prop::sample::select(vec!["x-one", "x-two", "content-type", "my-header1", "x-amz-meta-a"]);
    let headers = prop::collection::vec((name, "[ -~]{0,12}"), 0..5);
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "HEAD"]);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (method, paths(service), queries(), headers, body).prop_map(
        |(method, path, query, headers, body)| {
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            request(method, &path, &query, &headers, &body)
        },
    )
}

fn tokens() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[A-Za-z0-9+/]{8,40}={0,2}")
}

fn signing() -> impl Strategy<Value = How> {
    let form = prop::sample::select(vec![
        How::header("sts"),
        How::query("sts"),
        How::header("s3"),
        How::query("s3"),
    ]);
    (form, tokens()).prop_map(|(form, token)| How { token, ..form })
}

fn signed_requests() -> impl Strategy<Value = (How, Request)> {
    signing().prop_flat_map(|how| {
        requests(how.service).prop_map(move |request| (how.clone(), signed(&request, &how)))
    })
}

/// Replaces one byte; `None` where that would leave the text as it was.
fn changed(text: &str, at: Index, letter: char) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let at = at.index(text.len());
    if !text.is_char_boundary(at) || !text.is_char_boundary(at + 1) {
        return None;
    }
    let mut changed = text.to_owned();
    changed.replace_range(at..=at, letter.encode_utf8(&mut [0; 4]));
    (changed != text).then_some(changed)
}

/// Whether two spellings differ in more than the case of an escape's digits, which RFC 3986,
/// section 6.2.2.1, declares equal.
fn differ(one: &str, other: &str) -> bool {
    percent_decode_str(one).ne(percent_decode_str(other))
}

fn with_header(request: &Request, name: &'static str, value: &str) -> Request {
    let mut changed = request.clone();
    changed.headers.insert(name, HeaderValue::from_str(value).unwrap());
    changed
}

#[track_caller]
fn check_refused(request: &Request, how: &How) -> Result<(), TestCaseError> {
    prop_assert!(verify(request, how.service).is_err(), "accepted: {request:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_global_rejects: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_signer_signs_is_accepted((how, request) in signed_requests()) {
        prop_assert_eq!(verify(&request, how.service), Ok(()));
    }

    #[test]
    fn a_token_that_was_added_after_signing_is_accepted_outside_s3(
        request in requests("sts"), token in "[A-Za-z0-9+/]{8,40}", form in 0..2,
    ) {
        let form = if form == 0 { How::header("sts") } else { How::query("sts") };
        let how = How { token: Some(token), token_mode: SessionTokenMode::Exclude, ..form };
        prop_assert_eq!(verify(&signed(&request, &how), "sts"), Ok(()));
    }

    #[test]
    fn a_changed_method_is_refused((how, request) in signed_requests(), at: Index, letter in "[A-Z]") {
        let method = changed(request.method.as_str(), at, letter.chars().next().unwrap());
        prop_assume!(method.is_some());
        let method = Method::from_bytes(method.unwrap().as_bytes()).unwrap();
        check_refused(&Request { method, ..request }, &how)?;
    }

    #[test]
    fn a_changed_path_is_refused((how, request) in signed_requests(), at: Index, letter in "[a-zA-Z0-9!]") {
        let path = changed(&request.path, at, letter.chars().next().unwrap());
        prop_assume!(path.as_ref().is_some_and(|path| differ(path, &request.path)));
        // `/a/..` and `/b/..` are the same path once dot segments are gone.
        prop_assume!(how.service == "s3" || !request.path.contains("/.."));
        check_refused(&Request { path: path.unwrap(), ..request }, &how)?;
    }

    #[test]
    fn a_changed_query_is_refused((how, request) in signed_requests(), at: Index, letter in "[a-zA-Z0-9&=%]") {
        prop_assume!(!request.query.is_empty());
        let query = changed(&request.query, at, letter.chars().next().unwrap());
        prop_assume!(query.as_ref().is_some_and(|query| differ(query, &request.query)));
        let query = query.unwrap();
        // `a=&b` and `a&&b`, or `a&&=b`: an empty value and no value are one, and so are no parameters.
        prop_assume!(pairs(&query) != pairs(&request.query));
        check_refused(&Request { query, ..request }, &how)?;
    }

    #[test]
    fn a_changed_signed_header_is_refused(
        (how, request) in signed_requests(), which: Index, at: Index, letter in "[a-zA-Z0-9]",
    ) {
        let which = which.index(request.headers.len());
        let mut headers = HeaderMap::new();
        let mut is_changed = false;
        for (number, (name, value)) in request.headers.iter().enumerate() {
            let old = value.to_str().unwrap();
            let letter = letter.chars().next().unwrap();
            let new = if number == which { changed(old, at, letter) } else { None };
            is_changed |= new.is_some();
            let value = HeaderValue::from_str(new.as_deref().unwrap_or(old)).unwrap();
            headers.append(name.clone(), value);
        }
        prop_assume!(is_changed);
        let request = Request { headers, ..request };
        check_refused(&request, &how)?;
    }

    #[test]
    fn a_changed_body_is_refused((how, request) in signed_requests(), at: Index, byte in 1_u8..) {
        prop_assume!(how.body == Body::Hashed && !request.body.is_empty());
        let mut body = request.body.to_vec();
        body[at.index(request.body.len())] ^= byte;
        check_refused(&Request { body: Bytes::from(body), ..request.clone() }, &how)?;
        let longer = [&request.body[..], &[byte]].concat();
        check_refused(&Request { body: Bytes::from(longer), ..request }, &how)?;
    }

    #[test]
    fn a_changed_token_is_refused(
        request in requests("sts"), token in "[A-Za-z0-9+/]{8,40}", at: Index, letter in "[a-zA-Z0-9]",
        service in prop::sample::select(vec!["sts", "s3"]),
    ) {
        let how = How { token: Some(token.clone()), ..How::header(service) };
        let request = Request { path: "/".to_owned(), ..request };
        let signed = signed(&request, &how);
        let token = changed(&token, at, letter.chars().next().unwrap());
        prop_assume!(token.is_some());
        check_refused(&with_header(&signed, "x-amz-security-token", &token.unwrap()), &how)?;
        let mut without = signed;
        without.headers.remove("x-amz-security-token");
        check_refused(&without, &how)?;
    }

    #[test]
    fn a_changed_authorization_is_refused(
        (how, request) in signed_requests(), at: Index, letter in "[a-zA-Z0-9]",
    ) {
        // Some four of ten bytes of it are the signature.
        let authorization = request.header("authorization").map(str::to_owned);
        prop_assume!(authorization.is_some());
        let authorization = changed(&authorization.unwrap(), at, letter.chars().next().unwrap());
        prop_assume!(authorization.is_some());
        check_refused(&with_header(&request, "authorization", &authorization.unwrap()), &how)?;
    }

    #[test]
    fn nothing_makes_it_panic(
        path in ".{0,30}", query in ".{0,60}", authorization in "[ -~]{0,80}", body in any::<Vec<u8>>(),
    ) {
        let request = Request {
            path,
            query: format!("X-Amz-Signature=00&{query}"),
            body: Bytes::from(body),
            ..request("GET", "/", "", &[], b"")
        };
        prop_assert!(verify(&request, "s3").is_err());
        let request = Request { query, ..with_header(&request, "authorization", &authorization) };
        prop_assert!(verify(&request, "sts").is_err());
        let claims = "AWS4-HMAC-SHA256 Credential=ASIA2REFERENCE234567/20261121/eu-central-1/sts/\
                      aws4_request, SignedHeaders=host;x-amz-date, Signature=00";
        let request = with_header(&request, "authorization", claims);
        let request = with_header(&request, "x-amz-date", "20261121T000000Z");
        prop_assert!(!matches!(verify(&request, "sts"), Ok(()) | Err(Refused::NotSigned)));
    }
}

/// The parameters of a query string, in order, as everybody reads them.
fn pairs(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).collect();
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    pairs
}
