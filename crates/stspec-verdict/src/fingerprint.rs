//! How a check is wrong, as a short text that is the same on every run.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::Deviation;
use crate::normalise::{NamedValue, normalise_text};

/// A hash of what is wrong with an answer.
///
/// Two runs against an unchanged target give the same fingerprint: values of the run (`values`), dates
/// and ids are replaced first, and lengths of time are rounded to minutes, because a second more or
/// less is the clock's. Of a request's id only the length counts, and of a document in place of a text
/// only what it is, as both are new with each answer. What the rule expects is not part of it: a baseline says how a target behaves.
#[must_use]
pub fn fingerprint(deviations: &[Deviation], values: &[NamedValue]) -> String {
    let mut hash = FNV_OFFSET;
    for deviation in deviations {
        let observed = normalise_text(&deviation.observed, values);
        let observed = SECONDS.replace_all(&observed, rounded);
        let observed = settled(&deviation.path, &observed);
        for byte in deviation.path.bytes().chain([0]).chain(observed.bytes()).chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
    }
    format!("{hash:016x}")
}

/// What stays the same of a value that is new with each answer.
fn settled<'a>(path: &str, observed: &'a str) -> Cow<'a, str> {
    let bare = observed.trim_matches('`');
    let is_id = |name: &&str| path.eq_ignore_ascii_case(name);
    if observed != bare && REQUEST_IDS.iter().any(is_id) {
        return Cow::Owned(format!("an id of {} characters", bare.chars().count()));
    }
    if path == "body.text" && bare.starts_with('<') {
        let end = bare.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(bare.len());
        return Cow::Owned(format!("a document {}", bare.get(..end).unwrap_or_default()));
    }
    Cow::Borrowed(observed)
}

/// Where an answer names the request; no two of them are the same.
const REQUEST_IDS: [&str; 4] = [
    "body.request_id",
    "headers.x-amzn-requestid",
    "headers.x-amz-request-id",
    "headers.x-amz-id-2",
];

/// Offset basis and prime of the 64-bit FNV-1a hash: stable over versions and platforms, and enough
/// because a collision benefits no one.
///
/// Source: Fowler, Noll, Vo and Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (IETF), 64 bits.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// A length of time in the words of the `expires_in` matcher.
static SECONDS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(-?[0-9]{1,15})s after Date").expect("written in this file"));

fn rounded(captures: &Captures<'_>) -> String {
    let seconds: i64 = captures.get(1).and_then(|text| text.as_str().parse().ok()).unwrap_or(0);
    format!("{}m after Date", (seconds + 30).div_euclid(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(path: &str, observed: &str) -> Deviation {
        let expected = "something else".to_owned();
        Deviation { path: path.to_owned(), expected, observed: observed.to_owned() }
    }

    fn of(path: &str, observed: &str) -> String {
        fingerprint(&[deviation(path, observed)], &[NamedValue::new("stspec-7k2f-a-b", "<b.name>")])
    }

    #[track_caller]
    fn check_same(one: &str, other: &str) {
        assert_eq!(of("status", one), of("status", other));
    }

    #[track_caller]
    fn check_different(one: &str, other: &str) {
        assert_ne!(of("status", one), of("status", other));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // FNV-1a of nothing is its offset basis; of `a`, as its authors list it, af63dc4c8601ec8c.
        assert_eq!(fingerprint(&[], &[]), "cbf29ce484222325");
        let of_a = (FNV_OFFSET ^ u64::from(b'a')).wrapping_mul(FNV_PRIME);
        assert_eq!(of_a, 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn another_wrong_value_or_another_path_is_another_fingerprint() {
        check_different("`200`", "`403`");
        assert_ne!(of("status", "`200`"), of("error.code", "`200`"));
        assert_ne!(of("a", "bc"), of("ab", "c"));
    }

    #[test]
    fn values_of_the_run_do_not_count() {
        let message = "User: arn:aws:iam::1:user/x";
        check_same(
            &format!("{message} 2026-11-21T20:00:00Z"),
            &format!("{message} 2027-01-01T00:00:00Z"),
        );
        check_same("ASIAQWERTYUIOPASDFGH", "ASIAQWERTYUIOPASDFGJ");
        check_same("stspec-7k2f-a-b", "<b.name>");
    }

    #[test]
    fn of_a_request_id_only_the_length_counts() {
        let of_id = |id: &str| of("headers.x-amzn-RequestId", id);
        assert_eq!(of_id("`yrfSDYkr`"), of_id("`5UsfO8I2`"));
        assert_ne!(of_id("`yrfSDYkr`"), of_id("`yrfSDYkr5`"));
        assert_ne!(of_id("`yrfSDYkr`"), of_id("absent"));
        check_different("`yrfSDYkr`", "`5UsfO8I2`");
    }

    #[test]
    fn of_a_document_only_its_first_element_counts() {
        let of_text = |text: &str| of("body.text", text);
        assert_eq!(of_text("`<A xmlns=\"x\"><B>1</B>`"), of_text("`<A><B>2</B>`"));
        assert_ne!(of_text("`<A>`"), of_text("`<B>`"));
        assert_ne!(of_text("`one`"), of_text("`two`"));
    }

    #[test]
    fn a_second_of_the_clock_does_not_count_and_a_minute_does() {
        check_same("43200s after Date", "43199s after Date");
        check_same("-1s after Date", "0s after Date");
        check_different("43200s after Date", "43140s after Date");
    }
}
