//! Plans, provisions, signs, sends, observes and cleans up: the only crate that talks to a target.
//!
//! What a target does wrong is a finding in the [`RunRecord`](stspec_verdict::RunRecord); an error is
//! what kept the run from starting. Start at [`run()`](run).

mod accounts;
mod admin;
mod clock;
mod clock_control;
mod connection;
mod copies;
mod credentials;
mod declared;
mod doctor;
mod encode;
mod error;
mod forecast;
mod lane;
mod ledger;
mod pacer;
mod params;
mod patience;
mod play;
mod provision;
mod request;
mod run;
mod run_id;
mod sdk;
mod secrets;
mod settling;
mod sign;
#[cfg(feature = "bench-stages")]
pub mod stages;
mod stand;
mod stop;
mod sweep;
mod throttling;
mod tracing;
mod transport;

pub use accounts::needed_accounts;
pub use admin::{Administrator, Provided, Source};
pub use clock::Clock;
pub use clock_control::{PATH as CLOCK_PATH, is_looked_for as clock_is_looked_for};
pub use connection::Connect;
pub use credentials::{Credentials, Secret};
pub use declared::{Inquiry, inquiry};
pub use doctor::{Examination, Finding, examine};
pub use error::{RunError, StandError};
pub use forecast::{Requests, forecast};
pub use lane::{Delivery, Lane, RawReply, ReadyCall, ReadyCalls};
pub use ledger::{CleanUp, Ledgers, Place, Unfinished, ledgers};
pub use pacer::{Pacer, Turn};
pub use play::credentials_in;
pub use run::{Options, Pace, Purpose, Run, run};
pub use settling::{SETTLE_ON_AWS, Tell, questions_if_known};
pub use stand::Stand;
pub use sweep::{Fate, Sweep, Swept, Thing, sweep};
pub use transport::DEADLINE_DEFAULT;
