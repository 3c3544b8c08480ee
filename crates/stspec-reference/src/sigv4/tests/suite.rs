//! The classes of cases that signers and verifiers are commonly held against, with requests of our own.
//!
//! Each canonical request is written out by hand from the documentation (IAM User Guide, "Create a
//! signed AWS API request") and signed with the key functions of AWS's signer. Then every byte of the
//! signed request is changed, one after the other, and each changed copy has to be refused.

use std::fmt::Write as _;

use super::signer::{ACCESS_KEY_ID, REGION, SECRET, now};
use crate::sigv4::key::sha256_hex;
use crate::sigv4::{Credentials, Endpoint, SignedRequest, Unverified, verify};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};

const DATE: &str = "20261121T000000Z";
const SCOPE: &str = "20261121/eu-central-1/service/aws4_request";
const TOKEN: &str = "IQoJ/b3Jp+Z2lu==";

/// A request, and what of it the documentation says is signed.
struct Case {
    method: &'static str,
    /// As sent.
    target: &'static str,
    /// As signed.
    path: &'static str,
    /// As signed, sorted.
    query: &'static [(&'static str, &'static str)],
    /// As sent, one or more lines each; `Host` comes on its own.
    headers: &'static [&'static str],
    /// As signed; those that sort before `host` first.
    before_host: &'static [(&'static str, &'static str)],
    after_host: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const VANILLA: Case = Case {
    method: "GET",
    target: "/",
    path: "/",
    query: &[],
    headers: &[],
    before_host: &[],
    after_host: &[],
    body: "",
};

/// How the session token, if there is one, came to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Signed,
    AddedLater,
}

const TOKENS: [Token; 3] = [Token::None, Token::Signed, Token::AddedLater];

impl Case {
    /// The request with its signature in the header.
    fn in_header(&self, token: Token) -> String {
        let mut after_host = self.after_host.to_vec();
        after_host.push(("x-amz-date", DATE));
        if token == Token::Signed {
            after_host.push(("x-amz-security-token", TOKEN));
        }
        let query = joined(self.query);
        let (names, signature) = self.sign(&query, &after_host);
        let mut text = self.head(self.target);
        write!(text, "X-Amz-Date: {DATE}\r\n").unwrap();
        if token != Token::None {
            write!(text, "X-Amz-Security-Token: {TOKEN}\r\n").unwrap();
        }
        write!(
            text,
            "Authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/{SCOPE}, \
             SignedHeaders={names}, Signature={signature}\r\n\r\n{}",
            self.body
        )
        .unwrap();
        text
    }

    /// The request with its signature in the query.
    fn in_query(&self, token: Token) -> String {
        let names: Vec<&str> = self.signed(self.after_host).map(|(name, _)| name).collect();
        let names = names.join("%3B");
        let credential = format!("{ACCESS_KEY_ID}/{SCOPE}").replace('/', "%2F");
        let escaped = TOKEN.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        let mut added = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", DATE),
            ("X-Amz-Expires", "60"),
            ("X-Amz-SignedHeaders", &names),
        ];
        if token == Token::Signed {
            added.push(("X-Amz-Security-Token", &escaped));
        }
        let mut query = [self.query, &added].concat();
        query.sort_unstable();
        let (_, signature) = self.sign(&joined(&query), self.after_host);
        if token == Token::AddedLater {
            added.push(("X-Amz-Security-Token", &escaped));
        }
        added.push(("X-Amz-Signature", &signature));
        let mark = if self.target.contains('?') { '&' } else { '?' };
        let target = format!("{}{mark}{}", self.target, joined(&added));
        format!("{}\r\n{}", self.head(&target), self.body)
    }

    fn head(&self, target: &str) -> String {
        let mut text = format!("{} {target} HTTP/1.1\r\nHost: example.org\r\n", self.method);
        for header in self.headers {
            write!(text, "{header}\r\n").unwrap();
        }
        text
    }

    fn signed<'a>(
        &'a self,
        after_host: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let host = [("host", "example.org")];
        self.before_host.iter().copied().chain(host).chain(after_host.iter().copied())
    }

    /// The names of the signed headers, and the signature.
    fn sign(&self, query: &str, after_host: &[(&str, &str)]) -> (String, String) {
        let names: Vec<&str> = self.signed(after_host).map(|(name, _)| name).collect();
        let names = names.join(";");
        let mut headers = String::new();
        for (name, value) in self.signed(after_host) {
            writeln!(headers, "{name}:{value}").unwrap();
        }
        let hash = sha256_hex(self.body.as_bytes());
        let canonical =
            format!("{}\n{}\n{query}\n{headers}\n{names}\n{hash}", self.method, self.path);
        let hash = sha256_hex(canonical.as_bytes());
        let string_to_sign = format!("AWS4-HMAC-SHA256\n{DATE}\n{SCOPE}\n{hash}");
        let key = generate_signing_key(SECRET, now().into(), REGION, "service");
        (names, calculate_signature(key, string_to_sign.as_bytes()))
    }
}

