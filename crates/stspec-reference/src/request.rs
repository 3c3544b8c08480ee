//! A request as it arrived: bytes and text, nothing decoded that a signature covers.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// An HTTP request with its whole body.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The method.
    pub(crate) method: Method,
    /// The path as sent, still percent-encoded, starting with `/`.
    pub(crate) path: String,
    /// The query string as sent, without `?`; empty where there is none.
    pub(crate) query: String,
    /// The headers; values may hold any byte that HTTP allows.
    pub(crate) headers: HeaderMap,
    /// The raw body, kept for hashing.
    pub(crate) body: Bytes,
}

impl Request {
    /// A header's value where it is there and visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Decoded parameters of a query-protocol request or of a query string, in order of arrival.
#[derive(Debug, Clone, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Params {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Params {
    /// Decodes `application/x-www-form-urlencoded` text; bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// Decodes a form; bytes that are not UTF-8 become U+FFFD, escaped or not.
    pub(crate) fn parse_bytes(form: &[u8]) -> Self {
        match str::from_utf8(form) {
            // What nearly every form is, without looking for damage character by character.
            Ok(text) => Self::parse(text),
            Err(_) => Self::parse(&String::from_utf8_lossy(form)),
        }
    }

    /// The first value under this name: a repeated scalar parameter keeps its first occurrence.
    ///
    /// Source: `facts/sts.md`, VAL-DUPPARAM (observed on `AssumeRole`).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All pairs in order of arrival.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    loop {
        rest = match rest {
            [b'%', high, low, tail @ ..] if let Some(byte) = from_hex(*high, *low) => {
                bytes.push(byte);
                tail
            }
            [b'+', tail @ ..] => {
                bytes.push(b' ');
                tail
            }
            [byte, tail @ ..] => {
                bytes.push(*byte);
                tail
            }
            [] => break,
        };
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|damaged| String::from_utf8_lossy(damaged.as_bytes()).into_owned())
}

fn from_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: &[u8], expected: &[(&str, &str)]) {
        let params = Params::parse_bytes(form);
        assert_eq!(params.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn escapes_and_blanks_are_decoded_once() {
        check(b"a+b=%41%2b%2541&c", &[("a b", "A+%41"), ("c", "")]);
        check(b"&&=&%c3%9f=%C3%9F", &[("", ""), ("\u{df}", "\u{df}")]);
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        check(b"a=%&b=%4&c=%zz&d=%+1", &[("a", "%"), ("b", "%4"), ("c", "%zz"), ("d", "% 1")]);
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        check(b"a=%ff&b=\xff", &[("a", "\u{fffd}"), ("b", "\u{fffd}")]);
    }
}
