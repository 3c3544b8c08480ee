//! `lt`: the value is an integer below a limit.

use super::{Subject, number};

pub(super) fn accepts(limit: i64, subject: &Subject<'_>) -> bool {
    number::read(subject).is_some_and(|number| number < limit)
}

pub(super) fn words(limit: i64) -> String {
    format!("less than {limit}")
}

#[cfg(test)]
mod tests {
    use crate::ResolvedMatcher::Lt;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn the_limit_itself_is_refused() {
        check_accepted(&Lt(100), &["99", "-1"]);
        check_refused(&Lt(100), &["100", "101"]);
    }

    #[test]
    fn what_is_no_integer_is_refused() {
        check_refused(&Lt(100), &["", "many", "99.5"]);
        check_needs_text(&Lt(100));
    }
}
