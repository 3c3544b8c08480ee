//! Turns the judgements of a scenario's steps into verdicts: a probe counts only in company.

mod not_sent;

use stspec_scenario::{Capability, Controls, Grade, Level, Name, Role, Root};

use crate::{Deviation, Judgement, ResolvedMatcher, ResolvedOutcome, Verdict};

pub use not_sent::NotSent;

/// One step of a scenario and its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRun {
    /// The step's id.
    pub step: Name,
    /// What the step is for.
    pub role: Role,
    /// Whether it expects to be refused.
    pub expects: Expects,
    /// Its outcome.
    pub outcome: StepOutcome,
}

/// Whether a step expects to be refused or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// No outcome is a refusal.
    Acceptance,
    /// Some outcome is a refusal: a status from 400 on, or an error's code.
    Refusal,
}

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOutcome {
    /// It was sent, and the answers were judged: one judgement per answer, in order. A probe that holds
    /// has several; of a retried control the last counts. Without any the step shows nothing.
    Judged(Vec<Judgement>),
    /// It was not sent.
    NotSent(NotSent),
}

/// The verdict on one step, in the words of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct StepVerdict {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not a plain pass or fail, such as the step whose company was missed.
    pub reason: Option<String>,
    /// How good the accepted outcome is, if one was accepted.
    pub grade: Option<Grade>,
    /// What was wrong with the answer, whatever the verdict.
    pub deviations: Vec<Deviation>,
}

/// Gives each step of a scenario its verdict, in the order of `steps`.
///
/// Only probes pass or fail, and they count only while every step of another role holds. A step of another
/// role that does not hold is itself `inconclusive`, because the rule is not about it. If neighbours are
/// the company, a refusal counts only if some neighbour that expects to be accepted was accepted. If the
/// rule requires `iam.enforcement`, an acceptance counts only if some step that expects to be refused was
/// refused; otherwise a target that ignores policies would pass. If the target is declared to have a
/// capability and lacks it, all probes that need it fail. A probe of an `observe` rule is `observed` once
/// it was sent.
#[must_use]
pub fn compose(
    level: Level,
    controls: Controls,
    requires: &[Capability],
    steps: &[StepRun],
) -> Vec<StepVerdict> {
    let missed = steps.iter().find_map(missed_company);
    let accepted = steps.iter().any(is_accepted_neighbour);
    let unguarded = requires.contains(&Capability::IamEnforcement) && lets_all_through(steps);
    steps
        .iter()
        .map(|step| {
            let verdict = alone(step);
            match (step.role, &missed) {
                (Role::Probe, _) if is_broken(step) && level != Level::Observe => verdict,
                (_, _) if is_broken(step) => {
                    StepVerdict { verdict: Verdict::Inconclusive, ..verdict }
                }
                (Role::Control | Role::Liveness | Role::Contrast, _) => {
                    as_company(verdict, step.role)
                }
                (Role::Probe, _) if level == Level::Observe => {
                    as_observed(verdict, missed.as_ref())
                }
                (Role::Probe, Some(missed)) => without_company(verdict, missed),
                (Role::Probe, None) => match controls {
                    Controls::Neighbours if !accepted && step.expects == Expects::Refusal => {
                        without_neighbour(verdict)
                    }
                    _ if unguarded && step.expects == Expects::Acceptance => unrefused(verdict),
                    Controls::Neighbours | Controls::Steps => verdict,
                },
            }
        })
        .collect()
}

/// Whether a step with these outcomes expects to be refused.
#[must_use]
pub fn expects(outcomes: &[ResolvedOutcome]) -> Expects {
    let refuses = outcomes.iter().flat_map(|outcome| &outcome.expectations).any(|expectation| {
        match expectation.path.root() {
            Root::Status => is_refusing_status(&expectation.matcher),
            Root::Error => {
                let names_code = expectation.path.below_root().iter().any(|name| name == "code");
                names_code && expectation.matcher != ResolvedMatcher::Absent
            }
            Root::Headers | Root::Result | Root::Body => false,
        }
    });
    if refuses { Expects::Refusal } else { Expects::Acceptance }
}

/// Whether a matcher of the status requires one from 400 on.
fn is_refusing_status(matcher: &ResolvedMatcher) -> bool {
    let refusing = |status: &str| status.parse::<u16>().is_ok_and(|status| status >= 400);
    match matcher {
        ResolvedMatcher::Eq(status) => refusing(status),
        ResolvedMatcher::In(statuses) => statuses.iter().any(|status| refusing(status)),
        ResolvedMatcher::Gte(status) => *status >= 400,
        ResolvedMatcher::Gt(status) => *status >= 399,
        ResolvedMatcher::StartsWith(digit) => digit.starts_with(['4', '5']),
        _ => false,
    }
}

/// The verdict on a step on its own.
fn alone(step: &StepRun) -> StepVerdict {
    let bare = |verdict, reason: String| StepVerdict {
        verdict,
        reason: Some(reason),
        grade: None,
        deviations: Vec::new(),
    };
    match &step.outcome {
        StepOutcome::NotSent(reason) => bare(reason.verdict(), format!("not sent: {reason}")),
        StepOutcome::Judged(judgements) => match (step.role, judgements.as_slice()) {
            (_, []) => bare(Verdict::Inconclusive, "no answer was judged".to_owned()),
            (Role::Probe, judgements) => judged(judgements),
            (_, [.., last]) => judged(std::slice::from_ref(last)),
        },
    }
}

