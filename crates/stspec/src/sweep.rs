//! `stspec sweep`: finds what runs left on targets, and removes it.

use std::fmt::Write;
use std::path::Path;

use stspec_runner::{
    Clock, Ledgers, RunError, SweepMode, SweepOutcome, SweepReport, TargetIdentity, UnfinishedRun,
    ledgers, sweep,
};
use stspec_scenario::{Endpoints, Library};
use stspec_verdict::ExitCode;

use crate::cli::{SweepArgs, TargetArgs};
use crate::environment::ledger_folder;
use crate::error::Problem;
use crate::output;
use crate::run::revision_default;
use crate::scenarios::library;
use crate::target::{Named, named, reach};

/// Sweeps the target that the command line names, or every one that a ledger tells of.
pub(crate) async fn command(
    scenarios: Option<&Path>,
    args: SweepArgs,
) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let depth = if args.execute { SweepMode::Remove } else { SweepMode::Look };
    let folder = args.on.ledger.clone().map_or_else(ledger_folder, Ok)?;
    let Ledgers { unfinished, active } = ledgers(&folder)?;
    for run in &active {
        output::note(&format!("run {run} is still active: skipped"));
    }
    if args.on.target.is_some() || args.on.endpoint.is_some() {
        let named = named(&library, scenarios, &args.on)?;
        let Some(endpoints) = named.endpoints() else {
            output::note("the embedded reference ends with its run, and all that was made with it");
            return Ok(ExitCode::Passed);
        };
        let unfinished = of_target(unfinished, endpoints);
        let of_target = Ledgers { unfinished, active };
        return sweep_one(named, of_target, depth).await;
    }
    if unfinished.is_empty() {
        output::note(&format!(
            "no ledger in `{}` tells of anything left; \
             name a target to look for what no ledger tells of",
            folder.display()
        ));
    }
    sweep_each(unfinished, &active, (&library, scenarios), (&args.on, depth)).await
}

/// Sweeps every target that a ledger tells of, each once.
async fn sweep_each(
    mut unfinished: Vec<UnfinishedRun>,
    active: &[String],
    library: (&Library, Option<&Path>),
    (given, depth): (&TargetArgs, SweepMode),
) -> Result<ExitCode, Problem> {
    let mut worst = ExitCode::Passed;
    while let Some(identity) = unfinished.iter().find_map(|ledger| ledger.identity.clone()) {
        let is_here = |ledger: &mut UnfinishedRun| {
            ledger.identity.as_ref().is_some_and(|other| same(other, &identity))
        };
        let here = unfinished.extract_if(.., is_here).collect();
        let of_target = Ledgers { unfinished: here, active: active.to_vec() };
        let ended = match named_by(&identity, given, library) {
            Ok(named) => sweep_one(named, of_target, depth).await,
            Err(problem) => Err(problem),
        };
        worst = worse(worst, ended.unwrap_or_else(|problem| output::complain(&problem)));
    }
    for ledger in &unfinished {
        output::note(&format!("no line of the ledger `{}` can be read", ledger.path.display()));
        worst = ExitCode::Leaked;
    }
    Ok(worst)
}

/// A leak calls for an action sooner than a target that is out of reach.
fn worse(one: ExitCode, other: ExitCode) -> ExitCode {
    match (one, other) {
        (ExitCode::Leaked, _) | (_, ExitCode::Passed) => one,
        _ => other,
    }
}

/// The ledgers of runs on a target.
fn of_target(mut unfinished: Vec<UnfinishedRun>, endpoints: &Endpoints) -> Vec<UnfinishedRun> {
    unfinished.retain(|ledger| {
        ledger.identity.as_ref().is_some_and(|identity| meet(&endpoints_of(identity), endpoints))
    });
    unfinished
}

fn endpoints_of(identity: &TargetIdentity) -> Endpoints {
    Endpoints { sts: identity.endpoint.clone(), iam: identity.iam.clone(), s3: identity.s3.clone() }
}

