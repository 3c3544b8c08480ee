//! Percent-encoding to the letter of RFC 3986: only unreserved characters stand for themselves.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const RESERVED_IN_PATH: AsciiSet = RESERVED.remove(b'/');

/// A name or value of a form or a query string.
pub(crate) fn component(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED).to_string()
}

/// A path; its slashes stay.
pub(crate) fn path(text: &str) -> String {
    utf8_percent_encode(text, &RESERVED_IN_PATH).to_string()
}

/// `name=value` pairs joined by `&`.
pub(crate) fn form(pairs: &[(String, String)]) -> String {
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", component(name), component(value)))
        .collect();
    encoded.join("&")
}
