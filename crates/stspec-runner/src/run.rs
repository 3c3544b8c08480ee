//! One run from the first request to the last: connect, provision, play, clean up, record.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt};
use stspec_scenario::{Library, Rule, Scenario};
use stspec_verdict::{
    Answer, CheckRecord, End, Exchange, Redaction, RuleRecord, RunRecord, TargetRecord,
    TracedExchange, Verdict, rule_verdict,
};
use tokio::time::Instant;

use self::progress::RuleProgress;
use crate::RunError;
use crate::account::declared::broken;
use crate::account::needed::{needed_accounts, provision_all};
use crate::cancellation::Cancellation;
use crate::conformance::context::PlayContext;
use crate::conformance::play::play;
use crate::event::RunEvent;
use crate::ledger::CleanUp;
use crate::options::{Purpose, RequestOptions, RunOptions};
use crate::run_context::RunContext;
use crate::target::connection::ConnectOptions;

mod progress;

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// All that a report is made from.
    pub record: RunRecord,
    /// What is still on the target, each with the reason.
    pub leaks: Vec<String>,
    /// Every exchange in the order in which it was sent, where they were to be kept.
    pub trace: Vec<TracedExchange>,
}

/// Checks rules against a target.
///
/// Once `cancellation.work` is cancelled, no further request starts, and the run removes what it created on the target,
/// as a complete run does; checks that were not reached say so. `cancellation.clean_up` ends the removal, too: what is
/// left is a leak, and in the ledger for [`sweep`](crate::sweep()).
pub async fn run(
    library: &Library,
    rules: &[&Rule],
    connect: ConnectOptions,
    options: &RunOptions,
    cancellation: &Cancellation,
) -> Result<Run, RunError> {
    let started = options.clock.timestamp();
    let timer = Instant::now();
    let context =
        RunContext::open(connect, request_options(options), cancellation.work.clone()).await?;
    let checking = check(library, rules, options, &context);
    let checked = AssertUnwindSafe(checking).catch_unwind().await;
    let interrupted = context.cancelled.is_cancelled();
    let silence = match &checked {
        Ok(checks) if checks.iter().any(may_be_unanswered) => context.connection.silence().await,
        _ => None,
    };
    let removal = leave_target(&context, options, cancellation).await;
    let redactor = context.secrets.redactor();
    let mut checks = checked.map_err(|panic| RunError::Internal {
        reason: redactor.redact(&message_of(&*panic)).into_owned(),
        leaks: removal.leaks.iter().map(|leak| redactor.redact(leak).into_owned()).collect(),
    })?;
    let end = end_of_run(interrupted, silence, &mut checks);
    let trace = context.connection.transport.traced();
    let record = RunRecord {
        run: context.run_id,
        target: TargetRecord {
            name: context.connection.target.name.to_string(),
            endpoint: context.connection.endpoints.sts,
            arguments: options.arguments.clone(),
        },
        started,
        duration_us: u64::try_from(timer.elapsed().as_micros()).unwrap_or(u64::MAX),
        revision: options.revision,
        rules: rules.iter().map(|rule| rule_record(rule, &checks)).collect(),
        checks,
        resources: removal.count,
        throttled: context.connection.throttling.total(),
        redaction: Redaction {
            registered: redactor.registered().try_into().unwrap_or(u64::MAX),
            hits: 0,
        },
        secrets: redactor,
        end,
        baseline: None,
        snapshots: None,
    };
    Ok(Run { record, leaks: removal.leaks, trace })
}

fn request_options(options: &RunOptions) -> RequestOptions {
    RequestOptions {
        clock: options.clock,
        deadline: options.deadline,
        traced: options.traced,
        events: options.events.clone(),
    }
}

/// Puts the target's clock back and removes what the run created, unless the target is thrown away.
async fn leave_target(
    context: &RunContext,
    options: &RunOptions,
    cancellation: &Cancellation,
) -> CleanUp {
    let clock_left = context.connection.put_clock_back().await;
    let mut removal = match options.purpose {
        Purpose::Report => {
            options.events.emit(&RunEvent::CleaningUp { resources: context.ledger.len() });
            let hurry = cancellation.clean_up.cancelled();
            context.ledger.clean_up(&context.connection, hurry).await
        }
        Purpose::Verdicts => CleanUp::default(),
    };
    if let Err(reason) = clock_left {
        removal.leak(format!("the time that the target's clock was moved by: {reason}"));
    }
    removal
}

