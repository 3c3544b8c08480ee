//! What stops a run, or a stand, before it can judge anything.

use std::path::{Path, PathBuf};

use stspec_scenario::Name;
use stspec_verdict::Blame;
use thiserror::Error;

/// A run that could not start. What a target does wrong is a finding, never one of these.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RunError {
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be set up: {reason}")]
    Client {
        /// The client's words.
        reason: String,
    },
    /// Nothing answered at the STS endpoint.
    #[error("no STS answers at `{endpoint}`: {reason}")]
    Unreachable {
        /// The STS endpoint.
        endpoint: String,
        /// What happened instead.
        reason: String,
    },
    /// The target refused the credentials that provision it.
    #[error(
        "`{endpoint}` refuses the credentials of `{access_key_id}`: GetCallerIdentity answered {status} {code}"
    )]
    CredentialsRefused {
        /// The STS endpoint.
        endpoint: String,
        /// Whose credentials.
        access_key_id: String,
        /// The HTTP status.
        status: u16,
        /// The error code, or `without an error code`.
        code: String,
    },
    /// The credentials given for the root user are somebody else's.
    #[error(
        "`{access_key_id}` was given as the root user's key and is not; leave STSPEC_ROOT_* unset for a target whose root user is not at hand"
    )]
    NotRoot {
        /// Whose key was given.
        access_key_id: String,
    },
    /// The root user's credentials are of another account than the administrator's.
    #[error(
        "`{access_key_id}` is the root user of account {of_root}, and the other credentials are of account {account}; \
         give the root user of {account}, or leave STSPEC_ROOT_* unset"
    )]
    RootElsewhere {
        /// Whose key was given.
        access_key_id: String,
        /// The account of that root user.
        of_root: String,
        /// The administrator's account.
        account: String,
    },
    /// The credentials are of an account that nobody said may be touched.
    #[error(
        "the credentials are of account {account} at `{endpoint}`, which target `{target}` may not touch; \
         if it is the one you mean, list it under `accounts:` in the target's file or add --allow-account {account}"
    )]
    AccountNotAllowed {
        /// The STS endpoint.
        endpoint: String,
        /// Whose credentials they are.
        account: String,
        /// The target with the list.
        target: Name,
    },
    /// A mistake of ours ended the run; what it had made was removed, apart from the leaks.
    #[error("the run ended in a fault of stspec itself: {reason}")]
    Internal {
        /// What is known of it.
        reason: String,
        /// What is still on the target, each with the reason.
        leaks: Vec<String>,
    },
    /// What a run makes can't be noted, so that nothing was made.
    #[error("the ledger of what is made can't be kept in `{}`: {reason}; name another folder with --ledger", folder.display())]
    Ledger {
        /// Where ledgers are kept.
        folder: PathBuf,
        /// The system's words.
        reason: String,
    },
    /// Something answered that is no STS.
    #[error(
        "`{endpoint}` does not answer as an STS: GetCallerIdentity answered {status} without {missing}"
    )]
    NotSts {
        /// The STS endpoint.
        endpoint: String,
        /// The HTTP status.
        status: u16,
        /// What the answer lacks.
        missing: &'static str,
    },
}

impl RunError {
    /// Who has to act on it.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Ledger { .. } | Self::AccountNotAllowed { .. } | Self::RootElsewhere { .. } => {
                Blame::Usage
            }
            Self::Internal { leaks, .. } if !leaks.is_empty() => Blame::Leaked,
            Self::Internal { .. } => Blame::Internal,
            Self::Client { .. }
            | Self::Unreachable { .. }
            | Self::CredentialsRefused { .. }
            | Self::NotRoot { .. }
            | Self::NotSts { .. } => Blame::Target,
        }
    }

    /// What is still on the target, each with the reason.
    #[must_use]
    pub fn leaks(&self) -> &[String] {
        match self {
            Self::Internal { leaks, .. } => leaks,
            _ => &[],
        }
    }

    /// The folder of ledgers, or a file in it, is of no use.
    pub(crate) fn ledger(folder: &Path, error: &std::io::Error) -> Self {
        Self::Ledger { folder: folder.to_owned(), reason: error.to_string() }
    }
}

/// An account that could not be made to stand on a target, or a call that could not be made ready.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProvisionError {
    /// The target could not be talked to.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The library has no such account.
    #[error("no account is called `{account}`")]
    UnknownAccount {
        /// The name that was asked for.
        account: Name,
    },
    /// The target did not make what the account consists of; what it had made was removed again.
    #[error("the account `{account}` could not be made on the target: {reason}")]
    NotProvisioned {
        /// The account.
        account: Name,
        /// Which request failed, and how.
        reason: String,
        /// What is still on the target, each with the reason.
        leaks: Vec<String>,
    },
    /// Somebody asked for the end before the account stood; what the target had made was removed again.
    #[error("interrupted")]
    Interrupted {
        /// What is still on the target, each with the reason.
        leaks: Vec<String>,
    },
    /// A call names what the stand does not have.
    #[error("{call} as `{principal}` could not be made ready: {reason}")]
    CallNotReady {
        /// The operation.
        call: String,
        /// Who was to sign it.
        principal: String,
        /// What is missing.
        reason: String,
    },
}

impl ProvisionError {
    /// Who has to act on it.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Run(error) => error.blame(),
            Self::UnknownAccount { .. } | Self::CallNotReady { .. } => Blame::Files,
            Self::NotProvisioned { leaks, .. } | Self::Interrupted { leaks }
                if !leaks.is_empty() =>
            {
                Blame::Leaked
            }
            Self::NotProvisioned { .. } => Blame::Target,
            Self::Interrupted { .. } => Blame::Interrupted,
        }
    }
}
