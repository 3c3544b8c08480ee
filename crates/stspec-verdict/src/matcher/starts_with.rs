//! `starts_with`: the value begins with this text.

use super::Subject;

pub(super) fn accepts(expected: &str, subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| text.starts_with(expected))
}

pub(super) fn words(expected: &str) -> String {
    format!("starting with `{expected}`")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::StartsWith;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_the_text_itself_and_any_continuation() {
        check_accepted(&StartsWith("ASIA".into()), &["ASIA", "ASIA7"]);
        check_refused(&StartsWith("ASIA".into()), &["ASI", "AKIA", "xASIA", "asia", ""]);
        check_needs_text(&StartsWith("ASIA".into()));
    }
}
