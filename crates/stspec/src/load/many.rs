//! A load that many machines make: shards that start together, and workers of a Locust master.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use stspec_load::{LoadError, LoadOptions, LoadRun, run};
use stspec_runner::{Clock, Connect};
use stspec_scenario::{Library, Profile};
use stspec_verdict::load::Share;

use crate::cli::{LoadArgs, StartAt};
use crate::error::Problem;
use crate::output;
use crate::target::Named;

/// Which part of a load is made here, and when.
pub(super) struct Together {
    pub(super) share: Share,
    pub(super) start_at: Option<Timestamp>,
}

/// What tells a person how it goes.
pub(super) type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// Reads which part of a load is made here, and when.
pub(super) fn together(args: &LoadArgs, named: &Named) -> Result<Together, Problem> {
    let share = args.many.shard.unwrap_or_default();
    if share != Share::WHOLE && named.endpoints().is_none() {
        return Err(Problem::Usage(format!(
            "shard {share} would load a reference server of its own; start one that all shards share \
             with `stspec serve` and name it with --endpoint, or name a target with --target"
        )));
    }
    let start_at = args.many.start_at.map(|start_at| match start_at {
        StartAt::Time(time) => Ok(time),
        StartAt::Later(later) => Clock::system().timestamp().checked_add(later),
    });
    let start_at = start_at.transpose().map_err(|error| Problem::Usage(error.to_string()))?;
    if let Some(start_at) = start_at {
        output::note(&format!("shard {share} makes its account and waits until {start_at}"));
    }
    Ok(Together { share, start_at })
}

/// Makes the load, by the profile's own shape or as a Locust master commands.
pub(super) async fn make(
    library: &Library,
    profile: &Profile,
    connect: Connect,
    clock: Clock,
    (args, options, stop, tell): (&LoadArgs, &LoadOptions, impl Future<Output = ()>, Tell),
) -> Result<LoadRun, LoadError> {
    #[cfg(feature = "locust")]
    if let Some(address) = args.many.locust_master.clone() {
        let master = stspec_load::locust::Master { address, users_max: args.many.max_users, tell };
        let how = (options, stop, &master);
        return stspec_load::locust::join(library, profile, connect, clock, how).await;
    }
    let _only_a_worker_tells = (args, tell);
    run(library, profile, connect, clock, (options, stop)).await
}
