//! What a target did under load: counts, latencies and a few examples of what was wrong.

use stspec_scenario::Name;
use stspec_verdict::{Deviation, Judgement, Observation, Observed, Verdict};

use crate::budget::Ending;
use crate::histogram::Histogram;

/// How many examples of each kind are kept of a call.
///
/// Source: ours; the tenth wrong answer of a kind tells no more than the third.
pub const EXAMPLES_MAX: usize = 3;

/// What a target did when a profile was run against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadObservation {
    /// The profile.
    pub profile: Name,
    /// Where STS was reached.
    pub endpoint: String,
    /// How many users sent requests at the same time.
    pub users: u32,
    /// How many requests the profile asks for.
    pub requests_planned: u32,
    /// How the attack ended.
    pub ending: Ending,
    /// From the start of the first request to the end of the last answer, in microseconds.
    pub duration_us: u64,
    /// What came of each call, in the order of the profile.
    pub calls: Vec<CallLoad>,
}

/// What came of one call of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallLoad {
    /// The operation, such as `sts.GetFederationToken`.
    pub call: String,
    /// Who signed the requests.
    pub principal: String,
    /// How often it was to be sent in relation to the other calls.
    pub weight: u32,
    /// What each answer had to be like, in one line.
    pub expected: String,
    /// How many requests were sent.
    pub requests: u64,
    /// How many of them got no answer.
    pub errors: u64,
    /// How many of them got an answer that is not as expected.
    pub wrong: u64,
    /// How long the answers took, to the end of the body; requests without one are not in it.
    pub latency: Histogram,
    /// Why there was no answer, for the first few errors.
    pub error_examples: Vec<String>,
    /// What was wrong, for the first few wrong answers, without secrets.
    pub wrong_examples: Vec<String>,
}

impl LoadObservation {
    /// Returns how many requests were sent.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.calls.iter().map(|call| call.requests).sum()
    }

    /// Returns how many requests got no answer.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.calls.iter().map(|call| call.errors).sum()
    }

    /// Returns how many requests got an answer that is not as expected.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.calls.iter().map(|call| call.wrong).sum()
    }

    /// Returns how long all answers took.
    #[must_use]
    pub fn latency(&self) -> Histogram {
        let mut all = Histogram::default();
        self.calls.iter().for_each(|call| all.merge(&call.latency));
        all
    }

    /// Returns how many requests were completed per second, rounded down; 0 if none took any time.
    #[must_use]
    pub fn requests_per_second(&self) -> u64 {
        let requests = u128::from(self.requests()) * 1_000_000;
        let per_second = requests.checked_div(u128::from(self.duration_us)).unwrap_or(0);
        u64::try_from(per_second).unwrap_or(u64::MAX)
    }

    /// Returns the verdict on the target: one error or wrong answer fails it.
    ///
    /// An attack that ended early, or that never sent one of its calls, shows too little to pass.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.errors() > 0 || self.wrong() > 0 {
            return Verdict::Fail;
        }
        if self.ending != Ending::Complete || self.calls.iter().any(|call| call.requests == 0) {
            return Verdict::Inconclusive;
        }
        Verdict::Pass
    }
}

impl CallLoad {
    /// Counts what came back for one request.
    ///
    /// `redact` takes the secrets from a text about an answer; it is asked for examples only.
    pub(crate) fn record(
        &mut self,
        observed: &Observed,
        judgement: &Judgement,
        redact: impl Fn(&Observation, &str) -> String,
    ) {
        self.requests += 1;
        match observed {
            Observed::NoAnswer(reason) => {
                self.errors += 1;
                keep(&mut self.error_examples, || reason.clone());
            }
            Observed::Answer(answer) => {
                self.latency.record(answer.duration_us);
                if !judgement.is_accepted() {
                    self.wrong += 1;
                    let wrong = || redact(answer, &words(judgement.deviations()));
                    keep(&mut self.wrong_examples, wrong);
                }
            }
        }
    }
}

fn keep(examples: &mut Vec<String>, example: impl FnOnce() -> String) {
    if examples.len() < EXAMPLES_MAX {
        examples.push(example());
    }
}