/// Whether two runs were on the same server, with whichever account.
fn same(one: &TargetIdentity, other: &TargetIdentity) -> bool {
    meet(&endpoints_of(one), &endpoints_of(other)) && one.region == other.region
}

/// Whether these are the same places; a slash at the end of a URL makes no difference.
fn meet(one: &Endpoints, other: &Endpoints) -> bool {
    let bare = |url: &str| url.trim_end_matches('/').to_owned();
    let all = |endpoints: &Endpoints| {
        let others = [&endpoints.iam, &endpoints.s3];
        (bare(&endpoints.sts), others.map(|url| url.as_deref().map(bare)))
    };
    all(one) == all(other)
}

/// The target that a ledger tells of: the one of that name, if it still is where it was, or the server
/// at these addresses.
fn named_by(
    identity: &TargetIdentity,
    given: &TargetArgs,
    (library, scenarios): (&Library, Option<&Path>),
) -> Result<Named, Problem> {
    let endpoints = endpoints_of(identity);
    let on = TargetArgs {
        target: None,
        endpoint: None,
        region: Some(identity.region.clone()),
        allow_account: given.allow_account.clone(),
        settle: None,
        ledger: given.ledger.clone(),
    };
    if library.target(&identity.target).is_some() {
        let there = TargetArgs { target: Some(identity.target.clone()), ..on.clone() };
        let there = named(library, scenarios, &there)?;
        if there.endpoints().is_some_and(|there| meet(there, &endpoints)) {
            return Ok(there);
        }
    }
    let others = [("iam", &endpoints.iam), ("s3", &endpoints.s3)];
    let others = others
        .into_iter()
        .filter_map(|(service, url)| url.as_ref().map(|url| format!(",{service}={url}")));
    let one_for_all =
        [&endpoints.iam, &endpoints.s3].into_iter().all(|url| url.as_ref() == Some(&endpoints.sts));
    let endpoint = if one_for_all {
        endpoints.sts.clone()
    } else {
        format!("sts={}{}", endpoints.sts, others.collect::<String>())
    };
    named(library, scenarios, &TargetArgs { endpoint: Some(endpoint), ..on })
}

async fn sweep_one(named: Named, ledgers: Ledgers, depth: SweepMode) -> Result<ExitCode, Problem> {
    let remedy = named.remedy();
    let paths: Vec<String> =
        ledgers.unfinished.iter().map(|ledger| ledger.path.display().to_string()).collect();
    let (chosen, _) = reach(named, revision_default()?).await?;
    let endpoint = chosen.connect.endpoints.sts.clone();
    let report = sweep(chosen.connect, Clock::system(), ledgers, depth).await;
    if let Err(RunError::Unreachable { .. }) = &report {
        for path in paths {
            output::note(&format!("if the target is gone for good, delete its ledger `{path}`"));
        }
    }
    let report = report?;
    publish(&report, &endpoint);
    if report.is_clean() {
        return Ok(ExitCode::Passed);
    }
    remedy.iter().filter(|_| depth == SweepMode::Look).for_each(|remedy| output::note(remedy));
    Ok(ExitCode::Leaked)
}

/// Prints what was found and what became of it.
fn publish(report: &SweepReport, endpoint: &str) {
    let redact = |text: &str| report.secrets.redact(text).into_owned();
    let mut text = String::new();
    for leftover in &report.leftovers {
        let (verb, reason) = match &leftover.outcome {
            SweepOutcome::Found => ("found", String::new()),
            SweepOutcome::Removed => ("removed", String::new()),
            SweepOutcome::Left(reason) => ("left", format!("; {reason}")),
        };
        let _infallible = writeln!(text, "{verb} {}: {}{reason}", leftover.what, leftover.why);
    }
    output::data(&redact(&text));
    report.notes.iter().for_each(|note| output::note(&redact(note)));
    report.doubts.iter().for_each(|doubt| output::note(&redact(&format!("in doubt: {doubt}"))));
    let clean = if report.is_clean() { "nothing of ours is left" } else { "not clean" };
    output::note(&format!("{endpoint}, account {}: {clean}", report.account));
}
