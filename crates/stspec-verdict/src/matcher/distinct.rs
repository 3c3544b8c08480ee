//! `distinct`: the value is there, not empty, and none of these texts.

use super::{Subject, listed};

pub(super) fn accepts(others: &[String], subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| !text.is_empty() && others.iter().all(|each| each != text))
}

pub(super) fn words(others: &[String]) -> String {
    format!("there and other than each of {}", listed(others))
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Distinct;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn accepts_what_is_not_listed() {
        let matcher = Distinct(vec!["a".into(), "b".into()]);
        check_accepted(&matcher, &["c", "A", "ab"]);
        check_refused(&matcher, &["a", "b"]);
        check_needs_text(&matcher);
    }

    #[test]
    fn an_empty_value_is_distinct_from_nothing() {
        check_refused(&Distinct(vec!["a".into()]), &[""]);
        check_refused(&Distinct(Vec::new()), &[""]);
    }
}
