//! Shape constraints of parameters, and the one message that lists every violation.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::error::StsError;

/// What the shape of a text member allows.
#[derive(Clone, Copy)]
pub(crate) struct TextShape {
    /// The pattern as messages print it.
    pub(crate) pattern: &'static str,
    /// Whether a text matches the pattern; every pattern of STS repeats one class of characters.
    pub(crate) matches: fn(&str) -> bool,
    /// Fewest characters.
    pub(crate) chars_min: usize,
    /// Most characters; `usize::MAX` if the model has no bound.
    pub(crate) chars_max: usize,
    /// How length is measured: in code points (`docs/evidence/get-federation-token.md`,
    /// VAL-LEN-CODEPOINTS).
    pub(crate) length: fn(&str) -> usize,
}

/// How violations are worded.
pub(crate) struct ViolationRules {
    /// Which constraint of a text is reported first (`docs/evidence/get-federation-token.md`,
    /// VAL-ORDER-1MEMBER).
    pub(crate) first: FirstConstraint,
    /// How a member is printed: in lower camel case, though requests write `Name`.
    pub(crate) printed_member: fn(&str) -> String,
    /// What separates two violations.
    pub(crate) separator: &'static str,
    /// Most violations that one message lists.
    pub(crate) listed_max: usize,
    /// The error code if a required member is missing.
    pub(crate) missing_code: &'static str,
}

/// Which of a text's two constraints is reported first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstConstraint {
    /// The pattern.
    Pattern,
    /// The length.
    Length,
}

/// Source: `docs/evidence/get-federation-token.md`, VAL-AGG and VAL-ORDER-1MEMBER.
impl Default for ViolationRules {
    fn default() -> Self {
        Self {
            first: FirstConstraint::Pattern,
            printed_member: str::to_owned,
            separator: "; ",
            listed_max: usize::MAX,
            missing_code: "ValidationError",
        }
    }
}

/// The violations of one request, in the order of its members.
pub(crate) struct Violations<'a> {
    found: Vec<String>,
    lacks_member: bool,
    rules: &'a ViolationRules,
}

impl<'a> Violations<'a> {
    /// None yet.
    pub(crate) fn new(rules: &'a ViolationRules) -> Self {
        Self { found: Vec::new(), lacks_member: false, rules }
    }

    /// Notes that a required member is missing.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, VAL-NULL: no quotes around null.
    pub(crate) fn missing(&mut self, member: &str) {
        self.lacks_member = true;
        self.add_printed("null", member, "Member must not be null");
    }

    /// Notes a violated constraint.
    pub(crate) fn add(&mut self, value: impl Display, member: &str, constraint: impl Display) {
        self.add_printed(&format!("'{value}'"), member, constraint);
    }

    /// Checks the pattern and the length of a text.
    pub(crate) fn check_text(&mut self, value: &str, member: &str, shape: &TextShape) {
        let (pattern, length) = (violated_pattern(value, shape), violated_length(value, shape));
        let ordered = match self.rules.first {
            FirstConstraint::Pattern => [pattern, length],
            FirstConstraint::Length => [length, pattern],
        };
        for constraint in ordered.into_iter().flatten() {
            self.add(value, member, constraint);
        }
    }

    /// Checks a number against both bounds.
    pub(crate) fn check_range(&mut self, value: i32, member: &str, range: &RangeInclusive<i32>) {
        let (minimum, maximum) = (range.start(), range.end());
        if value < *minimum {
            let constraint = format!("Member must have value greater than or equal to {minimum}");
            self.add(value, member, constraint);
        }
        if value > *maximum {
            let constraint = format!("Member must have value less than or equal to {maximum}");
            self.add(value, member, constraint);
        }
    }

