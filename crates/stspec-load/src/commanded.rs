//! A load whose number of users is commanded from outside: what a worker of a Locust master drives.

use std::sync::Arc;
use std::time::Duration;

use stspec_measure::{CallLoad, Ending};
use stspec_runner::{Clock, ConnectOptions};
use stspec_scenario::{Library, LoadShape, Profile, Stage};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::engine::{EngineLock, lock_engine};
use crate::error::{EngineError, LoadError};
use crate::machine::CpuTimes;
use crate::options::LoadOptions;
use crate::round::{Round, RoundShape, RoundState};
use crate::run::{LoadRun, Rounds, provision_and_load};
use crate::schedule::commanded::CommandedUsers;
use crate::session::Session;

/// A profile on a provisioned target, ready for commands.
pub struct CommandedSession<'a> {
    session: &'a Session<'a>,
    users: Arc<CommandedUsers>,
}

/// One load from its first command to its last.
pub struct CommandedRound<'a> {
    session: &'a Session<'a>,
    shape: RoundShape<'a>,
    state: Arc<RoundState>,
    lock: EngineLock,
    began: Instant,
    cpu: CpuTimes,
}

/// A profile with the largest number of users that may be commanded.
#[derive(Debug, Clone, Copy)]
pub struct Commanded<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// The largest number of users.
    pub users_max: u32,
}

/// What a [`CommandedRound`] came to; it becomes the record.
pub struct FinishedRound(Round);

/// Provisions the account of a profile, lets `command` drive the load, removes the account again, and completes the
/// record.
///
/// The iterations, thresholds and expectations of the profile hold as in [`run`](crate::run()); `command` decides when
/// the load begins, changes and ends. At most `users_max` users are started, all of them inactive at first, and the
/// stages, `requests` and `warm_up` of the profile do not count.
pub async fn run_commanded(
    library: &Library,
    commanded: Commanded<'_>,
    connect: ConnectOptions,
    clock: Clock,
    options: &LoadOptions,
    cancel: CancellationToken,
    command: impl AsyncFnOnce(&CommandedSession<'_>) -> Result<FinishedRound, EngineError>,
) -> Result<LoadRun, LoadError> {
    let Commanded { profile, users_max } = commanded;
    let commanded =
        Profile { shape: steady(users_max), requests: None, warm_up_ms: 0, ..profile.clone() };
    let users = Arc::new(CommandedUsers::default());
    let load = async |session: &Session<'_>| {
        let users = Arc::clone(&users);
        let FinishedRound(round) = command(&CommandedSession { session, users }).await?;
        let ending = round.ending;
        Ok(Rounds { all: vec![round], levels: Vec::new(), ending })
    };
    let run = provision_and_load(library, &commanded, connect, clock, options, cancel, load);
    let mut run = run.await?;
    run.record.shape = steady(users.peak().max(1));
    Ok(run)
}

impl CommandedSession<'_> {
    /// The users that are commanded.
    #[must_use]
    pub fn users(&self) -> &CommandedUsers {
        &self.users
    }

    /// Waits until the run is cancelled.
    pub async fn cancelled(&self) {
        self.session.cancelled().await;
    }

    /// Begins the load as soon as this process makes no other one.
    pub async fn begin(&self) -> CommandedRound<'_> {
        let lock = lock_engine().await;
        let began = Instant::now();
        let shape = RoundShape {
            commanded: Some(Arc::clone(&self.users)),
            ..RoundShape::whole(self.session.profile)
        };
        let state = Arc::new(self.session.state(&shape, began));
        CommandedRound { session: self.session, shape, state, lock, began, cpu: CpuTimes::now() }
    }
}

impl CommandedRound<'_> {
    /// Lets the commanded users iterate until the round is closed or nothing is left to do.
    pub async fn drive(&self) -> Result<(), EngineError> {
        let driven = self.session.drive(&self.lock, &self.shape, &self.state).await;
        self.close();
        driven
    }

    /// What each call came to so far, and the time from the beginning to the last answer.
    #[must_use]
    pub fn calls(&self) -> (Vec<CallLoad>, Option<Duration>) {
        let (calls, last) = self.state.recorder.calls();
        (self.session.labelled(calls), last)
    }

    /// Reports the progress to the watcher of the options.
    pub fn report_progress(&self) {
        self.session.report_progress(&self.state, &self.shape, self.began.elapsed());
    }

    /// Waits until no further iteration may begin.
    pub async fn closed(&self) {
        self.state.budget.over().await;
    }

    /// Stops every further iteration from starting.
    pub fn close(&self) {
        self.state.close();
    }

    /// Collects what was counted. Without an `ending` the budget of the round decides how it ended.
    #[must_use]
    pub fn finish(self, ending: Option<Ending>) -> FinishedRound {
        let wall_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let cpu = CpuTimes::now().since(self.cpu, wall_us);
        let (calls, series, observed) = self.session.observed(&self.shape, &self.state);
        let ending = ending.unwrap_or_else(|| self.state.budget.ending(false));
        FinishedRound(Round { calls, series, observed, cpu, ending })
    }
}

/// A closed shape of so many users that nothing ends.
fn steady(users: u32) -> LoadShape {
    LoadShape::Users(vec![Stage { to: users, over_ms: 0, hold_ms: 0 }])
}
