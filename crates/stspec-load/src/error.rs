//! What stops a load run. A deviation of the target is a finding, never one of these.

use jiff::Timestamp;
use stspec_runner::ProvisionError;
use stspec_scenario::Name;
use stspec_verdict::Blame;
use thiserror::Error;

/// A run of a profile that could not be made.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The profile's account could not be provisioned on the target.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// Some shards of the load would have nothing to do.
    #[error("profile `{profile}` can't be shared: {reason}")]
    NotShared {
        /// The profile.
        profile: Name,
        /// Why, and what to do about it.
        reason: String,
    },
    /// The start lies in the past.
    #[error(
        "the start at {start_at} has passed, it is {now}; choose a later `--start-at`, the same for every shard"
    )]
    StartPassed {
        /// When it was to start.
        start_at: Timestamp,
        /// When that was noticed.
        now: Timestamp,
    },
    /// The start lies too far in the future.
    #[error(
        "the start at {start_at} is too far off, it is {now}; choose one at most 15 minutes ahead"
    )]
    StartFarOff {
        /// When it was to start.
        start_at: Timestamp,
        /// When that was noticed.
        now: Timestamp,
    },
    /// The account was provisioned, but the load could not be made; the account was removed again.
    #[error("the load could not be made: {cause}")]
    Engine {
        /// What went wrong.
        #[source]
        cause: EngineError,
        /// What is still on the target, each with the reason.
        leaks: Vec<String>,
    },
}

/// A load that could not be made on a provisioned account.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A call names a resource that the account does not have.
    #[error(transparent)]
    Call(#[from] ProvisionError),
    /// Provisioning took so long that the other shards have begun.
    #[error(
        "the start at {start_at} has passed while the account was made, until {prepared}; choose a later \
         `--start-at`, the same for every shard"
    )]
    StartPassed {
        /// When it was to start.
        start_at: Timestamp,
        /// When the account was ready.
        prepared: Timestamp,
    },
    /// The load engine refused or gave up.
    #[error("the load engine gave up: {reason}")]
    GaveUp {
        /// The reason that the engine gave.
        reason: String,
    },
}

impl LoadError {
    /// What is still on the target, each with the reason.
    #[must_use]
    pub fn leaks(&self) -> &[String] {
        match self {
            Self::Provision(
                ProvisionError::NotProvisioned { leaks, .. }
                | ProvisionError::Interrupted { leaks },
            )
            | Self::Engine { leaks, .. } => leaks,
            Self::Provision(_)
            | Self::NotShared { .. }
            | Self::StartPassed { .. }
            | Self::StartFarOff { .. } => &[],
        }
    }

    /// Who has to act. Resources that are left on the target come first.
    #[must_use]
    pub fn blame(&self) -> Blame {
        if !self.leaks().is_empty() {
            return Blame::Leaked;
        }
        match self {
            Self::NotShared { .. } | Self::StartPassed { .. } | Self::StartFarOff { .. } => {
                Blame::Usage
            }
            Self::Provision(error) => error.blame(),
            Self::Engine { cause, .. } => cause.blame(),
        }
    }
}

impl EngineError {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Call(_) => Blame::Files,
            Self::StartPassed { .. } => Blame::Usage,
            Self::GaveUp { .. } => Blame::Internal,
        }
    }
}
