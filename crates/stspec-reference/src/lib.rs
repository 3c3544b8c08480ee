//! The reference STS, IAM and S3 server that stspec checks by default.
//!
//! It stands for AWS in one process and one account, and shares no code with the harness: they meet
//! over HTTP only. Start at [`Reference::start`], then follow a request through `server`, `router`,
//! `auth`, `sts` and `authz`.
//!
//! A [`Fault`] is a mistake that the server makes on purpose, so that a green run can prove that it
//! would have been red.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), stspec_reference::StartError> {
//! use stspec_reference::{Config, Reference};
//!
//! let reference = Reference::start(Config::default()).await?;
//! assert!(reference.endpoint().starts_with("http://127.0.0.1:"));
//! reference.stop().await;
//! # Ok(())
//! # }
//! ```

// The floors of the house, from the bottom; an import never runs upward.

mod model;

mod wire;

mod session_token;
pub mod sigv4;

mod state;

mod call;

mod auth;

mod authz;

mod iam;
mod s3;
mod sts;

mod parts;

mod control;
mod router;
mod throttle;

mod faults;

mod server;

#[doc(hidden)]
#[cfg(feature = "bench-stages")]
pub mod bench;

pub use authz::explain::Explain;
pub use faults::{Fault, Faults, UnknownFault};
pub use model::account::{AccountId, InvalidConfig, Partition, Revision, RootCredentials};
pub use model::clock::Clock;
pub use server::Reference;
pub use server::config::{Config, Limits, SessionKeys};
pub use server::error::{SeedError, StartError};
pub use server::seed::Seed;
pub use throttle::Throttle;
