//! Matching of text against wildcards, in time bounded by pattern length times text length.

use std::{slice, str::Chars};

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// This character.
    Char(char),
    /// `?`, exactly one character.
    One(Span),
    /// `*`, any number of characters, also none.
    Run(Span),
}

/// Which characters a wildcard matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// Every character.
    Anything,
    /// Every character but the colon that ends a segment of an ARN.
    Segment,
}

/// Whether upper and lower case differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Exact,
    Ignored,
}

/// Reads `*` and `?` as wildcards and every other character as itself.
pub(crate) fn units(text: &str) -> Vec<Unit> {
    text.chars().map(wildcard_or_char).collect()
}

pub(crate) fn wildcard_or_char(character: char) -> Unit {
    match character {
        '*' => Unit::Run(Span::Anything),
        '?' => Unit::One(Span::Anything),
        other => Unit::Char(other),
    }
}

/// Whether the pattern matches the whole text.
pub(crate) fn matches(units: &[Unit], text: &str, case: Case) -> bool {
    let Some((units, text)) = strip_literal(units, text, case) else { return false };
    match units {
        [] => text.is_empty(),
        [Unit::Run(Span::Anything)] => true,
        units if units.contains(&Unit::Run(Span::Segment)) => matches_by_rows(units, text, case),
        units => matches_greedily(units, text, case),
    }
}

/// What is left of pattern and text after the characters before the first wildcard; `None` if these
/// differ. Most patterns are decided here.
fn strip_literal<'u, 't>(
    units: &'u [Unit],
    text: &'t str,
    case: Case,
) -> Option<(&'u [Unit], &'t str)> {
    let mut units = units.iter();
    let mut text = text.chars();
    while let [Unit::Char(own), ..] = units.as_slice() {
        units.next();
        text.next().filter(|next| same(*own, *next, case))?;
    }
    Some((units.as_slice(), text.as_str()))
}

/// Goes back to the last `*` only: sound while each `*` may take every character, because then an
/// earlier `*` could do nothing that the last one can't.
fn matches_greedily(units: &[Unit], text: &str, case: Case) -> bool {
    let mut units = units.iter();
    let mut text = text.chars();
    let mut retry: Option<(slice::Iter<'_, Unit>, Chars<'_>)> = None;
    loop {
        let mut units_ahead = units.clone();
        let mut text_ahead = text.clone();
        match units_ahead.next() {
            Some(Unit::Run(_)) if units_ahead.len() == 0 => return true,
            Some(Unit::Run(_)) => {
                retry = Some((units_ahead.clone(), text.clone()));
                units = units_ahead;
                continue;
            }
            Some(unit) if text_ahead.next().is_some_and(|next| unit.takes(next, case)) => {
                units = units_ahead;
                text = text_ahead;
                continue;
            }
            None if text.as_str().is_empty() => return true,
            Some(_) | None => {}
        }
        let Some((after_run, run_end)) = &mut retry else { return false };
        if run_end.next().is_none() {
            return false;
        }
        units = after_run.clone();
        text = run_end.clone();
    }
}

/// Follows all ways to match at once: `reached` holds, for each unit, whether the pattern up to and
/// with it can match the text read so far.
fn matches_by_rows(units: &[Unit], text: &str, case: Case) -> bool {
    let mut start_reached = true;
    let mut reached = Vec::with_capacity(units.len());
    let mut before = true;
    for unit in units {
        before = before && matches!(unit, Unit::Run(_));
        reached.push(before);
    }
    for next in text.chars() {
        let mut before_old = start_reached;
        let mut before_new = false;
        start_reached = false;
        for (unit, state) in units.iter().zip(&mut reached) {
            let state_old = *state;
            let takes = unit.takes(next, case);
            *state = match unit {
                Unit::Run(_) => before_new || (takes && state_old),
                Unit::Char(_) | Unit::One(_) => takes && before_old,
            };
            before_old = state_old;
            before_new = *state;
        }
    }
    reached.last().copied().unwrap_or(start_reached)
}

