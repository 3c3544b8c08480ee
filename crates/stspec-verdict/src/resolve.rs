//! Outcomes with their templates filled in: what an answer is compared with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use stspec_scenario::{
    Bounds, Expectation, Grade, Matcher, Outcome, Path, Placeholder, Template, Unresolved,
};

use crate::{ResolveError, matcher};

/// Most memory that a compiled `matches` pattern may take, in bytes.
///
/// Source: ours. `\w{1,2048}` over Unicode letters stays below it.
const PATTERN_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One acceptable outcome, ready to be judged against.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedOutcome {
    /// What this outcome is called in a report.
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
    /// Is there and differs.
    Ne(String),
    /// Equals one of these.
    In(Vec<String>),
    /// Matches this regular expression from end to end.
    Matches(Pattern),
    /// Starts with.
    StartsWith(String),
    /// Ends with.
    EndsWith(String),
    /// Is not there.
    Absent,
    /// Is there and not empty, or has children.
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
    /// Is there, not empty, and differs from each of these.
    Distinct(Vec<String>),
}

/// A regular expression that a whole text must match.
// INVARIANT: `whole` is `source`, anchored at both ends.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    whole: Arc<Regex>,
}

/// Patterns that were compiled before: a run resolves the same few hundred for each answer, and a proof
/// for each fault again. Rule files bound their number.
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

    /// Tells whether the pattern covers a text from end to end.
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

/// Fills in the templates of a step's outcomes.
///
/// `lookup` says what a reference stands for. Where it knows nothing the step can't be judged, and the
/// error names the reference.
pub fn resolve(
    outcomes: &[Outcome],
    mut lookup: impl FnMut(&Placeholder) -> Option<String>,
) -> Result<Vec<ResolvedOutcome>, ResolveError> {
    let mut text = |template: &Template| template.resolve(&mut lookup);
    outcomes
        .iter()
        .map(|outcome| {
            let expectations = outcome
                .expectations
                .iter()
                .map(|expectation| resolve_expectation(expectation, &mut text))
                .collect::<Result<_, _>>()?;
            Ok(ResolvedOutcome { grade: outcome.grade, expectations })
        })
        .collect()
}

/// Says in one line what outcomes ask for, such as ``status equal to `400`, error.code absent``.
#[must_use]
pub fn describe(outcomes: &[ResolvedOutcome]) -> String {
    let outcomes: Vec<String> = outcomes
        .iter()
        .map(|outcome| {
            let expectations: Vec<String> = outcome
                .expectations
                .iter()
                .map(|each| format!("{} {}", each.path, matcher::expected(&each.matcher)))
                .collect();
            expectations.join(", ")
        })
        .collect();
    outcomes.join("; or ")
}

/// Says in one line what outcomes ask for, with their templates as they stand in the file.
#[must_use]
pub fn describe_as_written(outcomes: &[Outcome]) -> String {
    let as_written = resolve(outcomes, |reference| Some(format!("${{{reference}}}")));
    as_written.map_or_else(|error| error.to_string(), |outcomes| describe(&outcomes))
}

fn resolve_expectation(
    expectation: &Expectation,
    text: &mut impl FnMut(&Template) -> Result<String, Unresolved>,
) -> Result<ResolvedExpectation, ResolveError> {
    use ResolvedMatcher as Resolved;
    let matcher = match &expectation.matcher {
        Matcher::Eq(template) => Resolved::Eq(text(template)?),
        Matcher::Ne(template) => Resolved::Ne(text(template)?),
        Matcher::In(templates) => Resolved::In(texts(templates, text)?),
        Matcher::Matches(pattern) => Resolved::Matches(Pattern::new(pattern)?),
        Matcher::StartsWith(template) => Resolved::StartsWith(text(template)?),
        Matcher::EndsWith(template) => Resolved::EndsWith(text(template)?),
        Matcher::Absent => Resolved::Absent,
        Matcher::Present => Resolved::Present,
        Matcher::Len(bounds) => Resolved::Len(*bounds),
        Matcher::Lt(number) => Resolved::Lt(*number),
        Matcher::Lte(number) => Resolved::Lte(*number),
        Matcher::Gt(number) => Resolved::Gt(*number),
        Matcher::Gte(number) => Resolved::Gte(*number),
        Matcher::ExpiresIn(seconds) => Resolved::ExpiresIn(*seconds),
        Matcher::Distinct(templates) => Resolved::Distinct(texts(templates, text)?),
    };
    Ok(ResolvedExpectation { path: expectation.path.clone(), matcher })
}

fn texts(
    templates: &[Template],
    text: &mut impl FnMut(&Template) -> Result<String, Unresolved>,
) -> Result<Vec<String>, Unresolved> {
    templates.iter().map(text).collect()
}