fn words(deviations: &[Deviation]) -> String {
    let words: Vec<String> = deviations
        .iter()
        .map(|each| {
            format!("{}: expected {}, observed {}", each.path, each.expected, each.observed)
        })
        .collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use stspec_scenario::{Grade, Path};
    use stspec_verdict::{ResolvedExpectation, ResolvedMatcher, ResolvedOutcome, judge};

    use super::*;

    fn answer(status: u16, duration_us: u64) -> Observed {
        Observed::Answer(Observation::new(status, [], b"", duration_us))
    }

    fn no_answer() -> Observed {
        Observed::NoAnswer("connection refused".to_owned())
    }

    /// Judges by status 200 and takes the digit 5 for a secret.
    fn load_of(observed: &[Observed]) -> CallLoad {
        let status = ResolvedExpectation {
            path: Path::parse("status").unwrap(),
            matcher: ResolvedMatcher::Eq("200".to_owned()),
        };
        let outcomes = [ResolvedOutcome { grade: Grade::Ok, expectations: vec![status] }];
        let mut load = CallLoad::default();
        for each in observed {
            load.record(each, &judge(&outcomes, each), |_, text| text.replace('5', "<redacted>"));
        }
        load
    }

    #[track_caller]
    fn check(observed: &[Observed], expected: (u64, u64, u64, u64)) {
        let load = load_of(observed);
        let counts = (load.requests, load.errors, load.wrong, load.latency.count());
        assert_eq!(counts, expected, "requests, errors, wrong, latencies");
    }

    #[track_caller]
    fn check_verdict(observed: &[Observed], ending: Ending, expected: Verdict) {
        assert_eq!(observation(&[observed], ending).verdict(), expected);
    }

    fn observation(calls: &[&[Observed]], ending: Ending) -> LoadObservation {
        LoadObservation {
            profile: Name::parse("smoke").unwrap(),
            endpoint: "http://127.0.0.1:9".to_owned(),
            users: 1,
            requests_planned: 3,
            ending,
            duration_us: 1_500_000,
            calls: calls.iter().map(|observed| load_of(observed)).collect(),
        }
    }

    #[test]
    fn errors_and_wrong_answers_are_counted_apart() {
        check(&[], (0, 0, 0, 0));
        check(&[answer(200, 1)], (1, 0, 0, 1));
        check(&[answer(500, 1)], (1, 0, 1, 1));
        check(&[no_answer()], (1, 1, 0, 0));
        check(&[answer(200, 1), no_answer(), answer(400, 1), answer(200, 1)], (4, 1, 1, 3));
    }

    #[test]
    fn wrong_answers_are_shown_without_secrets() {
        let examples = load_of(&[answer(500, 1)]).wrong_examples;
        assert_eq!(examples, ["status: expected equal to `200`, observed `<redacted>00`"]);
    }

    #[test]
    fn only_the_first_few_examples_are_kept() {
        let load = load_of(&[answer(400, 1), answer(401, 1), answer(402, 1), answer(403, 1)]);
        assert_eq!((load.wrong, load.wrong_examples.len()), (4, EXAMPLES_MAX));
        assert!(load.wrong_examples.last().unwrap().ends_with("`402`"));
        let load = load_of(&[no_answer(), no_answer(), no_answer(), no_answer()]);
        assert_eq!((load.errors, load.error_examples.len()), (4, EXAMPLES_MAX));
    }

    #[test]
    fn one_miss_fails_the_profile() {
        check_verdict(&[answer(200, 1)], Ending::Complete, Verdict::Pass);
        check_verdict(&[answer(200, 1), answer(201, 1)], Ending::Complete, Verdict::Fail);
        check_verdict(&[answer(200, 1), no_answer()], Ending::Complete, Verdict::Fail);
    }

    #[test]
    fn an_attack_that_ended_early_shows_nothing_but_failures() {
        check_verdict(&[answer(200, 1)], Ending::Interrupted, Verdict::Inconclusive);
        check_verdict(&[answer(200, 1)], Ending::OutOfTime, Verdict::Inconclusive);
        check_verdict(&[answer(201, 1)], Ending::Interrupted, Verdict::Fail);
    }

    #[test]
    fn a_call_that_was_never_sent_is_not_passed_over() {
        let observation = observation(&[&[answer(200, 1)], &[]], Ending::Complete);
        assert_eq!(observation.verdict(), Verdict::Inconclusive);
    }

    #[test]
    fn totals_are_the_sums_of_the_calls() {
        let calls: [&[Observed]; 2] = [&[answer(200, 1), no_answer()], &[answer(500, 9)]];
        let observation = observation(&calls, Ending::Complete);
        let totals = (observation.requests(), observation.errors(), observation.wrong());
        assert_eq!(totals, (3, 1, 1));
        assert_eq!(observation.latency().max_us(), Some(9));
        assert_eq!(observation.requests_per_second(), 2);
    }

    #[test]
    fn a_rate_without_time_is_none() {
        let observation = LoadObservation { duration_us: 0, ..observation(&[], Ending::Complete) };
        assert_eq!(observation.requests_per_second(), 0);
    }
}
