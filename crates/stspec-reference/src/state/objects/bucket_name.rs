//! The name of a bucket.

use std::fmt;
use std::net::Ipv4Addr;

/// Shortest name of a bucket, in characters.
///
/// Source: S3 User Guide, "General purpose bucket naming rules".
const CHARS_MIN: usize = 3;

/// Longest name of a bucket, in characters.
///
/// Source: S3 User Guide, "General purpose bucket naming rules".
const CHARS_MAX: usize = 63;

/// The name of a bucket.
// INVARIANT: 3 to 63 of `a-z 0-9 . -`, a letter or digit at both ends, no two dots in a row, no IP
// address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BucketName(String);

impl BucketName {
    /// Takes a name that keeps the rules.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let is_end = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let bytes = name.as_bytes();
        let is_name = (CHARS_MIN..=CHARS_MAX).contains(&bytes.len())
            && bytes.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'))
            && is_end(bytes.first())
            && is_end(bytes.last())
            && !name.contains("..")
            && name.parse::<Ipv4Addr>().is_err();
        is_name.then(|| Self(name.to_owned()))
    }

    /// The name as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BucketName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_rules() {
        for name in ["abc", "a.b-c", "0ab", &"x".repeat(63)] {
            assert!(BucketName::new(name).is_some(), "{name}");
        }
        for name in ["ab", "Abc", "a_b", "-ab", "ab-", ".ab", "a..b", "1.2.3.4", &"x".repeat(64)] {
            assert!(BucketName::new(name).is_none(), "{name}");
        }
    }
}