/// The verdict on one or more answers to the same request.
fn judged(judgements: &[Judgement]) -> StepVerdict {
    let refused = judgements.iter().filter(|judgement| !judgement.is_accepted()).count();
    let deviations =
        judgements.iter().find(|judgement| !judgement.is_accepted()).map(Judgement::deviations);
    let deviations = deviations.unwrap_or_default().to_vec();
    if refused == judgements.len() {
        return StepVerdict { verdict: Verdict::Fail, reason: None, grade: None, deviations };
    }
    if refused > 0 {
        let reason = format!("{refused} of {} answers deviate", judgements.len());
        let verdict = Verdict::Flaky;
        return StepVerdict { verdict, reason: Some(reason), grade: None, deviations };
    }
    let lenient = Judgement::Accepted { grade: Grade::Lenient };
    let (grade, reason) = if judgements.contains(&lenient) {
        let reason = "accepted as lenient: the documentation leaves a choice".to_owned();
        (Grade::Lenient, Some(reason))
    } else {
        (Grade::Ok, None)
    };
    StepVerdict { verdict: Verdict::Pass, reason, grade: Some(grade), deviations }
}

/// A step of another role than probe that did not hold, with the verdict that follows for the probes.
struct Missed {
    verdict: Verdict,
    reason: String,
}

/// Whether a step was not sent because of something that the target is declared to have.
fn is_broken(step: &StepRun) -> bool {
    matches!(step.outcome, StepOutcome::NotSent(NotSent::Broken { .. }))
}

fn missed_company(step: &StepRun) -> Option<Missed> {
    if step.role == Role::Probe {
        return None;
    }
    let verdict = alone(step);
    let why = match (&verdict.reason, verdict.deviations.first()) {
        _ if verdict.verdict == Verdict::Pass => return None,
        (_, Some(Deviation { path, expected, observed })) => {
            format!("{path} should be {expected} and was {observed}")
        }
        (Some(reason), None) => reason.clone(),
        (None, None) => verdict.verdict.to_string(),
    };
    let reason = format!("{} `{}` did not hold: {why}", step.role, step.step);
    let verdict = match verdict.verdict {
        Verdict::Unsupported => Verdict::Unsupported,
        Verdict::Fail if is_broken(step) => Verdict::Fail,
        _ => Verdict::Inconclusive,
    };
    Some(Missed { verdict, reason })
}

/// Whether a step of a table shows that the target accepts this kind of call at all: it expects
/// to be accepted, and whatever else was wrong, its status was right.
fn is_accepted_neighbour(step: &StepRun) -> bool {
    let StepOutcome::Judged(judgements) = &step.outcome else { return false };
    let answered = |judgement: &Judgement| {
        judgement
            .deviations()
            .iter()
            .all(|deviation| !matches!(deviation.path.as_str(), "status" | "answer" | "expect"))
    };
    step.expects == Expects::Acceptance && !judgements.is_empty() && judgements.iter().all(answered)
}

/// Whether there are probes that expect to be refused, and each of them was accepted instead.
fn lets_all_through(steps: &[StepRun]) -> bool {
    let mut refusals = steps
        .iter()
        .filter(|step| step.role == Role::Probe && step.expects == Expects::Refusal)
        .peekable();
    refusals.peek().is_some() && refusals.all(is_let_through)
}

/// Whether the last answer has a status of success where none was expected.
fn is_let_through(step: &StepRun) -> bool {
    let StepOutcome::Judged(judgements) = &step.outcome else { return false };
    let Some(judgement) = judgements.last() else { return false };
    judgement.deviations().iter().any(|deviation| {
        deviation.path == "status" && deviation.observed.trim_start_matches('`').starts_with('2')
    })
}

fn as_company(mut verdict: StepVerdict, role: Role) -> StepVerdict {
    if matches!(verdict.verdict, Verdict::Fail | Verdict::Flaky) {
        verdict.verdict = Verdict::Inconclusive;
        verdict.reason = Some(format!("the rule can't be tested while this {role} does not hold"));
    }
    verdict
}

fn as_observed(mut verdict: StepVerdict, missed: Option<&Missed>) -> StepVerdict {
    if matches!(verdict.verdict, Verdict::Pass | Verdict::Fail | Verdict::Flaky) {
        verdict.verdict = Verdict::Observed;
        verdict.reason = missed.map(|missed| missed.reason.clone()).or(verdict.reason);
    }
    verdict
}

fn without_company(mut verdict: StepVerdict, missed: &Missed) -> StepVerdict {
    if matches!(verdict.verdict, Verdict::Pass | Verdict::Fail | Verdict::Flaky) {
        verdict.verdict = missed.verdict;
        verdict.reason = Some(missed.reason.clone());
        verdict.grade = None;
    }
    verdict
}

fn without_neighbour(mut verdict: StepVerdict) -> StepVerdict {
    if verdict.verdict == Verdict::Pass {
        verdict.verdict = Verdict::Inconclusive;
        verdict.reason =
            Some("no neighbour in the table was accepted, so the refusal shows nothing".into());
        verdict.grade = None;
    }
    verdict
}

fn unrefused(mut verdict: StepVerdict) -> StepVerdict {
    if verdict.verdict == Verdict::Pass {
        verdict.verdict = Verdict::Inconclusive;
        verdict.reason = Some("nothing was refused, so what was allowed shows nothing".into());
        verdict.grade = None;
    }
    verdict
}
