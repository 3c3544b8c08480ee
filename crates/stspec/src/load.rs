//! `stspec load`: a profile against a target.

use std::path::Path;

use stspec_load::{Caps, EngineView, LoadOptions, LoadRun, REFERENCE_THREAD, run};
use stspec_runner::Clock;
use stspec_scenario::{Library, Profile};
use stspec_verdict::load::Ending;
use stspec_verdict::{ExitCode, Verdict};

use crate::cli::LoadArgs;
use crate::error::Problem;
use crate::interruption::interruption;
use crate::output;
use crate::run::revision_default;
use crate::scenarios::library;
use crate::target::{Named, named, reach};

/// Makes the load, prints what came of it.
pub(crate) async fn command(scenarios: Option<&Path>, args: LoadArgs) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let profile = find(&library, &args.profile)?;
    let profile = Profile { seed: args.seed.unwrap_or(profile.seed), ..profile.clone() };
    let named = named(&library, &args.on)?;
    let remedy = named.remedy();
    let loaded = attack(&library, &profile, named, &args).await?;
    let code = publish(&loaded);
    remedy.iter().filter(|_| !loaded.leaks.is_empty()).for_each(|remedy| output::note(remedy));
    Ok(code)
}

async fn attack(
    library: &Library,
    profile: &Profile,
    named: Named,
    args: &LoadArgs,
) -> Result<LoadRun, Problem> {
    // Threads of its own, so that its processor time is not taken for the generator's.
    let apart = tokio::runtime::Builder::new_multi_thread()
        .thread_name(REFERENCE_THREAD)
        .enable_all()
        .build()
        .map_err(|error| Problem::Ours(error.to_string()))?;
    let reached = apart.spawn(reach(named, revision_default()?)).await;
    let (chosen, reference) = reached.map_err(|error| Problem::Ours(error.to_string()))??;
    let options = LoadOptions {
        arguments: chosen.arguments,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        view: EngineView { dashboard_port: args.dashboard, report: args.goose_report.clone() },
        caps: Caps { rate: args.max_rate, total: args.max_requests },
        progress: None,
    };
    // Listening starts when the load asks for it: the engine's own handler must stand before ours.
    let stop = async { interruption().await };
    let loaded = run(library, profile, chosen.connect, Clock::system(), (&options, stop)).await;
    if let Some(reference) = reference {
        reference.stop().await;
    }
    apart.shutdown_background();
    Ok(loaded?)
}

/// Prints what came of a load, unless a secret got into it.
fn publish(loaded: &LoadRun) -> ExitCode {
    let report = brief(loaded);
    let hits = loaded.secrets.scan(&report);
    if hits > 0 {
        output::note(&format!("{hits} secrets in the report; it is not printed"));
        return ExitCode::Leaked;
    }
    output::data(&report);
    for leak in &loaded.leaks {
        output::note(&format!("left on the target: {leak}"));
    }
    exit_code(loaded)
}

fn brief(loaded: &LoadRun) -> String {
    let record = &loaded.record;
    let totals = record.totals();
    let q = |p| totals.latency.quantile_us(p);
    let mut text = format!(
        "{:?} {:?} dur {} rate {} p50 {:?} p95 {:?} p99 {:?} max {:?}\n",
        record.ending,
        totals.counts,
        record.duration_us,
        totals.answers_per_second(),
        q(500),
        q(950),
        q(990),
        q(1000)
    );
    for call in &record.calls {
        text += &format!(
            "{} {:?} {:?} p50 {:?} {:?} {:?}\n",
            call.id,
            call.counted,
            call.uncounted,
            call.latency.quantile_us(500),
            call.error_examples,
            call.wrong_examples
        );
    }
    if let Some(o) = &record.offered {
        text += &format!(
            "offered {} dropped {} lag p50 {:?} p99 {:?}\n",
            o.turns,
            o.dropped,
            o.lag.quantile_us(500),
            o.lag.quantile_us(990)
        );
    }
    for level in &record.levels {
        text += &format!(
            "level {} {} missed {:?} sat {:?}\n",
            level.rate,
            level.observed.answers_per_second(),
            level.missed,
            level.saturation
        );
    }
    text += &format!("{:?} {:?}\n{:?}\n", record.credentials, record.generator, record.verdict());
    text
}

fn find<'a>(library: &'a Library, name: &str) -> Result<&'a Profile, Problem> {
    library.profile(name).ok_or_else(|| {
        let known: Vec<String> =
            library.profiles().iter().map(|profile| format!("`{}`", profile.name)).collect();
        Problem::Usage(format!("there is no profile `{name}`; there is {}", known.join(", ")))
    })
}

fn exit_code(loaded: &LoadRun) -> ExitCode {
    if !loaded.leaks.is_empty() {
        return ExitCode::Leaked;
    }
    if loaded.record.ending == Ending::Interrupted {
        return ExitCode::Interrupted;
    }
    match loaded.record.verdict() {
        Verdict::Pass => ExitCode::Passed,
        Verdict::Inconclusive => ExitCode::NotShown,
        _ => ExitCode::LoadMissed,
    }
}
