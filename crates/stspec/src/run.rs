//! `stspec run`: rules against a target.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::Duration;

use jiff::civil::Date;
use stspec_report::CleanRecord;
use stspec_runner::{
    Cancellation, Clock, DEADLINE_DEFAULT, Events, Pace, Purpose, Run, RunOptions,
};
use stspec_scenario::{Library, Name, Rule};
use stspec_verdict::{ExitCode, Throttled};

use crate::baseline;
use crate::cli::{RunArgs, Shuffle};
use crate::error::Problem;
use crate::interruption::cancelled_by_interruptions;
use crate::output;
use crate::plan::plan;
use crate::progress::Terminal;
use crate::publish::{Outlets, publish};
use crate::scenarios::library_drawn_with;
use crate::snapshots::{self, Kept};
use crate::target::{Chosen, Named, named, reach};

/// Selects, checks, prints and writes.
pub(crate) async fn command(scenarios: Option<&Path>, args: RunArgs) -> Result<ExitCode, Problem> {
    let library = library_drawn_with(scenarios, args.seed)?;
    let rules = select(&library, &args.selectors, args.revision)?;
    let mut named = named(&library, scenarios, &args.on)?;
    if args.plan {
        output::data(&plan(
            &library,
            &rules,
            named.target(),
            named.endpoints(),
            named.disabled_sts(),
        ));
        return Ok(ExitCode::Passed);
    }
    let known = baseline::find(args.baseline.as_ref(), &args.snapshots, named.name())?;
    let kept = kept(&args, named.name())?;
    let outlets = Outlets::open(&args)?;
    if let Some(limit) = named.target().requests_per_second() {
        output::note(&format!(
            "{limit} requests a second at the most; `--plan` tells how long that takes"
        ));
    }
    let remedy = named.remedy();
    if let Some(seed) = args.seed {
        output::note(&format!("generated cases are drawn with --seed {seed}"));
        named.repeated_with(&format!("--seed {seed}"));
    }
    let scope = Scope { shuffle: order(&args), ..(&args).into() };
    let Run { record, leaks, trace } = check_named(&library, &rules, named, scope).await?;
    let mut record = CleanRecord::new(record);
    // Before the baseline, which changes the reasons of checks.
    if let Some(kept) = &kept {
        let seen = snapshots::compare(&record, kept, args.snapshots_must_match)?;
        record = record.amended(|record| record.snapshots = seen);
    }
    if let Some(known) = &known {
        let today = baseline::today();
        record = record.amended(|record| baseline::compare(record, known, &library, today));
    }
    let Throttled { answers, waited_ms } = record.throttled;
    if answers > 0 {
        let (seconds, tenths) = (waited_ms / 1000, waited_ms % 1000 / 100);
        output::note(&format!(
            "{answers} answers were throttling; they were waited out, {seconds}.{tenths} s altogether"
        ));
    }
    let code = publish(&record, &leaks, &trace, outlets)?;
    remedy.iter().filter(|_| !leaks.is_empty()).for_each(|remedy| output::note(remedy));
    Ok(code)
}

/// Reaches a target, checks rules against it until done or interrupted, and leaves it.
pub(crate) async fn check_named(
    library: &Library,
    rules: &[&Rule],
    named: Named,
    scope: Scope,
) -> Result<Run, Problem> {
    let remedy = named.remedy();
    let (chosen, reference) = reach(named, scope.revision).await?;
    let run = check(library, rules, chosen, scope).await;
    if let Some(reference) = reference {
        reference.stop().await;
    }
    if let (Err(Problem::Target(error)), Some(remedy)) = (&run, remedy)
        && !error.leaks().is_empty()
    {
        output::note(&remedy);
    }
    run
}

/// Tells what is still on the target, and how to remove it.
pub(crate) fn tell_leaks(run: &Run, remedy: Option<&str>) {
    for leak in &run.leaks {
        output::note(&run.record.secrets.redact(&format!("left on the target: {leak}")));
    }
    if !run.leaks.is_empty() {
        remedy.into_iter().for_each(output::note);
    }
}

