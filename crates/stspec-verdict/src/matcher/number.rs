//! How the comparing matchers read a value: as a decimal integer.

use super::Subject;

/// Returns the value as an integer; a sign and leading zeros are allowed, blanks and fractions not.
pub(super) fn read(subject: &Subject<'_>) -> Option<i64> {
    subject.text()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::Found;
    use crate::matcher::Subject;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        let found = Found::Text(text.into());
        assert_eq!(super::read(&Subject { found: Some(&found), date: None }), expected);
    }

    #[test]
    fn integers_are_read_with_sign_and_leading_zeros() {
        check("0", Some(0));
        check("-12", Some(-12));
        check("+0012", Some(12));
        check("9223372036854775807", Some(i64::MAX));
    }

    #[test]
    fn what_is_no_integer_is_not_read() {
        for text in ["", " 1", "1 ", "1.0", "1e3", "0x1", "9223372036854775808", "many"] {
            check(text, None);
        }
    }
}
