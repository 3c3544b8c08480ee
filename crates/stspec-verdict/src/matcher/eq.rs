//! `eq`: the value is this text, letter for letter.

use super::Subject;

pub(super) fn accepts(expected: &str, subject: &Subject<'_>) -> bool {
    subject.text() == Some(expected)
}

pub(super) fn words(expected: &str) -> String {
    format!("equal to `{expected}`")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Eq;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_the_same_text_only() {
        check_accepted(&Eq("AccessDenied".into()), &["AccessDenied"]);
        check_refused(&Eq("AccessDenied".into()), &["accessdenied", "AccessDenied ", ""]);
    }

    #[test]
    fn compares_numbers_as_they_are_written() {
        check_accepted(&Eq("400".into()), &["400"]);
        check_refused(&Eq("400".into()), &["0400", "400.0"]);
    }

    #[test]
    fn an_empty_text_is_not_an_absent_one() {
        check_accepted(&Eq(String::new()), &[""]);
        check_needs_text(&Eq(String::new()));
    }
}
