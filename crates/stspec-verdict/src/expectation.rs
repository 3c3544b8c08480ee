//! Expectations with plain text in them: what an answer is compared with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use stspec_scenario::{Bounds, Grade, Path};

use crate::ResolveError;

/// Most memory that a compiled `matches` pattern may take, in bytes.
///
/// Source: ours. `\w{1,2048}` over Unicode letters stays below it.
const PATTERN_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One acceptable outcome, ready to be judged against.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedOutcome {
    /// The name of this outcome in a report.
    pub grade: Grade,
    /// What must hold.
    pub expectations: Vec<ResolvedExpectation>,
}

/// `path: matcher`, ready to be judged against.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedExpectation {
    /// Where to look in the observation.
    pub path: Path,
    /// What to find there.
    pub matcher: ResolvedMatcher,
}

/// What a value must be like; the matchers of the rule language with plain text in them.
#[derive(Debug, Clone, PartialEq)]
pub enum ResolvedMatcher {
    /// Equals.
    Eq(String),
    /// Exists and differs.
    Ne(String),
    /// Equals one of these.
    In(Vec<String>),
    /// Matches this regular expression from end to end.
    Matches(Pattern),
    /// Starts with.
    StartsWith(String),
    /// Ends with.
    EndsWith(String),
    /// Does not exist.
    Absent,
    /// Exists and is not empty, or has children.
    Present,
    /// Has this many characters.
    Len(Bounds),
    /// Is less than.
    Lt(i64),
    /// Is less than or equal to.
    Lte(i64),
    /// Is greater than.
    Gt(i64),
    /// Is greater than or equal to.
    Gte(i64),
    /// Is a time this many seconds after the answer's `Date` header, one second more or less.
    ExpiresIn(i64),
    /// Exists, is not empty and differs from each of these.
    Distinct(Vec<String>),
}

/// A regular expression that a whole text must match.
// INVARIANT: `whole` is `source`, anchored at both ends.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    whole: Arc<Regex>,
}

/// Patterns compiled so far: a run resolves the same few hundred for each answer, and a proof does so for
/// each fault. Rule files bound their number.
static COMPILED: Mutex<BTreeMap<String, Arc<Regex>>> = Mutex::new(BTreeMap::new());

fn compile(source: &str) -> Result<Regex, ResolveError> {
    RegexBuilder::new(&format!(r"\A(?:{source})\z")).size_limit(PATTERN_BYTES_MAX).build().map_err(
        |error| ResolveError::Pattern { pattern: source.to_owned(), detail: error.to_string() },
    )
}

impl Pattern {
    /// Compiles a pattern as a rule file spells it, without anchors.
    pub fn new(source: &str) -> Result<Self, ResolveError> {
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole) = compiled.get(source) {
            return Ok(Self { source: source.to_owned(), whole: Arc::clone(whole) });
        }
        let whole = Arc::new(compile(source)?);
        compiled.insert(source.to_owned(), Arc::clone(&whole));
        Ok(Self { source: source.to_owned(), whole })
    }

    /// Returns the pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Whether the pattern covers a text from end to end.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
