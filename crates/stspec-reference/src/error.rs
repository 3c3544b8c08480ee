//! Why a server could not be started.

use std::net::SocketAddr;

use thiserror::Error;

use crate::session_token::RingError;

/// The server could not be started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address could not be listened on.
    #[error("cannot listen on `{listen}`; choose another address, or port 0 for any free port")]
    Listen {
        /// The address that was asked for.
        listen: SocketAddr,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The operating system gave no random bytes for the key that seals session tokens.
    #[error("the operating system gave no random bytes for the session token key: {0}")]
    Random(String),
    /// The keys that seal session tokens can't be used.
    #[error("the session keys can't be used: {0}")]
    SessionKeys(String),
}

impl From<RingError> for StartError {
    fn from(error: RingError) -> Self {
        Self::SessionKeys(error.to_string())
    }
}

/// A value that a [`crate::Config`] can't hold.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// An account id in another form.
    #[error("`{0}` is no account id; give twelve digits")]
    Account(String),
    /// A fault that doesn't exist.
    #[error(
        "unknown fault `{name}`; the nearest is `{nearest}`, and `stspec list faults` shows all"
    )]
    Fault {
        /// The name that was asked for.
        name: String,
        /// The most similar name there is.
        nearest: &'static str,
    },
}
