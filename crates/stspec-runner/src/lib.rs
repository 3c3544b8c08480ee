//! Plans, provisions, signs, sends, observes and cleans up: the only crate that talks to a target.
//!
//! What a target does wrong is a finding in the [`RunRecord`](stspec_verdict::RunRecord); an error is
//! what kept the run from starting. Start at [`run()`](run).

mod run;
mod accounts;
mod provision;
mod ledger;
mod play;
mod stand;
mod params;
mod connection;
mod request;
mod sign;
mod sdk;
mod transport;
mod encode;
mod credentials;
mod secrets;
mod stop;
mod clock;
mod error;

pub use clock::Clock;
pub use connection::Connect;
pub use credentials::{Credentials, Secret};
pub use error::{RunError, StandError};
pub use ledger::CleanUp;
pub use run::{Options, Run, run};
pub use stand::{ReadyCall, Stand};
