//! `in`: the value is one of these texts.

use super::{Subject, listed};

pub(super) fn accepts(expected: &[String], subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| expected.iter().any(|each| each == text))
}

pub(super) fn words(expected: &[String]) -> String {
    format!("one of {}", listed(expected))
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::In;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_each_listed_text_and_no_other() {
        let matcher = In(vec!["400".into(), "403".into()]);
        check_accepted(&matcher, &["400", "403"]);
        check_refused(&matcher, &["401", "", "400, 403"]);
        check_needs_text(&matcher);
    }

    #[test]
    fn an_empty_list_accepts_nothing() {
        check_refused(&In(Vec::new()), &["", "400"]);
    }
}
