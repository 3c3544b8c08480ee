//! Plans, provisions, signs, sends, observes and cleans up: the only crate that talks to a target.
//!
//! What a target does wrong is a finding in the [`RunRecord`](stspec_verdict::RunRecord); an error is
//! what kept the run from starting. Start at [`run()`](run).
//!
//! The modules below stand in order: each may use those above it, none those below it.
//!
//! | module | holds |
//! |---|---|
//! | `clock`, `run_id`, `credentials`, `params`, `error`, `event`, `cancellation`, `options` | what everybody may use |
//! | `wire` | one request from its parameters to the bytes of its answer |
//! | `target` | one target: who administers it, what it has, its clock, its pace |
//! | `ledger` | what a run creates, noted before it is created, and how it is removed |
//! | `run_context` | the target, ledger and secrets that everything in one run shares |
//! | `account` | the accounts that rules need, provisioned on the target |
//! | `conformance` | the scenarios of rules, step by step |
//! | `load_client` | the same calls for load users, prepared once and sent many times |
//! | `doctor` | what a target can do, found out by trying |
//! | `sweep` | what killed runs left behind |
//! | `run` | one run of rules from the first request to the last |

mod cancellation;
mod clock;
mod credentials;
mod error;
mod event;
mod options;
mod params;
mod run_id;

mod wire;

mod target;

mod ledger;
mod run_context;

mod account;

mod conformance;

#[cfg(feature = "bench-stages")]
#[doc(hidden)]
pub mod bench;
mod load_client;

mod doctor;

mod sweep;

mod run;

pub use account::{
    CapabilityCheck, RequestCounts, capability_check, forecast_requests, needed_accounts,
};
pub use cancellation::Cancellation;
pub use clock::Clock;
pub use conformance::credentials_in;
pub use credentials::{Credentials, Secret};
pub use doctor::{Examination, Finding, examine};
pub use error::{ProvisionError, RunError};
pub use event::{AwaitedChange, Events, RunEvent, RunObserver};
pub use ledger::{CleanUp, Ledgers, TargetIdentity, UnfinishedRun, ledgers};
pub use load_client::{Delivery, LoadClient, ProvisionedTarget, RawReply, ReadyCall, ReadyCalls};
pub use options::{DEADLINE_DEFAULT, Pace, Purpose, RunOptions};
pub use run::{Run, run};
pub use sweep::{Leftover, SweepMode, SweepOutcome, SweepReport, sweep};
pub use target::{
    Administrator, CLOCK_CONTROL_PATH, ConnectOptions, CredentialSource, ExpiringCredentials,
    SETTLE_ON_AWS, probes_clock_control, recognition_checks,
};
pub use wire::{RateLimiter, SendPermit};