/// The seed of the order in which scenarios are played, told so that the order can be had again.
fn order(args: &RunArgs) -> Option<u64> {
    let seed = match args.shuffle? {
        Shuffle::Seed(seed) => seed,
        Shuffle::Any => args.seed.unwrap_or_else(made_up_seed),
    };
    output::note(&format!("scenarios are played in the order of --shuffle={seed}"));
    Some(seed)
}

/// A seed that nobody chose; short, as somebody may have to type it again.
fn made_up_seed() -> u64 {
    RandomState::new().hash_one("order") % 1_000_000
}

/// The snapshots that a run is compared with: none where cases are drawn anew, because they differ.
fn kept(args: &RunArgs, target: &Name) -> Result<Option<Kept>, Problem> {
    if args.seed.is_some() {
        return Ok(None);
    }
    let kept = snapshots::find(&args.snapshots, target)?;
    if kept.is_none() && args.snapshots_must_match {
        let folder = args.snapshots.join(target.as_str());
        return Err(Problem::Usage(format!("there are no snapshots in `{}`", folder.display())));
    }
    Ok(kept)
}

/// How many scenarios run at once, and which revision of the API they hold for.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// At least 1.
    pub jobs: usize,
    /// Rules of other revisions are not selected.
    pub revision: Date,
    /// How long one request may take.
    pub deadline: Duration,
    /// Whether time may pass for real.
    pub pace: Pace,
    /// What the record is for.
    pub purpose: Purpose,
    /// The seed of the order in which scenarios are played; the rules' own order without.
    pub shuffle: Option<u64>,
    /// Whether every exchange is kept.
    pub traced: bool,
}

impl Scope {
    /// A scope in which nobody waits longer than usual.
    #[must_use]
    pub fn quick(jobs: usize, revision: Date) -> Self {
        Self {
            jobs,
            revision,
            deadline: DEADLINE_DEFAULT,
            pace: Pace::Quick,
            purpose: Purpose::Report,
            shuffle: None,
            traced: false,
        }
    }
}

impl From<&RunArgs> for Scope {
    fn from(args: &RunArgs) -> Self {
        let pace = if args.slow { Pace::Slow } else { Pace::Quick };
        let traced = args.trace.is_some();
        Self { pace, traced, ..Self::quick(args.jobs.into(), args.revision) }
    }
}

/// Checks rules against a chosen target until done or interrupted.
pub async fn check(
    library: &Library,
    rules: &[&Rule],
    chosen: Chosen,
    scope: Scope,
) -> Result<Run, Problem> {
    let options = RunOptions {
        arguments: chosen.arguments,
        jobs: scope.jobs,
        revision: Some(scope.revision),
        clock: Clock::system(),
        deadline: scope.deadline,
        pace: scope.pace,
        purpose: scope.purpose,
        shuffle: scope.shuffle,
        traced: scope.traced,
        events: Events::to(Terminal),
    };
    let cancellation = Cancellation::default();
    // A run is a large future: on the heap, it does not make each of its callers large.
    let running =
        Box::pin(stspec_runner::run(library, rules, chosen.connect, &options, &cancellation));
    Ok(cancelled_by_interruptions(&cancellation, running).await?)
}

/// The revision that targets are held to unless somebody says otherwise.
pub(crate) fn revision_default() -> Result<Date, Problem> {
    crate::REVISION_DEFAULT.parse().map_err(|error| Problem::Ours(format!("{error}")))
}

/// The rules that hold for a revision of the API, of those that the selectors name.
pub fn select<'a>(
    library: &'a Library,
    selectors: &[String],
    revision: Date,
) -> Result<Vec<&'a Rule>, Problem> {
    let selectors: Vec<&str> = selectors.iter().map(String::as_str).collect();
    let selected =
        library.select(&selectors).map_err(|unknown| Problem::Usage(unknown.to_string()))?;
    let holds = |rule: &&Rule| {
        rule.since.is_none_or(|since| since <= revision)
            && rule.until.is_none_or(|until| revision < until)
    };
    let rules: Vec<&Rule> = selected.into_iter().filter(holds).collect();
    if rules.is_empty() {
        return Err(Problem::Usage(format!(
            "no selected rule holds for the revision of {revision}"
        )));
    }
    Ok(rules)
}
