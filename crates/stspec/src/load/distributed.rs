//! A load that many machines make: shards that start together, and workers of a Locust master.

use std::sync::Arc;

use jiff::Timestamp;
use stspec_load::{LoadOptions, LoadRun, run};
use stspec_measure::Share;
use stspec_runner::{Clock, ConnectOptions};
use stspec_scenario::{Library, Profile};
use tokio_util::sync::CancellationToken;

use crate::cli::{LoadArgs, StartAt};
use crate::error::Problem;
use crate::output;
use crate::target::Named;

/// Which part of a load is made here, and when.
pub(super) struct ShardOptions {
    pub(super) share: Share,
    pub(super) start_at: Option<Timestamp>,
}

/// What tells a person how it goes.
pub(super) type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// Gives a shard its part of what the target is sent in a second: no other shard is asked what it sends.
pub(super) fn limit_of_share(named: &mut Named, share: Share) -> Result<(), Problem> {
    let Some(limit) = named.target().requests_per_second().filter(|_| share != Share::WHOLE) else {
        return Ok(());
    };
    let each = limit / share.of();
    if each == 0 {
        return Err(Problem::Usage(format!(
            "target `{}` is sent {limit} requests a second at most, less than one for each of {} shards; make fewer \
             of them, or raise `limits.requests_per_second` in its file",
            named.name(),
            share.of(),
        )));
    }
    named.limit(each);
    Ok(())
}

/// Reads which part of a load is made here, and when.
pub(super) fn shard_options(args: &LoadArgs, named: &Named) -> Result<ShardOptions, Problem> {
    let share = args.distributed.shard.unwrap_or_default();
    if share != Share::WHOLE && named.endpoints().is_none() {
        return Err(Problem::Usage(format!(
            "shard {share} would load a reference server of its own; start one that all shards share \
             with `stspec serve` and name it with --endpoint, or name a target with --target"
        )));
    }
    let start_at = args.distributed.start_at.map(|start_at| match start_at {
        StartAt::Time(time) => Ok(time),
        StartAt::Later(later) => Clock::system().timestamp().checked_add(later),
    });
    let start_at = start_at.transpose().map_err(|error| Problem::Usage(error.to_string()))?;
    if let Some(start_at) = start_at {
        output::note(&format!("shard {share} makes its account and waits until {start_at}"));
    }
    Ok(ShardOptions { share, start_at })
}

/// Makes the load, by the profile's own shape or as a Locust master commands.
pub(super) async fn make(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    args: &LoadArgs,
    options: &LoadOptions,
    cancel: CancellationToken,
    tell: Tell,
) -> Result<LoadRun, Problem> {
    let clock = Clock::system();
    #[cfg(feature = "locust")]
    if let Some(address) = args.distributed.locust_master.clone() {
        if let Some(limit) = connect.target.requests_per_second() {
            tell(&format!(
                "this worker sends at most {limit} requests a second, and so does each other; together they send more"
            ));
        }
        let users_max = args.distributed.max_users;
        let master = stspec_locust::Master { address, users_max, report: tell };
        let joined =
            stspec_locust::join(library, profile, connect, clock, options, cancel, &master).await;
        return Ok(joined?);
    }
    let _only_a_worker_tells = (args, tell);
    Ok(run(library, profile, connect, clock, options, cancel).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::TargetArgs;
    use crate::target::named;

    /// What a shard of a target is sent in a second, where all of it is sent so much.
    fn limit_of(share: &str, limit: Option<u32>) -> Result<Option<u32>, String> {
        let args = TargetArgs {
            target: None,
            endpoint: Some("http://127.0.0.1:9".to_owned()),
            region: None,
            allow_account: Vec::new(),
            settle: None,
            ledger: None,
        };
        let mut named = named(&Library::default(), None, &args).expect("an endpoint");
        if let Some(limit) = limit {
            named.limit(limit);
        }
        let share = share.parse().expect("a share");
        limit_of_share(&mut named, share).map_err(|problem| problem.to_string())?;
        Ok(named.target().requests_per_second())
    }

    #[test]
    fn shards_share_what_their_target_is_sent() {
        assert_eq!(limit_of("0/2", None), Ok(None));
        assert_eq!(limit_of("0/1", Some(5)), Ok(Some(5)));
        assert_eq!(limit_of("0/2", Some(5)), Ok(Some(2)));
        assert_eq!(limit_of("4/5", Some(5)), Ok(Some(1)));
        let refused = limit_of("0/6", Some(5)).expect_err("none for some");
        assert!(refused.contains("less than one for each of 6 shards"), "{refused}");
    }
}
