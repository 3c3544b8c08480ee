//! `len`: the value has this many characters, counted as Unicode code points like AWS counts them.

use stspec_scenario::Bounds;

use super::Subject;
use crate::Found;

pub(super) fn accepts(bounds: Bounds, subject: &Subject<'_>) -> bool {
    subject.text().is_some_and(|text| (bounds.min..=bounds.max).contains(&text.chars().count()))
}

pub(super) fn words(Bounds { min, max }: Bounds) -> String {
    match max {
        usize::MAX => format!("at least {min} characters long"),
        _ if min == max => format!("{min} characters long"),
        _ => format!("{min} to {max} characters long"),
    }
}

pub(super) fn observed(found: &Found<'_>) -> String {
    match found.text() {
        Some(text) => format!("`{text}`, {} characters", text.chars().count()),
        None => found.words(),
    }
}

#[cfg(test)]
mod tests {
    use stspec_scenario::Bounds;

    use super::words;
    use crate::ResolvedMatcher::Len;
    use crate::matcher::examples::{check_accepted, check_needs_text, check_refused};

    #[test]
    fn both_bounds_belong_to_the_range() {
        let matcher = Len(Bounds { min: 2, max: 4 });
        check_accepted(&matcher, &["ab", "abc", "abcd"]);
        check_refused(&matcher, &["", "a", "abcde"]);
        check_needs_text(&matcher);
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        check_accepted(&Len(Bounds { min: 2, max: 2 }), &["éé", "😀é"]);
    }

    #[test]
    fn zero_is_a_length() {
        check_accepted(&Len(Bounds { min: 0, max: 0 }), &[""]);
        check_needs_text(&Len(Bounds { min: 0, max: 0 }));
    }

    #[test]
    fn words_follow_the_bounds() {
        assert_eq!(words(Bounds { min: 20, max: 20 }), "20 characters long");
        assert_eq!(words(Bounds { min: 4, max: 10 }), "4 to 10 characters long");
        assert_eq!(words(Bounds { min: 4, max: usize::MAX }), "at least 4 characters long");
    }
}
