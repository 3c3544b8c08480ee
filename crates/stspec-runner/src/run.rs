//! One run from the first request to the last: connect, provision, play, clean up, record.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};

use futures::{FutureExt, Stream, StreamExt};
use stspec_scenario::{Library, Rule, Scenario};
use stspec_verdict::{
    Answer, CheckRecord, End, Exchange, Redaction, RuleRecord, RunRecord, TargetRecord,
    TracedExchange, Verdict, rule_verdict,
};
use tokio::time::Instant;

use crate::RunError;
use crate::account::declared::broken;
use crate::account::needed::{needed_accounts, provision_all};
use crate::conformance::context::PlayContext;
use crate::conformance::play::play;
use crate::ledger::CleanUp;
use crate::options::{Purpose, RequestOptions, RunOptions};
use crate::run_context::RunContext;
use crate::target::connection::ConnectOptions;

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
/// When `stop` gives its first item, no further request is started and what was made on the target is
/// removed, as it is after a complete run; checks that were not reached say so. The second item ends
/// the removing, too: what is left is a leak, and in the ledger for [`sweep`](crate::sweep()).
pub async fn run(
    library: &Library,
    rules: &[&Rule],
    connect: ConnectOptions,
    options: &RunOptions,
    stop: impl Stream<Item = ()>,
) -> Result<Run, RunError> {
    let mut stop = pin!(stop);
    let started = options.clock.timestamp();
    let timer = Instant::now();
    let RunOptions { clock, deadline, traced, tell, .. } = *options;
    let context =
        RunContext::open(connect, RequestOptions { clock, deadline, traced, tell }).await?;
    let checking = check_until(asked(stop.as_mut(), 1), library, rules, options, &context);
    let checked = AssertUnwindSafe(checking).catch_unwind().await;
    let silence = match &checked {
        Ok(checks) if checks.iter().any(is_open) => context.connection.silence().await,
        _ => None,
    };
    let clock_left = context.connection.put_clock_back().await;
    let wishes = if context.stop.is_asked() { 1 } else { 2 };
    let mut removal = match options.purpose {
        Purpose::Report => context.ledger.clean_up(&context.connection, asked(stop, wishes)).await,
        Purpose::Verdicts => CleanUp::default(),
    };
    if let Err(reason) = clock_left {
        removal.leak(format!("the time that the target's clock was moved by: {reason}"));
    }
    let redactor = context.secrets.redactor();
    let mut checks = checked.map_err(|panic| RunError::Internal {
        reason: redactor.redact(&words(&*panic)).into_owned(),
        leaks: removal.leaks.iter().map(|leak| redactor.redact(leak).into_owned()).collect(),
    })?;
    let end = match silence {
        _ if context.stop.is_asked() => End::Interrupted,
        None => End::Complete,
        Some(reason) => {
            checks.iter_mut().filter(|check| is_unanswered(check)).for_each(excuse);
            End::Unreachable { reason }
        }
    };
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

/// Whether a check may have come to nothing because the target was gone.
fn is_open(check: &CheckRecord) -> bool {
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

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked".to_owned())
}

/// Resolves once somebody asked so many times; never, if nobody can ask any more.
async fn asked(mut stop: Pin<&mut impl Stream<Item = ()>>, times: usize) {
    for _ in 0..times {
        if stop.next().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

async fn check_until(
    stop: impl Future<Output = ()>,
    library: &Library,
    rules: &[&Rule],
    options: &RunOptions,
    context: &RunContext,
) -> Vec<CheckRecord> {
    let mut checking = pin!(check(library, rules, options, context));
    tokio::select! {
        checks = &mut checking => checks,
        () = stop => {
            context.stop.ask();
            checking.await
        }
    }
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
    let scenarios =
        rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (*rule, scenario)));
    let mut numbered: Vec<_> = (1..).zip(scenarios).collect();
    if let Some(seed) = options.shuffle {
        fastrand::Rng::with_seed(seed).shuffle(&mut numbered);
    }
    let (timed, timeless): (Vec<_>, Vec<_>) =
        numbered.into_iter().partition(|(_, (_, scenario))| scenario.seconds() > 0);
    let mut plays = play_all(play_context, timeless, options.jobs).await;
    // A moved clock is moved for everybody; waiting is done by all at once.
    let at_once = if context.connection.clock_control.is_some() { 1 } else { timed.len() };
    plays.extend(play_all(play_context, timed, at_once).await);
    plays.sort_by_key(|(number, _)| *number);
    plays.into_iter().flat_map(|(_, checks)| checks).collect()
}

/// Plays numbered scenarios, so many at a time; they come back in the order in which they end.
async fn play_all(
    play_context: PlayContext<'_>,
    scenarios: Vec<(usize, (&Rule, &Scenario))>,
    at_once: usize,
) -> Vec<(usize, Vec<CheckRecord>)> {
    let plays = scenarios.into_iter().map(|(number, (rule, scenario))| async move {
        (number, play(play_context, rule, scenario, number).await)
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
