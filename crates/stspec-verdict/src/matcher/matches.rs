//! `matches`: a regular expression covers the value from end to end.

use super::Subject;
use crate::Pattern;

pub(super) fn accepts(pattern: &Pattern, subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| pattern.is_match(text))
}

pub(super) fn words(pattern: &Pattern) -> String {
    format!("matching `{}` from end to end", pattern.as_str())
}

#[cfg(test)]
mod tests {
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};
    use crate::{Pattern, ResolveError, ResolvedMatcher};

    fn matches(pattern: &str) -> ResolvedMatcher {
        ResolvedMatcher::Matches(Pattern::new(pattern).expect("a regular expression"))
    }

    #[test]
    fn the_pattern_covers_the_whole_value() {
        check_accepted(&matches("ASIA[A-Z0-9]{16}"), &["ASIAABCDEFGHIJKLMNOP"]);
        check_refused(
            &matches("ASIA[A-Z0-9]{16}"),
            &["xASIAABCDEFGHIJKLMNOP", "ASIAABCDEFGHIJKLMNOPx", "ASIAABCDEFGHIJKLMNOP\n", ""],
        );
        check_needs_text(&matches(".*"));
    }

    #[test]
    fn alternatives_are_anchored_as_a_whole() {
        check_accepted(&matches("a|b"), &["a", "b"]);
        check_refused(&matches("a|b"), &["ax", "xb"]);
    }

    #[test]
    fn a_pattern_that_is_none_is_an_error_with_the_pattern_in_it() {
        let error = Pattern::new("[").expect_err("not a regular expression");
        assert!(matches!(error, ResolveError::Pattern { pattern, .. } if pattern == "["));
    }

    #[test]
    fn a_pattern_that_would_eat_all_memory_is_an_error() {
        assert!(Pattern::new(r"(\w{1000}){1000}").is_err());
    }
}
