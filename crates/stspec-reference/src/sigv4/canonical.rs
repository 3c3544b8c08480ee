//! The canonical request: what a signature covers, in the one spelling that both sides agree on.
//!
//! Source: IAM User Guide, "Create a signed AWS API request", step 1.

use std::iter;

use percent_encoding::percent_encode_byte;

use super::{S3, parts};
use crate::wire::request::Request;

/// Bytes reserved for a canonical request, so that one of ordinary size is built without growing.
const CANONICAL_BYTES_USUAL: usize = 1024;

/// What of a request was signed, and in which spelling.
pub(super) struct Cover<'a> {
    /// The path as [`paths`] spells it.
    pub(super) path: &'a str,
    /// Whether a token in the query string was there already at signing.
    pub(super) token: QueryToken,
    /// The names of the signed headers, as sent.
    pub(super) signed_headers: &'a str,
    /// The last line: a hash of the body, or the word that stands for one.
    pub(super) payload: &'a str,
}

/// When `X-Amz-Security-Token` came into the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryToken {
    /// Before signing.
    Signed,
    /// After signing.
    AddedLater,
}

/// Builds the canonical request; header values may hold any byte, hence no `String`.
pub(super) fn request(request: &Request, cover: &Cover) -> Vec<u8> {
    let mut out = Vec::with_capacity(CANONICAL_BYTES_USUAL);
    out.extend_from_slice(request.method.as_str().as_bytes());
    out.push(b'\n');
    out.extend_from_slice(cover.path.as_bytes());
    out.push(b'\n');
    push_query(&mut out, &request.query, cover.token);
    out.push(b'\n');
    for name in parts(cover.signed_headers, b';') {
        push_header(&mut out, request, name);
    }
    out.push(b'\n');
    out.extend_from_slice(cover.signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(cover.payload.as_bytes());
    out
}

/// The spellings of a path that a signer for this service may have used, likeliest first.
///
/// S3 has one: encoded once, dots and slashes left alone, as they may be part of a key. For every
/// other service the SDKs remove dot segments and encode again what is encoded already, while
/// AWS's own examples sign a path that was encoded once, and some signers don't normalise. All of
/// these bind the whole path, so each is taken. A path of unreserved characters has one spelling.
pub(super) fn paths(path: &str, service: &str) -> Vec<String> {
    let path = if path.is_empty() { "/" } else { path };
    if service == S3 || path == "/" {
        return vec![encode_once(path)];
    }
    let normalised = if path.starts_with('/') { normalise(path) } else { path.to_owned() };
    let mut spellings = Vec::with_capacity(1);
    for spelling in
        [encode_again(&normalised), encode_once(&normalised), encode_again(path), encode_once(path)]
    {
        if !spellings.contains(&spelling) {
            spellings.push(spelling);
        }
    }
    spellings
}

/// Removes `.`, `..` and empty segments, and keeps a slash at the end.
///
/// Source: RFC 3986, section 5.2.4, and AWS's addition that repeated slashes are one.
fn normalise(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    let is_folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if is_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// Encodes a path as it was sent, percent signs too.
fn encode_again(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' => out.push('/'),
            byte => push_encoded(&mut out, byte),
        }
    }
    out
}

/// Spells a path as if it had been encoded by the book: an escaped slash stays escaped.
fn encode_once(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for unit in units(path) {
        match unit {
            Unit::Literal(b'/') => out.push('/'),
            Unit::Literal(byte) | Unit::Escaped(byte) => push_encoded(&mut out, byte),
        }
    }
    out
}

/// Appends the parameters sorted by name and then value, both encoded, without the signature.
fn push_query(out: &mut Vec<u8>, query: &str, token: QueryToken) {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode_parameter(name), encode_parameter(value)))
        .filter(|(name, _)| match name.as_str() {
            "X-Amz-Signature" => false,
            "X-Amz-Security-Token" => token == QueryToken::Signed,
            _ => true,
        })
        .collect();
    pairs.sort_unstable();
    for (number, (name, value)) in pairs.iter().enumerate() {
        if number > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.as_bytes());
    }
}

/// Spells a name or value of the query string by the book; `+` is a blank, as in forms.
fn encode_parameter(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for unit in units(text) {
        match unit {
            Unit::Literal(b'+') => push_encoded(&mut out, b' '),
            Unit::Literal(byte) | Unit::Escaped(byte) => push_encoded(&mut out, byte),
        }
    }
    out
}

/// Appends `name:value`; the values of a repeated header are joined in order of arrival.
fn push_header(out: &mut Vec<u8>, request: &Request, name: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    for (number, value) in request.headers.get_all(name).iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        push_folded(out, value.as_bytes());
    }
    out.push(b'\n');
}

