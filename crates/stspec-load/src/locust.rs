//! A worker of a stock Locust master: the master says how many users there are, and is told what came of them.
//!
//! Every answer is judged here as in any run; a wrong one is a failure to the master. Start at [`join`].

mod connection;
mod locustfile;
mod messages;
mod session;
mod stats;
mod worker;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures::FutureExt;
use stspec_runner::{Clock, ConnectOptions, ProvisionError};
use stspec_scenario::{Library, LoadShape, Profile, Stage};

use crate::LoadError;
use crate::attack::Attack;
use crate::duty::Crowd;
use crate::run::{LoadOptions, LoadRun, carried_out};
use connection::Connection;
use session::Session;

pub use locustfile::locustfile;

/// The port on which a Locust master expects its workers.
///
/// Source: Locust 2.47, `--master-bind-port`.
pub const MASTER_PORT: u16 = 5557;

/// How many users a worker holds ready unless somebody says otherwise.
///
/// Source: ours; more are asked for by name, as each that is wanted opens connections.
pub const USERS_MAX_DEFAULT: u32 = 1_000;

/// Who commands, and how much.
#[derive(Clone)]
pub struct Master {
    /// Its host and port.
    pub address: String,
    /// The most users that it may command.
    pub users_max: u32,
    /// Told in words what becomes of the connection.
    pub tell: Arc<dyn Fn(&str) + Send + Sync>,
}

/// Joins a master, sends the requests of a profile with as many users as it commands, and tells it what came of
/// them, until it says that all is over.
///
/// The profile's turns, thresholds and expectations hold as in [`run`](crate::run()); when the load begins,
/// changes and ends is the master's to say, so the profile's stages, `requests` and `warm_up` don't count. Nothing
/// is made on the target before the master was reached. A master that is not heard of any more is waited for, for a
/// bounded time, in which users go on.
pub async fn join(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    clock: Clock,
    (options, stop, master): (&LoadOptions, impl Future<Output = ()>, &Master),
) -> Result<LoadRun, LoadError> {
    if !matches!(profile.shape, LoadShape::Users(_)) {
        return Err(LoadError::NotCommandable { profile: profile.name.clone() });
    }
    let commanded = Profile {
        shape: steady(master.users_max),
        requests: None,
        warm_up_ms: 0,
        ..profile.clone()
    };
    let mut stop = pin!(stop.fuse());
    (master.tell)(&format!("waiting for the Locust master at {}", master.address));
    let connection = tokio::select! {
        connection = Connection::open(&master.address, clock) => connection?,
        () = stop.as_mut() => return Err(ProvisionError::Interrupted { leaks: Vec::new() }.into()),
    };
    let crowd = Arc::new(Crowd::default());
    let how = (&commanded, options);
    let commands = (clock, Arc::clone(&crowd));
    let attack = async |attack: &Attack<'_>| {
        Session::new(connection, master, &commanded, commands).attack(attack).await
    };
    let mut run = carried_out(library, how, connect, clock, (stop, attack)).await?;
    run.record.shape = steady(crowd.peak().max(1));
    Ok(run)
}

fn steady(users: u32) -> LoadShape {
    LoadShape::Users(vec![Stage { to: users, over_ms: 0, hold_ms: 0 }])
}
