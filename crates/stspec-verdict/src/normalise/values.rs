//! Values that belong to the run, replaced by the name of their source.

use std::cmp::Reverse;

/// A value with the placeholder that replaces it, such as `<account>` or `<federator.name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedValue {
    /// The value as it occurs in requests and answers.
    pub value: String,
    /// What is written instead.
    pub placeholder: String,
}

impl NamedValue {
    /// Pairs a value with its placeholder.
    pub fn new(value: impl Into<String>, placeholder: impl Into<String>) -> Self {
        Self { value: value.into(), placeholder: placeholder.into() }
    }
}

/// Returns the values, longest first, so that the first match at a position is the right one.
pub(super) fn sorted(values: &[NamedValue]) -> Vec<&NamedValue> {
    let mut sorted: Vec<&NamedValue> =
        values.iter().filter(|each| !each.value.is_empty()).collect();
    sorted.sort_by_key(|each| Reverse(each.value.len()));
    sorted
}

/// Replaces the values in one pass, so that no placeholder is taken for a value.
pub(super) fn replace(text: &str, values: &[&NamedValue]) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((value, tail)) =
            values.iter().find_map(|value| Some((value, rest.strip_prefix(&value.value)?)))
        {
            normal.push_str(&value.placeholder);
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
    fn check(text: &str, values: &[(&str, &str)], expected: &str) {
        let values: Vec<NamedValue> = values.iter().map(|(v, p)| NamedValue::new(*v, *p)).collect();
        assert_eq!(replace(text, &sorted(&values)), expected);
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
