//! What stops a load run. What a target does wrong is a finding, never one of these.

use stspec_runner::StandError;
use thiserror::Error;

/// A run of a profile that could not be made.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The profile's account could not be made on the target.
    #[error(transparent)]
    Stand(#[from] StandError),
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
    Call(#[from] StandError),
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
                StandError::NotProvisioned { leaks, .. } | StandError::Interrupted { leaks },
            )
            | Self::Attack { leaks, .. } => leaks,
            Self::Stand(_) => &[],
        }
    }
}