/// How the run ended; checks that a target left unanswered because it is gone show nothing.
fn end_of_run(interrupted: bool, silence: Option<String>, checks: &mut [CheckRecord]) -> End {
    if interrupted {
        return End::Interrupted;
    }
    let Some(reason) = silence else { return End::Complete };
    checks.iter_mut().filter(|check| is_unanswered(check)).for_each(excuse);
    End::Unreachable { reason }
}

/// Whether a check may have come to nothing because the target was gone.
fn may_be_unanswered(check: &CheckRecord) -> bool {
    is_unanswered(check) || check.verdict == Verdict::Inconclusive
}

/// Whether a check was sent and nothing came back.
fn is_unanswered(check: &CheckRecord) -> bool {
    matches!(&check.exchange, Some(Exchange { answer: Answer::Missing(_), .. }))
}

/// A target that went away showed nothing about the rule.
fn excuse(check: &mut CheckRecord) {
    check.verdict = Verdict::Inconclusive;
    check.reason = Some("the target was gone".to_owned());
}

/// The message of a panic.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked".to_owned())
}

async fn check(
    library: &Library,
    rules: &[&Rule],
    options: &RunOptions,
    context: &RunContext,
) -> Vec<CheckRecord> {
    let broken = broken(library, rules, context).await;
    let accounts = provision_all(needed_accounts(library, rules), context).await;
    let RunOptions { pace, purpose, .. } = *options;
    let play_context =
        PlayContext { run: context, library, accounts: &accounts, broken: &broken, pace, purpose };
    let mut planned = planned(rules);
    if let Some(seed) = options.shuffle {
        fastrand::Rng::with_seed(seed).shuffle(&mut planned);
    }
    let progress = RuleProgress::new(rules, options.events.clone());
    let (timed, timeless): (Vec<_>, Vec<_>) =
        planned.into_iter().partition(|planned| planned.scenario.seconds() > 0);
    let mut plays = play_all(play_context, timeless, options.jobs, &progress).await;
    // A moved clock is moved for every scenario; waiting is done by all at once.
    let at_once = if context.connection.clock_control.is_some() { 1 } else { timed.len() };
    plays.extend(play_all(play_context, timed, at_once, &progress).await);
    plays.sort_by_key(|play| play.number);
    plays.into_iter().flat_map(|play| play.checks).collect()
}

/// A scenario with its number in the run.
struct Planned<'a> {
    number: usize,
    rule: &'a Rule,
    scenario: &'a Scenario,
}

/// The checks of a scenario that was played.
struct Finished {
    number: usize,
    checks: Vec<CheckRecord>,
}

/// The scenarios of rules in their order, numbered from one.
fn planned<'a>(rules: &[&'a Rule]) -> Vec<Planned<'a>> {
    let scenarios =
        rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (*rule, scenario)));
    (1..)
        .zip(scenarios)
        .map(|(number, (rule, scenario))| Planned { number, rule, scenario })
        .collect()
}

/// Plays scenarios, so many at a time; they come back in the order in which they end.
async fn play_all(
    context: PlayContext<'_>,
    scenarios: Vec<Planned<'_>>,
    at_once: usize,
    progress: &RuleProgress,
) -> Vec<Finished> {
    let plays = scenarios.into_iter().map(|Planned { number, rule, scenario }| async move {
        let checks = play(context, rule, scenario, number).await;
        progress.scenario_finished(&rule.id, &checks);
        Finished { number, checks }
    });
    futures::stream::iter(plays).buffer_unordered(at_once.max(1)).collect().await
}

fn rule_record(rule: &Rule, checks: &[CheckRecord]) -> RuleRecord {
    let own = checks.iter().filter(|check| check.rule == rule.id);
    RuleRecord {
        id: rule.id.clone(),
        says: rule.says.clone(),
        level: rule.level,
        evidence: rule.evidence,
        sources: rule.sources.clone(),
        verdict: rule_verdict(own.map(|check| check.verdict)),
    }
}
