//! `ne`: the value is there and is another text.

use super::Subject;

pub(super) fn accepts(expected: &str, subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| text != expected)
}

pub(super) fn words(expected: &str) -> String {
    format!("there and other than `{expected}`")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Ne;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_any_other_text() {
        check_accepted(&Ne("a".into()), &["b", "A", "", "a "]);
        check_refused(&Ne("a".into()), &["a"]);
    }

    #[test]
    fn what_is_not_there_does_not_differ() {
        check_needs_text(&Ne("a".into()));
    }
}
