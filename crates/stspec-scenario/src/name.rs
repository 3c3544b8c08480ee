//! The three kinds of names: identifiers, names of scenarios, and rule ids.

use std::fmt;

use crate::error::{BadName, BadRuleId};

/// Longest name of either kind, in characters.
///
/// Source: ours. IAM user names (64 characters at AWS) are made of a name and a run id.
pub const NAME_CHARS_MAX: usize = 40;

/// Longest name of a scenario, in characters.
///
/// Source: ours, so that a check id fits on a line of a terminal.
pub const SCENARIO_NAME_CHARS_MAX: usize = 80;

/// An identifier in kebab-case: of a user, a bucket, a session, a step, an account.
// INVARIANT: kebab-case, 1 to `NAME_CHARS_MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Reads a name.
    ///
    /// ```
    /// use stspec_scenario::Name;
    /// assert_eq!(Name::parse("issuer-reads")?.as_str(), "issuer-reads");
    /// assert!(Name::parse("Issuer reads").is_err());
    /// # Ok::<(), stspec_scenario::BadName>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check_length(text, NAME_CHARS_MAX)?;
        if !is_kebab(text) {
            return Err(BadName::NotKebab { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a scenario: one line of text in which blanks are allowed.
// INVARIANT: trimmed, one line, 1 to `SCENARIO_NAME_CHARS_MAX` characters, a non-empty slug.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScenarioName(String);

impl ScenarioName {
    /// Reads a scenario's name.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check_length(text, SCENARIO_NAME_CHARS_MAX)?;
        if text.trim() != text || text.chars().any(char::is_control) || slug(text).is_empty() {
            return Err(BadName::NotOneLine { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as check ids carry it, in kebab-case: `Read an object` → `read-an-object`.
    #[must_use]
    pub fn slug(&self) -> String {
        slug(&self.0)
    }
}

/// The path of a rule below `scenarios/rules`, without its extension.
// INVARIANT: one or more kebab-case segments joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(String);

impl RuleId {
    /// Reads a rule id.
    pub fn parse(text: &str) -> Result<Self, BadRuleId> {
        if !text.split('/').all(is_kebab) {
            return Err(BadRuleId { text: text.to_owned() });
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments between the slashes, at least one.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// Whether `selector` is this id or some of its leading segments, each of them whole.
    ///
    /// ```
    /// use stspec_scenario::RuleId;
    /// let id = RuleId::parse("get-federation-token/duration/minimum")?;
    /// assert!(id.is_selected_by("get-federation-token/duration"));
    /// assert!(!id.is_selected_by("get-federation-token/dur"));
    /// # Ok::<(), stspec_scenario::BadRuleId>(())
    /// ```
    #[must_use]
    pub fn is_selected_by(&self, selector: &str) -> bool {
        let selector = selector.strip_suffix('/').unwrap_or(selector);
        match self.0.strip_prefix(selector) {
            Some(rest) => !selector.is_empty() && (rest.is_empty() || rest.starts_with('/')),
            None => false,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Display for ScenarioName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Whether a text consists of lower-case letters and digits, with single `-` between them.
pub(crate) fn is_kebab(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

/// A text in kebab-case, for showing what a name could have been; may be empty.
pub(crate) fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn check_length(text: &str, chars_max: usize) -> Result<(), BadName> {
    if text.trim().is_empty() {
        return Err(BadName::Empty);
    }
    let chars = text.chars().count();
    if chars > chars_max {
        return Err(BadName::TooLong { text: text.to_owned(), chars, chars_max });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_name(text: &str, accepted: bool) {
        assert_eq!(Name::parse(text).is_ok(), accepted, "{text:?}");
    }

    #[test]
    fn names_are_kebab_case() {
        check_name("bare", true);
        check_name("mint-2", true);
        check_name("899", true);
        check_name("", false);
        check_name("Bare", false);
        check_name("mint scoped", false);
        check_name("mint_scoped", false);
        check_name("-mint", false);
        check_name("mint--scoped", false);
        check_name("é", false);
    }

    #[test]
    fn names_end_at_the_limit() {
        check_name(&"a".repeat(NAME_CHARS_MAX), true);
        check_name(&"a".repeat(NAME_CHARS_MAX + 1), false);
    }

    #[test]
    fn scenario_names_become_slugs() {
        let name = ScenarioName::parse("Read an object, twice").unwrap();
        assert_eq!(name.slug(), "read-an-object-twice");
    }

    #[test]
    fn scenario_names_are_one_trimmed_line() {
        for text in ["", "  ", " read", "read\nwrite", "?!"] {
            assert!(ScenarioName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn rule_ids_are_kebab_case_segments() {
        for text in ["a", "a/b", "get-federation-token/duration/minimum"] {
            assert!(RuleId::parse(text).is_ok(), "{text:?}");
        }
        for text in ["", "/a", "a/", "a//b", "A/b", "a/b.yaml", "a/../b"] {
            assert!(RuleId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn prefix_selects_whole_segments_only() {
        let id = RuleId::parse("a/bc/d").unwrap();
        for (selector, selected) in
            [("a", true), ("a/bc", true), ("a/bc/", true), ("a/bc/d", true), ("a/b", false)]
        {
            assert_eq!(id.is_selected_by(selector), selected, "{selector}");
        }
        assert!(!id.is_selected_by(""));
        assert!(!id.is_selected_by("/"));
        assert!(!id.is_selected_by("a/bc/d/e"));
    }
}
