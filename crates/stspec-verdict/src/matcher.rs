//! The matchers of the rule language, one file each: whether a value is accepted, and in which words
//! the expectation is reported.

mod absent;
mod distinct;
mod ends_with;
mod eq;
mod expires_in;
mod gt;
mod gte;
mod in_list;
mod len;
mod lt;
mod lte;
mod matches;
mod ne;
mod number;
mod present;
mod starts_with;

use jiff::Timestamp;

use crate::ResolvedMatcher as Matcher;
use crate::observation::Found;

pub(crate) use expires_in::read as read_time;

/// A value to be judged, with the time that it is counted from.
pub(crate) struct Subject<'a> {
    /// The value at the path; `None` if it is absent.
    pub(crate) found: Option<&'a Found<'a>>,
    /// The answer's `Date` header, if it can be read.
    pub(crate) date: Option<Timestamp>,
}

impl Subject<'_> {
    /// Returns the value's text; an absent value and an element with others inside have none.
    fn text(&self) -> Option<&str> {
        self.found?.text()
    }
}

/// Whether a value meets the matcher.
pub(crate) fn accepts(matcher: &Matcher, subject: &Subject<'_>) -> bool {
    match matcher {
        Matcher::Eq(text) => eq::accepts(text, subject),
        Matcher::Ne(text) => ne::accepts(text, subject),
        Matcher::In(texts) => in_list::accepts(texts, subject),
        Matcher::Matches(pattern) => matches::accepts(pattern, subject),
        Matcher::StartsWith(text) => starts_with::accepts(text, subject),
        Matcher::EndsWith(text) => ends_with::accepts(text, subject),
        Matcher::Absent => absent::accepts(subject),
        Matcher::Present => present::accepts(subject),
        Matcher::Len(bounds) => len::accepts(*bounds, subject),
        Matcher::Lt(limit) => lt::accepts(*limit, subject),
        Matcher::Lte(limit) => lte::accepts(*limit, subject),
        Matcher::Gt(limit) => gt::accepts(*limit, subject),
        Matcher::Gte(limit) => gte::accepts(*limit, subject),
        Matcher::ExpiresIn(seconds) => expires_in::accepts(*seconds, subject),
        Matcher::Distinct(texts) => distinct::accepts(texts, subject),
    }
}

/// Describes what the matcher requires, as the end of "the value must be …".
pub(crate) fn expected(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Eq(text) => eq::words(text),
        Matcher::Ne(text) => ne::words(text),
        Matcher::In(texts) => in_list::words(texts),
        Matcher::Matches(pattern) => matches::words(pattern),
        Matcher::StartsWith(text) => starts_with::words(text),
        Matcher::EndsWith(text) => ends_with::words(text),
        Matcher::Absent => absent::words(),
        Matcher::Present => present::words(),
        Matcher::Len(bounds) => len::words(*bounds),
        Matcher::Lt(limit) => lt::words(*limit),
        Matcher::Lte(limit) => lte::words(*limit),
        Matcher::Gt(limit) => gt::words(*limit),
        Matcher::Gte(limit) => gte::words(*limit),
        Matcher::ExpiresIn(seconds) => expires_in::words(*seconds),
        Matcher::Distinct(texts) => distinct::words(texts),
    }
}

/// Describes the observed value.
pub(crate) fn observed(matcher: &Matcher, subject: &Subject<'_>) -> String {
    let Some(found) = subject.found else { return "absent".to_owned() };
    match matcher {
        Matcher::Len(_) => len::observed(found),
        Matcher::ExpiresIn(_) => expires_in::observed(found, subject.date),
        _ => found.words(),
    }
}

/// Lists texts for a report: `` `a`, `b` ``.
fn listed(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
    texts.join(", ")
}

/// What the tests of the matchers share.
#[cfg(test)]
mod examples {
    use super::{Found, Matcher, Subject, accepts};
    use crate::Node;

    #[track_caller]
    pub(super) fn check(matcher: &Matcher, found: Option<&Found<'_>>, expected: bool) {
        assert_eq!(accepts(matcher, &Subject { found, date: None }), expected);
    }

    /// Checks that a matcher accepts each of these texts.
    #[track_caller]
    pub(super) fn check_accepted(matcher: &Matcher, texts: &[&str]) {
        for text in texts {
            let found = Found::Text((*text).into());
            let accepted = accepts(matcher, &Subject { found: Some(&found), date: None });
            assert!(accepted, "{matcher:?} must accept `{text}`");
        }
    }

    /// Checks that a matcher refuses each of these texts.
    #[track_caller]
    pub(super) fn check_refused(matcher: &Matcher, texts: &[&str]) {
        for text in texts {
            let found = Found::Text((*text).into());
            let accepted = accepts(matcher, &Subject { found: Some(&found), date: None });
            assert!(!accepted, "{matcher:?} must refuse `{text}`");
        }
    }

    /// Checks that a matcher refuses what is not there and what is not text.
    #[track_caller]
    pub(super) fn check_needs_text(matcher: &Matcher) {
        let parent = Node { children: vec![Node::default()], ..Node::default() };
        check(matcher, None, false);
        check(matcher, Some(&Found::Parent(&parent)), false);
    }
}
