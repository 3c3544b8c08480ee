//! One run of a profile from the first request to the last: stand, attack, clean up.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use stspec_runner::{Clock, Connect, Stand};
use stspec_scenario::{Library, Profile};
use stspec_verdict::{Redactor, Resources};

use crate::LoadError;
use crate::attack::attack;
use crate::engine::keep_ctrl_c;
use crate::observation::LoadObservation;

/// What came of a run of a profile.
#[derive(Debug)]
pub struct LoadRun {
    /// What the target did under load.
    pub observation: LoadObservation,
    /// What was made on the target and removed again.
    pub resources: Resources,
    /// What is still on the target, each with the reason.
    pub leaks: Vec<String>,
    /// The secrets that may have come near the observation; it was cleared of them already.
    pub secrets: Redactor,
}

/// Sends the requests of a profile to a target and to nothing else, and judges every answer.
///
/// When `stop` resolves, no further request is started, those on their way are waited for, and what was
/// made on the target is removed, as it is after a complete run. While the account is being made that
/// comes out as [`StandError::Interrupted`](stspec_runner::StandError::Interrupted), later as
/// [`Ending::Interrupted`](crate::Ending::Interrupted).
///
/// Ctrl-C ends nothing by itself from here on, for the rest of the process: a `stop` may wait for it, and
/// must start to do so when it is first polled, not before, as the engine's handler would displace it. Only
/// one attack runs in a process at a time: a second one waits for the first.
pub async fn run(
    library: &Library,
    profile: &Profile,
    connect: Connect,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<LoadRun, LoadError> {
    keep_ctrl_c();
    let mut stop = pin!(stop);
    let stand = Stand::open(library, &profile.account, connect, clock, stop.as_mut()).await?;
    let stand = Arc::new(stand);
    let attacked = attack(&stand, profile, stop).await;
    let clean_up = stand.close().await;
    match attacked {
        Ok(observation) => Ok(LoadRun {
            observation,
            resources: clean_up.count,
            leaks: clean_up.leaks,
            secrets: stand.secrets(),
        }),
        Err(cause) => Err(LoadError::Attack { cause, leaks: clean_up.leaks }),
    }
}
