//! One run of a profile from the first request to the last: stand, attack, clean up.

use std::future::Future;
use std::sync::Arc;

use stspec_runner::{Clock, Connect, Stand};
use stspec_scenario::{Library, Profile};
use stspec_verdict::{Redactor, Resources};

use crate::LoadError;
use crate::attack::attack;
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
/// made on the target is removed, as it is after a complete run. While the account is being made, `stop`
/// is not heeded.
///
/// The engine takes Ctrl-C over for the rest of the process, so a `stop` that waits for it may never
/// resolve once the attack began; the engine then ends the attack itself, which comes out as
/// [`Ending::Interrupted`](crate::Ending::Interrupted) too. Only one attack runs in a process at a time:
/// a second one waits for the first.
pub async fn run(
    library: &Library,
    profile: &Profile,
    connect: Connect,
    clock: Clock,
    stop: impl Future<Output = ()>,
) -> Result<LoadRun, LoadError> {
    let stand = Arc::new(Stand::open(library, &profile.account, connect, clock).await?);
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
