//! Why a step was not sent, and which verdict follows.

use std::fmt;

use stspec_scenario::{Capability, Name};

use crate::Verdict;

/// Why a step was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// An earlier step did not yield the credentials that this one acts with.
    Session {
        /// The session's name.
        session: Name,
    },
    /// An earlier answer did not hold a value that this step refers to.
    Value {
        /// The reference, such as `${step.mint.result.Credentials.AccessKeyId}`.
        reference: String,
    },
    /// The account could not be provisioned.
    Provisioning {
        /// The account's name.
        account: Name,
        /// What went wrong.
        reason: String,
    },
    /// The target is declared to have something, and it does not work.
    Broken {
        /// What.
        capability: Capability,
        /// How that was seen.
        reason: String,
    },
    /// The target throttled the request for as long as it was tried.
    Throttled {
        /// How long, and with which words.
        reason: String,
    },
    /// The target declares that it lacks something.
    Capability(Capability),
    /// The target lacks a principal.
    Principal {
        /// Such as `root`.
        principal: String,
    },
    /// Time has to pass, the target's clock can't be moved, and the run may not wait.
    Slow {
        /// How long it would take.
        seconds: u64,
    },
    /// The target's clock could not be moved.
    Clock {
        /// What went wrong.
        reason: String,
    },
    /// The run ended first: it was interrupted, or the target could not be reached.
    RunEnded {
        /// Why it ended.
        reason: String,
    },
    /// The harness itself could not send it.
    Internal {
        /// What went wrong.
        reason: String,
    },
}

impl NotSent {
    /// Returns the verdict on a step that was not sent for this reason.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Session { .. }
            | Self::Value { .. }
            | Self::Provisioning { .. }
            | Self::Clock { .. }
            | Self::Throttled { .. }
            | Self::RunEnded { .. } => Verdict::Inconclusive,
            Self::Broken { .. } => Verdict::Fail,
            Self::Capability(_) | Self::Principal { .. } | Self::Slow { .. } => {
                Verdict::Unsupported
            }
            Self::Internal { .. } => Verdict::Error,
        }
    }
}

impl fmt::Display for NotSent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session { session } => {
                write!(formatter, "session `{session}` was never captured")
            }
            Self::Value { reference } => write!(formatter, "`{reference}` has no value"),
            Self::Provisioning { account, reason } => {
                write!(formatter, "account `{account}` could not be provisioned: {reason}")
            }
            Self::Broken { capability, reason } => {
                write!(formatter, "`{capability}` is declared and does not work: {reason}")
            }
            Self::Throttled { reason } => write!(formatter, "{reason}"),
            Self::Capability(capability) => write!(formatter, "the target has no `{capability}`"),
            Self::Principal { principal } => write!(formatter, "the target has no `{principal}`"),
            Self::Slow { seconds } => {
                write!(formatter, "{seconds} s have to pass: needs `clock.set` or --slow")
            }
            Self::Clock { reason } => {
                write!(formatter, "the target's clock could not be moved: {reason}")
            }
            Self::RunEnded { reason } => write!(formatter, "the run ended first: {reason}"),
            Self::Internal { reason } => write!(formatter, "a fault in stspec: {reason}"),
        }
    }
}
