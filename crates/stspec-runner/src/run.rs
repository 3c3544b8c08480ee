//! One run from the first request to the last: connect, provision, play, clean up, record.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt};
use jiff::civil::Date;
use stspec_scenario::{Library, Rule, Scenario};
use stspec_verdict::{
    Answer, CheckRecord, End, Exchange, Redaction, RuleRecord, RunRecord, TargetRecord,
    TracedExchange, Verdict, rule_verdict,
};
use tokio::time::Instant;

use crate::RunError;
use crate::accounts::{needed_accounts, provision_all};
use crate::clock::Clock;
use crate::connection::{Connect, Connection, Manner};
use crate::declared::broken;
use crate::ledger::{CleanUp, Ledger, Place};
use crate::play::{Stage, play};
use crate::run_id::new_run_id;
use crate::secrets::Secrets;
use crate::settling::{Settling, Tell};
use crate::stop::Stop;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// What names the target on the command line again, for the report's hint on how to repeat a check.
    pub arguments: String,
    /// How many scenarios are played at once; at least 1.
    pub jobs: usize,
    /// The API revision that the rules were selected for.
    pub revision: Option<Date>,
    /// What time it is.
    pub clock: Clock,
    /// How long one request may take; [`DEADLINE_DEFAULT`](crate::DEADLINE_DEFAULT) for most targets.
    pub deadline: Duration,
    /// Whether time may pass for real.
    pub pace: Pace,
    /// What the record is for.
    pub purpose: Purpose,
    /// The seed of the order in which scenarios are played; the rules' own order without.
    pub shuffle: Option<u64>,
    /// Whether every exchange is kept.
    pub traced: bool,
    /// Who is told what the run waits for.
    pub tell: Tell,
}

/// What the record of a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody reads it: exchanges are kept, and the target is left as it was found.
    Report,
    /// Only its verdicts count, and the target is thrown away: exchanges are not kept, and nothing is
    /// removed.
    Verdicts,
}

/// Whether a run waits where a rule needs time to pass and the target's clock can't be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It doesn't: such scenarios are `unsupported`.
    Quick,
    /// It does, at least for the 15 minutes of the shortest session.
    Slow,
}

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
    connect: Connect,
    options: &Options,
    stop: impl Stream<Item = ()>,
) -> Result<Run, RunError> {
    let mut stop = pin!(stop);
    let started = options.clock.timestamp();
    let timer = Instant::now();
    let Options { clock, deadline, traced, tell, .. } = *options;
    let site = Site::open(connect, Manner { clock, deadline, traced, tell }).await?;
    let checking = check_until(asked(stop.as_mut(), 1), library, rules, options, &site);
    let checked = AssertUnwindSafe(checking).catch_unwind().await;
    let silence = match &checked {
        Ok(checks) if checks.iter().any(is_open) => site.connection.silence().await,
        _ => None,
    };
    let clock_left = site.connection.put_clock_back().await;
    let wishes = if site.stop.is_asked() { 1 } else { 2 };
    let mut removal = match options.purpose {
        Purpose::Report => site.ledger.clean_up(&site.connection, asked(stop, wishes)).await,
        Purpose::Verdicts => CleanUp::default(),
    };
    if let Err(reason) = clock_left {
        removal.leak(format!("the time that the target's clock was moved by: {reason}"));
    }
    let redactor = site.secrets.redactor();
    let mut checks = checked.map_err(|panic| RunError::Ours {
        reason: redactor.redact(&words(&*panic)).into_owned(),
        leaks: removal.leaks.iter().map(|leak| redactor.redact(leak).into_owned()).collect(),
    })?;
    let end = match silence {
        _ if site.stop.is_asked() => End::Interrupted,
        None => End::Complete,
        Some(reason) => {
            checks.iter_mut().filter(|check| is_unanswered(check)).for_each(excuse);
            End::Unreachable { reason }
        }
    };
    let trace = site.connection.transport.traced();
    let record = RunRecord {
        run: site.run_id,
        target: TargetRecord {
            name: site.connection.target.name.to_string(),
            endpoint: site.connection.endpoints.sts,
            arguments: options.arguments.clone(),
        },
        started,
        duration_us: u64::try_from(timer.elapsed().as_micros()).unwrap_or(u64::MAX),
        revision: options.revision,
        rules: rules.iter().map(|rule| rule_record(rule, &checks)).collect(),
        checks,
        resources: removal.count,
        throttled: site.connection.throttling.total(),
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

/// Where a run takes place, under which name, and what it leaves behind.
pub(crate) struct Site {
    pub(crate) connection: Connection,
    pub(crate) run_id: String,
    pub(crate) ledger: Ledger,
    pub(crate) secrets: Secrets,
    pub(crate) settling: Settling,
    pub(crate) stop: Stop,
}

impl Site {
    /// Connects, under a fresh run id.
    pub(crate) async fn open(connect: Connect, manner: Manner) -> Result<Self, RunError> {
        let secrets = Secrets::default();
        secrets.register_all(&connect);
        let folder = connect.ledgers.clone();
        let settling = Settling::of(&connect.target, manner.tell);
        let connection = Connection::open(connect, manner, &secrets).await?;
        let run_id = new_run_id();
        let ledger = match folder {
            Some(folder) => Ledger::open(&folder, &run_id, Place::of(&connection), manner.clock)?,
            None => Ledger::default(),
        };
        Ok(Self { connection, run_id, ledger, secrets, settling, stop: Stop::default() })
    }

    /// Removes what was made, however long it takes.
    pub(crate) async fn clean_up(&self) -> CleanUp {
        self.ledger.clean_up(&self.connection, std::future::pending()).await
    }
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
    options: &Options,
    site: &Site,
) -> Vec<CheckRecord> {
    let mut checking = pin!(check(library, rules, options, site));
    tokio::select! {
        checks = &mut checking => checks,
        () = stop => {
            site.stop.ask();
            checking.await
        }
    }
}

async fn check(
    library: &Library,
    rules: &[&Rule],
    options: &Options,
    site: &Site,
) -> Vec<CheckRecord> {
    let broken = broken(library, rules, site).await;
    let accounts = provision_all(needed_accounts(library, rules), site).await;
    let Options { pace, purpose, .. } = *options;
    let stage = Stage { site, library, accounts: &accounts, broken: &broken, pace, purpose };
    let scenarios =
        rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (*rule, scenario)));
    let mut numbered: Vec<_> = (1..).zip(scenarios).collect();
    if let Some(seed) = options.shuffle {
        fastrand::Rng::with_seed(seed).shuffle(&mut numbered);
    }
    let (timed, timeless): (Vec<_>, Vec<_>) =
        numbered.into_iter().partition(|(_, (_, scenario))| scenario.seconds() > 0);
    let mut plays = play_all(stage, timeless, options.jobs).await;
    // A moved clock is moved for everybody; waiting is done by all at once.
    let at_once = if site.connection.clock_control.is_some() { 1 } else { timed.len() };
    plays.extend(play_all(stage, timed, at_once).await);
    plays.sort_by_key(|(number, _)| *number);
    plays.into_iter().flat_map(|(_, checks)| checks).collect()
}

/// Plays numbered scenarios, so many at a time; they come back in the order in which they end.
async fn play_all(
    stage: Stage<'_>,
    scenarios: Vec<(usize, (&Rule, &Scenario))>,
    at_once: usize,
) -> Vec<(usize, Vec<CheckRecord>)> {
    let plays = scenarios.into_iter().map(|(number, (rule, scenario))| async move {
        (number, play(stage, rule, scenario, number).await)
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
