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

impl Params {
    /// Decodes `application/x-www-form-urlencoded` text; bytes that are not UTF-8 become U+FFFD.
    pub(crate) fn parse(text: &str) -> Self {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
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
