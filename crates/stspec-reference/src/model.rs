//! The nouns of the account: who calls, what a session is, what time it is.
//!
//! The lowest floor: nothing here knows of requests, stores or services.

pub(crate) mod account;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod entropy;
pub(crate) mod recent;
pub(crate) mod service;