fn joined(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn ask(bytes: &[u8], token: Token) -> Result<(), Unverified> {
    let session_token = (token != Token::None).then_some(TOKEN);
    let credentials =
        Credentials { access_key_id: ACCESS_KEY_ID, secret_access_key: SECRET, session_token };
    let endpoint = Endpoint { service: "service", region: REGION, now: now() };
    let request = SignedRequest::from_http(bytes).map_err(|_| Unverified::NotSigned)?;
    verify(&request, &credentials, &endpoint)
}

/// The case verifies in both forms, with and without a token, and no changed copy does.
#[track_caller]
fn check(case: &Case) {
    for token in TOKENS {
        for text in [case.in_header(token), case.in_query(token)] {
            assert_eq!(ask(text.as_bytes(), token), Ok(()), "{token:?}\n{text}");
            // Has every part that the others have, and one that no signature covers.
            if token == Token::AddedLater {
                check_changed(case, &text, token);
            }
        }
    }
}

#[track_caller]
fn check_changed(case: &Case, text: &str, token: Token) {
    // What `..` removes says nothing: `/a/..` and `/b/..` are one path.
    let target = case.method.len()..case.method.len() + 1 + case.target.len();
    let has_gone = |at: usize| case.target.contains("..") && target.contains(&at);
    for at in (0..text.len()).filter(|at| !has_gone(*at)) {
        let mut changed = text.as_bytes().to_vec();
        changed[at] = if changed[at] == b'q' { b'w' } else { b'q' };
        let shown = String::from_utf8_lossy(&changed).into_owned();
        assert!(ask(&changed, token).is_err(), "{token:?}, byte {at}\n{shown}");
    }
    if case.body.is_empty() {
        let longer = format!("{text}q");
        assert!(ask(longer.as_bytes(), token).is_err(), "a body came");
    }
}

/// A `GET` of this path, signed as that one.
#[track_caller]
fn check_path(target: &'static str, path: &'static str) {
    check(&Case { target, path, ..VANILLA });
}

#[track_caller]
fn check_query(target: &'static str, query: &'static [(&'static str, &'static str)]) {
    check(&Case { target, query, ..VANILLA });
}

#[track_caller]
fn check_headers(
    headers: &'static [&'static str],
    after_host: &'static [(&'static str, &'static str)],
) {
    check(&Case { method: "POST", headers, after_host, ..VANILLA });
}

#[test]
fn the_plainest_request_verifies() {
    check(&VANILLA);
    check(&Case { method: "POST", ..VANILLA });
}

#[test]
fn parameters_are_signed_in_the_order_of_their_encoded_names_and_values() {
    check_query("/?b=2&a=1", &[("a", "1"), ("b", "2")]);
    check_query("/?a=1&A=2&B=3", &[("A", "2"), ("B", "3"), ("a", "1")]);
    check_query("/?a=2&a=1&a=10", &[("a", "1"), ("a", "10"), ("a", "2")]);
    check_query("/?a-1=1&a=2", &[("a", "2"), ("a-1", "1")]);
    check_query("/?z=1&%E1%88%B4=2&a=3", &[("%E1%88%B4", "2"), ("a", "3"), ("z", "1")]);
}

#[test]
fn names_and_values_may_be_empty() {
    check_query("/?a=", &[("a", "")]);
    check_query("/?a", &[("a", "")]);
    check_query("/?=1", &[("", "1")]);
    check_query("/?a=&a=1", &[("a", ""), ("a", "1")]);
}

#[test]
fn unreserved_characters_stand_for_themselves_and_others_are_encoded() {
    check_path("/-._~0123456789ABCXYZabcxyz", "/-._~0123456789ABCXYZabcxyz");
    check_query("/?-._~09AZaz=-._~09AZaz", &[("-._~09AZaz", "-._~09AZaz")]);
    check_query("/?a=b/c", &[("a", "b%2Fc")]);
    check_path("/\u{1234}", "/%E1%88%B4");
    check_query("/?\u{1234}=bar", &[("%E1%88%B4", "bar")]);
}

