//! Compares one answer with the outcomes that a step accepts.

use stspec_scenario::{Grade, Path, Root};

use crate::expectation::{ResolvedExpectation, ResolvedOutcome};
use crate::matcher::{self, Subject};
use crate::observation::{Content, Observation, Observed};

/// The judgement of one answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// All expectations of one outcome hold.
    Accepted {
        /// That outcome's grade.
        grade: Grade,
    },
    /// No outcome fits.
    Refused {
        /// What is wrong by the outcome that fits best; never empty.
        deviations: Vec<Deviation>,
    },
}

/// One expectation contradicted by one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deviation {
    /// Where: a path of the rule language, `answer` if none came, or `expect` if nothing is expected.
    pub path: String,
    /// What was expected there, such as ``equal to `ValidationError` ``.
    pub expected: String,
    /// What was there instead.
    pub observed: String,
}

impl Judgement {
    /// Whether an outcome fits.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// Returns what is wrong; empty if an outcome fits.
    #[must_use]
    pub fn deviations(&self) -> &[Deviation] {
        match self {
            Self::Accepted { .. } => &[],
            Self::Refused { deviations } => deviations,
        }
    }
}

/// Judges one answer.
///
/// The first outcome that fits decides the grade. If none fits, the one with the fewest deviations is
/// reported, the first of several. No answer fits no outcome, and a step without outcomes accepts
/// nothing, so that a gap in a rule can't turn into a pass.
#[must_use]
pub fn judge(outcomes: &[ResolvedOutcome], observed: &Observed) -> Judgement {
    let observation = match observed {
        Observed::Answer(observation) => observation,
        Observed::NoAnswer(reason) => return refused_whole("answer", "an answer", reason),
    };
    let mut closest: Option<Vec<Deviation>> = None;
    for outcome in outcomes {
        let deviations: Vec<Deviation> =
            outcome.expectations.iter().filter_map(|each| deviation(each, observation)).collect();
        if deviations.is_empty() && !outcome.expectations.is_empty() {
            return Judgement::Accepted { grade: outcome.grade };
        }
        if !deviations.is_empty()
            && closest.as_ref().is_none_or(|closest| deviations.len() < closest.len())
        {
            closest = Some(deviations);
        }
    }
    match closest {
        Some(deviations) => Judgement::Refused { deviations },
        None => refused_whole("expect", "an expectation in the rule", "none"),
    }
}

fn refused_whole(path: &str, expected: &str, observed: &str) -> Judgement {
    let [path, expected, observed] = [path, expected, observed].map(str::to_owned);
    Judgement::Refused { deviations: vec![Deviation { path, expected, observed }] }
}

fn deviation(expectation: &ResolvedExpectation, observation: &Observation) -> Option<Deviation> {
    let ResolvedExpectation { path, matcher } = expectation;
    let found = observation.find(path);
    let subject = Subject { found: found.as_ref(), date: observation.date() };
    if matcher::accepts(matcher, &subject) {
        return None;
    }
    let mut observed = matcher::observed(matcher, &subject);
    if found.is_none()
        && let Some(why) = why_absent(path, observation)
    {
        observed = format!("{observed}: {why}");
    }
    Some(Deviation { path: path.to_string(), expected: matcher::expected(matcher), observed })
}

