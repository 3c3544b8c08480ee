//! `gte`: the value is an integer from a limit on.

use super::{Subject, number};

pub(super) fn accepts(limit: i64, subject: &Subject<'_>) -> bool {
    number::read(subject).is_some_and(|number| number >= limit)
}

pub(super) fn words(limit: i64) -> String {
    format!("at least {limit}")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Gte;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn the_limit_itself_is_accepted() {
        check_accepted(&Gte(100), &["100", "101"]);
        check_refused(&Gte(100), &["99", "-100"]);
    }

    #[test]
    fn what_is_no_integer_is_refused() {
        check_refused(&Gte(100), &["", "many", "100.5"]);
        check_needs_text(&Gte(100));
    }
}
