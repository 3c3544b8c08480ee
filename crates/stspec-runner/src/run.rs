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
use crate::secrets::Secrets;
use crate::settling::{Settling, Tell};
use crate::stop::Stop;

/// How many characters a run id has: enough that two runs of a day do not meet.
const RUN_ID_CHARS: usize = 8;

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
    let Options { clock, deadline, traced, .. } = *options;
    let site = Site::open(connect, Manner { clock, deadline, traced }, options.tell).await?;
    let checking = check_until(asked(stop.as_mut(), 1), library, rules, options, &site);
    let checked = AssertUnwindSafe(checking).catch_unwind().await;
    let silence = match &checked {
        Ok(checks) if checks.iter().any(is_unanswered) => site.connection.silence().await,
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
    let mut checks = checked
        .map_err(|panic| RunError::Ours { reason: words(&*panic), leaks: removal.leaks.clone() })?;
    let end = match silence {
        _ if site.stop.is_asked() => End::Interrupted,
        None => End::Complete,
        Some(reason) => {
            checks.iter_mut().filter(|check| is_unanswered(check)).for_each(excuse);
            End::Unreachable { reason }
        }
    };
    let redactor = site.secrets.redactor();
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
    pub(crate) async fn open(
        connect: Connect,
        manner: Manner,
        tell: Tell,
    ) -> Result<Self, RunError> {
        let secrets = Secrets::default();
        secrets.register(&connect.admin);
        connect.root.iter().for_each(|root| secrets.register(root));
        let folder = connect.ledgers.clone();
        let settling = Settling::of(&connect.target, tell);
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

/// Whether something on a target is called as runs call what they make: `stspec-RUN-…`.
pub(crate) fn is_named_by_a_run(name: &str) -> bool {
    let rest = name.strip_prefix("stspec-").and_then(|rest| rest.split_once('-'));
    rest.is_some_and(|(run_id, thing)| is_run_id(run_id) && !thing.is_empty())
}

fn is_run_id(text: &str) -> bool {
    let in_alphabet = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    text.len() == RUN_ID_CHARS
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(in_alphabet)
}

/// Lower-case letters and digits, as bucket names allow, starting with a letter.
fn new_run_id() -> String {
    let mut id = String::from(fastrand::lowercase());
    while id.len() < RUN_ID_CHARS {
        id.push(fastrand::digit(36));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_makes_is_named_by_a_run() {
        for _ in 0..100 {
            assert!(is_named_by_a_run(&format!("stspec-{}-federator-bucket", new_run_id())));
        }
    }

    #[test]
    fn a_name_that_only_resembles_a_runs_is_not_one() {
        for name in [
            "stspec",
            "stspec-",
            "stspec-a1b2c3d4",
            "stspec-a1b2c3d4-",
            "stspec-a1b2c3d-bucket",
            "stspec-a1b2c3d4e-bucket",
            "stspec-1a2b3c4d-bucket",
            "stspec-A1b2c3d4-bucket",
            "my-stspec-a1b2c3d4-bucket",
            "stspeca1b2c3d4-bucket",
        ] {
            assert!(!is_named_by_a_run(name), "{name}");
        }
    }
}
