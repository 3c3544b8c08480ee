//! A worker of a stock Locust master: the master says how many users there are, and receives what they did.
//!
//! Every answer is judged as in any run; a wrong one is a failure to the master. Start at [`join`].

mod connection;
mod error;
mod locustfile;
mod master;
mod messages;
mod session;
mod stats;
mod worker;

use stspec_load::{Commanded, CommandedSession, LoadError, LoadOptions, LoadRun, run_commanded};
use stspec_runner::{Clock, ConnectOptions, ProvisionError};
use stspec_scenario::{Library, LoadShape, Profile};
use tokio_util::sync::CancellationToken;

use connection::Connection;
use session::WorkerSession;

pub use error::LocustError;
pub use locustfile::locustfile;
pub use master::Master;

/// How many users a worker holds ready by default.
///
/// Source: ours; ask for more with `--max-users`, as each active user opens connections.
pub const USERS_MAX_DEFAULT: u32 = 1_000;

/// Joins a master, sends the requests of a profile with as many users as it commands, and reports to it what the users
/// did, until it says that the test is over.
///
/// The profile's iterations, thresholds and expectations hold as in [`run`](stspec_load::run()); the master decides when
/// the load begins, changes and ends, so the profile's stages, `requests` and `warm_up` do not count. Nothing is
/// created on the target before the master was reached. If the master falls silent, the users continue for a bounded
/// time.
pub async fn join(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    clock: Clock,
    options: &LoadOptions,
    cancel: CancellationToken,
    master: &Master,
) -> Result<LoadRun, LocustError> {
    if !matches!(profile.shape, LoadShape::Users(_)) {
        return Err(LocustError::NotCommandable { profile: profile.name.clone() });
    }
    (master.report)(&format!("waiting for the Locust master at {}", master.address));
    let connection = tokio::select! {
        connection = Connection::open(&master.address, clock) => connection?,
        () = cancel.cancelled() => {
            return Err(LoadError::from(ProvisionError::Interrupted { leaks: Vec::new() }).into());
        }
    };
    let command = async |session: &CommandedSession<'_>| {
        WorkerSession::new(connection, master, &profile.name, clock).run(session).await
    };
    let commanded = Commanded { profile, users_max: master.users_max };
    let run = run_commanded(library, commanded, connect, clock, options, cancel, command);
    Ok(run.await?)
}
