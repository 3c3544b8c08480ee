//! What stops a load run. What a target does wrong is a finding, never one of these.

use jiff::Timestamp;
use stspec_runner::ProvisionError;
use stspec_scenario::Name;
use thiserror::Error;

/// A run of a profile that could not be made.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The profile's account could not be made on the target.
    #[error(transparent)]
    Stand(#[from] ProvisionError),
    /// Not every shard of the load would have something to do.
    #[error("profile `{profile}` can't be shared: {reason}")]
    NotShared {
        /// The profile.
        profile: Name,
        /// What is in the way, and what to do about it.
        reason: String,
    },
    /// The load was to start before it was asked for.
    #[error(
        "the start at {start_at} has passed, it is {now}; choose a later `--start-at`, the same for every shard"
    )]
    StartPassed {
        /// When it was to start.
        start_at: Timestamp,
        /// When that was noticed.
        now: Timestamp,
    },
    /// The load was to start much later.
    #[error(
        "the start at {start_at} is too far off, it is {now}; choose one at most 15 minutes ahead"
    )]
    StartFarOff {
        /// When it was to start.
        start_at: Timestamp,
        /// When that was noticed.
        now: Timestamp,
    },
    /// A master commands users, and the profile has none.
    #[error(
        "a Locust master commands how many users there are, and profile `{profile}` has starts instead; \
         choose one with `shape: {{users: …}}`"
    )]
    NotCommandable {
        /// The profile.
        profile: Name,
    },
    /// Nobody commands; nothing was made on the target.
    #[error(
        "no Locust master answered at `{address}` within {seconds} s: {reason}; start one with the file \
         that `--emit-locustfile` prints: `locust -f locustfile.py --master`"
    )]
    NoMaster {
        /// Where it was to be.
        address: String,
        /// How long it was waited for.
        seconds: u64,
        /// What happened instead.
        reason: String,
    },
    /// The account was made, and the attack could not be; the account was removed again.
    #[error("the load could not be made: {cause}")]
    Attack {
        /// What went wrong.
        #[source]
        cause: AttackError,
        /// What is still on the target, each with the reason.
        leaks: Vec<String>,
    },
}

/// An attack that could not be made.
#[derive(Debug, Error)]
pub enum AttackError {
    /// A call names what the account does not have.
    #[error(transparent)]
    Call(#[from] ProvisionError),
    /// The account took so long that the others have begun.
    #[error(
        "the start at {start_at} has passed while the account was made, until {prepared}; choose a later \
         `--start-at`, the same for every shard"
    )]
    StartPassed {
        /// When it was to start.
        start_at: Timestamp,
        /// When the account stood.
        prepared: Timestamp,
    },
    /// The load engine refused or gave up.
    #[error("the load engine gave up: {reason}")]
    Engine {
        /// The engine's words.
        reason: String,
    },
}

impl LoadError {
    /// What is still on the target, each with the reason.
    #[must_use]
    pub fn leaks(&self) -> &[String] {
        match self {
            Self::Stand(
                ProvisionError::NotProvisioned { leaks, .. }
                | ProvisionError::Interrupted { leaks },
            )
            | Self::Attack { leaks, .. } => leaks,
            Self::Stand(_)
            | Self::NotShared { .. }
            | Self::StartPassed { .. }
            | Self::StartFarOff { .. }
            | Self::NotCommandable { .. }
            | Self::NoMaster { .. } => &[],
        }
    }
}
