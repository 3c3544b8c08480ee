//! `stspec serve`: the reference server as a process of its own.

use std::path::Path;
use std::time::Duration;

use stspec_reference::{
    Clock, Config, Explain, Fault, Faults, Reference, Revision, RootCredentials, Seed, SessionKeys,
    StartError,
};
use stspec_verdict::ExitCode;

use crate::cli::ServeArgs;
use crate::error::Problem;
use crate::interruption::interruption;
use crate::output;

/// Starts the server, prints one JSON line when it listens, and serves until interrupted.
pub(crate) async fn command(args: ServeArgs) -> Result<ExitCode, Problem> {
    let config = config(args)?;
    if !config.listen.ip().is_loopback() && config.root == RootCredentials::default() {
        return Err(Problem::Usage(format!(
            "`{}` is open to other machines, and the root credentials are public; \
             give some of your own with --root-access-key-id and --root-secret-access-key",
            config.listen
        )));
    }
    let wish_to_end = interruption();
    let reference = Reference::start(config).await?;
    let root = reference.root();
    let line = serde_json::json!({
        "endpoint": reference.endpoint(),
        "account": reference.account().as_str(),
        "root": {"access_key_id": root.access_key_id, "secret_access_key": root.secret_access_key},
    });
    output::data(&format!("{line}\n"));
    wish_to_end.await;
    reference.stop().await;
    Ok(ExitCode::Passed)
}

fn config(args: ServeArgs) -> Result<Config, Problem> {
    let faults = args
        .fault
        .iter()
        .map(|name| name.parse::<Fault>())
        .collect::<Result<Faults, _>>()
        .map_err(usage)?;
    let mut config = Config {
        listen: args.listen,
        region: args.region,
        disabled_regions: args.disable_region.into_iter().collect(),
        revision: Revision::on(args.revision),
        seed: args.seed.as_deref().map(seed).transpose()?,
        session_keys: args.key_ring.as_deref().map(read).transpose()?.map(SessionKeys),
        explain: args.explain.then(|| Explain::to(output::note)),
        faults,
        clock_control: args.clock_control,
        propagation_delay: args.propagation_delay.map_or(Duration::ZERO, |wait| wait.0),
        throttle: args.throttle.map(|rate| rate.parse()).transpose().map_err(usage)?,
        ..Config::default()
    };
    if let Some(offset) = args.clock_offset {
        config.clock = Clock::offset(offset.0);
    }
    if let Some(account) = config.seed.as_ref().and_then(Seed::account) {
        config.account = account.clone();
    }
    if let Some(account) = args.account {
        config.account = account.parse().map_err(usage)?;
    }
    if let (Some(access_key_id), Some(secret_access_key)) =
        (args.root_access_key_id, args.root_secret_access_key)
    {
        config.root = RootCredentials { access_key_id, secret_access_key };
    }
    Ok(config)
}

fn seed(path: &Path) -> Result<Seed, Problem> {
    Ok(Seed::from_json(&read(path)?).map_err(StartError::from)?)
}

fn read(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path)
        .map_err(|error| Problem::File { path: path.to_owned(), reason: error.to_string() })
}

fn usage(error: impl std::fmt::Display) -> Problem {
    Problem::Usage(error.to_string())
}