/// Explains why there is no value at a path, if the body as a whole does.
fn why_absent(path: &Path, observation: &Observation) -> Option<String> {
    if matches!(path.root(), Root::Status | Root::Headers) {
        return None;
    }
    match &observation.body.content {
        Content::Empty => Some("the body is empty".to_owned()),
        Content::Text => Some("the body is neither XML nor JSON".to_owned()),
        Content::Malformed(malformed) => Some(malformed.to_string()),
        Content::Xml(_) | Content::Json(_) if path.root() == Root::Result => {
            let code = crate::observation::error_member(observation, "code")?;
            Some(format!("the answer is the error `{code}`"))
        }
        Content::Xml(_) | Content::Json(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ResolvedMatcher, describe};

    fn outcome(grade: Grade, expectations: &[(&str, ResolvedMatcher)]) -> ResolvedOutcome {
        let expectations = expectations
            .iter()
            .map(|(path, matcher)| ResolvedExpectation {
                path: Path::parse(path).expect("a path"),
                matcher: matcher.clone(),
            })
            .collect();
        ResolvedOutcome { grade, expectations }
    }

    fn eq(text: &str) -> ResolvedMatcher {
        ResolvedMatcher::Eq(text.into())
    }

    fn answer(status: u16, body: &str) -> Observed {
        let date = ("date".to_owned(), "Sat, 21 Nov 2026 20:00:00 GMT".to_owned());
        Observed::Answer(Observation::new(status, [date], body.as_bytes(), 0))
    }

    const INVALID: &str =
        "<ErrorResponse><Error><Code>ValidationError</Code></Error></ErrorResponse>";

    const EXPIRY: &str = "<AResponse><AResult><Credentials><Expiration>2026-11-21T20:15:00Z\
        </Expiration></Credentials></AResult></AResponse>";

    fn refusal() -> ResolvedOutcome {
        outcome(Grade::Ok, &[("status", eq("400")), ("error.code", eq("ValidationError"))])
    }

    #[track_caller]
    fn check_accepted(outcomes: &[ResolvedOutcome], observed: &Observed, expected: Grade) {
        assert_eq!(judge(outcomes, observed), Judgement::Accepted { grade: expected });
    }

    #[track_caller]
    fn check_refused(outcomes: &[ResolvedOutcome], observed: &Observed, expected: &[&str]) {
        let lines: Vec<String> = judge(outcomes, observed)
            .deviations()
            .iter()
            .map(|each| format!("{}: {}; {}", each.path, each.expected, each.observed))
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_answer_that_meets_every_expectation_is_accepted() {
        check_accepted(&[refusal()], &answer(400, INVALID), Grade::Ok);
    }

    #[test]
    fn each_contradicted_expectation_is_a_deviation_of_its_own() {
        check_refused(
            &[refusal()],
            &answer(200, EXPIRY),
            &["status: equal to `400`; `200`", "error.code: equal to `ValidationError`; absent"],
        );
    }

    #[test]
    fn a_single_contradiction_is_enough() {
        check_refused(&[refusal()], &answer(403, INVALID), &["status: equal to `400`; `403`"]);
    }

    #[test]
    fn the_first_outcome_that_fits_decides_the_grade() {
        let lenient = outcome(Grade::Lenient, &[("status", eq("400"))]);
        check_accepted(&[refusal(), lenient.clone()], &answer(400, INVALID), Grade::Ok);
        check_accepted(&[refusal(), lenient], &answer(400, ""), Grade::Lenient);
    }

    #[test]
    fn the_closest_outcome_is_reported_when_none_fits() {
        let lenient = outcome(Grade::Lenient, &[("status", eq("403"))]);
        let outcomes = [refusal(), lenient];
        check_refused(&outcomes, &answer(500, ""), &["status: equal to `403`; `500`"]);
        check_refused(&outcomes, &answer(401, INVALID), &["status: equal to `400`; `401`"]);
    }

    #[test]
    fn no_answer_is_a_deviation_with_its_reason() {
        let observed = Observed::NoAnswer("connection refused".into());
        check_refused(&[refusal()], &observed, &["answer: an answer; connection refused"]);
    }

    #[test]
    fn a_step_that_expects_nothing_accepts_nothing() {
        let lines = ["expect: an expectation in the rule; none"];
        check_refused(&[], &answer(200, EXPIRY), &lines);
        check_refused(&[outcome(Grade::Ok, &[])], &answer(200, EXPIRY), &lines);
    }

    #[test]
    fn an_expiry_is_counted_from_the_answers_own_date() {
        let expires = |seconds| {
            let matcher = ResolvedMatcher::ExpiresIn(seconds);
            [outcome(Grade::Ok, &[("result.Credentials.Expiration", matcher)])]
        };
        check_accepted(&expires(900), &answer(200, EXPIRY), Grade::Ok);
        let line = "result.Credentials.Expiration: 3600s after Date, ±1s; \
                    `2026-11-21T20:15:00Z`, 900s after Date";
        check_refused(&expires(3600), &answer(200, EXPIRY), &[line]);
    }

    #[test]
    fn absence_is_explained_by_the_body_where_it_can_be() {
        let present = [outcome(Grade::Ok, &[("result.A", ResolvedMatcher::Present)])];
        let line = |why: &str| format!("result.A: there and not empty; absent{why}");
        check_refused(&present, &answer(200, ""), &[&line(": the body is empty")]);
        check_refused(&present, &answer(200, "hi"), &[&line(": the body is neither XML nor JSON")]);
        check_refused(&present, &answer(200, EXPIRY), &[&line("")]);
        let error = line(": the answer is the error `ValidationError`");
        check_refused(&present, &answer(400, INVALID), &[&error]);
        let cut = line(": the body is not well-formed XML at byte 3: the document ends inside `A`");
        check_refused(&present, &answer(200, "<A>"), &[&cut]);
    }

    #[test]
    fn outcomes_are_described_in_one_line() {
        let lenient = outcome(Grade::Lenient, &[("error", ResolvedMatcher::Absent)]);
        let expected =
            "status equal to `400`, error.code equal to `ValidationError`; or error absent";
        assert_eq!(describe(&[refusal(), lenient]), expected);
    }
}
