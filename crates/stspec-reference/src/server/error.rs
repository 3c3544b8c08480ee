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
    /// A region that no account can switch off.
    #[error("STS can't be disabled in `{region}`; choose another region")]
    RegionAlwaysActive {
        /// Which.
        region: &'static str,
    },
    /// The seed can't be planted.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The keys that seal session tokens can't be used.
    #[error("the session keys can't be used: {0}")]
    SessionKeys(String),
}

impl From<RingError> for StartError {
    fn from(error: RingError) -> Self {
        Self::SessionKeys(error.to_string())
    }
}

/// What is wrong with a seed; the place, the fact and the remedy.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeedError {
    /// No JSON, or JSON of another shape.
    #[error("line {line}, column {column} of the seed: {fact}; correct it there")]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong there.
        fact: String,
    },
    /// An entry that IAM or S3 would refuse.
    #[error("`{place}` of the seed: {fact}; {remedy}")]
    Entry {
        /// Where it stands, such as `users[0].access_keys[1].id`.
        place: String,
        /// What is wrong with it.
        fact: String,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A seed for another account.
    #[error("the seed is for account {seed}, and the server for {server}; give both the same")]
    OtherAccount {
        /// The seed's account.
        seed: String,
        /// The server's account.
        server: String,
    },
}
