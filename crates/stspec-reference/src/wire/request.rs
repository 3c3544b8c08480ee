//! A request as it arrived: bytes and text, nothing decoded that a signature covers.

use bytes::Bytes;
use http::header::AsHeaderName;
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
    pub(crate) fn header(&self, name: impl AsHeaderName) -> Option<&str> {
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
        Self::parse_bytes(text.as_bytes())
    }

    /// Decodes a form; bytes that are not UTF-8 become U+FFFD, escaped or not.
    pub(crate) fn parse_bytes(form: &[u8]) -> Self {
        let pairs = form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let equals = pair.iter().position(|byte| *byte == b'=');
                    let (name, value) = equals.map_or((pair, &[][..]), |at| pair.split_at(at));
                    (decode(name), decode(value.get(1..).unwrap_or_default()))
                })
                .collect(),
        )
    }

    /// The first value under this name: a repeated scalar parameter keeps its first occurrence.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, VAL-DUPPARAM (observed on `AssumeRole`).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All pairs in order of arrival.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Decodes a name or a value. Neither `&` nor `=` is ever part of a longer character, and so none
/// is torn apart before it gets here.
fn decode(part: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part;
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
    Some(hex_digit(high)? << 4 | hex_digit(low)?)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
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
