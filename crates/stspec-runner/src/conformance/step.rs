//! A step that was played, on its way to being a check.

use stspec_scenario::{Rule, Scenario, Step};
use stspec_verdict::{
    CheckId, CheckRecord, Exchange, Judgement, NotSent, StepOutcome, StepRun, compose, describe,
    expects, fingerprint, resolve,
};

/// A step with what came of it, before its company is asked.
pub(crate) struct Played {
    pub(crate) run: StepRun,
    pub(crate) fingerprint: String,
    pub(crate) expected: String,
    pub(crate) observed: String,
    pub(crate) duration_us: u64,
    pub(crate) exchange: Option<Exchange>,
}

impl Played {
    /// Whether the last answer was as expected.
    pub(crate) fn holds(&self) -> bool {
        let StepOutcome::Judged(judgements) = &self.run.outcome else { return false };
        judgements.last().is_some_and(Judgement::is_accepted)
    }

    pub(crate) fn not_sent(step: &Step, reason: NotSent) -> Self {
        let as_written = resolve(&step.outcomes, |reference| Some(format!("${{{reference}}}")));
        let outcomes = as_written.unwrap_or_default();
        Self {
            observed: format!("nothing: {reason}"),
            expected: describe(&outcomes),
            run: StepRun {
                step: step.id.clone(),
                role: step.role,
                expects: expects(&outcomes),
                outcome: StepOutcome::NotSent(reason),
            },
            fingerprint: fingerprint(&[], &[]),
            duration_us: 0,
            exchange: None,
        }
    }
}

/// The checks of a scenario with their verdicts.
pub(crate) fn records(rule: &Rule, scenario: &Scenario, played: Vec<Played>) -> Vec<CheckRecord> {
    let runs: Vec<StepRun> = played.iter().map(|played| played.run.clone()).collect();
    let verdicts = compose(rule.level, scenario.controls, &rule.requires, &runs);
    played
        .into_iter()
        .zip(verdicts)
        .map(|(played, verdict)| CheckRecord {
            id: CheckId::new(&rule.id, &scenario.name, &played.run.step),
            rule: rule.id.clone(),
            level: rule.level,
            role: played.run.role,
            verdict: verdict.verdict,
            expected: played.expected,
            observed: played.observed,
            reason: verdict.reason,
            grade: verdict.grade,
            deviations: verdict.deviations,
            fingerprint: played.fingerprint,
            duration_us: played.duration_us,
            exchange: played.exchange,
        })
        .collect()
}
