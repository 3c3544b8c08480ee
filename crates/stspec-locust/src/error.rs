//! Why a worker could not play for a master.

use stspec_load::LoadError;
use stspec_scenario::Name;
use thiserror::Error;

/// A load that a Locust master could not command.
#[derive(Debug, Error)]
pub enum LocustError {
    /// A master commands users, and the profile has none.
    #[error(
        "a Locust master commands how many users there are, and profile `{profile}` has starts instead; \
         choose one with `shape: {{users: …}}`"
    )]
    NotCommandable {
        /// The profile.
        profile: Name,
    },
    /// No master answered; nothing was created on the target.
    #[error(
        "no Locust master answered at `{address}` within {seconds} s: {reason}; start one with the file \
         that `--emit-locustfile` prints: `locust -f locustfile.py --master`"
    )]
    NoMaster {
        /// The address that was tried.
        address: String,
        /// How long the worker waited, in seconds.
        seconds: u64,
        /// What happened instead.
        reason: String,
    },
    /// The load itself failed.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl LocustError {
    /// What is still on the target, each with the reason.
    #[must_use]
    pub fn leaks(&self) -> &[String] {
        match self {
            Self::Load(error) => error.leaks(),
            Self::NotCommandable { .. } | Self::NoMaster { .. } => &[],
        }
    }
}
