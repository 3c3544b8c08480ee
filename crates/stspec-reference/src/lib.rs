//! The reference STS, IAM and S3 server that stspec checks by default.
//!
//! It stands for AWS in one process and one account, and shares no code with the harness: they meet
//! over HTTP only. Start at [`Reference::start`], then follow a request through `server`, `router`,
//! `authenticate`, `sts` and `authorise`.
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

mod server;

mod answer;
mod call;
mod control;
mod request;
mod router;

mod iam;
mod s3;
mod sts;
mod throttle;

mod authenticate;
mod authorise;
mod caller;
mod identity;
mod propagation;
mod session_token;
pub mod sigv4;

mod directory;
mod iam_service;
mod objects;
mod s3_service;

mod clock;
mod config;
mod error;
mod explain;
mod fault;
mod ids;
mod recent;
mod seed;
mod state;
mod xml;

#[doc(hidden)]
#[cfg(feature = "bench-stages")]
pub mod stages;

#[cfg(test)]
mod fuzz;

pub use clock::Clock;
pub use config::{AccountId, Config, Limits, Partition, Revision, RootCredentials, SessionKeys};
pub use error::{InvalidConfig, SeedError, StartError};
pub use explain::Explain;
pub use fault::{Fault, Faults};
pub use seed::Seed;
pub use server::Reference;
pub use throttle::Throttle;
