//! `stspec load`: a profile against a target.

use std::path::Path;

use stspec_load::{Ending, LoadRun, render, run};
use stspec_runner::Clock;
use stspec_scenario::{Library, Profile};
use stspec_verdict::{ExitCode, Verdict};

use crate::cli::LoadArgs;
use crate::error::Problem;
use crate::interruption::interruption;
use crate::output;
use crate::run::revision_default;
use crate::scenarios::library;
use crate::target::{named, reach};

/// Makes the load, prints what came of it.
pub(crate) async fn command(scenarios: Option<&Path>, args: LoadArgs) -> Result<ExitCode, Problem> {
    let library = library(scenarios)?;
    let profile = find(&library, &args.profile)?;
    let named = named(&library, &args.on)?;
    let remedy = named.remedy();
    let (chosen, reference) = reach(named, revision_default()?).await?;
    // Listening starts when the load asks for it: the engine's own handler must stand before ours.
    let stop = async { interruption().await };
    let loaded = run(&library, profile, chosen.connect, Clock::system(), stop).await;
    if let Some(reference) = reference {
        reference.stop().await;
    }
    let loaded = loaded?;
    let code = publish(&loaded);
    remedy.iter().filter(|_| !loaded.leaks.is_empty()).for_each(|remedy| output::note(remedy));
    Ok(code)
}

/// Prints what came of a load, unless a secret got into it.
fn publish(loaded: &LoadRun) -> ExitCode {
    let report = render(&loaded.observation);
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
    if loaded.observation.ending == Ending::Interrupted {
        return ExitCode::Interrupted;
    }
    match loaded.observation.verdict() {
        Verdict::Pass => ExitCode::Passed,
        Verdict::Inconclusive => ExitCode::NotShown,
        _ => ExitCode::LoadMissed,
    }
}
