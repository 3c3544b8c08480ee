//! How the templates of expectations are filled in before an answer is judged.

use stspec_scenario::{Expectation, Grade, Matcher, Outcome, Path, Placeholder, Template};
use stspec_verdict::{ResolveError, ResolvedMatcher, resolve};

fn template(text: &str) -> Template {
    Template::parse(text).expect("a template")
}

fn outcomes(matcher: Matcher) -> Vec<Outcome> {
    let path = Path::parse("result.FederatedUser.Arn").expect("a path");
    vec![Outcome { grade: Grade::Lenient, expectations: vec![Expectation { path, matcher }] }]
}

fn lookup(reference: &Placeholder) -> Option<String> {
    (*reference == Placeholder::RunId).then(|| "7k2f".to_owned())
}

#[track_caller]
fn check(matcher: Matcher, expected: &ResolvedMatcher) {
    let resolved = resolve(&outcomes(matcher), lookup).expect("all references are known");
    let [outcome] = resolved.as_slice() else { panic!("one outcome in, one out") };
    assert_eq!(outcome.grade, Grade::Lenient);
    let [expectation] = outcome.expectations.as_slice() else { panic!("one expectation") };
    assert_eq!(expectation.path.to_string(), "result.FederatedUser.Arn");
    assert_eq!(expectation.matcher, *expected);
}

#[test]
fn references_are_replaced_in_every_matcher_that_holds_text() {
    let (raw, filled) = (|| template("a-${run.id}"), || "a-7k2f".to_owned());
    check(Matcher::Eq(raw()), &ResolvedMatcher::Eq(filled()));
    check(Matcher::Ne(raw()), &ResolvedMatcher::Ne(filled()));
    check(Matcher::StartsWith(raw()), &ResolvedMatcher::StartsWith(filled()));
    check(Matcher::EndsWith(raw()), &ResolvedMatcher::EndsWith(filled()));
    check(Matcher::In(vec![raw(), raw()]), &ResolvedMatcher::In(vec![filled(), filled()]));
    check(Matcher::Distinct(vec![raw()]), &ResolvedMatcher::Distinct(vec![filled()]));
}

#[test]
fn matchers_without_text_stay_what_they_are() {
    check(Matcher::Absent, &ResolvedMatcher::Absent);
    check(Matcher::Present, &ResolvedMatcher::Present);
    check(Matcher::ExpiresIn(900), &ResolvedMatcher::ExpiresIn(900));
    check(Matcher::Lt(1), &ResolvedMatcher::Lt(1));
    check(Matcher::Lte(2), &ResolvedMatcher::Lte(2));
    check(Matcher::Gt(3), &ResolvedMatcher::Gt(3));
    check(Matcher::Gte(4), &ResolvedMatcher::Gte(4));
}

#[test]
fn a_reference_without_a_value_is_an_error_that_names_it() {
    let matcher = Matcher::Eq(template("${target.account}"));
    let error = resolve(&outcomes(matcher), lookup).expect_err("the account is unknown");
    assert!(matches!(error, ResolveError::Text(_)));
    assert_eq!(error.to_string(), "`${target.account}` has no value");
}

#[test]
fn a_pattern_that_is_none_is_an_error_that_shows_it() {
    let error = resolve(&outcomes(Matcher::Matches("(".into())), lookup).expect_err("no pattern");
    assert!(error.to_string().starts_with("`(` is not a regular expression"));
}
