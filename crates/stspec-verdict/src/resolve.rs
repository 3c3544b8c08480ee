//! Fills in the templates of outcomes.

use stspec_scenario::{Expectation, Matcher, Outcome, Placeholder, Template, Unresolved};

use crate::expectation::{Pattern, ResolvedExpectation, ResolvedMatcher, ResolvedOutcome};
use crate::{ResolveError, matcher};

/// Fills in the templates of a step's outcomes.
///
/// `lookup` returns the value of a placeholder. If it returns `None`, the step can't be judged, and the
/// error names the placeholder.
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

/// Describes in one line what outcomes require, such as ``status equal to `400`, error.code absent``.
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

/// Describes in one line what outcomes require, with their templates as written in the file.
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