/// Appends a header value without blanks around it and with single blanks inside.
///
/// Blanks only: a tab inside a value counts as any other byte, as it does for AWS's signers.
fn push_folded(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    for (number, word) in words.enumerate() {
        if number > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// One byte of percent-encoded text, with how it was written.
enum Unit {
    Literal(u8),
    Escaped(u8),
}

/// Takes percent-encoded text apart; a `%` that starts no escape stands for itself.
fn units(text: &str) -> impl Iterator<Item = Unit> {
    let mut rest = text.as_bytes();
    iter::from_fn(move || {
        if let [b'%', high, low, tail @ ..] = rest
            && let Some(byte) = from_hex(*high, *low)
        {
            rest = tail;
            return Some(Unit::Escaped(byte));
        }
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        Some(Unit::Literal(*byte))
    })
}

fn from_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Appends a byte, escaped unless RFC 3986 calls it unreserved.
fn push_encoded(out: &mut String, byte: u8) {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            out.push(char::from(byte));
        }
        byte => out.push_str(percent_encode_byte(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_paths(service: &str, path: &str, expected: &[&str]) {
        assert_eq!(paths(path, service), expected, "{path}");
    }

    #[test]
    fn a_plain_path_has_one_spelling() {
        check_paths("sts", "/", &["/"]);
        check_paths("sts", "", &["/"]);
        check_paths("sts", "/a-b_c.d~e/f", &["/a-b_c.d~e/f"]);
    }

    #[test]
    fn outside_s3_dot_segments_go_and_escapes_are_escaped() {
        check_paths("sts", "/a/./b/../c//d/", &["/a/c/d/", "/a/./b/../c//d/"]);
        check_paths("sts", "/..", &["/", "/.."]);
        check_paths("sts", "/a/..", &["/", "/a/.."]);
        check_paths("sts", "/a/b/..", &["/a/", "/a/b/.."]);
        check_paths("sts", "//", &["/", "//"]);
        check_paths("sts", "/a%20b", &["/a%2520b", "/a%20b"]);
        check_paths("sts", "/a b", &["/a%20b"]);
        check_paths("sts", "/ሴ", &["/%E1%88%B4"]);
        check_paths("sts", "/.%2F", &["/.%252F", "/.%2F"]);
        check_paths("sts", "*", &["%2A"]);
        check_paths("sts", "a/./b", &["a/./b"]);
    }

    #[test]
    fn s3_keeps_the_path_and_encodes_it_once() {
        check_paths("s3", "/b/./k//../x", &["/b/./k//../x"]);
        check_paths("s3", "/b/a%2fb", &["/b/a%2Fb"]);
        check_paths("s3", "/b/%41!%7E", &["/b/A%21~"]);
        check_paths("s3", "/b/100%", &["/b/100%25"]);
    }

    #[track_caller]
    fn check_query(query: &str, expected: &str) {
        let mut out = Vec::new();
        push_query(&mut out, query, QueryToken::Signed);
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{query}");
    }

    #[test]
    fn parameters_are_sorted_after_encoding() {
        check_query("", "");
        check_query("b=2&a=1", "a=1&b=2");
        check_query("a=b&a=B&a=", "a=&a=B&a=b");
        check_query("B=1&a=1&A=1", "A=1&B=1&a=1");
        check_query("~=1&%E1=1&a=1", "%E1=1&a=1&~=1");
        check_query("a-=1&a=2", "a=2&a-=1");
    }

    #[test]
    fn parameters_are_spelt_by_the_book() {
        check_query("acl", "acl=");
        check_query("&a=1&&b=2&", "a=1&b=2");
        check_query("a=x+y%20z", "a=x%20y%20z");
        check_query("a=%7e%2f/", "a=~%2F%2F");
        check_query("a=b=c", "a=b%3Dc");
        check_query("ሴ=bar", "%E1%88%B4=bar");
        check_query("a=%zz%", "a=%25zz%25");
    }

    #[test]
    fn the_signature_is_never_covered_and_the_token_by_choice() {
        check_query("a=1&X-Amz-Signature=00", "a=1");
        check_query("X-Amz-Security-Token=t&a=1", "X-Amz-Security-Token=t&a=1");
        let mut out = Vec::new();
        push_query(&mut out, "X-Amz-Security-Token=t&a=1", QueryToken::AddedLater);
        assert_eq!(out, b"a=1");
    }

    #[track_caller]
    fn check_folded(value: &[u8], expected: &[u8]) {
        let mut out = Vec::new();
        push_folded(&mut out, value);
        assert_eq!(out, expected);
    }

    #[test]
    fn blanks_in_header_values_are_folded_and_nothing_else() {
        check_folded(b"  a   b  c ", b"a b c");
        check_folded(b"\"a   b\"", b"\"a b\"");
        check_folded(b"a\t b", b"a\t b");
        check_folded(b"", b"");
        check_folded(b"\xff  \xfe", b"\xff \xfe");
    }
}