#[test]
fn a_path_with_a_blank_is_encoded_once_and_an_encoded_one_again() {
    check_path("/a b/", "/a%20b/");
    check_path("/a%20b/", "/a%2520b/");
}

#[test]
fn a_path_is_signed_without_its_dots_and_double_slashes_or_with_them() {
    for (sent, normalised) in [
        ("/.", "/"),
        ("/./", "/"),
        ("/./a", "/a"),
        ("/a/..", "/"),
        ("/a/b/../..", "/"),
        ("/a/../b", "/b"),
        ("//", "/"),
        ("//a//", "/a/"),
        ("/a//b/./c", "/a/b/c"),
    ] {
        check_path(sent, normalised);
        check_path(sent, sent);
    }
}

#[test]
fn headers_are_signed_by_name_and_repeated_ones_in_the_order_sent() {
    let signed = &[("my-header1", "b,a")];
    check_headers(&["My-Header1: b", "My-Header1: a"], signed);
    check_headers(&["My-Header1: d", "My-Header1:a", "MY-HEADER1: c"], &[("my-header1", "d,a,c")]);
    check_headers(&["OTHER: o", "My-Header1: VALUE1"], &[("my-header1", "VALUE1"), ("other", "o")]);
    check(&Case {
        headers: &["My-Header1:", "Accept: 2"],
        before_host: &[("accept", "2")],
        after_host: &[("my-header1", "")],
        ..VANILLA
    });
}

#[test]
fn blanks_around_a_value_are_dropped_and_those_inside_are_one() {
    check_headers(&["My-Header1:   value1  "], &[("my-header1", "value1")]);
    check_headers(&["My-Header1: a   b   c"], &[("my-header1", "a b c")]);
    check_headers(&["My-Header1: \"a   b\""], &[("my-header1", "\"a b\"")]);
    check_headers(
        &["My-Header1:value1\r\n  value2\r\n\t value3"],
        &[("my-header1", "value1 value2 value3")],
    );
}

#[test]
fn a_form_is_signed_with_its_type_and_its_hash() {
    let form = Case {
        method: "POST",
        headers: &["Content-Type: application/x-www-form-urlencoded"],
        before_host: &[("content-type", "application/x-www-form-urlencoded")],
        body: "Param1=value1",
        ..VANILLA
    };
    check(&form);
    check(&Case {
        headers: &["Content-Type: application/x-www-form-urlencoded; charset=utf-8"],
        before_host: &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")],
        ..form
    });
    check(&Case { target: "/?Param1=value1", query: &[("Param1", "value1")], ..form });
}

#[test]
fn credentials_are_those_that_were_named() {
    let text = VANILLA.in_header(Token::None);
    assert_eq!(ask(text.as_bytes(), Token::Signed), Err(Unverified::OtherCredentials));
    let text = VANILLA.in_header(Token::AddedLater);
    assert_eq!(ask(text.as_bytes(), Token::None), Err(Unverified::OtherCredentials));
    let text = VANILLA.head("/") + "\r\n";
    assert_eq!(ask(text.as_bytes(), Token::None), Err(Unverified::NotSigned));
}

#[test]
fn a_request_of_parts_is_the_request_that_was_read() {
    let headers = [("Host", "example.org"), ("X-Amz-Date", DATE)];
    let text = VANILLA.in_header(Token::None);
    let authorization = text.lines().find_map(|line| line.strip_prefix("Authorization: ")).unwrap();
    let headers = [&headers[..], &[("authorization", authorization)]].concat();
    let request = SignedRequest::new("GET", "/", &headers, b"").unwrap();
    let credentials = Credentials {
        access_key_id: ACCESS_KEY_ID,
        secret_access_key: SECRET,
        session_token: None,
    };
    let endpoint = Endpoint { service: "service", region: REGION, now: now() };
    assert_eq!(verify(&request, &credentials, &endpoint), Ok(()));
    assert!(SignedRequest::new("GE T", "/", &headers, b"").is_err());
    assert!(SignedRequest::new("GET", "/", &[("my header", "")], b"").is_err());
    assert!(SignedRequest::new("GET", "/", &[("my-header", "a\nb")], b"").is_err());
    for text in ["", "GET /", "GET / HTTP/2\r\n\r\n", "GET / HTTP/1.1\r\n folded\r\n\r\n"] {
        assert!(SignedRequest::from_http(text.as_bytes()).is_err(), "{text}");
    }
}