    /// The error that lists every violation, if there is one.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, VAL-AGG.
    pub(crate) fn into_result(mut self) -> Result<(), StsError> {
        self.found.truncate(self.rules.listed_max);
        let count = self.found.len();
        if count == 0 {
            return Ok(());
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let list = self.found.join(self.rules.separator);
        let error = StsError::validation(format!("{count} validation {errors} detected: {list}"));
        let code = if self.lacks_member { self.rules.missing_code } else { error.code };
        Err(StsError { code, ..error })
    }

    fn add_printed(&mut self, value: &str, member: &str, constraint: impl Display) {
        let member = (self.rules.printed_member)(member);
        self.found.push(format!(
            "Value {value} at '{member}' failed to satisfy constraint: {constraint}"
        ));
    }
}

fn violated_pattern(value: &str, shape: &TextShape) -> Option<String> {
    let pattern = shape.pattern;
    (!(shape.matches)(value))
        .then(|| format!("Member must satisfy regular expression pattern: {pattern}"))
}

fn violated_length(value: &str, shape: &TextShape) -> Option<String> {
    let length = (shape.length)(value);
    let (bound, word) = match () {
        () if length < shape.chars_min => (shape.chars_min, "greater"),
        () if length > shape.chars_max => (shape.chars_max, "less"),
        () => return None,
    };
    Some(format!("Member must have length {word} than or equal to {bound}"))
}

/// How long a text is, in code points (`docs/evidence/get-federation-token.md`,
/// VAL-LEN-CODEPOINTS).
pub(crate) fn code_points(text: &str) -> usize {
    text.chars().count()
}

/// Reads an integer parameter as the query protocol of STS does.
///
/// A leading `+` and leading zeros are fine (`docs/evidence/get-federation-token.md`, VAL-INT-LAX);
/// text that is not a 32-bit number is `MalformedInput` rather than a violation (VAL-INT-BAD).
pub(crate) fn integer(value: Option<&str>) -> Result<Option<i32>, StsError> {
    match value {
        None => Ok(None),
        Some("") => Err(StsError::malformed_input(Some("missing value for decimal type"))),
        Some(text) => text.parse().map(Some).map_err(|_| StsError::malformed_input(None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: TextShape = TextShape {
        pattern: "[a-z]+",
        matches: |text| !text.is_empty() && text.chars().all(|char| char.is_ascii_lowercase()),
        chars_min: 2,
        chars_max: 4,
        length: code_points,
    };

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let rules = ViolationRules::default();
        let mut violations = Violations::new(&rules);
        violations.check_text(value, "word", &SHAPE);
        let constraints: Vec<&str> = violations
            .found
            .iter()
            .filter_map(|text| text.split("constraint: Member must ").nth(1))
            .collect();
        assert_eq!(constraints, expected);
    }

    #[test]
    fn both_bounds_are_inclusive() {
        check("ab", &[]);
        check("abcd", &[]);
        check("a", &["have length greater than or equal to 2"]);
        check("abcde", &["have length less than or equal to 4"]);
    }

    #[test]
    fn the_pattern_is_named_before_the_length() {
        check(
            "A",
            &[
                "satisfy regular expression pattern: [a-z]+",
                "have length greater than or equal to 2",
            ],
        );
        check(
            "",
            &[
                "satisfy regular expression pattern: [a-z]+",
                "have length greater than or equal to 2",
            ],
        );
    }

    #[test]
    fn length_counts_code_points() {
        let rules = ViolationRules::default();
        let mut violations = Violations::new(&rules);
        let any = TextShape { matches: |_| true, ..SHAPE };
        violations.check_text("😀😀😀😀", "word", &any);
        assert!(violations.into_result().is_ok());
    }

    #[test]
    fn all_violations_share_one_message() {
        let rules = ViolationRules::default();
        let mut violations = Violations::new(&rules);
        violations.missing("name");
        violations.check_range(899, "durationSeconds", &(900..=129_600));
        let message = violations.into_result().unwrap_err().message.unwrap();
        assert_eq!(
            message,
            "2 validation errors detected: Value null at 'name' failed to satisfy constraint: \
             Member must not be null; Value '899' at 'durationSeconds' failed to satisfy \
             constraint: Member must have value greater than or equal to 900"
        );
    }

    #[test]
    fn integers_are_lax_about_form_and_strict_about_range() {
        for text in ["900", "+900", "0900"] {
            assert_eq!(integer(Some(text)), Ok(Some(900)), "{text}");
        }
        for text in ["abc", "900.0", "2147483648", "-2147483649", " 900"] {
            assert_eq!(integer(Some(text)), Err(StsError::malformed_input(None)), "{text}");
        }
        assert_eq!(integer(Some("-2147483648")), Ok(Some(i32::MIN)));
        assert!(integer(Some("")).unwrap_err().message.is_some());
    }
}
