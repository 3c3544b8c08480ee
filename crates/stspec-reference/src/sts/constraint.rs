//! Shape constraints of parameters, and the one message that names all that were violated.

use std::fmt::Display;

use super::error::StsError;
use crate::faults::{Fault, Faults};

/// What the shape of a text member allows.
pub(crate) struct TextShape {
    /// The pattern as messages print it.
    pub(crate) pattern: &'static str,
    /// Whether the pattern allows this character; every pattern of STS repeats one class.
    pub(crate) allows: fn(char) -> bool,
    /// Fewest characters.
    pub(crate) chars_min: usize,
    /// Most characters; `usize::MAX` where the model has no bound.
    pub(crate) chars_max: usize,
    /// How length is measured: in code points (`docs/evidence/get-federation-token.md`,
    /// VAL-LEN-CODEPOINTS).
    pub(crate) length: fn(&str) -> usize,
}

/// The violations of one request, in the order of its members.
pub(crate) struct Violations<'a> {
    found: Vec<String>,
    lacks_member: bool,
    faults: &'a Faults,
}

impl<'a> Violations<'a> {
    /// None yet.
    pub(crate) fn new(faults: &'a Faults) -> Self {
        Self { found: Vec::new(), lacks_member: false, faults }
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

    /// Whether the server makes this mistake.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    /// Checks text: the pattern before the length (`docs/evidence/get-federation-token.md`,
    /// VAL-ORDER-1MEMBER).
    pub(crate) fn check_text(&mut self, value: &str, member: &str, shape: &TextShape) {
        let (pattern, length) = (violated_pattern(value, shape), violated_length(value, shape));
        let reversed = self.has(Fault::LengthBeforePattern);
        let ordered = if reversed { [length, pattern] } else { [pattern, length] };
        for constraint in ordered.into_iter().flatten() {
            self.add(value, member, constraint);
        }
    }

    /// Checks a number against both bounds.
    pub(crate) fn check_range(&mut self, value: i32, member: &str, minimum: i32, maximum: i32) {
        if value < minimum {
            self.add(
                value,
                member,
                format!("Member must have value greater than or equal to {minimum}"),
            );
        }
        if value > maximum {
            self.add(
                value,
                member,
                format!("Member must have value less than or equal to {maximum}"),
            );
        }
    }

    /// The error that names every violation, where there is one.
    ///
    /// Source: `docs/evidence/get-federation-token.md`, VAL-AGG.
    pub(crate) fn into_result(mut self) -> Result<(), StsError> {
        if self.faults.has(Fault::ValidationStopsAtFirst) {
            self.found.truncate(1);
        }
        let count = self.found.len();
        if count == 0 {
            return Ok(());
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let comma = self.faults.has(Fault::ViolationsJoinedByComma);
        let list = self.found.join(if comma { ", " } else { "; " });
        let refusal = StsError::validation(format!("{count} validation {errors} detected: {list}"));
        let other_code = self.lacks_member && self.faults.has(Fault::MissingParameterCode);
        Err(if other_code { StsError { code: "MissingParameter", ..refusal } } else { refusal })
    }

    fn add_printed(&mut self, value: &str, member: &str, constraint: impl Display) {
        let member = self.printed_member(member);
        self.found.push(format!(
            "Value {value} at '{member}' failed to satisfy constraint: {constraint}"
        ));
    }

    /// Lower camel case, though requests write `Name`.
    fn printed_member(&self, member: &str) -> String {
        if !self.faults.has(Fault::ValidationMessageMemberCase) {
            return member.to_owned();
        }
        let mut chars = member.chars();
        chars
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(chars.by_ref()).collect())
    }
}

fn violated_pattern(value: &str, shape: &TextShape) -> Option<String> {
    let pattern = shape.pattern;
    // A pattern that ends in `*` is content with nothing, one that ends in `+` is not.
    let unmatched_empty = value.is_empty() && pattern.ends_with('+');
    (unmatched_empty || !value.chars().all(shape.allows))
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

/// Reads an integer parameter as the query protocol of STS does.
///
/// Leading `+` and zeros are fine (`docs/evidence/get-federation-token.md`, VAL-INT-LAX); what is
/// no 32-bit number is `MalformedInput` rather than a violation (VAL-INT-BAD).
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
        allows: |char| char.is_ascii_lowercase(),
        chars_min: 2,
        chars_max: 4,
        length: |text| text.chars().count(),
    };

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let faults = Faults::none();
        let mut violations = Violations::new(&faults);
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
        let faults = Faults::none();
        let mut violations = Violations::new(&faults);
        let any = TextShape { allows: |_| true, ..SHAPE };
        violations.check_text("😀😀😀😀", "word", &any);
        assert!(violations.into_result().is_ok());
    }

    #[test]
    fn all_violations_share_one_message() {
        let faults = Faults::none();
        let mut violations = Violations::new(&faults);
        violations.missing("name");
        violations.check_range(899, "durationSeconds", 900, 129_600);
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