impl Unit {
    /// Whether this unit matches the character.
    fn takes(self, character: char, case: Case) -> bool {
        match self {
            Unit::Char(own) => same(own, character, case),
            Unit::One(Span::Anything) | Unit::Run(Span::Anything) => true,
            Unit::One(Span::Segment) | Unit::Run(Span::Segment) => character != ':',
        }
    }
}

fn same(left: char, right: char, case: Case) -> bool {
    left == right || (case == Case::Ignored && same_ignoring_case(left, right))
}

fn same_ignoring_case(left: char, right: char) -> bool {
    if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(&right)
    } else {
        left.to_lowercase().eq(right.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(&units(pattern), text, Case::Exact), expected, "{pattern} ~ {text}");
    }

    #[test]
    fn a_pattern_without_wildcards_is_equality() {
        check("", "", true);
        check("abc", "abc", true);
        check("abc", "abcd", false);
        check("abc", "ab", false);
        check("abc", "aBc", false);
    }

    #[test]
    fn a_star_takes_any_number_of_characters() {
        check("*", "", true);
        check("a*c", "ac", true);
        check("a*c", "abcbc", true);
        check("a*c", "abcb", false);
        check("*ab*ab", "abab", true);
        check("*ab*ab", "ab", false);
        check("a**", "a", true);
    }

    #[test]
    fn a_question_mark_takes_exactly_one_character() {
        check("?", "", false);
        check("?", "é", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("*?", "a", true);
        check("*?", "", false);
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        let pattern = "a*".repeat(500) + "b";
        check(&pattern, &"a".repeat(2_000), false);
    }

    #[test]
    fn a_segment_run_stops_at_a_colon() {
        let inside = [Unit::Char('a'), Unit::Run(Span::Segment), Unit::Char('z')];
        assert!(matches(&inside, "a--z", Case::Exact));
        assert!(matches(&inside, "az", Case::Exact));
        assert!(!matches(&inside, "a:z", Case::Exact));
        let mixed =
            [Unit::Run(Span::Anything), Unit::Char('a'), Unit::Run(Span::Segment), Unit::Char('b')];
        assert!(matches(&mixed, "a:ab", Case::Exact), "an earlier run has to give way");
        assert!(!matches(&mixed, "a:b", Case::Exact));
    }

    #[test]
    fn case_is_ignored_on_request() {
        assert!(matches(&units("S3:Get*"), "s3:getobject", Case::Ignored));
        assert!(matches(&units("GRÖSSE"), "grösse", Case::Ignored));
        assert!(!matches(&units("a"), "b", Case::Ignored));
    }

    /// The definition, word for word, in exponential time.
    fn naive(units: &[Unit], text: &[char]) -> bool {
        match units.split_first() {
            None => text.is_empty(),
            Some((Unit::Run(span), rest)) => {
                naive(rest, text)
                    || text.split_first().is_some_and(|(next, later)| {
                        (*span == Span::Anything || *next != ':') && naive(units, later)
                    })
            }
            Some((unit, rest)) => text.split_first().is_some_and(|(next, later)| {
                let takes = match unit {
                    Unit::Char(own) => own == next,
                    Unit::One(span) | Unit::Run(span) => *span == Span::Anything || *next != ':',
                };
                takes && naive(rest, later)
            }),
        }
    }

    fn any_unit() -> impl Strategy<Value = Unit> {
        prop_oneof![
            prop::sample::select(vec!['a', 'b', ':']).prop_map(Unit::Char),
            Just(Unit::One(Span::Anything)),
            Just(Unit::One(Span::Segment)),
            Just(Unit::Run(Span::Anything)),
            Just(Unit::Run(Span::Segment)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn the_matcher_equals_its_naive_definition(
            units in prop::collection::vec(any_unit(), 0..8),
            text in "[ab:]{0,9}",
        ) {
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&units, &text, Case::Exact), naive(&units, &characters));
        }

        #[test]
        fn plain_wildcards_equal_their_naive_definition(
            pattern in "[ab*?]{0,9}",
            text in "[ab]{0,10}",
        ) {
            let units = units(&pattern);
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&units, &text, Case::Exact), naive(&units, &characters));
        }
    }
}
