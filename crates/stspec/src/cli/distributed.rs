//! The options of a load that many machines make together.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use stspec_measure::Share;

/// Which part of a load is made here and when, or who commands it.
#[derive(Debug, Args)]
pub struct DistributedArgs {
    /// Make part I of N of the load, counted from 0, while others make the other parts
    #[arg(long, value_name = "I/N", conflicts_with_all = ["plan", "against"])]
    pub shard: Option<Share>,
    /// Make the account now and start at this time, such as `2026-11-22T12:00:00Z` or `+10s`
    #[arg(long, value_name = "TIME", value_parser = start_at, conflicts_with_all = ["plan", "against"])]
    pub start_at: Option<StartAt>,
    /// Play as many users as a Locust master commands, until it says that all is over
    #[cfg(feature = "locust")]
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with_all = ["shard", "start_at", "plan", "against"])]
    pub locust_master: Option<String>,
    /// Hold at most so many users ready for the Locust master
    #[cfg(feature = "locust")]
    #[arg(long, value_name = "NUMBER", requires = "locust_master", default_value_t = stspec_locust::USERS_MAX_DEFAULT, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_users: u32,
    /// Print the file with which a Locust master commands users of this profile, and send nothing
    #[cfg(feature = "locust")]
    #[arg(long, conflicts_with_all = ["shard", "start_at", "plan", "against", "locust_master"])]
    pub emit_locustfile: bool,
}

/// When a load starts.
#[derive(Debug, Clone, Copy)]
pub enum StartAt {
    /// At this time.
    Time(Timestamp),
    /// So long from now.
    Later(SignedDuration),
}

fn start_at(text: &str) -> Result<StartAt, String> {
    let read = match text.strip_prefix('+') {
        Some(later) => {
            later.parse().ok().filter(|later| *later > SignedDuration::ZERO).map(StartAt::Later)
        }
        None => text.parse().ok().map(StartAt::Time),
    };
    read.ok_or_else(|| {
        "write a time such as 2026-11-22T12:00:00Z, or +10s for ten seconds from now".to_owned()
    })
}
