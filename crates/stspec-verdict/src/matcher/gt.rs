//! `gt`: the value is an integer above a limit.

use super::{Subject, number};

pub(super) fn accepts(limit: i64, subject: &Subject<'_>) -> bool {
    number::read(subject).is_some_and(|number| number > limit)
}

pub(super) fn words(limit: i64) -> String {
    format!("more than {limit}")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Gt;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn the_limit_itself_is_refused() {
        check_accepted(&Gt(100), &["101"]);
        check_refused(&Gt(100), &["100", "99", "-101"]);
    }

    #[test]
    fn what_is_no_integer_is_refused() {
        check_refused(&Gt(100), &["", "many", "100.5"]);
        check_needs_text(&Gt(100));
    }
}
