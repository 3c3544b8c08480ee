//! One run of a profile from the first request to the last: stand, attack, clean up, record.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use jiff::Timestamp;
use stspec_measure::{
    CallLoad, Caps, CpuShare, Ending, GeneratorRecord, Level, LoadRecord, Offered, Second, Series,
    Share,
};
use stspec_runner::{Clock, ConnectOptions, ProvisionError, ProvisionedTarget};
use stspec_scenario::{Library, LoadShape, Profile};
use stspec_verdict::Redactor;

use crate::LoadError;
use crate::attack::{Attack, Round, whole};
use crate::engine::{EngineView, keep_ctrl_c};
use crate::error::AttackError;
use crate::search::search;
use crate::share::{check_share, check_start, wait_for_start};

/// Told how a run goes.
pub type Watcher = Arc<dyn Fn(&Progress) + Send + Sync>;

/// How a run is made.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// What names the target on the command line again.
    pub arguments: String,
    /// The version of stspec.
    pub version: String,
    /// What the load engine shows of its own.
    pub view: EngineView,
    /// What the run may not exceed.
    pub caps: Caps,
    /// Told once a second how it goes.
    pub progress: Option<Watcher>,
    /// Which part of the load this process makes; the whole by default.
    pub share: Share,
    /// When the first turn is to start, so that several processes start together; at once without.
    pub start_at: Option<Timestamp>,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Since the first user was started.
    pub elapsed: Duration,
    /// How long it is to take, if its shape says.
    pub planned: Option<Duration>,
    /// The rate that a search tries now.
    pub level: Option<u32>,
    /// The last second that is over.
    pub last_second: Second,
    /// What came of it so far, without its seconds; of a search, what came of the rate that it tries now.
    pub record: LoadRecord,
}

/// What came of a run of a profile.
#[derive(Debug)]
pub struct LoadRun {
    /// What the target did under load.
    pub record: LoadRecord,
    /// What is still on the target, each with the reason.
    pub leaks: Vec<String>,
    /// The secrets that may have come near the record; it was cleared of them already.
    pub secrets: Redactor,
}

/// Sends the requests of a profile to a target and to nothing else, and judges every answer.
///
/// When `stop` resolves, no further turn is begun, requests on their way are waited for, and what was
/// made on the target is removed, as it is after a complete run. While the account is being made that
/// comes out as [`ProvisionError::Interrupted`](stspec_runner::ProvisionError::Interrupted), later as
/// [`Ending::Interrupted`](stspec_measure::Ending::Interrupted).
///
/// Ctrl-C ends nothing by itself from here on, for the rest of the process: a `stop` may wait for it, and
/// must start to do so when it is first polled, not before, as the engine's handler would displace it. Only
/// one attack runs in a process at a time: a second one waits for the first.
pub async fn run(
    library: &Library,
    profile: &Profile,
    connect: ConnectOptions,
    clock: Clock,
    (options, stop): (&LoadOptions, impl Future<Output = ()>),
) -> Result<LoadRun, LoadError> {
    check_share(profile, options.share)?;
    check_start(options.start_at, clock)?;
    let how = (profile, options);
    carried_out(library, how, connect, clock, (stop, async |attack| by_shape(attack).await)).await
}

/// What came of all rounds together.
pub(crate) struct Attacked {
    pub(crate) rounds: Vec<Round>,
    pub(crate) levels: Vec<Level>,
    pub(crate) ending: Ending,
}

/// Makes a profile's account, attacks, removes the account again, and puts the record together.
pub(crate) async fn carried_out(
    library: &Library,
    (profile, options): (&Profile, &LoadOptions),
    connect: ConnectOptions,
    clock: Clock,
    (stop, attack): (
        impl Future<Output = ()>,
        impl AsyncFnOnce(&Attack<'_>) -> Result<Attacked, AttackError>,
    ),
) -> Result<LoadRun, LoadError> {
    keep_ctrl_c();
    let mut stop = pin!(stop.fuse());
    let stand =
        ProvisionedTarget::open(library, &profile.account, connect, clock, stop.as_mut()).await?;
    let stand = Arc::new(stand);
    let in_time = wait_for_start(options.start_at, clock, stop.as_mut()).await;
    let started = clock.timestamp();
    let attacked = match in_time {
        Ok(true) => attacked(&stand, (profile, options), (started, stop), attack).await,
        Ok(false) => {
            let leaks = stand.close().await.leaks;
            return Err(ProvisionError::Interrupted { leaks }.into());
        }
        Err(late) => Err(late),
    };
    let clean_up = stand.close().await;
    match attacked {
        Ok(record) => {
            let record = LoadRecord { resources: clean_up.count, ..record };
            Ok(LoadRun { record, leaks: clean_up.leaks, secrets: stand.secrets() })
        }
        Err(cause) => Err(LoadError::Attack { cause, leaks: clean_up.leaks }),
    }
}

/// Drives a profile's own shape.
async fn by_shape(attack: &Attack<'_>) -> Result<Attacked, AttackError> {
    match attack.profile.shape {
        LoadShape::Knee(knee) => {
            let found = search(attack, knee).await?;
            Ok(Attacked { rounds: found.rounds, levels: found.levels, ending: found.ending })
        }
        LoadShape::Users(_) | LoadShape::Rate(_) => {
            let round = attack.round(&whole(attack.profile)).await?;
            let ending = round.ending;
            Ok(Attacked { rounds: vec![round], levels: Vec::new(), ending })
        }
    }
}

async fn attacked(
    stand: &Arc<ProvisionedTarget>,
    (profile, options): (&Profile, &LoadOptions),
    (started, stop): (Timestamp, impl Future<Output = ()>),
    attack: impl AsyncFnOnce(&Attack<'_>) -> Result<Attacked, AttackError>,
) -> Result<LoadRecord, AttackError> {
    let prepared = Attack::new(stand, profile, options, (started, stop))?;
    let Attacked { rounds, levels, ending } = attack(&prepared).await?;
    let mut sum = Sum::default();
    for round in rounds {
        sum.add(round);
    }
    Ok(LoadRecord {
        ending,
        levels,
        duration_us: sum.duration_us,
        calls: sum.calls,
        series: sum.series,
        offered: sum.offered,
        generator: GeneratorRecord { cpu: sum.cpu, ..prepared.generator() },
        ..prepared.blank_record()
    })
}

/// Rounds put together, one after another.
#[derive(Default)]
struct Sum {
    calls: Vec<CallLoad>,
    series: Series,
    offered: Option<Offered>,
    cpu: Option<CpuShare>,
    duration_us: u64,
}

impl Sum {
    fn add(&mut self, round: Round) {
        self.duration_us += round.observed.duration_us;
        self.series.append(round.series);
        if self.calls.is_empty() {
            self.calls = round.calls;
        } else {
            for (call, further) in self.calls.iter_mut().zip(round.calls) {
                call.add(further);
            }
        }
        if let Some(further) = round.observed.offered {
            let offered = self.offered.get_or_insert_default();
            offered.turns += further.turns;
            offered.dropped += further.dropped;
            offered.crowded += further.crowded;
            offered.lag.merge(&further.lag);
        }
        self.cpu = match (self.cpu, round.cpu) {
            (Some(before), Some(further)) => Some(CpuShare {
                generator_us: before.generator_us + further.generator_us,
                reference_us: before.reference_us + further.reference_us,
                machine_us: before
                    .machine_us
                    .zip(further.machine_us)
                    .map(|(before, further)| before + further),
                wall_us: before.wall_us + further.wall_us,
            }),
            (before, further) => before.or(further),
        };
    }
}
