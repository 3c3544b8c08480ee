//! Values that the run itself chose or learnt, replaced by the name of their source.

use std::cmp::Reverse;

/// A value with the placeholder that stands for it, such as `<account>` or `<federator.name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The value as it stands in requests and answers.
    pub value: String,
    /// What is written instead.
    pub placeholder: String,
}

impl Known {
    /// Pairs a value with its placeholder.
    pub fn new(value: impl Into<String>, placeholder: impl Into<String>) -> Self {
        Self { value: value.into(), placeholder: placeholder.into() }
    }
}

/// Returns the values, longest first, so that the first match at a place is the right one.
pub(super) fn sorted(known: &[Known]) -> Vec<&Known> {
    let mut known: Vec<&Known> = known.iter().filter(|known| !known.value.is_empty()).collect();
    known.sort_by_key(|known| Reverse(known.value.len()));
    known
}

/// Replaces known values in one pass, so that a placeholder is never taken for a value.
pub(super) fn replace(text: &str, known: &[&Known]) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((known, tail)) =
            known.iter().find_map(|known| Some((known, rest.strip_prefix(&known.value)?)))
        {
            normal.push_str(&known.placeholder);
            rest = tail;
        } else {
            normal.push(character);
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, known: &[(&str, &str)], expected: &str) {
        let known: Vec<Known> = known.iter().map(|(v, p)| Known::new(*v, *p)).collect();
        assert_eq!(replace(text, &sorted(&known)), expected);
    }

    #[test]
    fn every_occurrence_is_replaced() {
        check("a-7-7", &[("7", "<run>")], "a-<run>-<run>");
    }

    #[test]
    fn the_longest_value_wins_whatever_the_order() {
        check("7-ada", &[("7", "<run>"), ("7-ada", "<ada>")], "<ada>");
        check("7-ada", &[("7-ada", "<ada>"), ("7", "<run>")], "<ada>");
    }

    #[test]
    fn a_placeholder_is_not_replaced_again() {
        check("1", &[("1", "<account>"), ("account", "<oops>")], "<account>");
    }

    #[test]
    fn an_empty_value_is_ignored() {
        check("é", &[("", "<empty>")], "é");
    }
}
